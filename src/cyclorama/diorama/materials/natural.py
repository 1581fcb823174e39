"""Foliage, bark, wood, stone and other things that grew."""

import torch
from torch import Tensor

from cyclorama.diorama.colours import blend, tint
from cyclorama.diorama.materials.country import COUNTRY
from cyclorama.diorama.materials.surface import Finish, Surface, fade, varied
from cyclorama.diorama.noise import fbm, noise, smoothstep

SNOW, DARK_BARK, MOSS = (0.82, 0.86, 0.92), (0.05, 0.045, 0.04), (0.09, 0.15, 0.04)


def _mottle(at: Surface, per_metre: float) -> Tensor:
    """Noise on any surface, from its world points and the seed of its solid."""
    seed = at.seed[:, None]
    return noise(at.points[:, :2] * per_metre + seed) + noise(at.points[:, 1:] * per_metre - seed)


def _leaf_colour(at: Surface) -> Tensor:
    """Lighter and yellower above, darker below and inside, with leaves that catch the light."""
    coarse = _mottle(at, 2.6) * fade(at.distance, 0.8)
    leaves = _mottle(at, 7.0) * fade(at.distance, 0.22)
    above = at.local[:, 1].clamp(-1, 1)
    gaps = smoothstep(0.25, 0.75, -_mottle(at, 13.0)) * fade(at.distance, 0.13)
    green = varied(at.base, 0.30 * coarse + 0.34 * leaves + 0.26 * above) * (1 - 0.45 * gaps)[:, None]
    warm = (0.22 * above + 0.10 * coarse).clamp(0, 0.4)
    return green * (1 + warm[:, None] * tint((1.0, 0.25, -0.2), at.points))


def _foliage(at: Surface) -> Finish:
    return Finish(_leaf_colour(at).clamp(min=0.004))


def _snowy_foliage(at: Surface) -> Finish:
    """Needles under snow that lies on the upper side and the outer tips."""
    lump = _mottle(at, 1.7)
    lies = smoothstep(-0.15, 0.55, 0.55 * lump + 0.5 - 0.75 * (at.local[:, 1] + 1).clamp(0, 2) * 0.5)
    return Finish(blend(_leaf_colour(at).clamp(min=0.004), SNOW, 0.85 * lies * smoothstep(-0.1, 0.3, at.normals[:, 1])))


def _frond(at: Surface) -> Finish:
    """A leaf with a light rib and leaflets across it."""
    u, v = at.local[:, 0], at.metres[:, 2]
    stripes = torch.sin((v + 0.5 * at.metres[:, 0].abs()) * 70) * fade(at.distance, 0.09)
    rib = smoothstep(0.14, 0.04, u.abs())
    return Finish(varied(at.base, 0.25 * stripes + 0.5 * rib * fade(at.distance, 0.2) + 0.12 * at.normals[:, 1]))


def _blade(at: Surface) -> Finish:
    """Dark at the root, pale at the tip."""
    return Finish(varied(at.base, 0.28 * at.local[:, 1].clamp(-1, 1)))


def _petals(at: Surface) -> Finish:
    return Finish(varied(at.base, 0.22 * _mottle(at, 14.0) * fade(at.distance, 0.12)))


def _bark(at: Surface) -> Finish:
    chart = torch.stack([at.points[:, 0] + at.points[:, 2], at.points[:, 1] * 0.35], -1)
    ridges = noise(chart * 9 + at.seed[:, None]) * fade(at.distance, 0.15)
    flank = noise(chart * 1.1 + at.seed[:, None])
    moss = smoothstep(0.2, 0.7, flank) * smoothstep(1.6, 0.0, at.local[:, 1] + 1)
    return Finish(blend(varied(at.base, 0.34 * ridges + 0.15 * flank), MOSS, 0.5 * moss))


def _birch(at: Surface) -> Finish:
    chart = torch.stack([(at.points[:, 0] + at.points[:, 2]) * 1.6, at.points[:, 1] * 5.5], -1)
    marks = smoothstep(0.30, 0.55, noise(chart + at.seed[:, None]))
    return Finish(blend(at.base, DARK_BARK, marks * (0.35 + 0.65 * fade(at.distance, 0.25))))


def _palm_bark(at: Surface) -> Finish:
    rings = torch.sin(at.metres[:, 1] * 34 + noise(at.points[:, ::2] * 6)) * fade(at.distance, 0.18)
    return Finish(varied(at.base, 0.22 * rings))


def _cactus(at: Surface) -> Finish:
    """Ribs along the stem, pale where the spines stand."""
    turn = torch.atan2(at.local[:, 2], at.local[:, 0])
    ribs = torch.cos(turn * 14) * fade(at.distance, 0.09)
    return Finish(varied(at.base, 0.30 * ribs + 0.12 * _mottle(at, 3.0)))


def _wood(at: Surface) -> Finish:
    chart = torch.stack([at.points[:, 0] * 1.5 + at.points[:, 1] * 9, at.points[:, 2] * 9], -1)
    return Finish(varied(at.base, 0.16 * noise(chart + at.seed[:, None])))


def _stone(at: Surface) -> Finish:
    """Mottled, with darker seams and a little lichen on top."""
    chart = at.points[:, :2] * 1.7 + at.points[:, 2:3]
    rough = fbm(chart, 4) * fade(at.distance, 0.5)
    seam = smoothstep(0.10, 0.0, noise(chart * 0.9 + at.seed[:, None]).abs()) * fade(at.distance, 0.5)
    lichen = smoothstep(0.25, 0.6, noise(at.points[:, ::2] * 2.3 + at.seed[:, None])) * (at.normals[:, 1] > 0.3)
    grey = varied(at.base, 0.26 * rough - 0.28 * seam)
    return Finish(blend(grey, (0.36, 0.38, 0.26), 0.22 * lichen).clamp(min=0.004))


def _snowy_stone(at: Surface) -> Finish:
    """Stone under a cap of snow."""
    lies = smoothstep(0.35, 0.62, at.normals[:, 1] + 0.15 * noise(at.points[:, ::2] * 2.1 + at.seed[:, None]))
    return Finish(blend(_stone(at).albedo, SNOW, lies))


def _layered(at: Surface) -> Finish:
    """Sandstone in level layers."""
    bent = at.points[:, 1] + 0.12 * noise(at.points[:, ::2] * 0.8)
    zero = torch.zeros_like(bent)
    layers = noise(torch.stack([bent * 3.1, zero + 2.5], -1)) + 0.6 * noise(torch.stack([bent * 11, zero + 6.5], -1))
    rough = fbm(at.points[:, :2] * 2.1 + at.points[:, 2:3], 3) * fade(at.distance, 0.4)
    return Finish(varied(at.base, 0.24 * layers * fade(at.distance, 0.3) + 0.18 * rough).clamp(min=0.004))


def _hide(at: Surface) -> Finish:
    return Finish(varied(at.base, 0.15 * _mottle(at, 5.0) * fade(at.distance, 0.3) + 0.12 * at.normals[:, 1]))


def _wool(at: Surface) -> Finish:
    return Finish(varied(at.base, 0.16 * _mottle(at, 11.0) * fade(at.distance, 0.15) + 0.18 * at.normals[:, 1]))


def _patched_hide(at: Surface) -> Finish:
    """White with patches of the base colour."""
    patch = smoothstep(-0.05, 0.05, noise(at.metres[:, 1:] * 1.5 + at.seed[:, None]) + 0.1)
    return Finish(blend((0.66, 0.63, 0.58), at.base, patch))


def _giraffe(at: Surface) -> Finish:
    """Brown patches between pale seams."""
    chart = torch.stack([at.points[:, 1], at.points[:, 0] + at.points[:, 2]], -1) * 3.4 + at.seed[:, None]
    seam = smoothstep(0.30, 0.12, noise(chart).abs() + 0.15 * noise(chart * 0.6)) * (0.4 + 0.6 * fade(at.distance, 0.4))
    return Finish(blend(at.base * tint((0.48, 0.38, 0.30), at.base), at.base, seam))


def _mud(at: Surface) -> Finish:
    lumps = fbm(at.points[:, :2] * 3.2 + at.points[:, 2:3] * 1.7 + at.seed[:, None], 3)
    return Finish(varied(at.base, 0.30 * lumps * fade(at.distance, 0.3)).clamp(min=0.004))


NATURAL = {
    **COUNTRY,
    "foliage": _foliage,
    "snowy foliage": _snowy_foliage,
    "frond": _frond,
    "blade": _blade,
    "petals": _petals,
    "bark": _bark,
    "birch": _birch,
    "palm bark": _palm_bark,
    "cactus": _cactus,
    "wood": _wood,
    "stone": _stone,
    "snowy stone": _snowy_stone,
    "layered stone": _layered,
    "mud": _mud,
    "hide": _hide,
    "wool": _wool,
    "patched hide": _patched_hide,
    "giraffe": _giraffe,
}
