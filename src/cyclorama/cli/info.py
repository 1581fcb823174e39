"""`cyclorama info`: what a picture or a video is and what made it."""

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from cyclorama.cli.console import print_json

_TILT_SEEN_DEG = 1.0


def info(
    path: Annotated[Path, typer.Argument(metavar="IN", help="A picture or a video.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell size, projection, metadata, generation parameters, and a panorama's seam, poles and tilt."""
    from cyclorama.media.kinds import file_kind

    kind = file_kind(path)
    facts = {"kind": kind, **(_describe_video(path) if kind == "video" else _describe_picture(path))}
    if as_json:
        print_json(facts)
        return
    typer.echo(f"{path}: {facts['format']}, {facts['height']}x{facts['width']} (height x width)")
    typer.echo(f"projection: {facts['projection']} ({facts['evidence']})")
    lines = _video_lines(facts) if kind == "video" else _picture_lines(facts)
    typer.echo("\n".join([*lines, *(_panorama_lines(facts) if "seam_ratio" in facts else ())]))
    _echo_fields("GPano", facts.get("gpano") or {})
    _echo_fields("generated with", facts["parameters"])


def _describe_picture(path: Path) -> dict[str, Any]:
    from cyclorama.media.description import describe_read
    from cyclorama.media.pictures import read_picture

    facts = asdict(describe_read(picture := read_picture(path), path))
    return facts | (_measure(picture.pixels) if facts["projection"] == "equirect" else {})


def _describe_video(path: Path) -> dict[str, Any]:
    """Panoramas are measured on their first frame."""
    from cyclorama.media.video import describe_video, read_frames

    facts = asdict(describe_video(path))
    facts["fps"] = float(facts["fps"])
    if facts["projection"] != "equirect":
        return facts
    with closing(read_frames(path)) as frames:
        return facts | _measure(next(frames).pixels)


def _measure(pixels: Any) -> dict[str, Any]:
    from cyclorama.evaluation.panorama_facts import panorama_facts

    found = panorama_facts(pixels)
    return asdict(found) | {"tilt": found.tilt and found.tilt._asdict()}


def _picture_lines(facts: dict[str, Any]) -> list[str]:
    alpha = ", transparency" if facts["alpha"] else ""
    lines = [f"pixels: {facts['mode']}, {facts['bits']} bits a channel{alpha}"]
    return [*lines, f"cubemap layouts that fit: {', '.join(facts['layouts'])}"] if facts["layouts"] else lines


def _video_lines(facts: dict[str, Any]) -> list[str]:
    about, sound = "" if facts["counted"] else "about ", "with" if facts["has_audio"] else "without"
    frames = f"{about}{facts['num_frames']} frames, {facts['fps']:.6g} a second, {facts['duration_s']:.2f} s"
    lines = [f"video: {facts['codec']} {facts['pixel_format']}, {frames}, {sound} sound"]
    if spherical := facts["spherical"]:
        generations = " and ".join(f"V{number}" for number in spherical["generations"])
        lines.append(f"spherical metadata: {spherical['projection']}, {spherical['stereo_mode']} ({generations})")
    return lines


def _panorama_lines(facts: dict[str, Any]) -> list[str]:
    up, down = facts["pole_levels"]
    lines = [f"poles: {up:.1f} levels up, {down:.1f} down (deviation along the first and the last row, of 255)"]
    if facts["seam_ratio"] is not None:
        lines.insert(0, f"seam: {facts['seam_ratio']:.2f} times the step between neighbouring columns (1 is no seam)")
    tilt = facts["tilt"]
    if tilt is None:
        return [*lines, "horizon: no lines that tell whether it is level"]
    if tilt["tilt_deg"] < _TILT_SEEN_DEG:
        return [*lines, "horizon: level"]
    how = f"--pitch-deg {tilt['pitch_deg']:.1f} --roll-deg {tilt['roll_deg']:.1f}"
    return [
        *lines,
        f"horizon: tilted by about {tilt['tilt_deg']:.1f} degrees; level it: cyclorama convert IN OUT {how}",
    ]


def _echo_fields(title: str, fields: dict[str, Any]) -> None:
    if fields:
        typer.echo(f"{title}:")
    for name, value in fields.items():
        typer.echo(f"  {name}: {value}")
