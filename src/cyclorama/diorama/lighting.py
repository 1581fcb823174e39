"""Light on what rays met: sun and sky with shadows outdoors, windows and lamps indoors.

Irradiances are divided by pi, so light = albedo * irradiance + emission; the sun's and the sky's are those of `Sky`.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import tint
from cyclorama.diorama.landscapes.grounds import ground_colour
from cyclorama.diorama.landscapes.skyline import Skyline
from cyclorama.diorama.materials import MATERIALS, Surface
from cyclorama.diorama.noise import noise, smoothstep
from cyclorama.diorama.rooms.room import Panel, Room
from cyclorama.diorama.scene import World
from cyclorama.diorama.sky import Sky
from cyclorama.diorama.solids import Solid, first_hit, to_local
from cyclorama.diorama.tracing import GROUND, ROOM, Hits

OUTDOOR_LAMPS = {"night": 1.0, "dawn": 0.35, "sunset": 0.5, "noon": 0.0}
BOUNCE = (0.012, 0.010, 0.008)


def shade(world: World, skyline: Skyline | None, hits: Hits) -> Float[Tensor, "n 3"]:
    """Light that leaves each hit toward the eye, before the air between them."""
    albedo, emission, normals = _surfaces(world, skyline, hits)
    if skyline is not None:
        irradiance = _daylight(world, skyline, hits, normals)
    else:
        assert world.room is not None
        irradiance = _indoor_light(world, world.room, hits, normals)
    return albedo * irradiance + emission


def _surfaces(world: World, skyline: Skyline | None, hits: Hits) -> tuple[Tensor, Tensor, Tensor]:
    """Albedo, emission and shading normal of every hit; water stays black here."""
    albedo, emission = torch.zeros_like(hits.points), torch.zeros_like(hits.points)
    normals = hits.normals.clone()
    for index in hits.what.unique().tolist():
        at = (hits.what == index).nonzero()[:, 0]
        points, distance = hits.points[at], hits.distance[at]
        if index >= 0:
            solid = world.solids[index]
            albedo[at], emission[at] = _solid_colour(solid, points, normals[at], distance)
            if solid.leafy:
                normals[at] = _ruffled(points, normals[at])
        elif index == GROUND and skyline is not None:
            terrain = skyline.terrain
            albedo[at] = ground_colour(terrain.kind, points, normals[at], distance, terrain.water)
        elif index == ROOM and world.room is not None:
            _, side = world.room.exit(points + 1e-3 * normals[at], -normals[at])
            albedo[at] = world.room.colour(points, side)
    return albedo, emission, normals


def _solid_colour(solid: Solid, points: Tensor, normals: Tensor, distance: Tensor) -> tuple[Tensor, Tensor]:
    local, _ = to_local(solid, points, points)
    ones = torch.ones_like(distance)
    base = tint(solid.colour, points).expand_as(points)
    size = tint(solid.size, points).expand_as(points)
    at = Surface(points, local, size, normals, base, ones * solid.glow, ones * solid.seed, distance)
    finish = MATERIALS[solid.material](at)
    return finish.albedo, base * solid.glow if finish.emission is None else finish.emission


def _ruffled(points: Tensor, normals: Tensor) -> Tensor:
    """Normals of foliage, bent by world-fixed noise."""
    bump = torch.stack([noise(points[:, :2] * 4 + k * 5) for k in range(3)], -1)
    return F.normalize(normals + 0.6 * bump, dim=-1)


def _daylight(world: World, skyline: Skyline, hits: Hits, normals: Tensor) -> Tensor:
    sky = world.sky
    cosine = (normals * sky.sun_dir).sum(-1).clamp(min=0)
    lit = cosine * _sun_reaches(world, skyline, hits, normals) if float(sky.direct.max()) > 0.02 else cosine
    ambient = sky.ambient * (0.62 + 0.38 * normals[:, 1:2]) * _contact(world, hits)[:, None]
    lamps = _lamplight(world, hits.points, normals) * OUTDOOR_LAMPS[world.scene.time]
    return sky.direct * lit[:, None] + ambient + lamps


def _sun_reaches(world: World, skyline: Skyline, hits: Hits, normals: Tensor) -> Tensor:
    """Fraction of the sun that reaches each hit: the landscape's soft shadow times the solids' hard ones."""
    start = hits.points + 0.02 * normals + (0.002 * hits.distance)[:, None] * normals
    lit = torch.ones_like(hits.distance)
    if skyline.terrain.kind != "plain":
        lit = skyline.sunlit(world.sky.sun_dir, hits.points)
    for solid in world.solids:
        _cast_shadow(solid, start, world.sky.sun_dir, lit)
    return lit


def _cast_shadow(solid: Solid, start: Tensor, sun: Tensor, lit: Tensor) -> None:
    """Darken `lit` in place where the solid hides the sun; foliage lets a quarter through."""
    offset = torch.tensor(solid.centre, device=start.device) - start
    along = offset @ sun
    near = (offset.square().sum(-1) - along**2 < solid.reach**2) & (along > -solid.reach) & (lit > 0)
    at = near.nonzero()[:, 0]
    if len(at):
        t, _ = first_hit(solid, start[at], sun.expand(len(at), 3))
        passed = 0.25 if solid.leafy else 0.0
        lit[at] = torch.where(t.isfinite() & (t > 1e-3), lit[at] * passed, lit[at])


def _contact(world: World, hits: Hits) -> Tensor:
    """Ambient occlusion where things meet the ground: darker under and beside each solid that stands low."""
    open_sky = torch.ones_like(hits.distance)
    near = (hits.distance < 45).nonzero()[:, 0]
    x, y, z = hits.points[near].unbind(-1)
    remaining = torch.ones_like(x)
    for solid in world.solids:
        half_x, half_y, half_z = solid.size
        width = max(half_x, half_z) * 1.5 + 0.1
        gap = ((x - solid.centre[0]) ** 2 + (z - solid.centre[2]) ** 2) / width**2
        at = (gap < 2.0).nonzero()[:, 0]
        if len(at):
            low = smoothstep(half_y + 2.2 * width, half_y, (y[at] - solid.centre[1]).abs())
            remaining[at] *= 1 - 0.35 * torch.exp(-2.2 * gap[at]) * low
    open_sky[near] = remaining
    return open_sky


def _lamplight(world: World, points: Tensor, normals: Tensor) -> Tensor:
    """Point lamps with inverse-square fall-off; the constants keep their neighbourhood from burning out."""
    total = torch.zeros_like(points)
    for lamp in world.lamps:
        toward = torch.tensor(lamp.place, device=points.device) - points
        squared = toward.square().sum(-1)
        cosine = (normals * toward).sum(-1) / squared.sqrt().clamp(min=1e-3)
        arriving = (0.75 * cosine + 0.25).clamp(min=0) / (squared + 1.2)
        total = total + tint(lamp.light, points) * arriving[:, None]
    return total


def _indoor_light(world: World, room: Room, hits: Hits, normals: Tensor) -> Tensor:
    """Sky light from the windows, a patch of sun through them, lamps, and a bounce; darker in the corners."""
    sky, points = world.sky, hits.points
    bounce = sky.ambient * 0.32 + sky.direct * 0.035 + tint(BOUNCE, points)
    total = bounce.expand_as(points)
    for window in room.windows:
        total = total + _window_light(sky, room, window, points, normals)
    total = total + _lamplight(world, points, normals)
    total = total + sky.direct * _sun_patch(world, room, points, normals)[:, None]
    return total * (_corners(room, hits, normals) * _contact(world, hits))[:, None]


def _window_light(sky: Sky, room: Room, window: Panel, points: Tensor, normals: Tensor) -> Tensor:
    """A window as a lamp of its area that shines straight into the room."""
    glow = sky.ambient * 1.5 + sky.direct * 0.22
    toward = room.panel_centre(window, points.device) - points
    squared = toward.square().sum(-1)
    distance = squared.sqrt().clamp(min=1e-3)
    facing = room.inward_normal(torch.tensor([window.wall], device=points.device))[0]
    leaving = (-(toward * facing).sum(-1) / distance).clamp(min=0)
    arriving = (0.8 * (normals * toward).sum(-1) / distance + 0.2).clamp(min=0)
    area = 4 * window.half[0] * window.half[1]
    return glow * (area * leaving * arriving / (squared + area))[:, None]


def _corners(room: Room, hits: Hits, normals: Tensor) -> Tensor:
    """Ambient occlusion of the shell: darker toward the edges of floor, walls and ceiling."""
    points = hits.points
    low = torch.minimum(points[:, 1], room.height - points[:, 1]).clamp(min=0)
    wide = torch.minimum(room.half_x - points[:, 0].abs(), room.half_z - points[:, 2].abs()).clamp(min=0)
    beside = 1 - 0.38 * torch.exp(-wide / 0.3)
    corner = (1 - 0.38 * torch.exp(-low / 0.3)) * beside
    is_floor = (normals[:, 1] > 0.9) & (low < 0.02)
    shell = torch.where(is_floor, beside, corner.clamp(min=0.6))
    return torch.where(hits.what == ROOM, shell, torch.ones_like(low))


def _sun_patch(world: World, room: Room, points: Tensor, normals: Tensor) -> Tensor:
    """Cosine of the sun's light where it comes in through a window, 0 elsewhere."""
    sun = world.sky.sun_dir
    start = points + 0.01 * normals
    cosine = (normals * sun).sum(-1).clamp(min=0)
    distance, side = room.exit(start, sun.expand_as(points))
    lit = cosine * room.through_window(start + distance[:, None] * sun, side)
    at = (lit > 0).nonzero()[:, 0]
    clear = torch.ones(len(at), device=points.device)
    for solid in world.solids:
        _cast_shadow(solid, start[at], sun, clear)
    lit[at] = lit[at] * clear
    return lit
