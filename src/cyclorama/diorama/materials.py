"""Surface colours as functions of the world point: albedo (linear) and light that the surface itself gives off."""

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.noise import Real, fbm, length, noise, smoothstep
from cyclorama.diorama.solids import Solid, to_local

Rgb = tuple[Real, Real, Real]


def tint(colour: Rgb, like: Tensor) -> Tensor:
    return torch.tensor(colour, dtype=like.dtype, device=like.device)


def blend(low: Tensor | Rgb, high: Tensor | Rgb, weight: Float[Tensor, " n"]) -> Float[Tensor, "n 3"]:
    """Mix two colours with a weight per point."""
    low, high = (c if isinstance(c, Tensor) else tint(c, weight) for c in (low, high))
    return low + (high - low) * weight[:, None]


def fade(distance: Float[Tensor, " n"], scale_m: Real) -> Float[Tensor, " n"]:
    """1 near, 0 where a texture of wavelength `scale_m` would be finer than a pixel (about 1/160 rad)."""
    return smoothstep(90.0 * scale_m, 25.0 * scale_m, distance)


def ground_colour(
    kind: str, points: Float[Tensor, "n 3"], normals: Float[Tensor, "n 3"], distance: Float[Tensor, " n"], water: Real
) -> Float[Tensor, "n 3"]:
    """Albedo of the landscape `kind` at world points."""
    flat, steep = points[:, ::2], normals[:, 1]
    grain = fbm(flat / 1.4, 2) * fade(distance, 1.2) + fbm(flat / 0.16, 3) * fade(distance, 0.12)
    patch = fbm(flat / 21, 3)
    height = points[:, 1] - (water if water > -1e9 else 0.0)
    colour = GROUNDS[kind](flat, steep, patch, height, distance)
    return colour * (1 + 0.22 * grain)[:, None]


def _snow(flat: Tensor, steep: Tensor, patch: Tensor, height: Tensor, distance: Tensor) -> Tensor:
    rock = blend((0.20, 0.19, 0.20), (0.34, 0.31, 0.30), 0.5 + 0.5 * fbm(flat / 9, 3))
    bare = smoothstep(0.80, 0.62, steep + 0.10 * fbm(flat / 55, 3))
    return blend(tint((0.84, 0.88, 0.95), flat) * (1 + 0.05 * patch)[:, None], rock, bare)


def _grass(flat: Tensor, steep: Tensor, patch: Tensor, height: Tensor, distance: Tensor) -> Tensor:
    meadow = blend((0.13, 0.26, 0.05), (0.34, 0.40, 0.11), 0.5 + 0.6 * patch)
    woods = smoothstep(0.10, 0.22, fbm(flat / 120 + 40, 4)) * smoothstep(120, 320, distance)
    meadow = blend(meadow, (0.04, 0.11, 0.035), woods)
    petals = smoothstep(0.60, 0.75, noise(flat * 3.1)) * fade(distance, 0.25) * smoothstep(0.0, 0.3, patch)
    flower = blend((0.85, 0.75, 0.12), (0.75, 0.22, 0.30), smoothstep(-0.1, 0.1, noise(flat / 6)))
    return blend(blend(meadow, flower, petals), (0.30, 0.26, 0.19), smoothstep(0.80, 0.66, steep))


def _sand(flat: Tensor, steep: Tensor, patch: Tensor, height: Tensor, distance: Tensor) -> Tensor:
    dune = blend((0.66, 0.40, 0.17), (0.80, 0.54, 0.28), 0.5 + 0.5 * patch)
    ripples = torch.sin((flat[:, 0] * 0.8 + flat[:, 1] * 0.6 + 1.2 * fbm(flat / 3, 2)) * 9) * fade(distance, 0.35)
    strata = 0.5 + 0.5 * torch.sin(height * 0.22 + 2 * fbm(flat / 80, 2))
    mesa = blend((0.42, 0.17, 0.09), (0.66, 0.34, 0.18), strata)
    return blend(dune * (1 + 0.08 * ripples)[:, None], mesa, smoothstep(45, 75, height))


def _shore(flat: Tensor, steep: Tensor, patch: Tensor, height: Tensor, distance: Tensor) -> Tensor:
    dry = blend((0.70, 0.58, 0.39), (0.82, 0.72, 0.52), 0.5 + 0.5 * patch)
    sand = blend((0.36, 0.29, 0.20), dry, smoothstep(0.08, 0.42, height))
    green = blend((0.07, 0.17, 0.04), (0.20, 0.30, 0.09), 0.5 + 0.5 * fbm(flat / 13, 3))
    cover = smoothstep(2.3, 4.6, height + 0.9 * patch)
    return blend(blend(sand, green, cover), (0.34, 0.30, 0.25), smoothstep(0.76, 0.60, steep) * cover)


def _forest(flat: Tensor, steep: Tensor, patch: Tensor, height: Tensor, distance: Tensor) -> Tensor:
    pebbles = blend((0.27, 0.25, 0.22), (0.42, 0.39, 0.34), 0.5 + 0.5 * noise(flat * 2.2) * fade(distance, 0.4))
    floor = blend((0.13, 0.20, 0.06), (0.24, 0.28, 0.10), 0.5 + 0.5 * patch)
    woods = blend((0.025, 0.075, 0.035), (0.07, 0.13, 0.05), 0.5 + 0.7 * fbm(flat / 16, 3))
    colour = blend(blend(pebbles, floor, smoothstep(0.35, 1.3, height)), woods, smoothstep(2.2, 9, height + 3 * patch))
    rock = blend((0.25, 0.24, 0.24), (0.40, 0.38, 0.37), 0.5 + 0.5 * fbm(flat / 12, 3))
    return blend(
        blend(colour, rock, smoothstep(0.66, 0.52, steep)),
        (0.84, 0.88, 0.94),
        smoothstep(190, 250, height + 40 * patch) * smoothstep(0.5, 0.7, steep),
    )


def _paving(flat: Tensor, steep: Tensor, patch: Tensor, height: Tensor, distance: Tensor) -> Tensor:
    cell = torch.floor(flat / 1.2)
    stone = blend((0.34, 0.31, 0.28), (0.48, 0.44, 0.39), 0.5 + 0.5 * noise(cell * 0.37 + 5))
    edge = ((flat / 1.2 - cell - 0.5).abs()).amax(-1)
    joint = smoothstep(0.455, 0.485, edge) * fade(distance, 0.30)
    ring = smoothstep(0.5, 0.2, (length(flat) - 8.5).abs()) + smoothstep(0.5, 0.2, (length(flat) - 15).abs())
    return blend(blend(stone, (0.24, 0.15, 0.12), 0.8 * ring.clamp(0, 1)), (0.14, 0.13, 0.12), 0.75 * joint)


GROUNDS = {"mountains": _snow, "hills": _grass, "dunes": _sand, "coast": _shore, "lake": _forest, "plain": _paving}


def solid_colour(
    solid: Solid, points: Float[Tensor, "n 3"], normals: Float[Tensor, "n 3"], distance: Float[Tensor, " n"]
) -> tuple[Float[Tensor, "n 3"], Float[Tensor, "n 3"]]:
    """Albedo and emission of a solid at world points on it."""
    base = tint(solid.colour, points).expand_as(points)
    if solid.material == "facade":
        return _facade(solid, points, normals, base, distance)
    rule = {"foliage": _foliage, "bark": _bark, "wood": _wood, "books": _books, "fabric": _fabric, "stone": _stone}
    albedo = rule[solid.material](solid, points, base, distance) if solid.material in rule else base
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
    local, _ = to_local(solid, points, points)
    metres = local * torch.tensor(solid.size).to(local)
    along = metres[:, 0] if solid.size[0] > solid.size[2] else metres[:, 2]
    shelf = (metres[:, 1] + solid.size[1]) / 0.34
    spine = torch.floor(along / 0.055 + 13 * torch.floor(shelf))
    hue = torch.stack([noise(torch.stack([spine * 0.71 + k * 9, torch.floor(shelf) * 3.7], -1)) for k in range(3)], -1)
    cover = (0.24 + 0.30 * hue).clamp(0.03, 0.7) * tint((1.1, 0.85, 0.7), points)
    board = smoothstep(0.80, 0.86, shelf - torch.floor(shelf))
    return blend(cover, tint(solid.colour, points), board)


def _facade(solid: Solid, points: Tensor, normals: Tensor, base: Tensor, distance: Tensor) -> tuple[Tensor, Tensor]:
    """Plaster with storeys of windows, a plinth and a cornice; `glow` is the fraction of windows that are lit."""
    local, _ = to_local(solid, points, points)
    metres = local * torch.tensor(solid.size).to(local)
    along = torch.where(local[:, 0].abs() > local[:, 2].abs(), metres[:, 2], metres[:, 0])
    across, floor = along / 2.6 + 50, (metres[:, 1] + solid.size[1] - 0.9) / 3.3
    column, storey = torch.floor(across), torch.floor(floor)
    u, v = across - column - 0.5, floor - storey
    soft = 0.02 + distance / 160 / 2.6 * 0.5
    inside = ((0.29 - u.abs()) / soft + 0.5).clamp(0, 1) * ((0.33 - (v - 0.52).abs()) / soft + 0.5).clamp(0, 1)
    wall = smoothstep(0.5, 0.4, normals[:, 1].abs()) * (floor > 0) * (local[:, 1] < 0.985)
    inside = inside * wall
    draw = noise(torch.stack([column * 1.37 + solid.seed, storey * 2.11 + solid.seed * 0.7], -1)) * 0.5 + 0.5
    lit = (draw < solid.glow).to(points) * inside
    glass = tint((0.05, 0.065, 0.085), points)
    trim = smoothstep(0.06, 0.0, (v - 0.13).abs()) * smoothstep(0.45, 0.36, u.abs()) * wall * fade(distance, 1.2)
    roof = smoothstep(0.5, 0.9, normals[:, 1])
    plaster = base * (1 + 0.07 * fbm(points[:, :2] / 2 + points[:, 2:], 2))[:, None] * (1 + 0.25 * trim)[:, None]
    plaster = blend(plaster, base * 0.55, ((floor < 0) | (local[:, 1] > 0.985)).to(points))
    albedo = blend(blend(plaster, (0.30, 0.14, 0.09), roof), glass, inside)
    warm = blend((1.3, 0.78, 0.32), (1.15, 0.95, 0.62), draw / max(solid.glow, 1e-3))
    return albedo, warm * lit[:, None]
