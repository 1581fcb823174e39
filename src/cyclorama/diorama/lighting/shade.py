"""What hits send to the eye.

Irradiances are divided by pi, so light = albedo * irradiance + emission; the sun's and the sky's are those of `Sky`.
"""

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import tint
from cyclorama.diorama.landscapes.skyline import Skyline
from cyclorama.diorama.lighting.indoors import indoor_light
from cyclorama.diorama.lighting.lamps import lamplight
from cyclorama.diorama.lighting.occlusion import openness
from cyclorama.diorama.lighting.shadows import through_solids
from cyclorama.diorama.lighting.surfaces import Surfaces, surfaces
from cyclorama.diorama.scene import World
from cyclorama.diorama.sky.snow import snow_cover
from cyclorama.diorama.tracing import Hits

OUTDOOR_LAMPS = {"night": 1.0, "dawn": 0.35, "sunset": 0.5, "noon": 0.0}
GROUND_BOUNCE = (0.16, 0.14, 0.11)
GREYED = 0.35  # part of its colour that light of the sky loses between things
FAINT = 0.02  # direct light below which nobody sees a shadow
AROUND_LEAVES = 0.3  # part of the direct light that foliage lets round to where it faces away


def shade(world: World, skyline: Skyline | None, hits: Hits) -> Float[Tensor, "n 3"]:
    """Light that leaves each hit toward the eye, before the air between them. Nothing of the sky or water."""
    if len(hits.what) == 0:
        return torch.zeros_like(hits.points)
    seen = surfaces(world, skyline, hits)
    if skyline is not None:
        white = snow_cover(world.sky, seen.albedo, hits.points, seen.normals, hits.distance)
        seen = replace(seen, albedo=white)
        irradiance = _daylight(world, skyline, hits, seen)
    else:
        assert world.room is not None
        irradiance = indoor_light(world, world.room, hits, seen.normals)
    return torch.addcmul(seen.emission, seen.albedo, irradiance)


def _daylight(world: World, skyline: Skyline, hits: Hits, seen: Surfaces) -> Tensor:
    sky, normals = world.sky, seen.normals
    cosine = (normals @ sky.sun_dir)[:, None]
    cosine = torch.where(seen.leafy[:, None], (cosine + AROUND_LEAVES) / (1 + AROUND_LEAVES), cosine).clamp(min=0)
    lit = cosine[:, 0]
    if float(sky.direct.max()) > FAINT:
        lit = lit * _sun_reaches(world, skyline, hits, lit)
    up = normals[:, 1:2]
    bounce = sky.direct * sky.sun_dir[1] * tint(GROUND_BOUNCE, up)
    ambient = torch.lerp(sky.ambient, sky.ambient.mean(), GREYED) * (0.62 + 0.38 * up) + bounce * (0.5 - 0.5 * up)
    total = ambient * openness(world, skyline, hits, normals)[:, None] + sky.direct * lit[:, None]
    strength = OUTDOOR_LAMPS[world.scene.time]
    return total + strength * lamplight(world.lamps, hits.points, normals) if strength and world.lamps else total


def _sun_reaches(world: World, skyline: Skyline, hits: Hits, cosine: Tensor) -> Tensor:
    """Fraction of the sun that reaches each hit: the landscape's soft shadow times the solids'."""
    reached = torch.zeros_like(cosine)
    at = (cosine > 0).nonzero()[:, 0]
    points, sun = hits.points[at], world.sky.sun_dir
    lit = torch.ones_like(points[:, 0]) if skyline.is_flat else skyline.sunlit(sun, points)
    start = points + (0.02 + 0.002 * hits.distance[at])[:, None] * hits.normals[at]
    reached[at] = lit * through_solids(world.table, start, sun)
    return reached
