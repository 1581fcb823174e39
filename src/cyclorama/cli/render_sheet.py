"""`cyclorama render sheet`: a contact sheet of the diorama."""

from pathlib import Path
from typing import Annotated

import typer

from cyclorama.cli.console import note, progress_bar
from cyclorama.cli.render_options import Height, Seed, Workers, renderers


def sheet(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="A .jpg of at most 1.5 MB.")],
    seed: Seed = 0,
    num_images: Annotated[int, typer.Option(help="All places are in 21 or more.", min=1)] = 48,
    columns: Annotated[int, typer.Option(min=1)] = 6,
    height: Height = 256,
    workers: Workers = "1",
) -> None:
    """A contact sheet of the first scenes, unselected: all places, times and skies in turn, with captions."""
    from cyclorama.diorama.datasets import sheet_scenes, write_contact_sheet
    from cyclorama.diorama.datasets.estimates import counted

    scenes, by = sheet_scenes(num_images, seed=seed), renderers(workers)
    with progress_bar("rendering") as update:
        write_contact_sheet(output, scenes, columns=columns, height=height, update=update, **by)
    note(f"{output}: {counted(num_images, 'scene')}")
