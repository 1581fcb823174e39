"""Light in rooms: sky light from the windows, a patch of sun through them, lamps, and what walls return."""

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import tint
from cyclorama.diorama.lighting.lamps import lamplight
from cyclorama.diorama.lighting.occlusion import openness
from cyclorama.diorama.lighting.shadows import through_solids
from cyclorama.diorama.rooms.room import Panel, Room
from cyclorama.diorama.scene import World
from cyclorama.diorama.tracing import ROOM, Hits

BOUNCE = (0.012, 0.010, 0.008)
CORNER, CORNER_M = 0.38, 0.3
GREYED = 0.6  # part of its colour that the sky's light loses on what is outside and on the walls
RETURNED, WINDOW = (0.24, 0.06), (1.5, 0.24)  # parts of the sky's and the sun's light, from all sides and from windows


def indoor_light(world: World, room: Room, hits: Hits, normals: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
    """Irradiance of hits in a room; darker in its corners and beside things."""
    sky, points = world.sky, hits.points
    outdoors = torch.lerp(sky.ambient, sky.ambient.mean(), GREYED)
    total = (outdoors * RETURNED[0] + sky.direct * RETURNED[1] + tint(BOUNCE, points)).expand_as(points)
    for window in room.windows:
        glow = outdoors * WINDOW[0] + sky.direct * WINDOW[1]
        total = total + glow * _window_light(room, window, points, normals)[:, None]
    total = total + lamplight(world.lamps, points, normals)
    total = total * (_corners(room, hits, normals) * openness(world, None, hits, normals))[:, None]
    return total + sky.direct * _sun_patch(world, room, hits, normals)[:, None]


def _window_light(room: Room, window: Panel, points: Tensor, normals: Tensor) -> Tensor:
    """A window as a lamp of its area that shines straight into the room."""
    toward = room.panel_centre(window, points.device) - points
    squared = toward.square().sum(-1)
    inverse = squared.clamp(min=1e-6).rsqrt()
    facing = room.inward_normal(torch.tensor([window.wall], device=points.device))[0]
    leaving = (-(toward @ facing) * inverse).clamp(min=0)
    arriving = (0.8 * (normals * toward).sum(-1) * inverse + 0.2).clamp(min=0)
    area = 4 * window.half[0] * window.half[1]
    return area * leaving * arriving / (squared + area)


def _corners(room: Room, hits: Hits, normals: Tensor) -> Tensor:
    """Ambient occlusion of the shell: darker toward the edges of floor, walls and ceiling."""
    x, y, z = hits.points.unbind(-1)
    low = torch.minimum(y, room.height - y).clamp(min=0)
    wide = torch.minimum(room.half_x - x.abs(), room.half_z - z.abs()).clamp(min=0)
    beside = 1 - CORNER * torch.exp(-wide / CORNER_M)
    corner = (1 - CORNER * torch.exp(-low / CORNER_M)) * beside
    is_floor = (normals[:, 1] > 0.9) & (low < 0.02)
    shell = torch.where(is_floor, beside, corner.clamp(min=0.6))
    return torch.where(hits.what == ROOM, shell, 1 - 0.5 * CORNER * torch.exp(-y.clamp(min=0) / CORNER_M))


def _sun_patch(world: World, room: Room, hits: Hits, normals: Tensor) -> Tensor:
    """Cosine of the sun's light where it comes in through a window, 0 elsewhere."""
    sun = world.sky.sun_dir
    lit = (normals @ sun).clamp(min=0)
    at = (lit > 0).nonzero()[:, 0]
    start = hits.points[at] + 0.01 * hits.normals[at]
    distance, side = room.exit(start, sun.expand_as(start))
    open_ = room.through_window(start + distance[:, None] * sun, side)
    lit = lit.index_fill(0, at[(~open_).nonzero()[:, 0]], 0.0)
    through = open_.nonzero()[:, 0]
    at = at[through]
    lit[at] = lit[at] * through_solids(world.table, start[through], sun)
    return lit
