"""What rays meet: the nearest of ground or room, water, and solids. Distances are metres along the ray."""

import math
from collections.abc import Callable
from functools import partial

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from cyclorama.diorama.landscapes.skyline import Skyline
from cyclorama.diorama.noise import Real, noise
from cyclorama.diorama.rooms.room import Room
from cyclorama.diorama.scene import World
from cyclorama.diorama.solid_table import SolidTable
from cyclorama.diorama.tracing.blocks import Meetings, cones_near, in_blocks, meetings, tubes_near
from cyclorama.diorama.tracing.hits import GROUND, ROOM, SKY, WATER, Hits

Nearness = Callable[[Tensor, Tensor], Tensor]
"""Which solids [solids, blocks] may be met by rays of the blocks' directions before distances."""


def trace(world: World, skyline: Skyline | None, eye: Float[Tensor, "3"], rays: Float[Tensor, "n 3"]) -> Hits:
    """The nearest thing on each unit ray from the eye; `skyline` is the world's terrain seen from there."""
    if skyline is not None:
        distance, normals, what = _meet_landscape(skyline, eye, rays)
    else:
        assert world.room is not None
        distance, normals, what = _meet_room(world.room, eye, rays)
    origins = eye[:, None, None]
    near = partial(cones_near, world.table, eye)
    distance, what = _meet_solids(world.table, near, origins, rays, distance, what)
    points = eye + distance.nan_to_num(posinf=0.0)[:, None] * rays
    return _with_normals(world.table, skyline, rays, Hits(distance, points, normals, what))


def trace_mirrored(world: World, twin: Skyline, origins: Float[Tensor, "n 3"], rays: Float[Tensor, "n 3"]) -> Hits:
    """The nearest ground or solid on each unit ray from the water; `twin` is the landscape seen from below it.

    Land is met where the eye's mirror image sees it in that direction, beyond the ray's origin.
    """
    start = (origins - twin.origin).norm(dim=-1)
    far = twin.hit(rays) - start
    distance = torch.where(far > 0, far, torch.inf)
    what = torch.where(distance.isinf(), SKY, GROUND)
    starts = in_blocks(origins)
    near = partial(tubes_near, world.table, starts)
    distance, what = _meet_solids(world.table, near, starts, rays, distance, what)
    points = origins + distance.nan_to_num(posinf=0.0)[:, None] * rays
    hits = Hits(distance + start, points, torch.zeros_like(rays), what)
    return _with_normals(world.table, twin, rays, hits)


def _with_normals(table: SolidTable, skyline: Skyline | None, rays: Tensor, hits: Hits) -> Hits:
    """Fill in the normals of solids, toward the eye, and of the ground, in place."""
    what, points, normals = hits.what, hits.points, hits.normals
    solid = (what >= 0).nonzero()[:, 0]
    if len(solid):
        out = table.normals(what[solid], points[solid])
        away = (out * rays[solid]).sum(-1, keepdim=True) > 0
        normals[solid] = torch.where(away, -out, out)
    if skyline is not None:
        ground = (what == GROUND).nonzero()[:, 0]
        normals[ground] = ground_normals(skyline, points[ground], hits.distance[ground])
    return hits


def ground_normals(
    skyline: Skyline, points: Float[Tensor, "n 3"], distance: Float[Tensor, " n"]
) -> Float[Tensor, "n 3"]:
    """Unit normals of the ground, smoothed over about a pixel at that distance."""
    return skyline.terrain.normal(points[:, ::2], 0.06 + 0.006 * distance)


def _meet_landscape(skyline: Skyline, eye: Tensor, rays: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    distance = skyline.hit(rays)
    what = torch.where(distance.isinf(), SKY, GROUND)
    normals = torch.zeros_like(rays)
    if skyline.terrain.water == -math.inf:
        return distance, normals, what
    downward = rays[:, 1] < -1e-5
    surface = (skyline.terrain.water - eye[1]) / torch.where(downward, rays[:, 1], -1e-5)
    wet = (surface > 0) & (surface < distance) & downward
    normals[:, 1] = wet.to(normals)
    return torch.where(wet, surface, distance), normals, torch.where(wet, WATER, what)


def _meet_room(room: Room, eye: Tensor, rays: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    distance, side = room.exit(eye.expand_as(rays), rays)
    what = torch.where(room.through_window(eye + distance[:, None] * rays, side), SKY, ROOM)
    return torch.where(what == SKY, torch.inf, distance), room.inward_normal(side), what


def _meet_solids(
    table: SolidTable, near: Nearness, origins: Tensor, rays: Tensor, distance: Tensor, what: Tensor
) -> tuple[Tensor, Tensor]:
    """Distance and what was met, with the solids; of solids at one distance the last one counts."""
    if len(table) == 0 or len(rays) == 0:
        return distance, what
    dirs = in_blocks(rays)
    met = [
        _without_gaps(table, origins, rays, each)
        for each in meetings(table, near(dirs, distance), origins, dirs, distance)
    ]
    if not met:
        return distance, what
    ray, solid, t = (torch.cat([getattr(each, name) for each in met]) for name in ("ray", "solid", "t"))
    nearest = distance.scatter_reduce(0, ray, t, "amin")
    first = (t == nearest[ray]).nonzero()[:, 0]
    chosen = torch.full_like(what, -1).scatter_reduce(0, ray[first], solid[first], "amax")
    return nearest, torch.where(chosen >= 0, chosen, what)


def _without_gaps(table: SolidTable, origins: Tensor, rays: Tensor, met: Meetings) -> Meetings:
    """The meetings that are not in the gaps of foliage."""
    leafy = table.leafy[met.solid] > 0
    at = leafy.nonzero()[:, 0]
    if len(at) == 0:
        return met
    toward = rays[met.ray[at]]
    starts = origins.flatten(1)
    start = starts.T if starts.shape[1] == 1 else starts.T[met.ray[at]]
    leafy[at] = ~leaves(table, met.solid[at], start + met.t[at, None] * toward, toward)
    return met.where(~leafy)


def leaves(
    table: SolidTable,
    solid: Int[Tensor, " n"],
    points: Float[Tensor, "n 3"],
    dirs: Float[Tensor, "n 3"],
    *,
    fray: Real = 1.0,
) -> Bool[Tensor, " n"]:
    """Which points on frayed solids are there: near the rim, as the ray sees it, only where the noise is high."""
    facing = (table.normals(solid, points) * dirs).sum(-1).abs()
    scale = 1.8 / table.size.amin(0).clamp(min=0.12)[solid, None]
    seed = table.seed[solid, None]
    ragged = noise(points[:, :2] * scale + seed) + noise(points[:, 1:] * scale - seed)
    return facing + 0.45 * fray * ragged > 0.42 * fray * table.leafy[solid]
