"""Smooth tileable noise, fixed to the world: the same point always gets the same value.

A lattice of random numbers is interpolated once into a fine texture; every look-up is one bilinear `grid_sample`.
Points are in lattice cells. The pattern repeats every `CELLS` cells; octaves are turned so that repeats never align.
"""

from functools import lru_cache, reduce

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

Real = float | int
CELLS = 64
TEXELS_PER_CELL = 8
_TURN = torch.tensor([[0.8, -0.6], [0.6, 0.8]])  # a rational rotation: 36.87 degrees


@lru_cache(maxsize=4)
def _texture(device: torch.device) -> Float[Tensor, "1 1 height width"]:
    generator = torch.Generator().manual_seed(20260101)
    lattice = torch.rand(1, 1, CELLS, CELLS, generator=generator) * 2 - 1
    padded = F.pad(lattice, (2, 3, 2, 3), mode="circular")
    size = padded.shape[-1]
    fine = F.interpolate(padded, size=((size - 1) * TEXELS_PER_CELL + 1,) * 2, mode="bicubic", align_corners=True)
    begin, end = 2 * TEXELS_PER_CELL, (2 + CELLS) * TEXELS_PER_CELL + 1
    return fine[..., begin:end, begin:end].contiguous().to(device)


def noise(points: Float[Tensor, "*batch 2"]) -> Float[Tensor, "*batch"]:
    """Value noise in about [-1, 1] with one lattice cell per unit of `points`."""
    cells = points / CELLS
    grid = (cells - torch.floor(cells)) * 2 - 1
    values = F.grid_sample(_texture(points.device), grid.reshape(1, 1, -1, 2), mode="bilinear", align_corners=True)
    return values.reshape(points.shape[:-1])


def fbm(points: Float[Tensor, "*batch 2"], octaves: int = 4, gain: Real = 0.5) -> Float[Tensor, "*batch"]:
    """Fractal sum of `octaves` rotated noises, each twice as fine and `gain` times as high; about [-1, 1]."""
    turn = _TURN.to(points)
    total = torch.zeros(points.shape[:-1], dtype=points.dtype, device=points.device)
    for octave in range(octaves):
        total = total + gain**octave * noise(points)
        points = points @ turn * 2.0 + 17.3
    return total * (1 - gain) / (1 - gain**octaves) * 1.6


def ridged(points: Float[Tensor, "*batch 2"], octaves: int = 5, gain: Real = 0.48) -> Float[Tensor, "*batch"]:
    """Ridged multifractal in [0, 1]: sharp crests where the noise crosses zero, finer octaves grow on the crests."""
    turn = _TURN.to(points)
    total = torch.zeros(points.shape[:-1], dtype=points.dtype, device=points.device)
    weight = torch.ones_like(total)
    for octave in range(octaves):
        crest = (1 - noise(points).abs()) ** 2
        total = total + gain**octave * weight * crest
        weight = crest.clamp(0, 1)
        points = points @ turn * 2.0 + 31.7
    return total * (1 - gain)


def length(points: Float[Tensor, "*batch axes"]) -> Float[Tensor, "*batch"]:
    """Euclidean norm over the last axis (torch's own is several times slower for two or three components)."""
    return reduce(torch.add, [c * c for c in points.unbind(-1)]).sqrt()


def smoothstep(low: Real, high: Real, x: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
    """Cubic step from 0 at `low` to 1 at `high`; `low > high` gives the falling step."""
    t = ((x - low) / (high - low)).clamp(0, 1)
    return t * t * (3 - 2 * t)
