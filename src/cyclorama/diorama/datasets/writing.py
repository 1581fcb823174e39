"""Scenes into a folder or into shards, by one process or several, in the order of the scenes."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cyclorama.diorama.datasets.description_file import check_same_or_new, description_of
from cyclorama.diorama.datasets.estimates import NO_PATH
from cyclorama.diorama.datasets.folders import Folder
from cyclorama.diorama.datasets.kinds import Kind, key_of
from cyclorama.diorama.datasets.shards import Shards
from cyclorama.diorama.datasets.workers import Job, rendered_scenes
from cyclorama.diorama.scene import Scene, sample_scene
from cyclorama.media.atomic import check_folder

Update = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Written:
    """What is there now, the scenes left out because they have no free path, and how many were there before."""

    scenes: tuple[Scene, ...]
    left_out: tuple[Scene, ...]
    num_before: int = 0


def scenes_from(
    seed: int, count: int, *, place: str | None = None, time: str | None = None, sky: str | None = None
) -> list[Scene]:
    """The scenes of `count` seeds from `seed` on. Raises ValueError for what the diorama does not have."""
    return [sample_scene(seed + number, place=place, time=time, sky=sky) for number in range(count)]


def write_dataset(
    scenes: Sequence[Scene],
    kind: Kind,
    folder: str | Path,
    *,
    num_shards: int = 0,
    workers: int = 1,
    device: str = "cpu",
    update: Update | None = None,
) -> Written:
    """Render the scenes into `folder`: files and metadata.jsonl, or `num_shards` shards; equal arguments, equal bytes.

    What an earlier run with equal arguments left, however it ended, is kept, and the rest is made; `workers` may
    differ. `update` is called with (place, done, total). More workers than one are processes that import the
    caller's main module, as `multiprocessing` has it. A GPU (`device`) sees the same worlds, but not to the last bit.

    Raises ValueError, and writes nothing, for a folder that holds anything else, scenes with one seed twice, counts
    that do not fit, and where no scene has a free path.
    """
    folder = Path(folder)
    check_output(folder, scenes, kind, num_shards=num_shards, workers=workers, device=device)
    fitting = [scene for scene in scenes if kind.fits(scene)]
    left_out = tuple(scene for scene in scenes if scene not in set(fitting))
    if not fitting:
        raise ValueError(NO_PATH.format(len(scenes)))
    _check_shards(num_shards, fitting)
    text = description_of(scenes, kind, num_shards, device)
    sink = Shards(folder, fitting, text, num_shards) if num_shards else Folder(folder, fitting, text)
    with _no_leftovers(folder), sink:
        jobs = [Job(scene, kind, folder / f".{key_of(scene)}.part", device) for scene in sink.missing()]
        before = done = len(fitting) - len(jobs)
        for job, rows in rendered_scenes(jobs, workers):
            sink.add(job, rows)
            done += 1
            if update:
                update(job.scene.place, done, len(fitting))
    return Written(tuple(fitting), left_out, before)


def check_output(
    folder: str | Path,
    scenes: Sequence[Scene],
    kind: Kind,
    *,
    num_shards: int = 0,
    workers: int = 1,
    device: str = "cpu",
) -> None:
    """Raises ValueError as `write_dataset`, paths of cameras aside; nothing is written."""
    folder = Path(folder)
    if not scenes:
        raise ValueError("got no scenes, wanted one or more")
    if len({scene.seed for scene in scenes}) < len(scenes):
        raise ValueError("got scenes with one seed twice, wanted different seeds: files are named after them")
    _check_shards(num_shards, scenes)
    if workers < 1:
        raise ValueError(f"got {workers} workers, wanted at least 1")
    check_folder(folder / "file" if folder.is_dir() else folder)
    check_same_or_new(folder, description_of(scenes, kind, num_shards, device))


def _check_shards(num_shards: int, scenes: Sequence[Scene]) -> None:
    if not 0 <= num_shards <= len(scenes):
        raise ValueError(f"got {num_shards} shards for {len(scenes)} scenes, wanted at most one for each")


@contextmanager
def _no_leftovers(folder: Path) -> Iterator[None]:
    """After a fault, scenes that are not whole are removed, and the folder if nothing else is in it."""
    new = not folder.exists()
    try:
        yield
    except BaseException:
        for part in folder.glob(".*.part"):
            shutil.rmtree(part, ignore_errors=True)
        if new and folder.exists() and not any(folder.iterdir()):
            folder.rmdir()
        raise
