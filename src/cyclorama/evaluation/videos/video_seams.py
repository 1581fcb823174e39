"""The seam of a panoramic video, frame by frame: `seam_rank` and `seam_ratio` of `evaluation.seams` over time."""

from collections.abc import Iterable

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.evaluation.seams import seam_rank, seam_ratio
from cyclorama.evaluation.videos.frames import Series, check_same_size, feed


class VideoSeams:
    """Ranks and ratios of all frames; the worst frame is where they are highest."""

    def __init__(self) -> None:
        self._first: Tensor | None = None
        self._ranks: list[float] = []
        self._ratios: list[float] = []

    def update(self, frame: Float[Tensor, "3 height width"]) -> None:
        self._first = frame if self._first is None else self._first
        check_same_size(frame, self._first)
        self._ranks.append(seam_rank(frame[None]).item())
        self._ratios.append(seam_ratio(frame[None]).item())

    def ranks(self) -> Series:
        """Share of the inner column steps smaller than the seam's; about 0.5 without a seam, 0.5 of a flat frame."""
        return Series(torch.tensor(self._ranks, dtype=torch.float64))

    def ratios(self) -> Series:
        """Seam step over the mean inner step; about 1 without a seam; NaN of a flat frame, inf if flat but for it."""
        return Series(torch.tensor(self._ratios, dtype=torch.float64))


def video_seams(frames: Iterable[Float[Tensor, "3 height width"]]) -> VideoSeams:
    """The seams of a stream of frames. `ValueError` for frames of two sizes."""
    seams = VideoSeams()
    feed(frames, seams)
    return seams
