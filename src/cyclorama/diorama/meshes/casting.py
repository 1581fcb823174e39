"""Rays into meshes: which triangle each ray meets first, where, and how far away.

The triangle is found by Embree where embreex is installed (hundreds of thousands of rays a second on one core), else by
trimesh's own search with an R-tree (about a thousand). The point on it is computed here in double precision, so that
distances do not depend on which of them searched. Rays are NumPy arrays: origins in metres, unit directions.
"""

from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from jaxtyping import Bool, Float, Float64, Int

from cyclorama.diorama.meshes.surfaces import MeshScene

SLOW = (
    "embreex is not installed: rays are cast hundreds of times more slowly; install it (pip install embreex), "
    "which has no build for Linux on ARM"
)
RAYS_A_BATCH = 2**18
_NUDGE = 3e-6  # radians: a ray exactly through a vertex may slip between the triangles around it
_STEP_M = 1e-4
_MOST_LAYERS = 32


@dataclass(frozen=True, eq=False)
class Hits:
    """Where rays end: distance in metres (inf: nowhere), triangle (-1), weights of its corners, a point on it."""

    distance: Float64[np.ndarray, " n"]
    faces: Int[np.ndarray, " n"]
    weights: Float64[np.ndarray, "n 3"]

    def where(self, chosen: np.ndarray) -> "Hits":
        """Some of the hits."""
        return Hits(self.distance[chosen], self.faces[chosen], self.weights[chosen])

    @property
    def met(self) -> Bool[np.ndarray, " n"]:
        return self.faces >= 0


def is_fast() -> bool:
    """Whether rays are cast by Embree."""
    return find_spec("embreex") is not None


def cast(scene: MeshScene, origins: Float[np.ndarray, "n 3"], dirs: Float[np.ndarray, "n 3"]) -> Hits:
    """What each ray meets first, from either side; distances are exact to about 1e-9 of the scene's size."""
    faces = np.full(len(dirs), -1, np.int64)
    for begin in range(0, len(dirs), RAYS_A_BATCH):
        batch = slice(begin, begin + RAYS_A_BATCH)
        faces[batch] = _first_faces(scene, origins[batch], dirs[batch])
    return _locate(scene, faces, origins.astype(np.float64), dirs.astype(np.float64))


def cast_from(scene: MeshScene, eye: Float[np.ndarray, "3"], dirs: Float[np.ndarray, "n 3"]) -> Hits:
    """`cast` from one place."""
    return cast(scene, np.broadcast_to(np.asarray(eye, np.float64), dirs.shape), dirs)


def cast_layers(
    scene: MeshScene, origins: Float[np.ndarray, "n 3"], dirs: Float[np.ndarray, "n 3"]
) -> Float64[np.ndarray, "layers n"]:
    """The distances of all surfaces along each ray, nearest first, at most 32 of them; inf where there is no more."""
    passed, found = np.zeros(len(dirs)), []
    while len(found) < _MOST_LAYERS:
        live = np.flatnonzero(np.isfinite(passed))
        if len(live) == 0:
            break
        hits = cast(scene, origins[live] + passed[live, None] * dirs[live], dirs[live])
        layer = np.full(len(dirs), np.inf)
        layer[live] = passed[live] + hits.distance
        found.append(layer)
        passed = layer + _STEP_M
    return np.array(found).reshape(-1, len(dirs))


def _first_faces(
    scene: MeshScene, origins: Float[np.ndarray, "n 3"], dirs: Float[np.ndarray, "n 3"]
) -> Int[np.ndarray, " n"]:
    """Triangles by the installed searcher; rays that met nothing are tried once more, turned by a hair."""
    faces = np.asarray(scene.mesh.ray.intersects_first(origins, dirs), np.int64)
    missed = np.flatnonzero(faces < 0)
    if is_fast() and len(missed):
        turned = dirs[missed] + _NUDGE * np.roll(dirs[missed], 1, axis=-1)
        faces[missed] = scene.mesh.ray.intersects_first(origins[missed], turned)
    return faces


def _locate(
    scene: MeshScene,
    faces: Int[np.ndarray, " n"],
    origins: Float64[np.ndarray, "n 3"],
    dirs: Float64[np.ndarray, "n 3"],
) -> Hits:
    """Distance to each ray's triangle, and the weights of its corners there, clipped to the triangle."""
    distance, weights = np.full(len(faces), np.inf), np.zeros((len(faces), 3))
    met = np.flatnonzero(faces >= 0)
    a, b, c = np.moveaxis(scene.mesh.vertices.view(np.ndarray)[scene.mesh.faces[faces[met]]], 1, 0)
    # Möller and Trumbore, "Fast, minimum storage ray/triangle intersection" (1997), equation 6
    e1, e2, gap = b - a, c - a, origins[met] - a
    p, q = np.cross(dirs[met], e2), np.cross(gap, e1)
    volume = _dot(e1, p)
    grazing = np.abs(volume) < 1e-14 * np.sqrt(_dot(e1, e1) * _dot(e2, e2))
    scale = 1 / np.where(grazing, 1, volume)
    distance[met] = np.where(grazing, np.inf, np.maximum(_dot(e2, q) * scale, 0))
    u, v = (_dot(gap, p) * scale).clip(0, 1), (_dot(dirs[met], q) * scale).clip(0, 1)
    inside = np.stack([(1 - u - v).clip(0, 1), u, v], -1)
    weights[met] = inside / inside.sum(-1, keepdims=True)
    return Hits(distance, np.where(np.isfinite(distance), faces, -1), weights)


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a * b).sum(-1)
