"""`cyclorama render sequences`: posed panoramas along camera paths."""

from typing import Annotated, Literal

import typer

from cyclorama.cli.render_options import DryRun, Height, Output, Place, Seed, Sky, Time, Workers, write


def sequences(
    output: Output,
    place: Place = None,
    time: Time = None,
    sky: Sky = None,
    seed: Seed = 0,
    num_sequences: Annotated[int, typer.Option(min=1)] = 1,
    height: Height = 256,
    move: Annotated[Literal["walk", "line", "orbit", "look-around"], typer.Option(help="Of the camera.")] = "walk",
    length_m: Annotated[float, typer.Option(help="Metres of the path, collision-free.", min=0.1)] = 5.0,
    num_poses: Annotated[int, typer.Option(min=2)] = 16,
    workers: Workers = "1",
    dry_run: DryRun = False,
) -> None:
    """Posed panoramas with depth along a path, a folder for each scene that COLMAP and nerfstudio read."""
    from cyclorama.diorama.datasets import Sequences, scenes_from

    scenes = scenes_from(seed, num_sequences, place=place, time=time, sky=sky)
    write(scenes, Sequences(height, move, length_m, num_poses), output, workers=workers, dry_run=dry_run)
