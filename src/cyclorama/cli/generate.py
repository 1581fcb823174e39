"""`cyclorama generate`: text to panorama."""

import secrets
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cyclorama.cli.console import note, print_json, progress_bar
from cyclorama.cli.model_facts import plan_model, settings_in_use, warn_unknown_words


def generate(
    prompt: Annotated[str, typer.Argument(help="What the panorama shows, in one sentence.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write: .jpg, .png or .webp.")],
    method: Annotated[Literal["adapter"], typer.Option(help="How the panorama is made.")] = "adapter",
    model: Annotated[str, typer.Option(help="A name of `cyclorama models`, a folder or a hub id.")] = "miniature",
    lora: Annotated[str | None, typer.Option(help='A panorama LoRA, or "none".  [default: the model\'s own]')] = None,
    height: Annotated[int | None, typer.Option(help="Pixels; the width is twice that.  [default: the model's]")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the first picture, the next ones count up.", min=0)] = None,
    num_images: Annotated[int, typer.Option(help="More than one are numbered out-1, out-2 ...", min=1)] = 1,
    num_steps: Annotated[int | None, typer.Option(help="Denoising steps.  [default: the model's]", min=1)] = None,
    guidance_scale: Annotated[float | None, typer.Option(help="1 is none.  [default: the model's]")] = None,
    wrap: Annotated[
        Literal["none", "published", "adjacent", "integer", "convolutions"] | None,
        typer.Option(help="How the seam is closed.  [default: what the LoRA was made for]"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the input, print the plan, load nothing.")] = False,
) -> None:
    """Make panoramas from a sentence."""
    from cyclorama.media.outputs import check_output, numbered_paths

    if not prompt.strip():
        raise ValueError("got an empty prompt; wanted a sentence that says what to show")
    check_output(output)
    first_seed = secrets.randbelow(2**31) if seed is None else seed
    pictures = [(path, first_seed + number) for number, path in enumerate(numbered_paths(output, num_images))]
    asked = {"model": model, "lora": lora, "method": method, "height": height}
    asked |= {"num_steps": num_steps, "guidance_scale": guidance_scale, "wrap": wrap}
    report = plan_model(asked) if dry_run else _make(prompt, pictures, asked, quiet=as_json)
    files = [{"path": str(path), "seed": number} for path, number in pictures]
    if as_json:
        print_json({"prompt": prompt, "pictures": files, "dry_run": dry_run, **report})
    elif dry_run:
        note(f"would write {', '.join(f'{path} (seed {number})' for path, number in pictures)}")
        note(", ".join(f"{name} {value}" for name, value in report.items()))


def _make(prompt: str, pictures: list[tuple[Path, int]], asked: dict[str, Any], *, quiet: bool) -> dict[str, Any]:
    from cyclorama.media.images import write_panorama
    from cyclorama.methods.adapter_panorama import check_panorama_size, generate_panoramas
    from cyclorama.models.registry import load_model
    from cyclorama.models.table import photographic_hint

    with progress_bar(f"loading {asked['model']}") as update:
        model = load_model(asked["model"], lora=asked["lora"], wrap=asked["wrap"])
        height = model.capabilities.native_size[0] if asked["height"] is None else asked["height"]
        used = settings_in_use(model, asked | {"height": height})
        check_panorama_size(model.capabilities, height)
        unknown = warn_unknown_words(model, prompt)
        sampling = {name: used[name] for name in ("height", "num_steps", "guidance_scale")}
        for path, seed in pictures:
            show = partial(update, path.name)
            [image] = generate_panoramas(model, [prompt], seeds=[seed], progress=show, **sampling)
            write_panorama(image, path, parameters={"prompt": prompt, "seed": seed, **used})
            note(f"{path}  (seed {seed}, {used['height']}x{2 * used['height']})")
    if used["model"] == "miniature" and not quiet:
        note(photographic_hint())
    return {**used, "unknown_words": unknown}
