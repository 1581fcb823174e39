"""What lies on a sphere and what views of it show: ways to look, and to put overlapping views together again.

What lies on the sphere is `[channels, cells]`, views are `[views, channels, size, size]`. To fuse is to find what the
views, looked at again, agree with best. Every way is linear in the views and does not depend on their order; cells that
no view shows keep what `start` has there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import cachetools
import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from cyclorama.diffusion.least_squares import lsmr
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.lattice import distinct_points, nearest_points
from cyclorama.geometry.look_up_matrix import equirect_laplacian, equirect_matrix, point_matrix, row_major
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.reprojection import reproject
from cyclorama.geometry.stitching import stitch
from cyclorama.geometry.viewsets import fibonacci_dirs

Sphere = Float[Tensor, "channels cells"]
Pictures = Float[Tensor, "views channels size size"]


@dataclass(frozen=True, eq=False)
class Views:
    """Square views of one camera, turned by `rotations` (`cam_to_world`); `weights` are those of their pixels."""

    camera: Perspective
    rotations: Float[np.ndarray, "views 3 3"]
    weights: Float[np.ndarray, "size size"]

    def __len__(self) -> int:
        return len(self.rotations)


Seen = Sequence[tuple[Views, Pictures]]


class Fusion(Protocol):
    """A way to keep a sphere and to fuse views."""

    @property
    def num_cells(self) -> int: ...

    def look(self, sphere: Sphere, views: Views) -> Pictures: ...

    def fuse(self, seen: Seen, start: Sphere) -> Sphere: ...


@dataclass(frozen=True)
class PointMeans:
    """One number a channel for each of `num` points; views show points and are averaged (SphereDiff, AAAI 2026).

    `distinct` is its dynamic sampling, each pixel a point of its own; without it each pixel is its nearest point.
    Weights count only with `weighted`.
    """

    num: int
    distinct: bool = True
    weighted: bool = True

    @property
    def num_cells(self) -> int:
        return self.num

    def look(self, sphere: Sphere, views: Views) -> Pictures:
        return sphere[:, self._points(views)].movedim(0, 1)

    def fuse(self, seen: Seen, start: Sphere) -> Sphere:
        total, share = torch.zeros_like(start), torch.zeros_like(start[0])
        for views, pictures in seen:
            points = self._points(views).flatten()
            weights = torch.from_numpy(views.weights).to(start) if self.weighted else torch.ones_like(pictures[0, 0])
            total.index_add_(1, points.to(start.device), (pictures * weights).movedim(1, 0).flatten(1))
            share.index_add_(0, points.to(start.device), weights.expand(len(views), -1, -1).flatten())
        return torch.where(share > 0, total / share.clamp(min=1e-30), start)

    def _points(self, views: Views) -> Int[Tensor, "views size size"]:
        return _points(self.num, self.distinct, views.camera, views.rotations.tobytes())


@lru_cache(maxsize=16)
def _points(num: int, distinct: bool, camera: Perspective, turns: bytes) -> Int[Tensor, "views size size"]:
    """Which point each pixel of the views shows: computed once, it depends on no picture."""
    dirs, rotations = fibonacci_dirs(num), np.frombuffer(turns).reshape(-1, 3, 3)
    if distinct:
        return torch.from_numpy(np.stack([distinct_points(dirs, camera, turned) for turned in rotations]))
    return torch.from_numpy(np.stack([nearest_points(dirs, camera, turned)[0][..., 0] for turned in rotations]))


@dataclass(frozen=True)
class ViewMeans:
    """An equirect of latents; its pixels are the weighted means of what the views show there."""

    equirect: Equirect

    @property
    def num_cells(self) -> int:
        return self.equirect.height * self.equirect.width

    def look(self, sphere: Sphere, views: Views) -> Pictures:
        picture = sphere.unflatten(1, (self.equirect.height, self.equirect.width))
        how: Any = {"mode": "bicubic", "antialias": False}
        return torch.stack(
            [reproject(picture, self.equirect, views.camera, rotation=turned, **how) for turned in views.rotations]
        )

    def fuse(self, seen: Seen, start: Sphere) -> Sphere:
        total, share = torch.zeros_like(start), torch.zeros_like(start[0])
        for views, pictures in seen:
            how: Any = {"blend": views.weights, "mode": "bicubic"}
            mean, weight = stitch(pictures, views.camera, views.rotations, self.equirect, **how)
            weights = torch.from_numpy(weight).to(start).flatten()
            total, share = total + mean.flatten(1) * weights, share + weights
        return torch.where(share > 0, total / share.clamp(min=1e-30), start)


@dataclass(frozen=True)
class LeastSquares:
    """What the views, looked at through linear maps, differ from least: linear-fusion MultiDiffusion (2026).

    `on` is an equirect (bilinear looks) or a number of points (four nearest). Minimises the squared differences, and
    `smoothness` times the squared Laplacian on an equirect, by `num_iterations` of LSMR from `start`.
    """

    on: Equirect | int
    num_iterations: int = 30
    smoothness: float = 1e-4

    @property
    def num_cells(self) -> int:
        return self.on if isinstance(self.on, int) else self.on.height * self.on.width

    def look(self, sphere: Sphere, views: Views) -> Pictures:
        shown = (self._matrix(views).to(sphere.device) @ sphere.mT).mT
        return shown.unflatten(1, (len(views), views.camera.height, -1)).movedim(1, 0)

    def fuse(self, seen: Seen, start: Sphere) -> Sphere:
        rows = [self._matrix(views) for views, _ in seen]
        wanted = [pictures.movedim(1, 0).flatten(1) for _, pictures in seen]
        if not isinstance(self.on, int):
            rows.append(_laplacian(self.on) * self.smoothness**0.5)
            wanted.append(torch.zeros_like(start))
        whole = torch.cat(rows).to(start.device)
        there, back = row_major(whole), row_major(whole.mT.coalesce())
        # LSMR's problems are the channels: each has steps of its own
        return lsmr(
            lambda x: (there @ x.mT).mT,
            lambda y: (back @ y.mT).mT,
            torch.cat(wanted, dim=1),
            start,
            num_iterations=self.num_iterations,
        )

    def _matrix(self, views: Views) -> Tensor:
        return _matrix(self.on, views.camera, views.rotations.tobytes())


@cachetools.cached(cachetools.LRUCache(64))
def _matrix(on: Equirect | int, camera: Perspective, turns: bytes) -> Tensor:
    rotations = np.frombuffer(turns).reshape(-1, 3, 3)
    if isinstance(on, int):
        dirs = fibonacci_dirs(on)
        return torch.cat([point_matrix(dirs, camera, turned) for turned in rotations])
    return torch.cat([equirect_matrix(on, camera, turned) for turned in rotations])


@lru_cache(maxsize=4)
def _laplacian(sphere: Equirect) -> Tensor:
    return equirect_laplacian(sphere)


def falloff(size: int, tau: float) -> Float[np.ndarray, "size size"]:
    """exp(-|u| / tau) over a square view, u in [-1, 1]^2 from its middle: SphereDiff's weights."""
    u = (2 * np.arange(size) + 1) / size - 1
    return np.exp(-np.hypot(u[:, None], u[None]) / tau).astype(np.float32)
