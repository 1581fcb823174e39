"""Facades."""

import torch
from torch import Tensor

from cyclorama.diorama.colours import blend, tint
from cyclorama.diorama.materials.surface import Finish, Surface, fade
from cyclorama.diorama.noise import fbm, noise, smoothstep

PIXELS_PER_RAD = 160
BAY_M, STOREY_M, PLINTH_M = 2.6, 3.3, 0.9


def _facade(at: Surface) -> Finish:
    """Plaster with storeys of windows, a plinth and a cornice; `glow` is the fraction of windows that are lit."""
    local, metres, points, base = at.local, at.metres, at.points, at.base
    along = torch.where(local[:, 0].abs() > local[:, 2].abs(), metres[:, 2], metres[:, 0])
    across, floor = along / BAY_M + 50, (metres[:, 1] + at.size[:, 1] - PLINTH_M) / STOREY_M
    column, storey = torch.floor(across), torch.floor(floor)
    u, v = across - column - 0.5, floor - storey
    plinth, cornice = floor < 0, local[:, 1] > 0.985
    wall = smoothstep(0.5, 0.4, at.normals[:, 1].abs()) * (floor > 0) * (local[:, 1] < 0.985)
    pane = _pane(u, v, at.distance) * wall
    sill = smoothstep(0.06, 0.0, (v - 0.13).abs()) * smoothstep(0.45, 0.36, u.abs()) * wall * fade(at.distance, 1.2)
    plaster = base * (1 + 0.07 * fbm(points[:, :2] / 2 + points[:, 2:], 2))[:, None] * (1 + 0.25 * sill)[:, None]
    plaster = blend(plaster, base * 0.55, (plinth | cornice).to(points))
    roof = smoothstep(0.5, 0.9, at.normals[:, 1])
    albedo = blend(blend(plaster, (0.30, 0.14, 0.09), roof), tint((0.05, 0.065, 0.085), points), pane)
    return Finish(albedo, _window_light(at, column, storey, pane))


def _pane(u: Tensor, v: Tensor, distance: Tensor) -> Tensor:
    """1 on the glass of a bay, u in [-0.5, 0.5] and v in [0, 1]; its edges soften with the size of a pixel."""
    soft = 0.02 + distance / PIXELS_PER_RAD / BAY_M * 0.5
    beside, above = 0.29 - u.abs(), 0.33 - (v - 0.52).abs()
    return (beside / soft + 0.5).clamp(0, 1) * (above / soft + 0.5).clamp(0, 1)


def _window_light(at: Surface, column: Tensor, storey: Tensor, pane: Tensor) -> Tensor:
    window = torch.stack([column * 1.37 + at.seed, storey * 2.11 + at.seed * 0.7], -1)
    draw = noise(window) * 0.5 + 0.5
    lit = (draw < at.glow).to(pane) * pane
    warm = blend((1.3, 0.78, 0.32), (1.15, 0.95, 0.62), draw / at.glow.clamp(min=1e-3))
    return warm * lit[:, None]


BUILDING = {"facade": _facade}
