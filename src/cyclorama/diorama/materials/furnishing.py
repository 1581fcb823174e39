"""Fabric and books."""

import torch

from cyclorama.diorama.colours import blend, tint
from cyclorama.diorama.materials.surface import Finish, Surface, varied
from cyclorama.diorama.noise import fbm, noise, smoothstep

SHELF_M, SPINE_M = 0.34, 0.055


def _fabric(at: Surface) -> Finish:
    return Finish(varied(at.base, 0.10 * fbm(at.points[:, ::2] * 3 + at.points[:, 1:2], 2)))


def _books(at: Surface) -> Finish:
    """Rows of spines between boards, along the solid's longer horizontal side."""
    along = torch.where(at.size[:, 0] > at.size[:, 2], at.metres[:, 0], at.metres[:, 2])
    shelf = (at.metres[:, 1] + at.size[:, 1]) / SHELF_M
    row = torch.floor(shelf)
    spine = torch.floor(along / SPINE_M + 13 * row)
    hue = torch.stack([noise(torch.stack([spine * 0.71 + k * 9, row * 3.7], -1)) for k in range(3)], -1)
    cover = (0.24 + 0.30 * hue).clamp(0.03, 0.7) * tint((1.1, 0.85, 0.7), at.points)
    board = smoothstep(0.80, 0.86, shelf - row)
    return Finish(blend(cover, at.base, board))


FURNISHING = {"fabric": _fabric, "books": _books}
