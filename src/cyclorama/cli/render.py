"""`cyclorama render`: data sets of the diorama. Panoramas itself, other kinds by its sub-verbs."""

from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from cyclorama.cli import render_mesh, render_sequences, render_sheet, render_videos, render_views
from cyclorama.cli.render_options import (
    DryRun,
    Geometry,
    Height,
    NumShards,
    Place,
    Seed,
    Sky,
    Time,
    Workers,
    maps_of,
    write,
)

EPILOG = "Every sub-verb takes options of its own: cyclorama render views --help"


class _Group(TyperGroup):
    context_class = typer.Context


app = typer.Typer(
    name="render",
    cls=_Group,
    help="Render captioned panoramas of a procedural world; views, sequences, videos and meshes by sub-verbs.",
    epilog=EPILOG,
    invoke_without_command=True,
    subcommand_metavar="[COMMAND]",
)
app.command("views", short_help="Perspective views, one of each scene.")(render_views.views)
app.command("sequences", short_help="Posed panoramas along a path.")(render_sequences.sequences)
app.command("videos", short_help="360° videos: clouds, water, boats move.")(render_videos.videos)
app.command("sheet", short_help="One picture of 48 scenes.")(render_sheet.sheet)
app.command("mesh", short_help="Posed panoramas of your own 3-D files.")(render_mesh.mesh)


@app.callback()
def render(
    context: typer.Context,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FOLDER", help="For pictures and metadata.jsonl.")
    ] = None,
    place: Place = None,
    time: Time = None,
    sky: Sky = None,
    seed: Seed = 0,
    num_images: Annotated[int, typer.Option(min=1)] = 1,
    height: Height = 256,
    geometry: Geometry = None,
    num_shards: NumShards = 0,
    workers: Workers = "1",
    dry_run: DryRun = False,
) -> None:
    """Render captioned panoramas of a procedural world."""
    if context.invoked_subcommand is not None:
        _refuse_options_before(context, context.invoked_subcommand)
        return
    if output is None:
        raise ValueError("got no -o FOLDER for the pictures; name one, or see cyclorama render --help")
    from cyclorama.diorama.datasets import Panoramas, scenes_from

    scenes = scenes_from(seed, num_images, place=place, time=time, sky=sky)
    kind = Panoramas(height, **maps_of(geometry))
    write(scenes, kind, output, workers=workers, dry_run=dry_run, num_shards=num_shards)


def _refuse_options_before(context: typer.Context, verb: str) -> None:
    """A sub-verb has options of its own: what stands before it would be lost."""
    given = [name for name in context.params if str(context.get_parameter_source(name)).endswith("COMMANDLINE")]
    if given:
        flag = given[0].replace("_", "-").replace("num-shards", "shards")
        raise ValueError(f"got --{flag} before {verb}; write it after: cyclorama render {verb} --{flag} ...")
