"""What a frame of a video is in memory: RGB, or the planes that codecs store, each with its time."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np


@dataclass(frozen=True, eq=False)
class Frame:
    """`pixels` [H, W, 3] uint8 RGB, shown from `time_s` seconds after the start of the file, for `duration_s`."""

    time_s: Fraction
    pixels: np.ndarray
    duration_s: Fraction | None = None


@dataclass(frozen=True, eq=False)
class Planes:
    """A frame as codecs store it: BT.709, limited range, 8 bit; `y` [H, W], `u` and `v` [H/2, W/2], uint8.

    Y is 16 (black) to 235 (white); U and V are 16 to 240, grey at 128. A chroma value belongs to a block of 2x2 pixels.
    Codecs mean its place, where a file does not say, to be midway between the block's rows and on its left column.
    FFmpeg's conversions from and to RGB, its v360 filter, and a look-up in `u` as in a picture of half the size take it
    at the block's centre: a shift of colour, not of brightness, by half a pixel of `y`.
    """

    time_s: Fraction
    y: np.ndarray
    u: np.ndarray
    v: np.ndarray
    duration_s: Fraction | None = None

    def mapped(self, full: Callable[[np.ndarray], np.ndarray], half: Callable[[np.ndarray], np.ndarray]) -> "Planes":
        """The frame with `full` done to `y`, and `half` to `u` and `v`; black and grey are 16 and 128 there."""
        return Planes(self.time_s, full(self.y), half(self.u), half(self.v), self.duration_s)
