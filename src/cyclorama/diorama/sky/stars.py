"""The night's stars: round points of their own brightness and colour, and the Milky Way."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import Rgb, blend, tint
from cyclorama.diorama.noise import Real, noise, smoothstep
from cyclorama.diorama.sky.cells import cell_numbers

LAYERS = ((26, 0.0066, 1.0, 0.24), (58, 0.0038, 0.34, 0.38))
"""Cells along a cube's edge, radius of a star in radians, its brightness, and the share of cells that have one."""
WARM, COLD = (1.0, 0.80, 0.60), (0.72, 0.84, 1.0)
BAND, BAND_LIGHT = (0.45, -0.35, 0.82), (0.030, 0.034, 0.050)
BAND_WIDTH = 0.20


def stars(dirs: Float[Tensor, "n 3"], *, turn: Float[Tensor, "3 3"]) -> Float[Tensor, "n 3"]:
    """Light of the stars in unit directions; `turn` rotates the world into the stars' own axes."""
    own = dirs @ turn.T
    light = _milky_way(own)
    for cells, radius, brightness, share in LAYERS:
        light = light + _layer(own, cells, radius, share) * brightness
    return light * smoothstep(0.0, 0.22, dirs[:, 1])[:, None]


def _layer(dirs: Tensor, cells: int, radius: Real, share: Real) -> Tensor:
    """One star somewhere in the middle of some cells of a cube's faces, so that no star meets its cell's edge."""
    size, face = dirs.abs().max(-1)
    signed = torch.gather(dirs, 1, face[:, None])[:, 0]
    on_face = torch.stack([dirs[:, 1:].T, dirs[:, ::2].T, dirs[:, :2].T])  # face, axis, ray
    one, two = on_face.gather(0, face[None, None].expand(1, 2, -1))[0] / size
    cell = [torch.floor((torch.atan(a) * (4 / math.pi) + 1) * (cells / 2)) for a in (one, two)]
    side = face * 2 + (signed > 0)
    numbers = cell_numbers(cell[0].long(), cell[1].long(), side, salt=cells)
    centre = [
        torch.tan(((c + 0.2 + 0.6 * n) / (cells / 2) - 1) * (math.pi / 4))
        for c, n in zip(cell, numbers.unbind(-1)[:2], strict=True)
    ]
    # the star's direction has +-1 on the face's axis: chord length instead of an angle
    inverse = (1 + centre[0] ** 2 + centre[1] ** 2).rsqrt()
    gap = (size * one - centre[0] * inverse) ** 2 + (size * two - centre[1] * inverse) ** 2 + (size - inverse) ** 2
    magnitude, hue = numbers[:, 2] / share, numbers[:, 3]
    bright = torch.where(magnitude < 1, 0.10 + 1.3 * (1 - magnitude).clamp(min=0) ** 4, 0.0)
    disc = smoothstep(radius**2, 0.0, gap) ** 2
    return blend(WARM, COLD, smoothstep(0.05, 0.6, hue)) * (disc * bright)[:, None]


def _milky_way(dirs: Tensor) -> Tensor:
    """A faint band along a great circle, mottled, with a dark lane."""
    across = dirs @ tint(BAND, dirs)
    mottled = noise(dirs[:, :2] * 5.3) + noise(dirs[:, 1:] * 7.1 + 9) + 0.6 * noise(dirs[:, ::2] * 16.0)
    core = torch.exp(-(((across + 0.05 * mottled) / BAND_WIDTH) ** 2))
    lane = 1 - 0.55 * torch.exp(-(((across + 0.03) / 0.05 + 1.1 * mottled) ** 2))
    return tint(BAND_LIGHT, dirs) * (core * lane * (0.75 + 0.3 * mottled).clamp(min=0.15))[:, None]


def star_turn(north_deg: Real, turned_deg: Real, *, like: Tensor) -> Float[Tensor, "3 3"]:
    """Rotation into the axes of the stars, which turn about a pole 50 degrees high over the azimuth `north_deg`."""
    return _about_axis(_pole(north_deg), math.radians(-turned_deg), like)


def _pole(north_deg: Real) -> Rgb:
    elevation, azimuth = math.radians(50), math.radians(north_deg)
    across = math.cos(elevation)
    return across * math.sin(azimuth), math.sin(elevation), -across * math.cos(azimuth)


def _about_axis(axis: Rgb, angle: float, like: Tensor) -> Tensor:
    # Rodrigues' formula
    x, y, z = axis
    cross = torch.tensor([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    turn = torch.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * (cross @ cross)
    return turn.to(like)
