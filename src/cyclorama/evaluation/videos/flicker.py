"""Temporal flicker: how little a frame differs from the next, (255 - mean |f_t - f_t+1|) / 255 in levels.

VBench (Huang et al., CVPR 2024), "temporal flickering": 1 for a frozen picture; motion lowers it too, so read it beside
the motion.
"""

from collections.abc import Iterable

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from cyclorama.evaluation.fidelity import row_weights
from cyclorama.evaluation.videos.frames import Series, check_same_size, feed


class Flicker:
    """The figure of every step. `latitude_weighted` counts rows by their area on the sphere; VBench's are equal."""

    def __init__(self, *, latitude_weighted: bool = False) -> None:
        self._weighted = latitude_weighted
        self._before: Tensor | None = None
        self._steps: list[float] = []

    def update(self, frame: Float[Tensor, "3 height width"]) -> None:
        if self._before is not None:
            check_same_size(frame, self._before)
            rows = (frame.double() - self._before.double()).abs().mean((0, 2))
            self._steps.append(1 - self._mean_of(rows).item())
        self._before = frame

    def series(self) -> Series:
        """One value a step. `ValueError` for fewer than two frames."""
        return Series(torch.tensor(self._steps, dtype=torch.float64))

    def _mean_of(self, rows: Float64[Tensor, " height"]) -> Tensor:
        return rows @ row_weights(rows.reshape(1, 1, -1, 1)) if self._weighted else rows.mean()


def temporal_flicker(frames: Iterable[Float[Tensor, "3 height width"]], *, latitude_weighted: bool = False) -> Series:
    """The flicker of a stream of frames; its mean is the published figure.

    >>> temporal_flicker(torch.tensor([0.25, 0.75]).reshape(2, 1, 1, 1).expand(2, 3, 4, 8)).mean
    0.5
    """
    flicker = Flicker(latitude_weighted=latitude_weighted)
    feed(frames, flicker)
    return flicker.series()
