"""`cyclorama convert`: pictures, folders and videos from one projection to another."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cyclorama.cli.console import note, print_json, progress_bar

if TYPE_CHECKING:
    from cyclorama.media.conversion import Conversion, Converted

Name = Literal[
    "equirect", "cubemap", "perspective", "fisheye", "fisheye-equisolid", "little-planet", "mercator", "pannini"
]


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="A picture, a video or a folder of them.")],
    output: Annotated[Path, typer.Argument(metavar="OUT", help="The same; six files where {face} is in the name.")],
    to: Annotated[Name, typer.Option(metavar="NAME", help=f"What OUT shows: {', '.join(Name.__args__)}.")] = "equirect",
    view: Annotated[
        str | None,
        typer.Option("--from", metavar="NAME", help="Of IN, or cubemap:LAYOUT, fisheye:DEGREES.  [default: guessed]"),
    ] = None,
    layout: Annotated[str | None, typer.Option(help="Of a cubemap OUT: threejs, unity ...  [default: dice]")] = None,
    size: Annotated[
        str | None, typer.Option(help="HEIGHTxWIDTH, a face's side or the height.  [default: as fine as IN]")
    ] = None,
    fov_deg: Annotated[float | None, typer.Option(help="OUT's horizontal field of view.  [default: NAME's]")] = None,
    yaw_deg: Annotated[float, typer.Option(help="Turn the view to the right,")] = 0.0,
    pitch_deg: Annotated[float, typer.Option(help="then up,")] = 0.0,
    roll_deg: Annotated[float, typer.Option(help="then clockwise.")] = 0.0,
    interpolation: Annotated[Literal["nearest", "bilinear", "bicubic"], typer.Option()] = "bilinear",
    quality: Annotated[int | None, typer.Option(help="Of JPEG, WebP, AVIF and videos.", min=1, max=100)] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Redo what the folder OUT has already.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
) -> None:
    """Turn panoramas, and convert them between projections."""
    from cyclorama.media.conversion import Conversion

    angles: dict[str, Any] = {"yaw_deg": yaw_deg, "pitch_deg": pitch_deg, "roll_deg": roll_deg}
    shape: dict[str, Any] = {"layout": layout, "size": size, "fov_deg": fov_deg}
    asked = Conversion(to, view, interpolation=interpolation, quality=quality, **shape, **angles)
    report = _convert(source, output, asked, overwrite=overwrite)
    if as_json:
        print_json(report)
    if report["failed"]:
        count = f"{len(report['failed'])} of {sum(map(len, report.values()))} files"
        raise ValueError(f"{count} of {source} were not converted; the others are in {output}")


def _convert(source: Path, output: Path, asked: "Conversion", *, overwrite: bool) -> dict[str, Any]:
    from cyclorama.media.conversion import convert_picture, job_kind

    kind = job_kind(source, output)
    if kind == "picture":
        done = [convert_picture(source, output, asked)]
    else:
        with progress_bar("converting") as update:
            if kind == "folder":
                return _convert_folder(source, output, asked, overwrite, update)
            from cyclorama.media.video_conversion import convert_video

            done = [convert_video(source, output, asked, progress=update)]
    for one in done:
        note(_describe(one))
    return {"converted": [asdict(one) for one in done], "skipped": [], "failed": {}}


def _convert_folder(source: Path, output: Path, asked: "Conversion", overwrite: bool, update: Any) -> dict[str, Any]:
    from cyclorama.media.folder_conversion import convert_folder

    report = convert_folder(
        source, output, asked, overwrite=overwrite, progress=update, on_fault=lambda line: note(f"error: {line}")
    )
    note(f"{output}: {len(report.converted)} converted, {len(report.skipped)} were there already")
    return asdict(report)


def _describe(done: "Converted") -> str:
    frames = "" if done.num_frames is None else f", {done.num_frames} frames"
    return f"{', '.join(done.files)}  ({done.source_view.name} to {done.to}, {done.height}x{done.width}{frames})"
