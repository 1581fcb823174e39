"""`cyclorama render videos`: moving panoramas."""

from typing import Annotated

import typer

from cyclorama.cli.render_options import DryRun, Height, Output, Place, Seed, Sky, Time, Workers, write


def videos(
    output: Output,
    place: Place = None,
    time: Time = None,
    sky: Sky = None,
    seed: Seed = 0,
    num_videos: Annotated[int, typer.Option(min=1)] = 1,
    height: Height = 256,
    seconds: Annotated[float, typer.Option(min=0.1)] = 4.0,
    fps: Annotated[float, typer.Option(help="Frames a second.", min=1, max=240)] = 24.0,
    walk_m: Annotated[float, typer.Option(help="Metres that the camera walks meanwhile.", min=0)] = 0.0,
    workers: Workers = "1",
    dry_run: DryRun = False,
) -> None:
    """360° videos (MP4) in which clouds, water and boats move."""
    from cyclorama.diorama.datasets import Videos, scenes_from

    scenes = scenes_from(seed, num_videos, place=place, time=time, sky=sky)
    write(scenes, Videos(height, seconds, fps, walk_m), output, workers=workers, dry_run=dry_run)
