"""What rays meet: the nearest of ground or room, water, and solids.

`what` is the index of a solid in the world, or GROUND, SKY, ROOM or WATER. Distances are metres along the ray.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from cyclorama.diorama.colours import tint
from cyclorama.diorama.landscapes.skyline import Skyline
from cyclorama.diorama.noise import noise
from cyclorama.diorama.rooms.room import Room
from cyclorama.diorama.scene import World
from cyclorama.diorama.solids import Solid, first_hit, world_normal

GROUND, SKY, ROOM, WATER = -1, -2, -3, -4


@dataclass(frozen=True)
class Hits:
    """Where rays end: distance (inf for the sky), world point, unit normal toward the eye and what was met."""

    distance: Float[Tensor, " n"]
    points: Float[Tensor, "n 3"]
    normals: Float[Tensor, "n 3"]
    what: Int[Tensor, " n"]

    def where(self, chosen: Bool[Tensor, " n"]) -> "Hits":
        """Some of the hits."""
        return Hits(self.distance[chosen], self.points[chosen], self.normals[chosen], self.what[chosen])


def trace(world: World, skyline: Skyline | None, eye: Float[Tensor, "3"], rays: Float[Tensor, "n 3"]) -> Hits:
    """The nearest thing on each unit ray from the eye; `skyline` is the world's terrain seen from there."""
    if skyline is not None:
        distance, normals, what = _meet_landscape(skyline, eye, rays)
    else:
        assert world.room is not None
        distance, normals, what = _meet_room(world.room, eye, rays)
    for index, solid in enumerate(world.solids):
        _meet_solid(solid, index, eye, rays, Hits(distance, rays, normals, what))
    points = eye + distance.nan_to_num(posinf=0.0)[:, None] * rays
    if skyline is not None:
        ground = what == GROUND
        normals[ground] = ground_normals(skyline, points[ground], distance[ground])
    return Hits(distance, points, normals, what)


def ground_normals(
    skyline: Skyline, points: Float[Tensor, "n 3"], distance: Float[Tensor, " n"]
) -> Float[Tensor, "n 3"]:
    """Unit normals of the ground, smoothed over about a pixel at that distance."""
    return skyline.terrain.normal(points[:, ::2], 0.06 + 0.006 * distance)


def _meet_landscape(skyline: Skyline, eye: Tensor, rays: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    distance = skyline.hit(rays)
    what = torch.where(distance.isinf(), SKY, GROUND)
    downward = rays[:, 1] < -1e-5
    surface = (skyline.terrain.water - eye[1]) / torch.where(downward, rays[:, 1], -1e-5)
    wet = (surface > 0) & (surface < distance) & downward & torch.isfinite(surface)
    normals = torch.zeros_like(rays)
    normals[wet] = tint((0.0, 1.0, 0.0), rays)
    return torch.where(wet, surface, distance), normals, torch.where(wet, WATER, what)


def _meet_room(room: Room, eye: Tensor, rays: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    distance, side = room.exit(eye.expand_as(rays), rays)
    what = torch.where(room.through_window(eye + distance[:, None] * rays, side), SKY, ROOM)
    return torch.where(what == SKY, torch.inf, distance), room.inward_normal(side), what


def _meet_solid(solid: Solid, index: int, eye: Tensor, rays: Tensor, hits: Hits) -> None:
    """Let one solid replace, in place, what the rays met so far."""
    chosen = _rays_near(solid, eye, rays)
    if len(chosen) == 0:
        return
    t, local = first_hit(solid, eye.expand(len(chosen), 3), rays[chosen])
    closer = t < hits.distance[chosen]
    chosen, t, local = chosen[closer], t[closer], local[closer]
    normal = world_normal(solid, local)
    if solid.leafy:
        kept = _leaves(solid, eye + t[:, None] * rays[chosen], normal, rays[chosen])
        chosen, t, normal = chosen[kept], t[kept], normal[kept]
    away = (normal * rays[chosen]).sum(-1, keepdim=True) > 0
    hits.distance[chosen], hits.normals[chosen], hits.what[chosen] = t, torch.where(away, -normal, normal), index


def _rays_near(solid: Solid, eye: Tensor, rays: Tensor) -> Tensor:
    """Indices of the rays in the cone around the solid's bounding sphere; of all rays inside that sphere."""
    offset = torch.tensor(solid.centre, device=rays.device) - eye
    away = float(offset.norm())
    if away <= solid.reach:
        return torch.arange(len(rays), device=rays.device)
    return (rays @ (offset / away) > (1 - (solid.reach / away) ** 2) ** 0.5).nonzero()[:, 0]


def _leaves(solid: Solid, points: Tensor, normals: Tensor, rays: Tensor) -> Tensor:
    """Fray a crown: drop hits near its rim where the world-fixed noise is low."""
    facing = (normals * rays).sum(-1).abs()
    scale = 1.8 / max(0.12, min(solid.size))
    ragged = noise(points[:, :2] * scale + solid.seed) + noise(points[:, 1:] * scale - solid.seed)
    return facing + 0.45 * ragged > 0.42 * solid.leafy
