"""White noise on the sphere that every camera sees as white noise, and overlapping cameras as the same noise.

The field is one normal number for each of many equal shares of the sphere (a Fibonacci lattice). A camera's pixel sums the
shares that it shows and divides by the root of their number: pixels share none, so a picture is exactly white with
variance 1, in every direction and at any resolution ("integral noise", Chang et al. 2024, "How I Warped Your Noise", on
the sphere). Interpolated noise is neither: bilinear look-ups have 4/9 of the variance, and neighbours correlate.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.rotations import rotate_dirs
from cyclorama.geometry.viewsets import fibonacci_dirs

FEWEST = 6
"""Shares that the smallest pixel of a camera shows on average; below about 3 some pixel may show none."""


@dataclass(frozen=True, eq=False)
class NoiseField:
    """`values` [num, channels] of the shares around `fibonacci_dirs(num)`."""

    values: Float[Tensor, "num channels"]

    @classmethod
    def draw(cls, num: int, channels: int, generator: torch.Generator) -> "NoiseField":
        """A field of `num` shares, drawn in float32 on the CPU."""
        return cls(torch.randn(num, channels, generator=generator))

    def look(self, camera: Perspective, rotation: Float[np.ndarray, "3 3"]) -> Float[Tensor, "channels height width"]:
        """The noise that a camera sees, exactly white.

        Raises:
            ValueError: for a camera with a pixel that shows no share: its pixels are too small for the field.
        """
        shown, cells = _cells(len(self.values), camera, rotation)
        num_cells = camera.height * camera.width
        counts = torch.bincount(cells, minlength=num_cells)
        if not counts.all():
            raise ValueError(
                f"got a camera of {camera.height}x{camera.width} pixels for a field of {len(self.values)} shares; "
                f"wanted at least {num_shares(camera)}"
            )
        sums = torch.zeros(num_cells, self.values.shape[1]).index_add_(0, cells, self.values[shown])
        return (sums / counts[:, None].sqrt()).mT.reshape(-1, camera.height, camera.width)


def num_shares(camera: Perspective) -> int:
    """How many shares a field needs for a camera."""
    return math.ceil(FEWEST * 4 * math.pi / camera.solid_angles().min())


def _cells(
    num: int, camera: Perspective, rotation: Float[np.ndarray, "3 3"]
) -> tuple[Int[Tensor, " shown"], Int[Tensor, " shown"]]:
    """The shares that a camera shows, and the pixel of each, counted row by row."""
    pixels, seen = camera.dirs_to_pixels(rotate_dirs(fibonacci_dirs(num), rotation.T))
    x, y = (np.minimum(pixels[seen, axis].astype(np.int64), side - 1) for axis, side in enumerate((camera.width, camera.height)))
    return torch.from_numpy(np.flatnonzero(seen)), torch.from_numpy(y * camera.width + x)
