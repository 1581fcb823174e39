"""Albedo of the landscapes as functions of the world point: snow, meadow, sand, shore, forest floor and paving."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import blend, tint
from cyclorama.diorama.materials.surface import fade
from cyclorama.diorama.noise import Real, fbm, length, noise, smoothstep

SNOW, FAR_SNOW = (0.84, 0.88, 0.95), (0.84, 0.88, 0.94)


@dataclass(frozen=True)
class Site:
    """What the rules know of ground points: (x, z) in metres, the normal's upward part, a slow noise in about [-1, 1],
    metres above the water (or above 0) and metres from the eye."""

    flat: Float[Tensor, "n 2"]
    steep: Float[Tensor, " n"]
    patch: Float[Tensor, " n"]
    height: Float[Tensor, " n"]
    distance: Float[Tensor, " n"]


def ground_colour(
    kind: str, points: Float[Tensor, "n 3"], normals: Float[Tensor, "n 3"], distance: Float[Tensor, " n"], water: Real
) -> Float[Tensor, "n 3"]:
    """Albedo of the landscape `kind` at world points seen from `distance` metres; `water` is its level or -inf."""
    flat = points[:, ::2]
    grain = fbm(flat / 1.4, 2) * fade(distance, 1.2) + fbm(flat / 0.16, 3) * fade(distance, 0.12)
    height = points[:, 1] - (water if math.isfinite(water) else 0.0)
    site = Site(flat, normals[:, 1], fbm(flat / 21, 3), height, distance)
    return GROUNDS[kind](site) * (1 + 0.22 * grain)[:, None]


def _snow(site: Site) -> Tensor:
    rock = blend((0.20, 0.19, 0.20), (0.34, 0.31, 0.30), 0.5 + 0.5 * fbm(site.flat / 9, 3))
    bare = smoothstep(0.80, 0.62, site.steep + 0.10 * fbm(site.flat / 55, 3))
    snow = tint(SNOW, site.flat) * (1 + 0.05 * site.patch)[:, None]
    return blend(snow, rock, bare)


def _grass(site: Site) -> Tensor:
    meadow = blend((0.13, 0.26, 0.05), (0.34, 0.40, 0.11), 0.5 + 0.6 * site.patch)
    woods = smoothstep(0.10, 0.22, fbm(site.flat / 120 + 40, 4)) * smoothstep(120, 320, site.distance)
    meadow = blend(meadow, (0.04, 0.11, 0.035), woods)
    petals = smoothstep(0.60, 0.75, noise(site.flat * 3.1)) * fade(site.distance, 0.25)
    petals = petals * smoothstep(0.0, 0.3, site.patch)
    flower = blend((0.85, 0.75, 0.12), (0.75, 0.22, 0.30), smoothstep(-0.1, 0.1, noise(site.flat / 6)))
    rock = smoothstep(0.80, 0.66, site.steep)
    return blend(blend(meadow, flower, petals), (0.30, 0.26, 0.19), rock)


def _sand(site: Site) -> Tensor:
    dune = blend((0.66, 0.40, 0.17), (0.80, 0.54, 0.28), 0.5 + 0.5 * site.patch)
    wave = site.flat[:, 0] * 0.8 + site.flat[:, 1] * 0.6 + 1.2 * fbm(site.flat / 3, 2)
    ripples = torch.sin(wave * 9) * fade(site.distance, 0.35)
    strata = 0.5 + 0.5 * torch.sin(site.height * 0.22 + 2 * fbm(site.flat / 80, 2))
    mesa = blend((0.42, 0.17, 0.09), (0.66, 0.34, 0.18), strata)
    return blend(dune * (1 + 0.08 * ripples)[:, None], mesa, smoothstep(45, 75, site.height))


def _shore(site: Site) -> Tensor:
    dry = blend((0.70, 0.58, 0.39), (0.82, 0.72, 0.52), 0.5 + 0.5 * site.patch)
    sand = blend((0.36, 0.29, 0.20), dry, smoothstep(0.08, 0.42, site.height))
    green = blend((0.07, 0.17, 0.04), (0.20, 0.30, 0.09), 0.5 + 0.5 * fbm(site.flat / 13, 3))
    cover = smoothstep(2.3, 4.6, site.height + 0.9 * site.patch)
    rock = smoothstep(0.76, 0.60, site.steep) * cover
    return blend(blend(sand, green, cover), (0.34, 0.30, 0.25), rock)


def _forest(site: Site) -> Tensor:
    gravel = 0.5 + 0.5 * noise(site.flat * 2.2) * fade(site.distance, 0.4)
    pebbles = blend((0.27, 0.25, 0.22), (0.42, 0.39, 0.34), gravel)
    floor = blend((0.13, 0.20, 0.06), (0.24, 0.28, 0.10), 0.5 + 0.5 * site.patch)
    woods = blend((0.025, 0.075, 0.035), (0.07, 0.13, 0.05), 0.5 + 0.7 * fbm(site.flat / 16, 3))
    colour = blend(pebbles, floor, smoothstep(0.35, 1.3, site.height))
    colour = blend(colour, woods, smoothstep(2.2, 9, site.height + 3 * site.patch))
    rock = blend((0.25, 0.24, 0.24), (0.40, 0.38, 0.37), 0.5 + 0.5 * fbm(site.flat / 12, 3))
    colour = blend(colour, rock, smoothstep(0.66, 0.52, site.steep))
    snow = smoothstep(190, 250, site.height + 40 * site.patch) * smoothstep(0.5, 0.7, site.steep)
    return blend(colour, FAR_SNOW, snow)


def _paving(site: Site) -> Tensor:
    cell = torch.floor(site.flat / 1.2)
    stone = blend((0.34, 0.31, 0.28), (0.48, 0.44, 0.39), 0.5 + 0.5 * noise(cell * 0.37 + 5))
    edge = ((site.flat / 1.2 - cell - 0.5).abs()).amax(-1)
    joint = smoothstep(0.455, 0.485, edge) * fade(site.distance, 0.30)
    radius = length(site.flat)
    rings = smoothstep(0.5, 0.2, (radius - 8.5).abs()) + smoothstep(0.5, 0.2, (radius - 15).abs())
    return blend(blend(stone, (0.24, 0.15, 0.12), 0.8 * rings.clamp(0, 1)), (0.14, 0.13, 0.12), 0.75 * joint)


GROUNDS = {"mountains": _snow, "hills": _grass, "dunes": _sand, "coast": _shore, "lake": _forest, "plain": _paving}
