"""The options that `cyclorama render` and its sub-verbs share, and what they say at the end."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cyclorama.cli.console import note, progress_bar, warn

Output = Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="For the data set.")]
Place = Annotated[str | None, typer.Option(help="beach, mountains, city ...  [default: drawn]")]
Time = Annotated[str | None, typer.Option(help="dawn, noon, sunset or night.  [default: drawn]")]
Sky = Annotated[str | None, typer.Option(help="clear, overcast, fog ...  [default: drawn]")]
Seed = Annotated[int, typer.Option(help="Seed of the first scene, the next ones count up.", min=0)]
Height = Annotated[int, typer.Option(help="Pixels; panoramas are 2:1.", min=8)]
Geometry = Annotated[bool, typer.Option("--geometry", help="Also depth, normals and ids of things, .npy.")]
NumShards = Annotated[
    int, typer.Option("--shards", metavar="N", help="WebDataset shards instead of files.", min=0, show_default=False)
]
Workers = Annotated[int, typer.Option(help="Processes; they write the same bytes as one.", min=1)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say how many pictures, bytes and seconds.")]


def write(scenes: Any, kind: Any, output: Path, *, workers: int, dry_run: bool, num_shards: int = 0) -> None:
    """Write the data set, or say what it would cost."""
    from cyclorama.diorama.datasets import check_output, estimate, write_dataset

    if dry_run:
        check_output(output, scenes, kind, num_shards=num_shards, workers=workers)
        typer.echo(f"{output}: {len(scenes)} scenes, {estimate(scenes, kind, workers=workers)}")
        return
    with progress_bar("rendering") as update:
        done = write_dataset(scenes, kind, output, num_shards=num_shards, workers=workers, update=update)
    if done.left_out:
        seeds = ", ".join(str(scene.seed) for scene in done.left_out)
        warn(f"left out {len(done.left_out)} scenes without a free path of that length: seeds {seeds}")
    where = f"{num_shards} shards in {output}" if num_shards else f"{output / 'metadata.jsonl'}"
    note(f"{where}: {len(done.scenes)} scenes with captions")
