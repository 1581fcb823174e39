"""What hits are made of: one rule of a material for all its points, on whatever solids they lie."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from cyclorama.diorama.landscapes.skyline import Skyline
from cyclorama.diorama.materials import MATERIALS, Surface
from cyclorama.diorama.noise import noise
from cyclorama.diorama.rooms.room import Room
from cyclorama.diorama.scene import World
from cyclorama.diorama.tracing import GROUND, ROOM, Hits

RUFFLE, RUFFLES_PER_M = 0.6, 4.0


@dataclass(frozen=True)
class Surfaces:
    """Linear albedo, light given off, shading normal, and whether the hit is on foliage."""

    albedo: Float[Tensor, "n 3"]
    emission: Float[Tensor, "n 3"]
    normals: Float[Tensor, "n 3"]
    leafy: Bool[Tensor, " n"]


def surfaces(world: World, skyline: Skyline | None, hits: Hits) -> Surfaces:
    """The surfaces of hits that are not of the sky; water is black."""
    albedo, emission, normals = torch.zeros_like(hits.points), torch.zeros_like(hits.points), hits.normals
    leafy = torch.zeros_like(hits.what, dtype=torch.bool)
    solid = (hits.what >= 0).nonzero()[:, 0]
    if len(solid):
        albedo[solid], emission[solid] = _of_solids(world, hits.where(solid))
        leafy[solid] = world.table.leafy[hits.what[solid]] > 0
        at = leafy.nonzero()[:, 0]
        normals = normals.index_copy(0, at, _ruffled(hits.points[at], normals[at]))
    if skyline is not None:
        at = (hits.what == GROUND).nonzero()[:, 0]
        ground = hits.where(at)
        albedo[at] = skyline.terrain.colour(ground.points, ground.normals, ground.distance)
    elif world.room is not None:
        at = (hits.what == ROOM).nonzero()[:, 0]
        albedo[at] = _of_room(world.room, hits.where(at))
    return Surfaces(albedo, emission, normals, leafy)


def _of_solids(world: World, hits: Hits) -> tuple[Tensor, Tensor]:
    table, albedo, emission = world.table, torch.empty_like(hits.points), torch.empty_like(hits.points)
    material, local = table.material[hits.what], table.local(hits.what, hits.points)
    for number, name in enumerate(table.materials):
        at = (material == number).nonzero()[:, 0]
        if len(at) == 0:
            continue
        solid, points = hits.what[at], hits.points[at]
        size, base = table.size[:, solid].T.contiguous(), table.colour[:, solid].T.contiguous()
        glow, seed = table.glow[solid], table.seed[solid]
        seen = Surface(points, local[at], size, hits.normals[at], base, glow, seed, hits.distance[at])
        finish = MATERIALS[name](seen)
        albedo[at] = finish.albedo
        emission[at] = base * glow[:, None] if finish.emission is None else finish.emission
    return albedo, emission


def _of_room(room: Room, hits: Hits) -> Tensor:
    _, side = room.exit(hits.points + 1e-3 * hits.normals, -hits.normals)
    return room.colour(hits.points, side, hits.distance)


def _ruffled(points: Tensor, normals: Tensor) -> Tensor:
    """Normals of foliage, bent by world-fixed noise."""
    flat = points[:, :2] * RUFFLES_PER_M + points[:, 2:]
    bump = torch.stack([noise(flat + k * 5) for k in range(3)], -1)
    return F.normalize(normals + RUFFLE * bump, dim=-1)
