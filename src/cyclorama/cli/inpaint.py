"""`cyclorama inpaint`: repaint a part of a panorama."""

import secrets
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cyclorama.cli.console import note, print_json, progress_bar
from cyclorama.cli.model_facts import plan_model, settings_in_use, warn_unknown_words

if TYPE_CHECKING:
    from torch import Tensor


def inpaint(
    panorama: Annotated[Path, typer.Argument(help="An equirectangular picture.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write; .png keeps every other bit.")],
    prompt: Annotated[str | None, typer.Argument(help="What it shows.  [default: the file's own]")] = None,
    mask: Annotated[Path | None, typer.Option(help="A picture of the same size, white where to repaint.")] = None,
    fov_deg: Annotated[float | None, typer.Option(help="Or a round region this many degrees wide,")] = None,
    yaw_deg: Annotated[float, typer.Option(help="so many degrees to the right of the middle,")] = 0.0,
    pitch_deg: Annotated[float, typer.Option(help="so many up.")] = 0.0,
    method: Annotated[Literal["masked", "published"], typer.Option(help="Ours, or DiT360's.")] = "masked",
    model: Annotated[str, typer.Option(help="A name of `cyclorama models`, a folder or a hub id.")] = "miniature",
    lora: Annotated[str | None, typer.Option(help='A panorama LoRA, or "none".  [default: the model\'s own]')] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of what is painted.", min=0)] = None,
    num_steps: Annotated[int | None, typer.Option(help="Denoising steps.  [default: the model's]", min=1)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the input, print the plan, load nothing.")] = False,
) -> None:
    """Repaint a part of a panorama: the white of a mask, or a region by direction and field of view."""
    from cyclorama.media.images import read_image
    from cyclorama.media.outputs import check_output
    from cyclorama.media.pictures import read_picture
    from cyclorama.methods.inpaint import share_of_sphere
    from cyclorama.methods.masked_sampling import check_mask

    check_output(output)
    picture, image = read_picture(panorama), read_image(panorama)
    part = _part(picture.pixels.shape[:2], mask, {"fov_deg": fov_deg, "yaw_deg": yaw_deg, "pitch_deg": pitch_deg})
    check_mask(image, part)
    words = str(picture.parameters.get("prompt", "")) if prompt is None else prompt
    what: dict[str, Any] = {"prompt": words, "seed": secrets.randbelow(2**31) if seed is None else seed}
    asked = {"model": model, "lora": lora, "method": method, "num_steps": num_steps}
    what["repainted"] = mask.name if mask else {"fov_deg": fov_deg, "yaw_deg": yaw_deg, "pitch_deg": pitch_deg}
    report = plan_model(asked) if dry_run else _make(picture, image, part, output, what, asked)
    report = {"path": str(output), "dry_run": dry_run, "share_of_sphere": share_of_sphere(part), **what, **report}
    if as_json:
        print_json(report)
    elif dry_run:
        note(f"would repaint {report['share_of_sphere']:.1%} of {panorama} and write {output}")


def _part(size: tuple[int, ...], mask: Path | None, region: dict[str, Any]) -> "Tensor":
    """The mask to repaint, 1 or less, of the panorama's size."""
    from cyclorama.media.masks import read_mask
    from cyclorama.methods.inpaint import check_is_panorama, region_mask

    check_is_panorama(*size)
    if (mask is None) == (region["fov_deg"] is None):
        raise ValueError(
            f"got {'both' if mask else 'neither'} of --mask and --fov-deg; wanted one: it says what to repaint"
        )
    return read_mask(mask) if mask else region_mask(size[0], **region)


def _make(
    picture: Any, image: "Tensor", part: "Tensor", output: Path, what: dict[str, Any], asked: dict[str, Any]
) -> dict[str, Any]:
    from cyclorama.media.metadata import gpano_fields
    from cyclorama.media.pictures import write_picture
    from cyclorama.methods.inpaint import inpaint, working_height
    from cyclorama.methods.kept_pixels import lost_in_file, pixels_over
    from cyclorama.models.registry import load_model

    with progress_bar(f"loading {asked['model']}") as update:
        model = load_model(asked["model"], lora=asked["lora"])
        used = settings_in_use(model, asked | {"height": working_height(model.capabilities, len(picture.pixels))})
        unknown = warn_unknown_words(model, what["prompt"])
        sampling = {name: used[name] for name in ("height", "num_steps", "guidance_scale", "method")}
        show = partial(update, output.name)
        painted = inpaint(model, image, part, what["prompt"], seed=what["seed"], progress=show, **sampling)
    pixels = pixels_over(picture.pixels, painted, part == 0)
    write_picture(pixels, output, gpano=gpano_fields(*pixels.shape[:2]), parameters={**what, **used})
    note(f"{output}  (seed {what['seed']}, painted at {used['height']}x{2 * used['height']})")
    if lost := lost_in_file(output.suffix, picture.pixels.dtype.name):
        note(lost)
    return {**used, "unknown_words": unknown}
