"""Foliage, bark, wood and stone."""

import torch

from cyclorama.diorama.materials.surface import Finish, Surface, fade, varied
from cyclorama.diorama.noise import fbm, noise


def _foliage(at: Surface) -> Finish:
    seed = at.seed[:, None]
    mottle = noise(at.points[:, :2] * 2.6 + seed) + noise(at.points[:, 1:] * 2.6 - seed)
    return Finish(varied(at.base, 0.34 * mottle * fade(at.distance, 0.8)))


def _bark(at: Surface) -> Finish:
    chart = torch.stack([at.points[:, 0] + at.points[:, 2], at.points[:, 1] * 0.35], -1)
    return Finish(varied(at.base, 0.3 * noise(chart * 9) * fade(at.distance, 0.15)))


def _wood(at: Surface) -> Finish:
    chart = torch.stack([at.points[:, 0] * 1.5 + at.points[:, 1] * 9, at.points[:, 2] * 9], -1)
    return Finish(varied(at.base, 0.16 * noise(chart + at.seed[:, None])))


def _stone(at: Surface) -> Finish:
    return Finish(varied(at.base, 0.16 * fbm(at.points[:, :2] * 1.7 + at.points[:, 2:3], 4)))


NATURAL = {"foliage": _foliage, "bark": _bark, "wood": _wood, "stone": _stone}
