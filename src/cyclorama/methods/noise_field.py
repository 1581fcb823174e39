"""White noise on the sphere that every camera sees as white noise, and overlapping cameras as the same noise.

The field is one normal number for each of many equal shares of the sphere (a Fibonacci lattice). A camera's pixel sums
the shares that it shows and divides by the root of their number: pixels share none, so a picture is exactly white with
variance 1, in every direction and at any resolution ("integral noise", Chang et al. 2024, "How I Warped Your Noise",
on the sphere). Interpolated noise is neither: bilinear look-ups have 4/9 of the variance, and neighbours correlate.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.geometry.lattice import shown_points
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.viewsets import fibonacci_dirs

FEWEST = 4
"""Shares that the smallest pixel of a camera shows on average; with fewer some pixel may show none."""


@dataclass(frozen=True, eq=False)
class NoiseField:
    """`values` [num, channels] of the shares around `dirs`."""

    dirs: Float[np.ndarray, "num 3"]
    values: Float[Tensor, "num channels"]

    @classmethod
    def draw(cls, num: int, channels: int, generator: torch.Generator) -> "NoiseField":
        """A field of `num` shares, drawn in float32 on the CPU."""
        return cls(fibonacci_dirs(num), torch.randn(num, channels, generator=generator))

    def look(self, camera: Perspective, rotation: Float[np.ndarray, "3 3"]) -> Float[Tensor, "channels height width"]:
        """The noise that a camera sees, exactly white.

        Raises:
            ValueError: for a camera with a pixel that shows no share: its pixels are too small for the field.
        """
        shown, pixels = (torch.from_numpy(found) for found in shown_points(self.dirs, camera, rotation))
        num_pixels = camera.height * camera.width
        counts = torch.bincount(pixels, minlength=num_pixels)
        if not counts.all():
            raise ValueError(
                f"got a camera of {camera.height}x{camera.width} pixels for a field of {len(self.values)} shares; "
                f"wanted at least {num_shares(camera)}"
            )
        sums = torch.zeros(num_pixels, self.values.shape[1]).index_add_(0, pixels, self.values[shown])
        return (sums / counts[:, None].sqrt()).mT.reshape(-1, camera.height, camera.width)


def num_shares(*cameras: Perspective) -> int:
    """How many shares a field needs for these cameras."""
    return math.ceil(FEWEST * 4 * math.pi / min(camera.solid_angles().min() for camera in cameras))
