"""Which pixels need more than one ray, and where in the pixel these go."""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from cyclorama.diorama.tracing import SKY, Hits
from cyclorama.geometry.projection import Projection

TILE = 8
GOLDEN = (5**0.5 - 1) / 2
DEPTH_RATIO, COSINE, CONTRAST = 1.25, 0.90, 0.085
"""A pixel is rough where a neighbour is that much farther, turned by more than that cosine, or differs by that much in
any channel of the square root of its displayed light; and where a neighbour shows something else."""


def in_tiles(height: int, width: int, tile: int, device: torch.device) -> Int[Tensor, " n"]:
    """The pixels of a picture, numbered row by row, in the order of square tiles: neighbours stay together."""
    rows, columns = torch.arange(height, device=device), torch.arange(width, device=device)
    key = (rows // tile * width)[:, None] * tile + (columns // tile * tile * tile)[None]
    key = key + (rows % tile)[:, None] * tile + (columns % tile)[None]
    return key.flatten().argsort()


def rough_pixels(
    light: Float[Tensor, "n 3"], hits: Hits, height: int, width: int, *, wrap: bool
) -> Int[Tensor, " rough"]:
    """Numbers of the pixels that differ from the one beside or below them, both of the two; in the order of tiles.

    `light` is displayed light, row by row; with `wrap` the last column has the first beside it.
    """
    colour = light.sqrt().T.reshape(3, height, width)
    normals = hits.normals.T.reshape(3, height, width)
    depth = hits.distance.reshape(height, width).clamp(max=1e5).log2()
    what = hits.what.reshape(height, width)
    rough = torch.zeros_like(what, dtype=torch.bool)
    for axis in (0, 1):
        differs = what != what.roll(-1, axis)
        differs |= (depth - depth.roll(-1, axis)).abs() > math.log2(DEPTH_RATIO)
        differs |= (colour - colour.roll(-1, axis + 1)).abs().amax(0) > CONTRAST
        cosine = (normals * normals.roll(-1, axis + 1)).sum(0)
        differs |= (cosine < COSINE) & (what != SKY)
        if axis == 0 or not wrap:
            differs.select(axis, -1).fill_(False)
        rough |= differs | differs.roll(1, axis)
    order = in_tiles(height, width, TILE, light.device)
    return order[rough.flatten()[order]]


def sub_pixels(
    projection: Projection, pixels: Int[Tensor, " rough"], count: int, *, like: Tensor
) -> Float[Tensor, "rough count 3"]:
    """Directions, in the camera's axes, of `count` places in each of the pixels: a lattice, the same in all."""
    k = torch.arange(count, device=like.device) + 0.5
    places = torch.stack([k / count, k * GOLDEN % 1], -1).to(like)
    corners = torch.stack([pixels % projection.width, pixels // projection.width], -1).to(like)
    return projection.pixels_to_dirs(corners[:, None] + places)
