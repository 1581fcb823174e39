"""`cyclorama outpaint`: one photo to a panorama."""

import secrets
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cyclorama.cli.console import note, print_json, progress_bar
from cyclorama.cli.model_facts import plan_model, settings_in_use, warn_unknown_words

if TYPE_CHECKING:
    from torch import Tensor


def outpaint(
    photo: Annotated[Path, typer.Argument(help="A picture taken by an ordinary camera.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write; .png keeps the photo's bits.")],
    prompt: Annotated[str, typer.Argument(help="What the panorama shows, in one sentence.")] = "",
    fov_deg: Annotated[
        float | None, typer.Option(help="The photo's horizontal field of view.  [default: EXIF, or estimated]")
    ] = None,
    yaw_deg: Annotated[float, typer.Option(help="Where it lands, degrees to the right of the middle.")] = 0.0,
    pitch_deg: Annotated[float | None, typer.Option(help="How far up.  [default: estimated]")] = None,
    roll_deg: Annotated[float | None, typer.Option(help="Clockwise.  [default: estimated]")] = None,
    method: Annotated[
        Literal["masked", "published", "sphere"], typer.Option(help="Ours, DiT360's, or views of a perspective model.")
    ] = "masked",
    model: Annotated[str, typer.Option(help="A name of `cyclorama models`, a folder or a hub id.")] = "miniature",
    lora: Annotated[str | None, typer.Option(help='A panorama LoRA, or "none".  [default: the model\'s own]')] = None,
    height: Annotated[int | None, typer.Option(help="Pixels; the width is twice that.  [default: the model's]")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of what is painted.", min=0)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the input, print the plan, load no model.")] = False,
) -> None:
    """Turn one photo into a panorama: the photo stays as it is, the rest is painted around it."""
    from cyclorama.media.images import read_image
    from cyclorama.media.outputs import check_output

    check_output(output)
    image = read_image(photo)
    angles: dict[str, Any] = {"fov_deg": fov_deg, "pitch_deg": pitch_deg, "roll_deg": roll_deg}
    camera = {"yaw_deg": yaw_deg, **_camera(photo, image, angles)}
    what: dict[str, Any] = {"prompt": prompt, "seed": secrets.randbelow(2**31) if seed is None else seed}
    what |= {"photo": photo.name, "camera": camera}
    lora = "none" if method == "sphere" and lora is None else lora
    asked = {"model": model, "lora": lora, "method": method, "height": height}
    report = plan_model(asked) if dry_run else _make(image, output, what, asked)
    if as_json:
        print_json({"path": str(output), "dry_run": dry_run, **what, **report})
    elif dry_run:
        note(f"would place {photo} with {', '.join(f'{name} {value:.4g}' for name, value in camera.items())}")
        note(f"would write {output}")


def _camera(photo: Path, image: "Tensor", angles: dict[str, Any]) -> dict[str, float]:
    """Field of view, pitch and roll: those given, and those found, with a note that says how."""
    from cyclorama.methods.photo_camera import photo_camera

    camera, said = photo_camera(photo, image, **angles)
    if said:
        note(said)
    return {"fov_deg": camera.fov_deg, "pitch_deg": camera.pitch_deg, "roll_deg": camera.roll_deg}


def _make(image: "Tensor", output: Path, what: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    from cyclorama.media.images import write_panorama
    from cyclorama.methods.inpaint import share_of_sphere
    from cyclorama.methods.kept_pixels import lost_in_file
    from cyclorama.methods.outpaint import outpaint
    from cyclorama.models.registry import load_model

    with progress_bar(f"loading {asked['model']}") as update:
        model = load_model(asked["model"], lora=asked["lora"])
        used = settings_in_use(model, {**asked, "height": asked["height"] or model.capabilities.native_size[0]})
        unknown = warn_unknown_words(model, what["prompt"])
        sampling = {name: used[name] for name in ("height", "num_steps", "guidance_scale", "method")}
        show = partial(update, output.name)
        panorama, kept = outpaint(
            model, image, what["prompt"], seed=what["seed"], progress=show, **what["camera"], **sampling
        )
    write_panorama(panorama, output, parameters={**what, **used})
    share = share_of_sphere(kept.float())
    note(f"{output}  (seed {what['seed']}, {used['height']}x{2 * used['height']}, {share:.1%} of it is the photo)")
    if lost := lost_in_file(output.suffix, "uint8"):
        note(lost)
    return {**used, "share_of_sphere": share, "unknown_words": unknown}
