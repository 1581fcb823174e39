"""Albedo of snow, meadows, woods and fields: mountains, hills, forest, lake shores, farmland."""

import torch
from torch import Tensor

from cyclorama.diorama.colours import Rgb, blend, tint
from cyclorama.diorama.landscapes.site import Shades, Site, along_across, dots, specks
from cyclorama.diorama.materials.surface import fade
from cyclorama.diorama.noise import fbm, length, noise, smoothstep

SNOW, FAR_SNOW = (0.84, 0.88, 0.95), (0.84, 0.88, 0.94)
MEADOWS: Shades = (
    ((0.075, 0.19, 0.03), (0.21, 0.31, 0.065)),
    ((0.095, 0.205, 0.035), (0.27, 0.33, 0.08)),
    ((0.06, 0.165, 0.035), (0.17, 0.28, 0.06)),
)
FLOWERS: Shades = (
    ((0.85, 0.75, 0.12), (0.75, 0.22, 0.30)),
    ((0.90, 0.88, 0.82), (0.80, 0.62, 0.10)),
    ((0.45, 0.22, 0.62), (0.88, 0.84, 0.80)),
    ((0.70, 0.09, 0.06), (0.90, 0.85, 0.75)),
)
FOREST_FLOOR: Shades = (
    ((0.15, 0.095, 0.05), (0.12, 0.22, 0.04)),
    ((0.19, 0.105, 0.05), (0.17, 0.23, 0.06)),
    ((0.11, 0.08, 0.05), (0.10, 0.20, 0.05)),
)
CANOPY: tuple[Rgb, Rgb] = ((0.018, 0.055, 0.022), (0.055, 0.115, 0.04))
BROAD_CANOPY: tuple[Rgb, Rgb] = ((0.035, 0.09, 0.02), (0.12, 0.20, 0.045))
# darker and lighter shade, metres between the rows (0: no rows)
CROPS: tuple[tuple[Rgb, Rgb, float], ...] = (
    ((0.46, 0.31, 0.085), (0.64, 0.46, 0.15), 0.0),
    ((0.10, 0.21, 0.035), (0.22, 0.36, 0.07), 1.1),
    ((0.15, 0.095, 0.055), (0.25, 0.165, 0.10), 0.9),
    ((0.72, 0.60, 0.05), (0.84, 0.72, 0.10), 0.0),
    ((0.10, 0.21, 0.04), (0.19, 0.30, 0.065), 0.0),
    ((0.16, 0.20, 0.06), (0.33, 0.20, 0.46), 1.4),
    ((0.17, 0.24, 0.05), (0.40, 0.38, 0.12), 1.6),
)
FIELD_WIDE_M, FIELD_LONG_M, ROAD_AT_M, ROAD_HALF_M = 34.0, 110.0, -5.5, 1.9


def _snow(site: Site) -> Tensor:
    rock = blend((0.17, 0.16, 0.17), (0.36, 0.33, 0.31), 0.5 + 0.5 * fbm(site.flat / 9, 3))
    bare = smoothstep(0.80, 0.62, site.steep + 0.10 * fbm(site.shifted / 55, 3))
    snow = tint(SNOW, site.flat) * (1 + 0.05 * site.patch)[:, None]
    drift = noise(site.blown / 0.9) * fade(site.distance, 0.9)
    snow = snow * (1 + 0.035 * drift)[:, None]
    woods = smoothstep(0.05, 0.35, fbm(site.shifted / 70, 3)) * smoothstep(150, 320, site.distance)
    woods = woods * smoothstep(230, 120, site.height) * smoothstep(0.6, 0.75, site.steep)
    return blend(blend(snow, (0.05, 0.085, 0.075), 0.8 * woods), rock, bare)


def _grass(site: Site, pairs: Shades) -> Tensor:
    """A meadow with blades near the eye, and darker and lighter sweeps."""
    lean = noise(site.blown * 7.1) * fade(site.distance, 0.14)
    clumps = specks(site.flat * 2.7, 0.3) * fade(site.distance, 0.35)
    blades = (
        lean
        + 0.8 * clumps
        + noise(site.flat * 6.1) * fade(site.distance, 0.16)
        + 0.7 * noise(site.flat * 1.3) * fade(site.distance, 0.8)
    )
    return blend(*site.pick(pairs), (0.5 + 0.55 * site.patch + 0.20 * blades).clamp(0, 1))


def _hills(site: Site) -> Tensor:
    meadow = _grass(site, MEADOWS)
    petals = (2 * dots(site.shifted * 6.1, 0.55)).clamp(0, 1) * fade(site.distance, 0.22)
    petals = petals * smoothstep(-0.15, 0.25, site.patch)
    flower = blend(*site.pick(FLOWERS, 2), smoothstep(-0.1, 0.1, noise(site.flat / 6)))
    far = smoothstep(75, 110, length(site.flat))
    copse = smoothstep(-1.0, 2.0, 60 * (noise(site.flat / 130.0 + site.offset) - 0.36)) * far
    trees = blend(*BROAD_CANOPY, (0.5 + 0.5 * noise(site.flat / 4.3)).clamp(0, 1))
    rock = smoothstep(0.74, 0.60, site.steep) * (1 - copse)
    return blend(blend(blend(meadow, flower, petals), (0.30, 0.26, 0.19), rock), trees, copse)


def _lake(site: Site) -> Tensor:
    gravel = 0.5 + 0.5 * noise(site.flat * 2.2) * fade(site.distance, 0.4)
    pebbles = blend((0.22, 0.205, 0.185), (0.40, 0.37, 0.33), gravel)
    stones = dots(site.shifted * 2.7, 0.62) * fade(site.distance, 0.25)
    pebbles = blend(pebbles, (0.50, 0.48, 0.45), stones)
    pebbles = pebbles * (1 - 0.45 * dots(site.shifted * 6.3, 0.7) * fade(site.distance, 0.15))[:, None]
    tufts = specks(site.flat * 2.1, 0.32) * fade(site.distance, 0.4)
    floor = blend((0.07, 0.12, 0.03), (0.18, 0.20, 0.065), (0.4 + 0.5 * site.patch + 0.3 * tufts).clamp(0, 1))
    woods = blend(*CANOPY, (0.5 + 0.7 * fbm(site.flat / 7, 3)).clamp(0, 1))
    colour = blend(pebbles * 0.6, pebbles, smoothstep(0.02, 0.2, site.height))
    colour = blend(colour, floor, smoothstep(0.35, 1.1, site.height + 0.2 * site.patch))
    colour = blend(colour, woods, smoothstep(3.4, 6, site.height))
    rock = blend((0.25, 0.24, 0.24), (0.42, 0.40, 0.39), 0.5 + 0.5 * fbm(site.flat / 12, 3))
    high = smoothstep(110, 190, site.height + 30 * site.patch)
    colour = blend(colour, rock, high * smoothstep(0.90, 0.70, site.steep))
    snow = smoothstep(210, 275, site.height + 40 * site.patch) * smoothstep(0.5, 0.7, site.steep)
    return blend(colour, FAR_SNOW, snow)


def _forest(site: Site) -> Tensor:
    """Moss and brown needles; the crowns of the far trees are dark."""
    mix = smoothstep(-0.25, 0.35, fbm(site.shifted / 4.2, 3))
    needles, moss = site.pick(FOREST_FLOOR)
    litter = 1 + 0.35 * noise(site.flat * 5.3) * fade(site.distance, 0.2)
    litter = litter - 0.3 * specks(site.blown * 6.7, 0.3) * fade(site.distance, 0.16)
    cushions = specks(site.flat * 1.7, 0.28) * fade(site.distance, 0.5)
    mix = (mix + 0.5 * cushions).clamp(0, 1)
    floor = blend(needles, moss, mix) * litter[:, None]
    crowns = blend(*CANOPY, (0.5 + 0.5 * noise(site.flat / 2.9)).clamp(0, 1))
    return blend(floor, crowns, smoothstep(42, 52, length(site.flat)))


def _farmland(site: Site) -> Tensor:
    """Strips of crops along the axis, a dirt road between two of them, woods far away."""
    along, across = along_across(site.flat, site.axis)
    fields = _fields(site, along, across)
    edge = _beside(across - ROAD_AT_M, FIELD_WIDE_M)
    balk = smoothstep(1.5, 0.9, torch.minimum(edge, _beside(along - 40, FIELD_LONG_M)))
    verge = blend((0.085, 0.18, 0.035), (0.20, 0.27, 0.07), (0.5 + 0.5 * noise(site.flat * 1.7)).clamp(0, 1))
    ground = blend(fields, verge, balk)
    from_road = (across - ROAD_AT_M + 0.3 * noise(site.flat / 9)).abs()
    ground = blend(ground, verge, smoothstep(ROAD_HALF_M + 1.7, ROAD_HALF_M + 1.1, from_road))
    track = smoothstep(0.55, 0.25, (from_road - 0.9).abs()) * fade(site.distance, 1.2)
    dirt = blend((0.40, 0.30, 0.20), (0.54, 0.43, 0.30), (0.5 + 0.5 * site.patch + 0.3 * track).clamp(0, 1))
    ground = blend(ground, dirt, smoothstep(ROAD_HALF_M + 0.2, ROAD_HALF_M - 0.2, from_road))
    crowns = blend(*BROAD_CANOPY, (0.5 + 0.5 * noise(site.flat / 4.3)).clamp(0, 1))
    woods = smoothstep(-1, 2, 60 * (noise(site.flat / 260 - site.offset) - 0.42)) * (length(site.flat) > 150)
    return blend(ground, crowns, woods)


def _beside(metres: Tensor, every: float) -> Tensor:
    """Metres to the nearest multiple of `every`."""
    return (metres - every * torch.round(metres / every)).abs()


def _fields(site: Site, along: Tensor, across: Tensor) -> Tensor:
    """The crop of each field: its colour by a lottery of the field's row and column, with rows of plants."""
    column, row = torch.floor((across - ROAD_AT_M) / FIELD_WIDE_M), torch.floor((along - 40) / FIELD_LONG_M)
    lot = (column * 0.618034 + row * 0.381966 * 1.7 + site.variety(3)) % 1.0
    which = (lot * len(CROPS)).long().clamp(0, len(CROPS) - 1)
    dark, light = (torch.tensor([crop[k] for crop in CROPS], device=along.device)[which] for k in (0, 1))
    pitch = torch.tensor([crop[2] for crop in CROPS], device=along.device)[which]
    rows = torch.sin(6.2832 * across / pitch.clamp(min=0.5)) * (pitch > 0) * fade(site.distance, 1.3)
    sweep = (
        0.3 * (specks(site.flat * 4.3, 0.35) - 0.35) * fade(site.distance, 0.25)
        + 0.35 * site.patch
        + 0.22 * noise(site.flat * 2.1) * fade(site.distance, 0.5)
    )
    return blend(dark, light, (0.5 + 0.45 * rows + sweep).clamp(0, 1))


GREEN_GROUNDS = {
    "mountains": _snow,
    "hills": _hills,
    "lake": _lake,
    "forest": _forest,
    "farmland": _farmland,
}
