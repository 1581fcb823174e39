"""`cyclorama refine`: repaint blurred poles."""

import secrets
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cyclorama import __version__
from cyclorama.cli.console import note, print_json, progress_bar
from cyclorama.cli.model_facts import plan_model, warn_unknown_words


def refine(
    panorama: Annotated[Path, typer.Argument(help="An equirectangular picture, or a folder with a metadata.jsonl.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="What to write; .png keeps every other bit.")],
    prompt: Annotated[str | None, typer.Option(help="What the panorama shows.  [default: the file's own]")] = None,
    region: Annotated[
        Literal["centre", "blurred"], typer.Option(help="The middle of a face, or what is found to be blurred there.")
    ] = "centre",
    pole: Annotated[Literal["up", "down", "both"], typer.Option(help="Which pole.")] = "both",
    model: Annotated[str, typer.Option(help="A name of `cyclorama models`, a folder or a hub id.")] = "miniature",
    face_size: Annotated[int | None, typer.Option(help="Pixels of a face.  [default: by model and picture]")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of what is painted.", min=0)] = None,
    num_steps: Annotated[int | None, typer.Option(help="Denoising steps.  [default: the model's]", min=1)] = None,
    guidance_scale: Annotated[float | None, typer.Option(help="1 is none.  [default: the model's]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be repainted, load no model.")] = False,
) -> None:
    """Repaint the poles of panoramas with the model of perspective pictures under the panorama LoRA."""
    asked = {"region": region, "faces": ("up", "down") if pole == "both" else (pole,), "face_size": face_size}
    sampling = {"num_steps": num_steps, "guidance_scale": guidance_scale}
    used = {"model": model, "seed": secrets.randbelow(2**31) if seed is None else seed}
    if dry_run:
        report = _plan(panorama, output, asked) | plan_model({"model": model, **sampling})
    elif panorama.is_dir():
        if prompt is not None:
            raise ValueError("got --prompt for a folder, whose captions say what its panoramas show; leave it out")
        report = _make_folder(panorama, output, used, asked | sampling)
    else:
        report = _make(panorama, output, prompt, used, asked | sampling)
    if as_json:
        print_json({"path": str(output), "dry_run": dry_run, **used, **asked, **report})


def _plan(panorama: Path, output: Path, asked: dict[str, Any]) -> dict[str, Any]:
    from cyclorama.data.folder import ImageFolder
    from cyclorama.media.images import read_image
    from cyclorama.media.outputs import check_output
    from cyclorama.methods.refine import plan_repair

    if panorama.is_dir():
        num = len({item.path for item in ImageFolder(panorama) if item.projection == "equirect"})
        note(f"would repaint the poles of {num} panoramas and write them into {output}")
        return {"num_panoramas": num}
    check_output(output)
    shares = plan_repair(read_image(panorama), **asked)
    said = ", ".join(f"{share:.0%} of the {face} face" for face, share in shares.items())
    note(f"would repaint {said} and write {output}")
    return {"shares": shares}


def _make(
    panorama: Path, output: Path, prompt: str | None, used: dict[str, Any], asked: dict[str, Any]
) -> dict[str, Any]:
    from cyclorama.media.description import read_parameters
    from cyclorama.media.outputs import check_output
    from cyclorama.methods.refine_files import refine_file
    from cyclorama.models.registry import load_model

    check_output(output)
    words = str(read_parameters(panorama).get("prompt", "")) if prompt is None else prompt
    with progress_bar(f"loading {used['model']}") as update:
        loaded = load_model(used["model"], lora="none")
        unknown = warn_unknown_words(loaded, words)
        facts = {"model": loaded.capabilities.name, "region": asked["region"], "version": __version__}
        options = {"seed": used["seed"], "parameters": facts, "progress": partial(update, output.name)}
        refined = refine_file(loaded, panorama, output, words, **options, **asked)
    what = f"repainted {' and '.join(refined.faces)}" if refined.faces else "no blur found, nothing repainted"
    note(f"{output}  ({what}, seed {used['seed']})")
    return {"prompt": words, "repainted": list(refined.faces), "unknown_words": unknown}


def _make_folder(folder: Path, output: Path, used: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    from cyclorama.methods.refine_files import refine_folder
    from cyclorama.models.registry import load_model

    with progress_bar(f"loading {used['model']}") as update:
        loaded = load_model(used["model"], lora="none")
        facts = {"model": loaded.capabilities.name, "region": asked["region"], "version": __version__}
        num = refine_folder(loaded, folder, output, seed=used["seed"], parameters=facts, progress=update, **asked)
    note(f"{output}  ({num} panoramas, seeds from {used['seed']})")
    return {"num_panoramas": num}
