"""Scenes of the diorama as triangle meshes: solids, the room or the land around the eye, with the light baked in.

The mesh is what the renderer traces, but for what has no triangles: crowns are whole where leaves fray them, water is a
flat disc, and the land ends at the horizon's distance.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float, Int
from torch import Tensor

from cyclorama.diorama.exposure import develop, display, exposure_of
from cyclorama.diorama.landscapes.skyline import Skyline
from cyclorama.diorama.lighting import shade
from cyclorama.diorama.lighting.surfaces import surfaces
from cyclorama.diorama.look import Eye
from cyclorama.diorama.meshes.loading import require_trimesh
from cyclorama.diorama.noise import Real
from cyclorama.diorama.places import build
from cyclorama.diorama.rooms.room import Room
from cyclorama.diorama.rooms.shell import OUTWARD
from cyclorama.diorama.scene import Scene, World
from cyclorama.diorama.solids import Point, Solid, world_normal
from cyclorama.diorama.tracing import GROUND, ROOM, WATER, Hits, ground_normals

NUM_SECTIONS = 48  # of a round solid
CELL_M = 0.1  # of flat sides, whose colours belong to corners
MOST_CELLS = 1500  # of one solid
NUM_AZIMUTHS = 512  # of the land
WATER_ALBEDO = (0.05, 0.11, 0.13)


def scene_mesh(scene: Scene, *, lit: bool = True, cell_m: Real = CELL_M, num_azimuths: int = NUM_AZIMUTHS) -> Any:
    """A `trimesh.Trimesh` of a scene, metres, with sRGB colours at its vertices.

    `lit` bakes the scene's light into them, else they are those of the surfaces themselves. Flat sides are cut into
    triangles of `cell_m`, the land by `num_azimuths` rays from the eye. Its `metadata["parts"]` are, for every
    triangle, the solid's index in the world, or `tracing.GROUND`, `ROOM` or `WATER`.

    Raises ValueError where trimesh is missing.
    """
    require_trimesh()
    import trimesh

    world = build(scene, torch.device("cpu"))
    parts = [_solid_part(solid, index, cell_m) for index, solid in enumerate(world.solids)]
    parts += [_room_part(world.room, cell_m)] if world.room is not None else _land_parts(world, num_azimuths)
    firsts = np.cumsum([0, *(len(part.vertices) for part in parts)])
    faces = torch.cat([part.faces + int(first) for part, first in zip(parts, firsts, strict=False)])
    vertices, normals, what = (
        torch.cat([getattr(part, name) for part in parts]) for name in ("vertices", "normals", "what")
    )
    eye = Eye.at(world, _place(world.eye), pixel_angle=2 * math.pi / num_azimuths)
    colours = (_colours(eye, vertices, normals, what, lit=lit) * 255).round().byte()
    mesh = trimesh.Trimesh(vertices.double().numpy(), faces.numpy(), vertex_colors=colours.numpy(), process=False)
    mesh.metadata["parts"] = what[faces[:, 0]].numpy()
    return mesh


def solid_mesh(solid: Solid) -> Any:
    """A `trimesh.Trimesh` of one solid, metres; round ones have chords for outlines. ValueError without trimesh."""
    require_trimesh()
    import trimesh

    part = _solid_part(solid, 0)
    return trimesh.Trimesh(part.vertices.double().numpy(), part.faces.numpy(), process=False)


@dataclass(frozen=True)
class _Part:
    """Triangles of one thing: corners with normals and what they are of, and the three corners of each triangle."""

    vertices: Float[Tensor, "vertices 3"]
    normals: Float[Tensor, "vertices 3"]
    what: Int[Tensor, " vertices"]
    faces: Int[Tensor, "faces 3"]

    @classmethod
    def of(cls, vertices: Tensor, normals: Tensor, what: int, faces: Tensor) -> "_Part":
        return cls(vertices, normals, torch.full((len(vertices),), what), faces)


def _solid_part(solid: Solid, index: int, cell_m: Real = math.inf) -> _Part:
    """The solid's triangles, those of flat sides cut to `cell_m`, or coarser where that would be too many."""
    local = _unit_triangles(solid.shape)
    vertices = (local * _place(solid.size)) @ solid.to_world().T + _place(solid.centre)
    faces, flat = torch.arange(len(vertices)).reshape(-1, 3), _flat_normals(vertices)
    if solid.shape == "sphere":
        return _Part.of(vertices, world_normal(solid, local), index, faces)
    corners = vertices[faces]
    area = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]).norm(dim=-1).sum() / 2
    max_edge = max(cell_m, math.sqrt(float(area) / MOST_CELLS))
    vertices, faces, origin = _cut(vertices.double().numpy(), faces.numpy(), max_edge)
    return _Part.of(vertices, _of_corners(flat[::3][origin], faces, len(vertices)), index, faces)


def _cut(
    vertices: Float[np.ndarray, "corners 3"], faces: Int[np.ndarray, "triangles 3"], max_edge: Real
) -> tuple[Float[Tensor, "vertices 3"], Int[Tensor, "faces 3"], Int[Tensor, " faces"]]:
    """Triangles halved until no edge is longer, and which one each is a part of."""
    from trimesh.remesh import subdivide_to_size

    if math.isinf(max_edge):
        return torch.from_numpy(vertices).float(), torch.from_numpy(faces), torch.arange(len(faces))
    found: Any = subdivide_to_size(vertices, faces, max_edge=float(max_edge), max_iter=16, return_index=True)
    points, triangles, origin = (np.asarray(one) for one in found)
    return torch.from_numpy(points).float(), torch.from_numpy(triangles).long(), torch.from_numpy(origin).long()


def _of_corners(values: Tensor, faces: Int[Tensor, "faces 3"], num_vertices: int) -> Tensor:
    """Values of triangles as values of their corners, which share none with a triangle of another value."""
    spread = values.new_zeros(num_vertices, *values.shape[1:])
    return spread.index_copy(0, faces.flatten(), values.repeat_interleave(3, dim=0))


@lru_cache(maxsize=8)
def _unit_triangles(shape: str) -> Float[Tensor, "corners 3"]:
    """The corners of the shape's triangles, three after three."""
    return torch.from_numpy(np.asarray(_unit_mesh(shape).triangles, np.float32)).reshape(-1, 3)


def _unit_mesh(shape: str) -> Any:
    """The shape of `solids` as triangles that face outwards."""
    from trimesh import Trimesh, creation

    if shape == "sphere":
        return creation.icosphere(subdivisions=3, radius=1.0)
    if shape == "box":
        return creation.box(extents=(2, 2, 2))
    if shape == "gable":
        points = [[-1, -1, -1], [1, -1, -1], [0, 1, -1], [-1, -1, 1], [1, -1, 1], [0, 1, 1]]
        faces = [[0, 2, 1], [3, 4, 5], [0, 1, 4], [0, 4, 3], [1, 2, 5], [1, 5, 4], [2, 0, 3], [2, 3, 5]]
        return Trimesh(points, faces, process=False)
    upright = {"cylinder": creation.cylinder, "cone": creation.cone}[shape]
    mesh = upright(radius=1.0, height=2.0, sections=NUM_SECTIONS)
    if shape == "cone":
        mesh.apply_translation([0, 0, -1])
    turn = np.eye(4)
    turn[:3, :3] = [[1, 0, 0], [0, 0, 1], [0, -1, 0]]  # trimesh's stand along z
    return mesh.apply_transform(turn)


def _room_part(room: Room, cell_m: Real) -> _Part:
    """The shell, open where its windows are."""
    vertices, faces, _ = _cut(*_shell(room), cell_m)
    inside = torch.tensor([0.0, float(room.height) / 3, 0.0])
    middle = vertices[faces].mean(1)
    _, side = room.exit(inside.expand(len(middle), 3), F.normalize(middle - inside, dim=-1))
    normals = room.inward_normal(_of_corners(side, faces, len(vertices)))
    return _Part.of(vertices, normals, ROOM, faces[~room.through_window(middle, side)])


def _shell(room: Room) -> tuple[Float[np.ndarray, "corners 3"], Int[np.ndarray, "triangles 3"]]:
    """The sides of the convex room, each a fan of triangles."""
    outward = np.concatenate([OUTWARD.numpy(), [[a, b, 0.0] for a, b, _ in room.slopes] or np.zeros((0, 3))])
    reach = np.array([*(float(room.reach(side)) for side in range(len(OUTWARD))), *(c for _, _, c in room.slopes)])
    corners, triangles = [], []
    for side in range(len(outward)):
        polygon = _side_polygon(side, outward, reach)
        first = len(corners)
        corners += polygon
        triangles += [(first, first + k, first + k + 1) for k in range(1, len(polygon) - 1)]
    return np.array(corners), np.array(triangles)


def _side_polygon(side: int, outward: np.ndarray, reach: np.ndarray) -> list[np.ndarray]:
    """The corners of one side of an intersection of half-spaces, in order round it; none for a side of no area."""
    found: list[np.ndarray] = []
    for j in range(len(outward)):
        for k in range(j):
            planes = outward[[side, j, k]]
            if abs(np.linalg.det(planes)) > 1e-6:
                point = np.linalg.solve(planes, reach[[side, j, k]])
                known = any(np.abs(point - other).max() < 1e-5 for other in found)
                if (outward @ point <= reach + 1e-5).all() and not known:
                    found.append(point)
    if len(found) < 3:
        return []
    middle = np.mean(found, axis=0)
    first = (found[0] - middle) / np.linalg.norm(found[0] - middle)
    other = np.cross(outward[side], first)
    return sorted(found, key=lambda point: math.atan2((point - middle) @ other, (point - middle) @ first))


def _land_parts(world: World, num_azimuths: int) -> list[_Part]:
    """The land, and its water as a disc, on the rays and distances at which the renderer itself looks at heights."""
    assert world.terrain is not None
    eye = _place(world.eye)
    table = Skyline.of(world.terrain, eye, num_azimuths=num_azimuths)
    flat = torch.cat([eye[None, ::2], rearrange(table.points, "azimuths rings c -> (rings azimuths) c")])
    faces = _ring_faces(len(table.distances), num_azimuths)
    ground = torch.stack([flat[:, 0], world.terrain.height(flat), flat[:, 1]], -1)
    normals = ground_normals(table, ground, (ground - eye).norm(dim=-1))
    parts = [_Part.of(ground, normals, GROUND, faces)]
    if math.isfinite(world.terrain.water):
        level = torch.full((len(flat),), float(world.terrain.water))
        water = torch.stack([flat[:, 0], level, flat[:, 1]], -1)
        parts.append(_Part.of(water, torch.tensor([0.0, 1.0, 0.0]).repeat(len(flat), 1), WATER, faces))
    return parts


def _ring_faces(num_rings: int, num_azimuths: int) -> Int[Tensor, "faces 3"]:
    """Triangles, facing up, between rings of points round a first one."""
    here = torch.arange(num_azimuths)
    beside = (here + 1) % num_azimuths
    fan = torch.stack([torch.zeros_like(here), 1 + beside, 1 + here], -1)
    near = 1 + torch.arange(num_rings - 1)[:, None] * num_azimuths + here
    near_beside = near - here + beside
    far, far_beside = near + num_azimuths, near_beside + num_azimuths
    halves = [torch.stack(one, -1).reshape(-1, 3) for one in ((near, far_beside, far), (near, near_beside, far_beside))]
    return torch.cat([fan, *halves])


def _place(point: Point) -> Float[Tensor, "3"]:
    return torch.tensor([float(along) for along in point])


def _flat_normals(vertices: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
    a, b, c = vertices.reshape(-1, 3, 3).unbind(1)
    return F.normalize(torch.linalg.cross(b - a, c - a), dim=-1).repeat_interleave(3, dim=0)


def _colours(
    eye: Eye, vertices: Float[Tensor, "n 3"], normals: Float[Tensor, "n 3"], what: Int[Tensor, " n"], *, lit: bool
) -> Float[Tensor, "n 3"]:
    """Display values in [0, 1] as the eye would see the points."""
    world = eye.world
    hits = Hits((vertices - eye.place).norm(dim=-1), vertices, normals, what)
    albedo = torch.tensor(WATER_ALBEDO).repeat(len(vertices), 1)
    dry = (what != WATER).nonzero()[:, 0]
    if not lit:
        albedo[dry] = surfaces(world, eye.skyline, hits.where(dry)).albedo
        return develop(albedo.clamp(0, 1))
    light = albedo * world.sky.ambient
    light[dry] = shade(world, eye.skyline, hits.where(dry))
    return develop(display(light, exposure_of(world.scene.time, indoors=world.room is not None)))
