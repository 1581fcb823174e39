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
_ORIGIN = torch.tensor([31.2, 41.4]) / CELLS
"""Where in the texture the point 0 is, below most eyes: noise and all sums of octaves are nearly 0 there."""
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
    return _look_up(points / CELLS)


def fbm(points: Float[Tensor, "*batch 2"], octaves: int = 4, gain: Real = 0.5) -> Float[Tensor, "*batch"]:
    """Fractal sum of `octaves` rotated noises, each twice as fine and `gain` times as high; about [-1, 1]."""
    weights = gain ** torch.arange(octaves, dtype=points.dtype, device=points.device)
    return _octaves(points, octaves, 17.3) @ (weights * (1 - gain) / (1 - gain**octaves) * 1.6)


def ridged(points: Float[Tensor, "*batch 2"], octaves: int = 5, gain: Real = 0.48) -> Float[Tensor, "*batch"]:
    """Ridged multifractal in [0, 1]: sharp crests where the noise crosses zero, finer octaves grow on the crests."""
    total, weight = torch.zeros((), dtype=points.dtype, device=points.device), 1.0
    for octave, values in enumerate(_octaves(points, octaves, 31.7).unbind(-1)):
        crest = (1 - values.abs()) ** 2
        total = total + gain**octave * weight * crest
        weight = crest.clamp(max=1)
    return total * (1 - gain)


def _octaves(points: Tensor, octaves: int, shift: float) -> Float[Tensor, "*batch octaves"]:
    """Noise at points that are turned, made twice as large and shifted from octave to octave, all in one look-up."""
    matrix, offset = _charts(octaves, shift, points.device)
    charts = torch.addmm(offset, points.reshape(-1, 2), matrix)
    return _look_up(charts.view(*points.shape[:-1], octaves, 2))


@lru_cache(maxsize=64)
def _charts(octaves: int, shift: float, device: torch.device) -> tuple[Tensor, Tensor]:
    """The linear map [2, 2 * octaves], and its offset, from points to lattice periods of all octaves."""
    matrix, offset, charts = torch.eye(2), torch.zeros(2), []
    for _ in range(octaves):
        charts.append((matrix, offset))
        matrix, offset = matrix @ _TURN * 2, offset @ _TURN * 2 + shift
    matrices, offsets = zip(*charts, strict=True)
    return (torch.cat(matrices, 1) / CELLS).to(device), (torch.cat(offsets) / CELLS).to(device)


def _look_up(periods: Tensor) -> Tensor:
    """Values of the texture at points counted in its periods, [..., 2]."""
    periods = periods + _ORIGIN.to(periods)
    grid = (periods - periods.floor()).mul_(2).sub_(1).view(1, 1, -1, 2)
    values = F.grid_sample(_texture(periods.device), grid, mode="bilinear", align_corners=True)
    return values.view(periods.shape[:-1])


def length(points: Float[Tensor, "*batch axes"]) -> Float[Tensor, "*batch"]:
    """Euclidean norm over the last axis (torch's own is several times slower for two or three components)."""
    return reduce(torch.add, [c * c for c in points.unbind(-1)]).sqrt()


def smoothstep(low: Real, high: Real, x: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
    """Cubic step from 0 at `low` to 1 at `high`; `low > high` gives the falling step."""
    t = ((x - low) / (high - low)).clamp(0, 1)
    return t * t * (3 - 2 * t)
