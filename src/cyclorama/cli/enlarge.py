"""`cyclorama enlarge`: a panorama at several times its size."""

import secrets
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from cyclorama.cli.console import note, print_json, progress_bar
from cyclorama.cli.model_facts import plan_model, settings_in_use, warn_unknown_words


def enlarge(
    panorama: Annotated[Path, typer.Argument(help="An equirectangular picture.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write: .jpg, .png or .webp.")],
    height: Annotated[int | None, typer.Option(help="Rows, a multiple of the file's.  [default: 4 times]")] = None,
    prompt: Annotated[str | None, typer.Option(help="What the panorama shows.  [default: the file's own]")] = None,
    strength: Annotated[float | None, typer.Option(help="Of the painting: 0.05 to below 1.  [default: 0.5]")] = None,
    model: Annotated[str, typer.Option(help="A name of `cyclorama models`, a folder or a hub id.")] = "miniature",
    seed: Annotated[int | None, typer.Option(help="Seed of what is painted.", min=0)] = None,
    num_steps: Annotated[int | None, typer.Option(help="Of a whole denoising.  [default: the model's]", min=1)] = None,
    guidance_scale: Annotated[float | None, typer.Option(help="1 is none.  [default: the model's]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the input, print the plan, load no model.")] = False,
) -> None:
    """Paint detail into a panorama at 2, 3, 4 ... times its size, with a model of perspective pictures."""
    from cyclorama.media.description import read_parameters
    from cyclorama.media.images import read_image
    from cyclorama.media.outputs import check_output
    from cyclorama.methods.enlarge import STRENGTH, check_enlargement

    check_output(output)
    image = read_image(panorama)
    rows = 4 * image.shape[-2] if height is None else height
    level = STRENGTH if strength is None else strength
    check_enlargement(image.shape[-2], image.shape[-1], rows, level)
    words = str(read_parameters(panorama).get("prompt", "")) if prompt is None else prompt
    what = {"prompt": words, "seed": secrets.randbelow(2**31) if seed is None else seed}
    asked = {"model": model, "lora": "none", "method": "enlarge", "height": rows, "strength": level}
    asked |= {"num_steps": num_steps, "guidance_scale": guidance_scale}
    report = plan_model(asked) if dry_run else _make(image, output, what, asked)
    if as_json:
        print_json({"path": str(output), "dry_run": dry_run, **what, **report})
    elif dry_run:
        note(f"would write {output} ({rows}x{2 * rows})")


def _make(image: Any, output: Path, what: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    from cyclorama.media.images import write_panorama
    from cyclorama.methods.enlarge import enlarge as paint
    from cyclorama.models.registry import load_model

    with progress_bar(f"loading {asked['model']}") as update:
        model = load_model(asked["model"], lora="none")
        used = settings_in_use(model, asked)
        unknown = warn_unknown_words(model, what["prompt"])
        sampling = {name: used[name] for name in ("height", "num_steps", "guidance_scale", "strength")}
        large = paint(model, image, **what, **sampling, progress=partial(update, output.name))
    write_panorama(large, output, parameters={**what, **used})
    note(f"{output}  (seed {what['seed']}, {used['height']}x{2 * used['height']})")
    return {**used, "unknown_words": unknown}
