"""What a data set will cost, from two small pictures of its first scene that are rendered and thrown away."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cyclorama.diorama.datasets.kinds import Kind
from cyclorama.diorama.datasets.workers import Job, rendered_scenes
from cyclorama.diorama.scene import Scene

PROBE_HEIGHTS, PROBE_FRAMES = (32, 96), 2
NO_PATH = "found no free path in any of {} scenes; ask for a shorter one or another seed"


@dataclass(frozen=True)
class Estimate:
    """Pictures, bytes and seconds of a data set; the latter two are about right."""

    pictures: int
    bytes: int
    seconds: float

    def __str__(self) -> str:
        return f"{counted(self.pictures, 'picture')}, about {_size(float(self.bytes))}, about {_duration(self.seconds)}"


def estimate(scenes: Sequence[Scene], kind: Kind, *, workers: int = 1, device: str = "cpu") -> Estimate:
    """Of the scenes as `write_dataset` would write them: a constant and a part that grows with the pixels.

    Raises ValueError where no scene has a free path.
    """
    heights = [min(height, kind.height) for height in PROBE_HEIGHTS]
    scene = next((scene for scene in scenes if kind.fits(scene)), None)
    if scene is None:
        raise ValueError(NO_PATH.format(len(scenes)))
    _measure(scene, kind.resized(heights[0], PROBE_FRAMES), device)  # fills caches
    measured = [_measure(scene, kind.resized(height, PROBE_FRAMES), device) for height in heights]
    pictures = len(scenes) * kind.frames
    size, seconds = (_at(kind.height, heights, pair) for pair in zip(*measured, strict=True))
    return Estimate(pictures, round(pictures * size), pictures * seconds / min(workers, len(scenes)))


def _measure(scene: Scene, kind: Kind, device: str) -> tuple[float, float]:
    """Bytes and seconds of a picture of the scene."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        for _ in rendered_scenes([Job(scene, kind, Path(folder) / "scene", device)], 1):
            pass
        seconds = time.perf_counter() - begin
        written = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    return written / kind.frames, seconds / kind.frames


def _at(height: int, heights: Sequence[int], measured: Sequence[float]) -> float:
    small, large = (float(rows**2) for rows in heights)
    if small == large:
        return measured[1]
    slope = max(0.0, (measured[1] - measured[0]) / (large - small))
    return measured[1] + slope * (height**2 - large)


def counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"


def _size(count: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"


def _duration(seconds: float) -> str:
    for unit, length in (("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
