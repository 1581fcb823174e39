"""How near the surfaces of a mesh are, and how much of it is missing around a place."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Float32

from cyclorama.diorama.meshes.casting import cast_from
from cyclorama.diorama.meshes.surfaces import MeshScene
from cyclorama.diorama.noise import Real
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.viewsets import fibonacci

NUM_FEELERS = 96
CHECK_HEIGHT = 64  # rows of rays that look for holes: 2.8 degrees apart
POLE_DEG = 60.0  # of elevation: beyond, a hole is above or below, not around


@dataclass(frozen=True)
class Missing:
    """The shares of rays that meet nothing, by solid angle: around, above and below 60 degrees of elevation."""

    around: float
    above: float
    below: float


def missing_around(scene: MeshScene, eye: Float[np.ndarray, "3"]) -> Missing:
    """How much of what a panorama from `eye` would show is not there."""
    camera = Equirect(CHECK_HEIGHT, 2 * CHECK_HEIGHT)
    dirs = camera.pixel_dirs(like=np.empty(0)).reshape(-1, 3)
    lost, weights = ~cast_from(scene, eye, dirs).met, camera.solid_angles().ravel()
    high = np.degrees(np.arcsin(dirs[:, 1].clip(-1, 1)))
    zones = {"around": np.abs(high) <= POLE_DEG, "above": high > POLE_DEG, "below": high < -POLE_DEG}
    return Missing(**{name: float((lost * weights)[at].sum() / weights[at].sum()) for name, at in zones.items()})


@dataclass(frozen=True, eq=False)
class Obstacles:
    """The triangles of a scene with the boxes around them, for the distances of points to the nearest surface."""

    scene: MeshScene

    @cached_property
    def _boxes(self) -> tuple[Float32[np.ndarray, "faces 3"], Float32[np.ndarray, "faces 3"]]:
        corners = self.scene.mesh.vertices.view(np.ndarray)[self.scene.mesh.faces].astype(np.float32)
        return corners.min(1), corners.max(1)

    @cached_property
    def _feelers(self) -> Float[np.ndarray, "n 3"]:
        return np.asarray(fibonacci(NUM_FEELERS), np.float64)[..., :3, 2].reshape(-1, 3)

    def is_clear(self, point: Float[np.ndarray, "3"], margin_m: Real) -> bool:
        """Whether every surface is at least `margin_m` away. Rays are tried first, which find most that is near."""
        if cast_from(self.scene, point, self._feelers).distance.min() < margin_m:
            return False
        return self.distance(point, most=margin_m) >= margin_m

    def distance(self, point: Float[np.ndarray, "3"], *, most: Real) -> float:
        """To the nearest surface, exactly, if that is nearer than `most`, which is returned else."""
        from trimesh.triangles import closest_point

        low, high = self._boxes
        reach = most + 1e-4  # the boxes are rounded
        near = np.flatnonzero(((low <= point + reach) & (high >= point - reach)).all(-1))
        if len(near) == 0:
            return float(most)
        corners = self.scene.mesh.vertices.view(np.ndarray)[self.scene.mesh.faces[near]]
        closest = closest_point(corners, np.broadcast_to(point, (len(near), 3)))
        return float(min(np.linalg.norm(closest - point, axis=-1).min(), most))
