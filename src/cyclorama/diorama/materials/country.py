"""Boards, plaster, straw, cloth and walls of loose stone, as the countryside has them."""

import torch
from torch import Tensor

from cyclorama.diorama.colours import blend
from cyclorama.diorama.materials.surface import Finish, Surface, fade, varied
from cyclorama.diorama.noise import noise, smoothstep

BOARD_M, STONE_M = 0.24, (0.42, 0.21)


def _beside(at: Surface) -> Tensor:
    """Metres along the face of a box, whichever side it is."""
    return torch.where(at.local[:, 0].abs() > at.local[:, 2].abs() * 0.999, at.metres[:, 2], at.metres[:, 0])


def _boards(at: Surface, along: Tensor, wide_m: float, strength: float) -> Finish:
    number = torch.floor(along / wide_m)
    gap = (along / wide_m - number - 0.5).abs()
    shade = noise(torch.stack([number * 3.7 + at.seed, number * 1.3], -1))
    grain = noise(torch.stack([along * 11, at.metres[:, 1] * 0.8 + number * 7], -1)) * fade(at.distance, 0.2)
    seam = smoothstep(0.43, 0.49, gap) * fade(at.distance, wide_m * 1.5)
    near = fade(at.distance, wide_m)
    return Finish(varied(at.base, strength * shade * near + 0.10 * grain - 0.55 * seam))


def _planks(at: Surface) -> Finish:
    """Upright boards."""
    return _boards(at, _beside(at), BOARD_M, 0.14)


def _deck(at: Surface) -> Finish:
    """Boards across a way."""
    return _boards(at, at.metres[:, 2], 0.18, 0.2)


def _roof_boards(at: Surface) -> Finish:
    """Courses of shingles, level on any slope."""
    return _boards(at, at.points[:, 1] * 1.2, 0.30, 0.2)


def _stucco(at: Surface) -> Finish:
    stain = noise(torch.stack([_beside(at) * 0.9, at.points[:, 1] * 0.5], -1) + at.seed[:, None])
    rough = noise(at.points[:, :2] * 5 + at.points[:, 2:3] * 3) * fade(at.distance, 0.25)
    foot = smoothstep(0.5, 0.0, at.metres[:, 1] + at.size[:, 1] - 0.9)
    return Finish(varied(at.base, 0.08 * stain + 0.05 * rough - 0.25 * foot))


def _straw(at: Surface) -> Finish:
    """Stalks, wound around a bale."""
    turn = torch.atan2(at.local[:, 2], at.local[:, 0])
    stalks = noise(torch.stack([at.metres[:, 1] * 14, turn * 3 + at.metres[:, 0]], -1)) * fade(at.distance, 0.14)
    coils = torch.sin(at.local[:, ::2].square().sum(-1).sqrt() * 34) * (at.local[:, 1].abs() > 0.999)
    return Finish(varied(at.base, 0.22 * stalks + 0.12 * coils * fade(at.distance, 0.2)))


def _dry_stone(at: Surface) -> Finish:
    """Courses of stones of different lengths with dark joints."""
    course = torch.floor(at.metres[:, 1] / STONE_M[1] + 100)
    v = at.metres[:, 1] / STONE_M[1] + 100 - course
    along = _beside(at) / STONE_M[0] + 0.5 * (course % 2) + 0.3 * noise(course[:, None] * 1.7 + at.points[:, :2] * 0.4)
    number = torch.floor(along)
    u = along - number
    joint = smoothstep(0.40, 0.49, torch.maximum((u - 0.5).abs(), (v - 0.5).abs())) * fade(at.distance, 0.35)
    tone = noise(torch.stack([number * 2.3 + at.seed, course * 1.9], -1)) * fade(at.distance, 0.6)
    return Finish(blend(varied(at.base, 0.30 * tone), (0.06, 0.06, 0.05), 0.8 * joint))


def _cloth(at: Surface) -> Finish:
    folds = noise(torch.stack([at.metres[:, 2] * 2.2, at.metres[:, 1] * 0.7], -1) + at.seed[:, None])
    return Finish(varied(at.base, 0.12 * folds))


COUNTRY = {
    "planks": _planks,
    "deck": _deck,
    "roof boards": _roof_boards,
    "stucco": _stucco,
    "straw": _straw,
    "dry stone": _dry_stone,
    "cloth": _cloth,
}
