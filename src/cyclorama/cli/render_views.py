"""`cyclorama render views`: photographs of the diorama."""

from typing import Annotated

import typer

from cyclorama.cli.render_options import (
    DryRun,
    Geometry,
    NumShards,
    Output,
    Place,
    Seed,
    Sky,
    Time,
    Workers,
    maps_of,
    write,
)


def views(
    output: Output,
    place: Place = None,
    time: Time = None,
    sky: Sky = None,
    seed: Seed = 0,
    num_images: Annotated[int, typer.Option(min=1)] = 1,
    height: Annotated[int, typer.Option(help="Pixels; views are 4:3.", min=8)] = 256,
    fov_deg: Annotated[float, typer.Option(help="Horizontal field of view.", min=1, max=170)] = 75.0,
    geometry: Geometry = None,
    num_shards: NumShards = 0,
    workers: Workers = "1",
    dry_run: DryRun = False,
) -> None:
    """Perspective views, one of each scene, in directions drawn from the seed."""
    from cyclorama.diorama.datasets import Views, scenes_from

    scenes = scenes_from(seed, num_images, place=place, time=time, sky=sky)
    kind = Views(height, fov_deg, **maps_of(geometry))
    write(scenes, kind, output, workers=workers, dry_run=dry_run, num_shards=num_shards)
