"""Seamless tiles of billows with their slopes: clouds and waves read them with one look-up.

Points are in cells, puffs are about one cell wide, heights are about 0.6 high (standard deviation), and everything
repeats every `TILE_CELLS` cells. The whole is the sum of a broad part and of its detail.
"""

from functools import lru_cache

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

TILE_CELLS, TEXELS_PER_CELL = 20, 48
OCTAVES, BROAD_OCTAVES, GAIN = 5, 2, 0.52
PARTS = {"whole": (0, OCTAVES), "broad": (0, BROAD_OCTAVES), "detail": (BROAD_OCTAVES, OCTAVES)}


def billows(points: Float[Tensor, "n 2"], part: str = "whole") -> Float[Tensor, "3 n"]:
    """Height and its slopes along x and y per cell, of the "whole", its "broad" part or its "detail"."""
    return _looked_up(_tile(part, points.device), points)


def billow_height(points: Float[Tensor, "n 2"], part: str = "broad") -> Float[Tensor, " n"]:
    """The height alone, which is faster."""
    return _looked_up(_heights(part, points.device), points)[0]


def _looked_up(tile: Tensor, points: Tensor) -> Tensor:
    cells = points / TILE_CELLS
    grid = (cells - torch.floor(cells)) * 2 - 1
    return F.grid_sample(tile, grid[None, None], align_corners=True)[0, :, 0]


@lru_cache(maxsize=8)
def _heights(part: str, device: torch.device) -> Float[Tensor, "1 1 size size"]:
    return _tile(part, device)[:, :1].contiguous()


@lru_cache(maxsize=8)
def _tile(part: str, device: torch.device) -> Float[Tensor, "1 3 size size"]:
    first, last = PARTS[part]
    height = torch.stack([_octave(k) for k in range(first, last)]).sum(0)
    slopes = [(height.roll(-1, axis) - height.roll(1, axis)) * (TEXELS_PER_CELL / 2) for axis in (1, 0)]
    tile = torch.stack([height, *slopes])[None]
    return F.pad(tile, (0, 1, 0, 1), mode="circular").contiguous().to(device)


@lru_cache(maxsize=OCTAVES)
def _octave(octave: int) -> Float[Tensor, "size size"]:
    """Smooth noise; from the second octave on round puffs with creases between them."""
    generator = torch.Generator().manual_seed(20260202 + octave)
    lattice = torch.rand(1, 1, *(TILE_CELLS * 2**octave,) * 2, generator=generator) * 2 - 1
    smooth = _enlarged(lattice, TEXELS_PER_CELL // 2**octave)
    puffs = smooth if octave == 0 else -2.2 * smooth.abs()
    return GAIN**octave * (puffs - puffs.mean())


def _enlarged(lattice: Tensor, factor: int) -> Tensor:
    """A periodic lattice enlarged by cubic interpolation, still periodic."""
    padded = F.pad(lattice, (2, 3, 2, 3), mode="circular")
    fine = F.interpolate(padded, size=((padded.shape[-1] - 1) * factor + 1,) * 2, mode="bicubic", align_corners=True)
    size = lattice.shape[-1] * factor
    return fine[0, 0, 2 * factor : 2 * factor + size, 2 * factor : 2 * factor + size]
