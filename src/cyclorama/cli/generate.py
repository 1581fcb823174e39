"""`cyclorama generate`: text to panorama."""

import secrets
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cyclorama.cli.console import note, print_json, progress_bar
from cyclorama.cli.model_facts import plan_model, settings_in_use, warn_unknown_words

if TYPE_CHECKING:
    from cyclorama.methods.directional_prompts import DirectedPrompt


def generate(
    prompt: Annotated[str, typer.Argument(help="What the panorama shows, in a sentence; or a .txt of directions.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write: .jpg, .png or .webp.")],
    method: Annotated[
        Literal["adapter", "sphere"], typer.Option(help="With a panorama LoRA, or from views of a perspective model.")
    ] = "adapter",
    model: Annotated[str, typer.Option(help="A name of `cyclorama models`, a folder or a hub id.")] = "miniature",
    lora: Annotated[str | None, typer.Option(help='A panorama LoRA, or "none".  [default: the model\'s own]')] = None,
    height: Annotated[int | None, typer.Option(help="Pixels; the width is twice that.  [default: the model's]")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the first picture, the next ones count up.", min=0)] = None,
    num_images: Annotated[int, typer.Option(help="More than one are numbered out-1, out-2 ...", min=1)] = 1,
    num_steps: Annotated[int | None, typer.Option(help="Denoising steps.  [default: the model's]", min=1)] = None,
    guidance_scale: Annotated[float | None, typer.Option(help="1 is none.  [default: the model's]")] = None,
    views: Annotated[
        str | None, typer.Option(help="How many cover the sphere: 6, 14, 20, 26, 66 or 89.  [default: 14]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the input, print the plan, load nothing.")] = False,
) -> None:
    """Make panoramas from a sentence."""
    from cyclorama.media.outputs import check_output, numbered_paths
    from cyclorama.methods.directional_prompts import read_request
    from cyclorama.methods.view_layouts import find_layout

    check_output(output)
    asked = {"model": model, "lora": "none" if method == "sphere" and lora is None else lora, "method": method}
    asked |= {"height": height, "num_steps": num_steps, "guidance_scale": guidance_scale}
    if method == "sphere":
        asked["views"] = views or "14"
        find_layout(asked["views"])
    elif views is not None:
        raise ValueError(f"got --views {views} for the method adapter; add --method sphere or leave it out")
    prompts = read_request(prompt, method)
    first_seed = secrets.randbelow(2**31) if seed is None else seed
    pictures = [(path, first_seed + number) for number, path in enumerate(numbered_paths(output, num_images))]
    report = plan_model(asked) if dry_run else _make(prompts, pictures, asked, quiet=as_json)
    files = [{"path": str(path), "seed": number} for path, number in pictures]
    if as_json:
        print_json({"prompt": prompt, "pictures": files, "dry_run": dry_run, **report})
    elif dry_run:
        note(f"would write {', '.join(f'{path} (seed {number})' for path, number in pictures)}")
        note(", ".join(f"{name} {value}" for name, value in report.items()))


def _make(
    prompts: "list[DirectedPrompt]", pictures: list[tuple[Path, int]], asked: dict[str, Any], *, quiet: bool
) -> dict[str, Any]:
    from cyclorama.media.images import write_panorama
    from cyclorama.methods.text_to_panorama import panorama_maker
    from cyclorama.models.registry import load_model
    from cyclorama.models.table import photographic_hint

    prompt = "; ".join(one.text for one in prompts)
    with progress_bar(f"loading {asked['model']}") as update:
        model = load_model(asked["model"], lora=asked["lora"])
        height = model.capabilities.native_size[0] if asked["height"] is None else asked["height"]
        used = settings_in_use(model, asked | {"height": height})
        make = panorama_maker(model, prompts, used)
        unknown = warn_unknown_words(model, prompt)
        for path, seed in pictures:
            write_panorama(
                make(seed, partial(update, path.name)), path, parameters={"prompt": prompt, "seed": seed, **used}
            )
            note(f"{path}  (seed {seed}, {used['height']}x{2 * used['height']})")
    if used["model"] == "miniature" and not quiet:
        note(photographic_hint())
    return {**used, "unknown_words": unknown}
