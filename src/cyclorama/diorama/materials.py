"""Surface colours of solids as functions of the world point: linear albedo, and light that the surface gives off."""

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import blend, tint
from cyclorama.diorama.noise import Real, fbm, noise, smoothstep
from cyclorama.diorama.solids import Solid, to_local

PIXELS_PER_RAD = 160
BAY_M, STOREY_M, PLINTH_M = 2.6, 3.3, 0.9
SHELF_M, SPINE_M = 0.34, 0.055


def fade(distance: Float[Tensor, " n"], scale_m: Real) -> Float[Tensor, " n"]:
    """1 near, 0 where a texture of wavelength `scale_m` would be finer than a pixel (about 1/160 rad)."""
    return smoothstep(90.0 * scale_m, 25.0 * scale_m, distance)


def solid_colour(
    solid: Solid, points: Float[Tensor, "n 3"], normals: Float[Tensor, "n 3"], distance: Float[Tensor, " n"]
) -> tuple[Float[Tensor, "n 3"], Float[Tensor, "n 3"]]:
    """Albedo and emission of a solid at world points on it, seen from `distance` metres."""
    base = tint(solid.colour, points).expand_as(points)
    if solid.material == "facade":
        return _facade(solid, points, normals, base, distance)
    rule = MATERIALS.get(solid.material)
    albedo = base if rule is None else rule(solid, points, base, distance)
    return albedo, base * solid.glow


def _foliage(solid: Solid, points: Tensor, base: Tensor, distance: Tensor) -> Tensor:
    mottle = noise(points[:, :2] * 2.6 + solid.seed) + noise(points[:, 1:] * 2.6 - solid.seed)
    return base * (1 + 0.34 * mottle * fade(distance, 0.8))[:, None]


def _bark(solid: Solid, points: Tensor, base: Tensor, distance: Tensor) -> Tensor:
    chart = torch.stack([points[:, 0] + points[:, 2], points[:, 1] * 0.35], -1)
    return base * (1 + 0.3 * noise(chart * 9) * fade(distance, 0.15))[:, None]


def _wood(solid: Solid, points: Tensor, base: Tensor, distance: Tensor) -> Tensor:
    chart = torch.stack([points[:, 0] * 1.5 + points[:, 1] * 9, points[:, 2] * 9], -1)
    return base * (1 + 0.16 * noise(chart + solid.seed))[:, None]


def _fabric(solid: Solid, points: Tensor, base: Tensor, distance: Tensor) -> Tensor:
    return base * (1 + 0.10 * fbm(points[:, ::2] * 3 + points[:, 1:2], 2))[:, None]


def _stone(solid: Solid, points: Tensor, base: Tensor, distance: Tensor) -> Tensor:
    veins = fbm(points[:, :2] * 1.7 + points[:, 2:3], 4)
    return base * (1 + 0.16 * veins)[:, None]


def _books(solid: Solid, points: Tensor, base: Tensor, distance: Tensor) -> Tensor:
    """Rows of spines between boards, along the solid's longer horizontal side."""
    _, metres = _on_solid(solid, points)
    along = metres[:, 0] if solid.size[0] > solid.size[2] else metres[:, 2]
    shelf = (metres[:, 1] + solid.size[1]) / SHELF_M
    row = torch.floor(shelf)
    spine = torch.floor(along / SPINE_M + 13 * row)
    hue = torch.stack([noise(torch.stack([spine * 0.71 + k * 9, row * 3.7], -1)) for k in range(3)], -1)
    cover = (0.24 + 0.30 * hue).clamp(0.03, 0.7) * tint((1.1, 0.85, 0.7), points)
    board = smoothstep(0.80, 0.86, shelf - row)
    return blend(cover, tint(solid.colour, points), board)


MATERIALS = {"foliage": _foliage, "bark": _bark, "wood": _wood, "books": _books, "fabric": _fabric, "stone": _stone}


def _on_solid(solid: Solid, points: Tensor) -> tuple[Tensor, Tensor]:
    """World points in the solid's axes: in units of its size and in metres."""
    local, _ = to_local(solid, points, points)
    return local, local * torch.tensor(solid.size).to(local)


def _facade(solid: Solid, points: Tensor, normals: Tensor, base: Tensor, distance: Tensor) -> tuple[Tensor, Tensor]:
    """Plaster with storeys of windows, a plinth and a cornice; `glow` is the fraction of windows that are lit."""
    local, metres = _on_solid(solid, points)
    along = torch.where(local[:, 0].abs() > local[:, 2].abs(), metres[:, 2], metres[:, 0])
    across, floor = along / BAY_M + 50, (metres[:, 1] + solid.size[1] - PLINTH_M) / STOREY_M
    column, storey = torch.floor(across), torch.floor(floor)
    u, v = across - column - 0.5, floor - storey
    plinth, cornice = floor < 0, local[:, 1] > 0.985
    wall = smoothstep(0.5, 0.4, normals[:, 1].abs()) * (floor > 0) * (local[:, 1] < 0.985)
    pane = _pane(u, v, distance) * wall
    sill = smoothstep(0.06, 0.0, (v - 0.13).abs()) * smoothstep(0.45, 0.36, u.abs()) * wall * fade(distance, 1.2)
    plaster = base * (1 + 0.07 * fbm(points[:, :2] / 2 + points[:, 2:], 2))[:, None] * (1 + 0.25 * sill)[:, None]
    plaster = blend(plaster, base * 0.55, (plinth | cornice).to(points))
    roof = smoothstep(0.5, 0.9, normals[:, 1])
    albedo = blend(blend(plaster, (0.30, 0.14, 0.09), roof), tint((0.05, 0.065, 0.085), points), pane)
    return albedo, _window_light(solid, column, storey, pane)


def _pane(u: Tensor, v: Tensor, distance: Tensor) -> Tensor:
    """1 on the glass of a bay, u in [-0.5, 0.5] and v in [0, 1]; its edges soften with the size of a pixel."""
    soft = 0.02 + distance / PIXELS_PER_RAD / BAY_M * 0.5
    beside, above = 0.29 - u.abs(), 0.33 - (v - 0.52).abs()
    return (beside / soft + 0.5).clamp(0, 1) * (above / soft + 0.5).clamp(0, 1)


def _window_light(solid: Solid, column: Tensor, storey: Tensor, pane: Tensor) -> Tensor:
    window = torch.stack([column * 1.37 + solid.seed, storey * 2.11 + solid.seed * 0.7], -1)
    draw = noise(window) * 0.5 + 0.5
    lit = (draw < solid.glow).to(pane) * pane
    warm = blend((1.3, 0.78, 0.32), (1.15, 0.95, 0.62), draw / max(solid.glow, 1e-3))
    return warm * lit[:, None]
