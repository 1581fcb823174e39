"""Videos as streams: frames `[3, H, W]` in [0, 1], one after the other, and figures over time.

An accumulator is fed frame by frame and keeps a few frames at most, so the length of a video costs no memory. One pass
feeds several: `feed(video_frames(path), flicker, motion, seams)`. A tensor `[T, 3, H, W]` is such a stream too.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol, runtime_checkable

import torch
from einops import rearrange
from jaxtyping import Float, Float64
from torch import Tensor

from cyclorama.media.video import read_video


@runtime_checkable
class FrameAccumulator(Protocol):
    """What `feed` feeds."""

    def update(self, frame: Float[Tensor, "3 height width"]) -> None:
        """Takes the next frame. `ValueError` for one of another size than the first."""
        ...


@dataclass(frozen=True, eq=False)
class Series:
    """A figure for every frame, or for every step from one frame to the next; NaN where it is not defined."""

    values: Float64[Tensor, " num"]

    def __post_init__(self) -> None:
        if len(self.values) == 0:
            raise ValueError("got a video of too few frames, wanted at least 2 (1 for figures of single frames)")

    @property
    def mean(self) -> float:
        """Of the defined values; NaN if there is none."""
        return self.values.nanmean().item()

    @property
    def highest(self) -> float:
        return self.values[self.highest_at].item()

    @property
    def lowest(self) -> float:
        return self.values[self.lowest_at].item()

    @property
    def highest_at(self) -> int:
        """Where the highest value stands; the first of equal ones."""
        return int(self.values.nan_to_num(-torch.inf, posinf=torch.inf).argmax())

    @property
    def lowest_at(self) -> int:
        return int(self.values.nan_to_num(torch.inf, neginf=-torch.inf).argmin())


def feed(frames: Iterable[Float[Tensor, "3 height width"]], *accumulators: FrameAccumulator) -> None:
    """Gives every frame to every accumulator."""
    for frame in frames:
        for accumulator in accumulators:
            accumulator.update(frame)


def video_frames(
    path: str | Path, *, fps: Fraction | int | float | None = None
) -> Iterator[Float[Tensor, "3 height width"]]:
    """The frames of a file at a constant rate, by default its average. `ValueError` as `media.video.read_video`."""
    for levels in read_video(path, fps=fps):
        yield rearrange(torch.from_numpy(levels), "h w c -> c h w").float() / 255


def check_same_size(frame: Float[Tensor, "3 height width"], before: Float[Tensor, "3 rows columns"]) -> None:
    """Raises `ValueError` for frames of two sizes."""
    if frame.shape != before.shape:
        got, wanted = ("{}x{}".format(*tensor.shape[-2:]) for tensor in (frame, before))
        raise ValueError(f"got a frame of {got} after one of {wanted}, wanted one size; resize the video first")
