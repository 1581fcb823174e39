"""Lines, grids and chequers that average themselves over a pixel, so that they never flicker however far they are.

Lengths in one unit (metres mostly); `pixel` is the width of a pixel on the surface in that unit, see `footprint`.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.noise import Real

PIXEL_RAD = 1 / 160
SHARPEST_M = 1e-3


def footprint(distance: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
    """Width in metres of a pixel on a surface that faces the eye."""
    return (distance * PIXEL_RAD).clamp(min=SHARPEST_M)


def line(offset: Float[Tensor, " n"], half_width: Tensor | Real, pixel: Tensor | Real) -> Float[Tensor, " n"]:
    """Share of a pixel at `offset` from the middle of a line that the line covers."""
    half = torch.as_tensor(pixel, dtype=offset.dtype, device=offset.device) / 2
    width = torch.as_tensor(half_width, dtype=offset.dtype, device=offset.device)
    overlap = torch.minimum(offset + half, width) - torch.maximum(offset - half, -width)
    return overlap.clamp(min=0) / (2 * half)


def band(x: Float[Tensor, " n"], low: Real, high: Real, pixel: Tensor | Real) -> Float[Tensor, " n"]:
    """1 where x is in [low, high], with edges as soft as a pixel."""
    return line(x - (low + high) / 2, (high - low) / 2, pixel)


def seams(
    x: Float[Tensor, " n"], period: Real, half_width: Tensor | Real, pixel: Float[Tensor, " n"]
) -> Float[Tensor, " n"]:
    """Share of a pixel covered by lines at all multiples of `period`."""
    offset = x - torch.round(x / period) * period
    return line(offset, half_width, pixel.clamp(max=period))


def edge(u: Float[Tensor, " n"], limit: Tensor | Real, pixel: Tensor | Real) -> Float[Tensor, " n"]:
    """1 where |u| is below `limit`, 0 above, over the width of a pixel."""
    return ((limit - u.abs()) / pixel + 0.5).clamp(0, 1)


def square(x: Float[Tensor, " n"], pixel: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
    """A square wave, 1 in [0, 1] and -1 in [1, 2], of period 2, averaged over a pixel; 0 far away."""
    pixel = pixel.clamp(max=2.0)
    return (_triangle(x + pixel / 2) - _triangle(x - pixel / 2)) / pixel


def _triangle(x: Tensor) -> Tensor:
    """The integral of the square wave."""
    return 1 - (torch.remainder(x, 2.0) - 1).abs()


def cell(*indices: Float[Tensor, " n"], seed: Tensor | Real = 0.0) -> Float[Tensor, " n"]:
    """A number in [0, 1) for each whole-numbered cell, as good as random; small factors keep devices in agreement."""
    drawn = torch.zeros_like(indices[0]) + torch.as_tensor(seed, device=indices[0].device) * 0.7531
    for index in indices:
        drawn = torch.remainder(drawn * 13.37 + torch.remainder(index, 128.0) * 0.6180340, 1.0)
    return torch.remainder(drawn * 17.71, 1.0)
