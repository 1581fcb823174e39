"""Water: a Fresnel mix of its own colour with the mirrored sky and landscape, and foam where it is shallow."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.atmosphere import haze
from cyclorama.diorama.colours import tint
from cyclorama.diorama.landscapes.grounds import ground_colour
from cyclorama.diorama.landscapes.skyline import Skyline
from cyclorama.diorama.landscapes.terrain import Terrain
from cyclorama.diorama.noise import fbm, noise, smoothstep
from cyclorama.diorama.sky import Sky
from cyclorama.diorama.tracing import Hits, ground_normals

DEEP, SHALLOW, FOAM = (0.02, 0.09, 0.12), (0.10, 0.20, 0.17), (0.8, 0.85, 0.88)
CLEAR_DEPTH_M = 1.6


def water_light(sky: Sky, skyline: Skyline, hits: Hits, rays: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
    """Light that the water at `hits` sends to the eye, the rays' origin."""
    terrain, place = skyline.terrain, hits.points[:, ::2]
    normal = _ripples(terrain, place, hits.distance)
    mirror = _mirrored(sky, skyline, hits.distance, _bounce(rays, normal))
    cosine = (-(rays * normal).sum(-1)).clamp(0, 1)
    fresnel = 0.03 + 0.97 * (1 - cosine) ** 5  # Schlick's approximation
    depth = (terrain.water - terrain.height(place)).clamp(min=0)
    sky_light = sky.ambient * 1.2 + sky.direct * float(sky.sun_dir[1]) * 0.6
    body = tint(DEEP, rays) + tint(SHALLOW, rays) * torch.exp(-depth / CLEAR_DEPTH_M)[:, None]
    body = body * sky_light
    light = body + (mirror - body) * fresnel[:, None]
    return light + (tint(FOAM, rays) * sky_light - light) * _foam(terrain, place, depth)[:, None]


def _ripples(terrain: Terrain, place: Tensor, distance: Tensor) -> Tensor:
    """Unit normals of the surface: noise that is coarser and weaker far away."""
    near = smoothstep(260, 8, distance)
    strength = (0.05 if terrain.kind == "lake" else 0.11) * (0.25 + 0.75 * near)
    chart = place / (0.8 + 0.012 * distance[:, None])
    slope = torch.stack([fbm(chart, 3), fbm(chart + 31, 3)], -1) * strength[:, None]
    return F.normalize(torch.stack([slope[:, 0], torch.ones_like(strength), slope[:, 1]], -1), dim=-1)


def _bounce(rays: Tensor, normals: Tensor) -> Tensor:
    """Mirrored rays, kept above the horizon."""
    bounced = rays - 2 * (rays * normals).sum(-1, keepdim=True) * normals
    return F.normalize(torch.stack([bounced[:, 0], bounced[:, 1].abs() + 1e-3, bounced[:, 2]], -1), dim=-1)


def _mirrored(sky: Sky, skyline: Skyline, distance: Tensor, bounced: Tensor) -> Tensor:
    """What bounced rays see: the sky, or the land beyond the water as the eye's mirror image sees it."""
    light = sky.colour(bounced)
    twin = skyline.mirrored()
    far = twin.hit(bounced)
    land = (far.isfinite() & (far > distance)).nonzero()[:, 0]
    if len(land):
        light[land] = _far_land(sky, twin, far[land], bounced[land])
    return light


def _far_land(sky: Sky, twin: Skyline, distance: Tensor, rays: Tensor) -> Tensor:
    terrain = twin.terrain
    points = twin.origin + distance[:, None] * rays
    normals = ground_normals(twin, points, distance)
    albedo = ground_colour(terrain.kind, points, normals, distance * 2, terrain.water)
    cosine = (normals * sky.sun_dir).sum(-1).clamp(min=0)
    return haze(sky, albedo * (sky.direct * cosine[:, None] + sky.ambient), distance, rays)


def _foam(terrain: Terrain, place: Tensor, depth: Tensor) -> Tensor:
    strength = 0.75 if terrain.kind == "coast" else 0.12
    return smoothstep(0.22, 0.05, depth + 0.12 * noise(place * 1.7)) * strength
