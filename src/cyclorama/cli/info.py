"""`cyclorama info`: what a picture is and what made it."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from cyclorama.cli.console import print_json


def info(
    picture: Annotated[Path, typer.Argument(help="A picture.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell a picture's size, projection, metadata, generation parameters and seam figure."""
    from cyclorama.media.description import describe_picture

    facts = asdict(describe_picture(picture))
    if facts["projection"] == "equirect":
        facts["seam_ratio"] = _seam_ratio(picture)
    if as_json:
        print_json(facts)
        return
    typer.echo(f"{picture}: {facts['format']}, {facts['height']}x{facts['width']} (height x width)")
    typer.echo(f"projection: {facts['projection']} ({facts['evidence']})")
    if facts.get("seam_ratio") is not None:
        typer.echo(f"seam: {facts['seam_ratio']:.2f} times the step between neighbouring columns (about 1 is no seam)")
    _echo_fields("GPano", facts["gpano"])
    _echo_fields("generated with", facts["parameters"])


def _seam_ratio(picture: Path) -> float | None:
    """None for a picture without any steps to compare with."""
    import math

    from cyclorama.evaluation.seams import seam_ratio
    from cyclorama.media.images import read_image

    ratio = round(float(seam_ratio(read_image(picture)[None])), 4)
    return ratio if math.isfinite(ratio) else None


def _echo_fields(title: str, fields: dict[str, Any]) -> None:
    if fields:
        typer.echo(f"{title}:")
    for name, value in fields.items():
        typer.echo(f"  {name}: {value}")
