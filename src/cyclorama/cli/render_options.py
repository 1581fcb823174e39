"""The options that `cyclorama render` and its sub-verbs share, and what they say at the end."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cyclorama.cli.console import note, progress_bar, warn

Output = Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="For the data set.")]
Place = Annotated[str | None, typer.Option(help="beach, mountains, city ...  [default: drawn]")]
Time = Annotated[str | None, typer.Option(help="dawn, noon, sunset or night.  [default: drawn]")]
Sky = Annotated[str | None, typer.Option(help="clear, overcast, fog ...  [default: drawn]")]
Seed = Annotated[int, typer.Option(help="Seed of the first scene, the next ones count up.", min=0)]
Height = Annotated[int, typer.Option(help="Pixels; panoramas are 2:1.", min=8)]
Geometry = Annotated[
    Literal["depth", "all"] | None,
    typer.Option(help="Also .npy: depth, or all of depth, normals and ids of things.", show_default=False),
]
NumShards = Annotated[
    int, typer.Option("--shards", metavar="N", help="WebDataset shards instead of files.", min=0, show_default=False)
]
Workers = Annotated[str, typer.Option(metavar="N", help="Processes (they write the same bytes as one), or cuda.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say how many pictures, bytes and seconds.")]


def maps_of(geometry: str | None) -> dict[str, bool]:
    """The arguments of a kind that --geometry stands for."""
    return {"depth": geometry is not None, "geometry": geometry == "all"}


def renderers(workers: str) -> dict[str, Any]:
    """The number of processes and the device of torch that --workers stands for."""
    if workers.isdecimal() and int(workers) > 0:
        return {"workers": int(workers)}
    import torch

    kind, _, index = workers.partition(":")
    if kind != "cuda" or not (index.isdecimal() or workers == "cuda"):
        raise ValueError(f"got --workers {workers}, wanted a number of processes, 1 or more, or a GPU: cuda, cuda:1")
    if int(index or 0) >= torch.cuda.device_count():
        raise ValueError(f"got --workers {workers}, but torch sees {torch.cuda.device_count()} GPUs; wanted a number")
    return {"workers": 1, "device": workers}


def write(scenes: Any, kind: Any, output: Path, *, workers: str, dry_run: bool, num_shards: int = 0) -> None:
    """Write the data set, or say what it would cost."""
    from cyclorama.diorama.datasets import check_output, estimate, write_dataset
    from cyclorama.diorama.datasets.estimates import counted

    by = renderers(workers)
    if dry_run:
        check_output(output, scenes, kind, num_shards=num_shards, **by)
        typer.echo(f"{output}: {counted(len(scenes), 'scene')}, {estimate(scenes, kind, **by)}")
        return
    with progress_bar("rendering") as update:
        done = write_dataset(scenes, kind, output, num_shards=num_shards, update=update, **by)
    if done.left_out:
        seeds = ", ".join(str(scene.seed) for scene in done.left_out)
        warn(f"left out {counted(len(done.left_out), 'scene')} without a free path of that length: seeds {seeds}")
    where = f"{counted(num_shards, 'shard')} in {output}" if num_shards else f"{output / 'metadata.jsonl'}"
    before = f", {done.num_before} of them by an earlier run" if done.num_before else ""
    note(f"{where}: {counted(len(done.scenes), 'scene')} with captions{before}")
