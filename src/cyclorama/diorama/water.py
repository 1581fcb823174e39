"""Water: a Fresnel mix of its body's colour with what it mirrors, the sun's glitter, and foam on the shores of a sea.

Waves are slopes of a height field that moves. Where a pixel covers several waves their slopes average out, and what
they did is kept as roughness: the mirror is lifted and blurred, and the sun's path spreads toward the horizon.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import Rgb, tint
from cyclorama.diorama.landscapes.skyline import Skyline
from cyclorama.diorama.landscapes.terrain import Terrain
from cyclorama.diorama.noise import Real, noise, smoothstep
from cyclorama.diorama.sky import Sky
from cyclorama.diorama.sky.tile import billows
from cyclorama.diorama.tracing import Hits

Mirrored = Callable[[Float[Tensor, "m 3"], Float[Tensor, "m 3"]], Float[Tensor, "m 3"]]
"""What rays from points in metres along unit directions see: the light of sky, land and things."""


@dataclass(frozen=True)
class Body:
    """A kind of water: slope of its waves, foam on its shores, its deep colour, its bottom, how deep one sees (m)."""

    slope: Real
    foam: Real
    deep: Rgb
    bottom: Rgb
    clarity_m: Rgb


HARBOUR = Body(0.055, 0.0, (0.012, 0.050, 0.058), (0.12, 0.13, 0.10), (0.5, 1.1, 1.0))
BODIES = {
    "coast": Body(0.115, 1.0, (0.010, 0.070, 0.105), (0.50, 0.43, 0.30), (0.7, 2.6, 3.0)),
    "isles": Body(0.10, 0.7, (0.006, 0.105, 0.135), (0.56, 0.50, 0.37), (0.9, 3.8, 4.2)),
    "lake": Body(0.045, 0.0, (0.012, 0.040, 0.042), (0.17, 0.15, 0.10), (0.6, 1.1, 0.8)),
    "canyon": Body(0.06, 0.12, (0.030, 0.062, 0.048), (0.26, 0.19, 0.12), (0.5, 0.8, 0.5)),
    "quay": HARBOUR,
    "mole": HARBOUR,
}
STILL = Body(0.05, 0.0, (0.012, 0.046, 0.052), (0.16, 0.15, 0.11), (0.6, 1.1, 0.9))
WAVES = ((5.5, 0.45, (0.9, 0.5)), (1.9, 0.38, (-0.3, 0.65)), (0.55, 0.30, (0.25, -0.35)))
"""Length of the waves in metres, share of the slope, velocity in m/s."""
TILE_SLOPE = 3.5  # standard deviation of a slope of the tile
PIXEL_ANGLE = 1 / 120
CALMEST, UNSEEN, GLITTER_MOST = 0.02, 0.35, 1.7
FOAM = (0.80, 0.84, 0.87)
SWASH_PERIOD_S, SWASH_M, BREAKER_M = 6.5, 0.10, 0.55


def water_light(
    sky: Sky, skyline: Skyline, hits: Hits, rays: Float[Tensor, "n 3"], mirrored: Mirrored
) -> Float[Tensor, "n 3"]:
    """Light that the water at `hits` sends to the eye, the rays' origin, before the air between them."""
    terrain, place = skyline.terrain, hits.points[:, ::2]
    body = BODIES.get(terrain.kind, STILL)
    depth = (terrain.water - terrain.height(place)).clamp(min=0)
    slope, rough = _waves(body, place, hits.distance, rays, depth, sky.seconds)
    normal = F.normalize(torch.stack([-slope[:, 0], torch.ones_like(depth), -slope[:, 1]], -1), dim=-1)
    mirror = mirrored(hits.points, _bounce(rays, normal, rough))
    sun = _sunlight(sky, skyline, hits.points)
    daylight = sky.ambient + sun[:, None] * sky.direct * sky.sun_dir[1].clamp(min=0.12)
    light = torch.lerp(_under_water(body, depth, rays) * daylight, mirror, _fresnel(rays, normal, rough)[:, None])
    light = light + _glitter(sky, rays, slope, rough, sun)
    if body.foam:
        foam = _foam(terrain, place, depth, hits.distance, sky.seconds) * body.foam
        light = torch.lerp(light, tint(FOAM, rays) * daylight, foam[:, None])
    return light


def _waves(
    body: Body, place: Tensor, distance: Tensor, rays: Tensor, depth: Tensor, seconds: Real
) -> tuple[Tensor, Tensor]:
    """Slopes (x, z) that a pixel resolves, and the variance of those that it does not."""
    covered = PIXEL_ANGLE * distance / (-rays[:, 1]).clamp(min=1e-4)  # metres of water along a pixel
    strength = body.slope * (0.35 + 0.65 * smoothstep(0.0, 1.2, depth))
    slope, rough = torch.zeros_like(place), (UNSEEN * strength) ** 2
    for metres, share, (along_x, along_z) in WAVES:
        moved = torch.tensor((along_x * seconds, along_z * seconds), device=place.device)
        _, across, along = billows((place - moved) / metres)
        kept = smoothstep(1.1 * metres, 0.15 * metres, covered) * share * strength
        slope = slope + torch.stack([across, along], -1) * (kept / TILE_SLOPE)[:, None]
        rough = rough + ((share * strength) ** 2 - kept**2)
    return slope, rough


def _bounce(rays: Tensor, normal: Tensor, rough: Tensor) -> Tensor:
    """Mirrored rays; rough water shows its sides that lean toward the eye, which mirror higher parts of the sky."""
    bounced = rays - 2 * (rays * normal).sum(-1, keepdim=True) * normal
    x, y, z = bounced.unbind(-1)
    return F.normalize(torch.stack([x, y.abs() + 1e-3 + 1.4 * rough.sqrt(), z], -1), dim=-1)


def _fresnel(rays: Tensor, normal: Tensor, rough: Tensor) -> Tensor:
    # Schlick's approximation, flattened by roughness as Bruneton et al. 2010 fit it
    cosine = (-(rays * normal).sum(-1)).clamp(0, 1)
    spread = rough.sqrt()
    return 0.02 + 0.98 * (1 - cosine) ** (5 * torch.exp(-2.69 * spread)) / (1 + 22.7 * spread**1.5)


def _under_water(body: Body, depth: Tensor, rays: Tensor) -> Tensor:
    """Albedo of what comes out of the water: its bottom where it is shallow, its own colour where it is deep."""
    way = depth * (1 + 0.6 / (-rays[:, 1]).clamp(min=0.35))
    seen = torch.exp(-way[:, None] / tint(body.clarity_m, rays))
    wet = 0.75 * tint(body.bottom, rays)
    return tint(body.deep, rays) * (1 - seen) + wet * seen


def _sunlight(sky: Sky, skyline: Skyline, points: Tensor) -> Tensor:
    """Share of the sun or moon that reaches the water past the land."""
    return torch.ones_like(points[:, 0]) if skyline.is_flat else skyline.sunlit(sky.sun_dir, points)


def _glitter(sky: Sky, rays: Tensor, slope: Tensor, rough: Tensor, sun: Tensor) -> Tensor:
    """Sun or moon in the facets of the waves: slopes that would mirror it, as likely as the roughness makes them."""
    half = F.normalize(sky.sun_dir - rays, dim=-1)
    up = half[:, 1].clamp(min=1e-3)
    wanted = -half[:, ::2] / up[:, None]
    variance = rough + CALMEST**2
    apart = (wanted - slope).square().sum(-1)
    # Cox and Munk: the density of the slope, over 4 cos(view) cos^4(half)
    density = torch.exp(-apart / (2 * variance)) / (2 * math.pi * variance)
    facing = (-(rays * half).sum(-1)).clamp(0, 1)
    fresnel = 0.02 + 0.98 * (1 - facing) ** 5
    strength = math.pi * fresnel * density / (4 * (-rays[:, 1]).clamp(min=0.06) * up**4)
    return sky.direct * (GLITTER_MOST * (1 - torch.exp(-strength / GLITTER_MOST)) * sun)[:, None]


def _foam(terrain: Terrain, place: Tensor, depth: Tensor, distance: Tensor, seconds: Real) -> Tensor:
    """White at the edge of a sea, which comes and goes, and lines of breakers that roll in before it."""
    ragged = noise(place / 1.1) * smoothstep(110, 30, distance) + 0.8 * noise(place / 4.7 + 3)
    swash = SWASH_M * (1 + 0.8 * math.sin(2 * math.pi * seconds / SWASH_PERIOD_S))
    edge = smoothstep(1.0, 0.3, (depth + 0.05 * ragged) / (swash + 0.06))
    rolling = depth / BREAKER_M + seconds / SWASH_PERIOD_S + 0.22 * ragged
    crest = (rolling - torch.floor(rolling) - 0.5).abs()
    breakers = smoothstep(0.38, 0.5, crest) * smoothstep(1.5, 0.4, depth) * smoothstep(-0.5, 0.4, ragged)
    lace = 0.72 + 0.28 * noise(place / 0.33) * smoothstep(30, 8, distance)
    return (edge + 0.75 * breakers).clamp(0, 1) * lace
