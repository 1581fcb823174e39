"""What rays see of a mesh: its paint without light, as scans are photographed, or grey under a lamp at the eye."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Float64, Int

from cyclorama.diorama.meshes.casting import Hits, cast, cast_from
from cyclorama.diorama.meshes.surfaces import MeshScene
from cyclorama.diorama.meshes.textures import group_by
from cyclorama.media.levels import srgb_to_linear

SHADINGS = ("auto", "unlit", "lamp")
SEE_THROUGH = 0.5  # alpha below which a ray goes on
_MOST_VEILS = 8
_STEP_M = 1e-4
_LAMP, _ABOVE = 0.65, 0.15  # shares of the light from the eye and from above; the rest comes from everywhere


@dataclass(frozen=True, eq=False)
class Seen:
    """What each ray sees: linear colour (0 for nothing), distance in metres (inf), triangle (-1), normal to the eye."""

    light: Float32[np.ndarray, "n 3"]
    distance: Float64[np.ndarray, " n"]
    faces: Int[np.ndarray, " n"]
    normals: Float32[np.ndarray, "n 3"]


def see(
    scene: MeshScene,
    eye: Float[np.ndarray, "3"],
    dirs: Float64[np.ndarray, "n 3"],
    *,
    ray_angle: float,
    shading: str = "auto",
) -> Seen:
    """Follow rays that are `ray_angle` radians wide, through what is transparent, to what they see.

    With "auto" a scene without any colours is lit by a lamp. Raises ValueError for an unknown `shading`.
    """
    if shading not in SHADINGS:
        raise ValueError(f"got the shading {shading!r}, wanted one of {', '.join(SHADINGS)}")
    hits = cast_from(scene, eye, dirs)
    values = _paint(scene, hits, ray_angle)
    for _ in range(_MOST_VEILS):
        veiled = np.flatnonzero(hits.met & (values[:, 3] < SEE_THROUGH))
        if len(veiled) == 0:
            break
        behind = _beyond(scene, eye, dirs[veiled], hits.distance[veiled])
        for whole, part in zip(vars(hits).values(), vars(behind).values(), strict=True):
            whole[veiled] = part
        values[veiled] = _paint(scene, behind, ray_angle)
    normals = _normals(scene, hits, dirs)
    light = values[:, :3]
    if shading == "lamp" or (shading == "auto" and not scene.painted):
        light = light * _lamp(normals, dirs)[:, None]
    return Seen(light.astype(np.float32), hits.distance, hits.faces, normals)


def _beyond(scene: MeshScene, eye: np.ndarray, dirs: np.ndarray, distance: np.ndarray) -> Hits:
    """What rays meet behind a distance."""
    passed = distance + _STEP_M
    hits = cast(scene, eye + passed[:, None] * dirs, dirs)
    return Hits(hits.distance + passed, hits.faces, hits.weights)


def _paint(scene: MeshScene, hits: Hits, ray_angle: float) -> Float32[np.ndarray, "n 4"]:
    """Linear colour and alpha of the points that were hit, 0 for nothing."""
    values = np.zeros((len(hits.faces), 4), np.float32)
    met = np.flatnonzero(hits.met)
    faces, weights = hits.faces[met], hits.weights[met].astype(np.float32)
    corners = scene.mesh.faces[faces]
    vertex = (scene.colours[corners] * weights[..., None]).sum(1, dtype=np.float32) / 255
    colour = srgb_to_linear(vertex) * scene.tints[faces]
    alpha = np.ones(len(met), np.float32)
    for number, which in group_by(scene.textures[faces]):
        if number >= 0:
            uv = (scene.uv[corners[which]].astype(np.float64) * weights[which, :, None]).sum(1)
            texels = ray_angle * hits.distance[met][which] * _texels_a_metre(scene, faces[which], number)
            sampled = scene.images[number].sample(uv, texels)
            colour[which] *= srgb_to_linear(sampled[:, :3])
            alpha[which] = sampled[:, 3]
    values[met] = np.concatenate([colour, alpha[:, None]], -1)
    return values


def _texels_a_metre(scene: MeshScene, faces: Int[np.ndarray, " n"], number: int) -> Float[np.ndarray, " n"]:
    """How finely the triangles are painted."""
    height, width = scene.images[number].size
    corners = scene.mesh.faces[faces]
    (u1, v1), (u2, v2) = ((scene.uv[corners[:, k]] - scene.uv[corners[:, 0]]).T for k in (1, 2))
    places = scene.mesh.vertices.view(np.ndarray)[corners]
    area = np.linalg.norm(np.cross(places[:, 1] - places[:, 0], places[:, 2] - places[:, 0]), axis=-1)
    return np.sqrt(np.abs(u1 * v2 - u2 * v1) * (height * width) / area)


def _normals(scene: MeshScene, hits: Hits, dirs: Float64[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"]:
    """Unit normals of the triangles, on the side of the eye; 0 for nothing."""
    places = scene.mesh.vertices.view(np.ndarray)[scene.mesh.faces[hits.faces]]
    normals = np.cross(places[:, 1] - places[:, 0], places[:, 2] - places[:, 0])
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    away = (normals * dirs).sum(-1, keepdims=True) > 0
    return (np.where(away, -normals, normals) * hits.met[:, None]).astype(np.float32)


def _lamp(normals: Float32[np.ndarray, "n 3"], dirs: Float64[np.ndarray, "n 3"]) -> Float[np.ndarray, " n"]:
    facing = np.abs((normals * dirs).sum(-1))
    return 1 - _LAMP - _ABOVE + _LAMP * facing + _ABOVE * (0.5 + 0.5 * normals[:, 1])
