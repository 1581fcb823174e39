"""White noise on the sphere that every camera sees as white noise, and overlapping cameras as the same noise.

The field is one normal number for each of many shares of the sphere. A camera's pixel sums the shares that it shows and
divides by the root of their number: pixels share none, so a picture is exactly white with variance 1, in every
direction and at any resolution ("integral noise", Chang et al. 2024, "How I Warped Your Noise", on the sphere).
Interpolated noise is neither: bilinear look-ups have 4/9 of the variance, and neighbours correlate.

Shares lie on rings, in sectors that are alike: cameras that differ by a whole number of sectors of yaw, as those of a
turning layout do, need one table.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import embedding_bag

from cyclorama.geometry.lattice import shown_points
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.viewsets import turned_back
from cyclorama.methods.view_layouts import SECTORS

FEWEST = 4
"""Shares that the smallest pixel of a camera shows on average; with fewer some pixel may show none."""


@dataclass(frozen=True, eq=False)
class NoiseField:
    """`values` [shares, channels] of the shares on `num_rings` rings, sector by sector, as in `share_dirs`."""

    num_rings: int
    values: Float[Tensor, "shares channels"]

    @classmethod
    def draw(cls, num: int, channels: int, generator: torch.Generator) -> "NoiseField":
        """A field of at least `num` shares, drawn in float32 on the CPU."""
        num_rings = math.ceil(math.sqrt(math.pi * num) / 2)
        return cls(num_rings, torch.randn(len(share_dirs(num_rings)), channels, generator=generator))

    def look(self, camera: Perspective, rotation: Float[np.ndarray, "3 3"]) -> Float[Tensor, "channels height width"]:
        """The noise that a camera sees, exactly white.

        Raises:
            ValueError: for a camera with a pixel that shows no share: its pixels are too small for the field.
        """
        sectors, [ahead] = turned_back(rotation[None], SECTORS)
        shares, counts = _shown(self.num_rings, camera, ahead.tobytes())
        if not counts.all():
            raise ValueError(
                f"got a camera of {camera.height}x{camera.width} pixels for a field of {len(self.values)} shares; "
                f"wanted at least {num_shares(camera)}"
            )
        turned = (shares + sectors * (len(self.values) // SECTORS)) % len(self.values)
        sums = embedding_bag(turned, self.values, counts.cumsum(0) - counts, mode="sum")
        return (sums / counts[:, None].sqrt()).mT.reshape(-1, camera.height, camera.width)


def num_shares(*cameras: Perspective) -> int:
    """How many shares a field needs for these cameras."""
    return math.ceil(FEWEST * 4 * math.pi / min(camera.solid_angles().min() for camera in cameras))


@lru_cache(maxsize=2)
def share_dirs(num_rings: int) -> Float[np.ndarray, "shares 3"]:
    """The middles of the shares: rings as far apart as the shares of a ring, shifted by the golden ratio."""
    lats = (np.arange(num_rings) + 0.5) * np.pi / num_rings - np.pi / 2
    counts = np.ceil(2 * num_rings * np.cos(lats) / SECTORS).astype(np.int64)
    ring = np.repeat(np.arange(num_rings), counts)
    index = np.arange(len(ring)) - np.repeat(counts.cumsum() - counts, counts)
    golden = (math.sqrt(5) - 1) / 2
    within = (index + golden * ring % 1) / counts[ring]
    lons = ((np.arange(SECTORS)[:, None] + within) * 2 * np.pi / SECTORS).ravel()
    up, across = np.tile(np.sin(lats[ring]), SECTORS), np.tile(np.cos(lats[ring]), SECTORS)
    return np.stack([across * np.sin(lons), up, -across * np.cos(lons)], axis=-1)


@lru_cache(maxsize=256)
def _shown(
    num_rings: int, camera: Perspective, rotation: bytes
) -> tuple[Int[Tensor, " shown"], Int[Tensor, " pixels"]]:
    """The shares that a camera shows, pixel by pixel, and how many each pixel has."""
    shown, pixels = shown_points(share_dirs(num_rings), camera, np.frombuffer(rotation).reshape(3, 3))
    counts = np.bincount(pixels, minlength=camera.height * camera.width)
    return torch.from_numpy(shown[np.argsort(pixels, kind="stable")]), torch.from_numpy(counts)
