"""What lies on a sphere and what views of it show: ways to look, and to put overlapping views together again.

What lies on the sphere is `[channels, cells]`, views are `[views, channels, size, size]`. To fuse is to find what the
views, looked at again, agree with best. Means are linear in the views, least squares once it has converged; no way
depends on their order. Cells that no view shows keep what `start` has there, or, by `LeastSquares` on an equirect,
continue smoothly.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, runtime_checkable

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
from cyclorama.geometry.viewsets import fibonacci_dirs, turned_back
from cyclorama.methods.view_layouts import SECTORS

Sphere = Float[Tensor, "channels cells"]
Pictures = Float[Tensor, "views channels size size"]
TINY = 1e-30


@dataclass(frozen=True, eq=False)
class Views:
    """Square views of as many pixels, each with a camera, a `cam_to_world` and the weights of its pixels."""

    cameras: tuple[Perspective, ...]
    rotations: Float[np.ndarray, "views 3 3"]
    weights: Float[np.ndarray, "views size size"]

    def __len__(self) -> int:
        return len(self.cameras)

    @property
    def size(self) -> int:
        return self.cameras[0].height

    def only(self, which: Sequence[int]) -> "Views":
        """Some of the views."""
        index = list(which)
        return Views(tuple(self.cameras[k] for k in index), self.rotations[index], self.weights[index])

    def alike(self) -> list[list[int]]:
        """The views by camera and weights."""
        groups: dict[tuple[Perspective, bytes], list[int]] = {}
        for index, (camera, weights) in enumerate(zip(self.cameras, self.weights, strict=True)):
            groups.setdefault((camera, weights.tobytes()), []).append(index)
        return list(groups.values())


@runtime_checkable
class Fusion(Protocol):
    """A way to keep a sphere, to look at it and to fuse views."""

    @property
    def num_cells(self) -> int: ...

    def look(self, sphere: Sphere, views: Views) -> Pictures: ...

    def fuse(self, views: Views, pictures: Pictures, start: Sphere) -> Sphere: ...


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

    def fuse(self, views: Views, pictures: Pictures, start: Sphere) -> Sphere:
        points = self._points(views).flatten()
        weights = torch.from_numpy(views.weights).to(start) if self.weighted else torch.ones_like(pictures[:, 0])
        total = torch.zeros_like(start).index_add_(1, points, (pictures * weights[:, None]).movedim(1, 0).flatten(1))
        share = torch.zeros_like(start[0]).index_add_(0, points, weights.flatten())
        return torch.where(share > 0, total / share.clamp(min=TINY), start)

    def _points(self, views: Views) -> Int[Tensor, "views size size"]:
        pairs = zip(views.cameras, views.rotations, strict=True)
        return torch.stack([_points(self.num, self.distinct, camera, turned.tobytes()) for camera, turned in pairs])


@lru_cache(maxsize=512)
def _points(num: int, distinct: bool, camera: Perspective, rotation: bytes) -> Int[Tensor, "size size"]:
    """Which point each pixel of a view shows: it depends on no picture, and those of the last views are kept."""
    dirs, turned = _lattice(num), np.frombuffer(rotation).reshape(3, 3)
    found = distinct_points(dirs, camera, turned) if distinct else nearest_points(dirs, camera, turned)[0][..., 0]
    return torch.from_numpy(found)


@lru_cache(maxsize=4)
def _lattice(num: int) -> Float[np.ndarray, "num 3"]:
    return fibonacci_dirs(num)


@dataclass(frozen=True)
class ViewMeans:
    """An equirect of latents; its pixels are the weighted means of what the views show there.

    Where the equirect's width is a multiple of `SECTORS`, views that turn by whole sectors need no new tables.
    """

    equirect: Equirect

    @property
    def num_cells(self) -> int:
        return math.prod(self._shape)

    def look(self, sphere: Sphere, views: Views) -> Pictures:
        columns, rotations = self._turned_back(views)
        picture = sphere.unflatten(1, self._shape).roll(-columns, -1)
        pairs = zip(views.cameras, rotations, strict=True)
        how: Any = {"mode": "bicubic", "antialias": False}
        return torch.stack(
            [reproject(picture, self.equirect, camera, rotation=turned, **how) for camera, turned in pairs]
        )

    def fuse(self, views: Views, pictures: Pictures, start: Sphere) -> Sphere:
        columns, rotations = self._turned_back(views)
        total, share = torch.zeros(len(start), *self._shape), torch.zeros(self._shape)
        for which in views.alike():
            camera, how = views.cameras[which[0]], {"blend": views.weights[which[0]], "mode": "bicubic"}
            mean, weight = stitch(pictures[which], camera, rotations[which], self.equirect, **how)
            weights = torch.from_numpy(weight).to(start)
            total, share = total + mean * weights, share + weights
        mean = (total / share.clamp(min=TINY)).roll(columns, -1).flatten(1)
        return torch.where(share.roll(columns, -1).flatten() > 0, mean, start)

    @property
    def _shape(self) -> tuple[int, int]:
        return self.equirect.height, self.equirect.width

    def _turned_back(self, views: Views) -> tuple[int, Float[np.ndarray, "views 3 3"]]:
        """Columns by which the equirect turns so that the views begin ahead, and the views' rotations then."""
        if self.equirect.width % SECTORS:
            return 0, views.rotations
        sectors, rotations = turned_back(views.rotations, SECTORS)
        return sectors * (self.equirect.width // SECTORS), rotations


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
        shown = (self._matrix(views) @ sphere.mT).mT
        return shown.unflatten(1, (len(views), views.size, views.size)).movedim(1, 0)

    def fuse(self, views: Views, pictures: Pictures, start: Sphere) -> Sphere:
        wanted = pictures.movedim(1, 0).flatten(1)
        if not isinstance(self.on, int):
            wanted = torch.cat([wanted, torch.zeros_like(start)], dim=1)
        there, back = _problem(self.on, self.smoothness, views.cameras, views.rotations.tobytes())
        # LSMR's problems are the channels: each takes steps of its own
        forward, adjoint = (lambda x: (there @ x.mT).mT), (lambda y: (back @ y.mT).mT)
        return lsmr(forward, adjoint, wanted, start, num_iterations=self.num_iterations)

    def _matrix(self, views: Views) -> Tensor:
        pairs = zip(views.cameras, views.rotations, strict=True)
        return torch.cat([_matrix(self.on, camera, turned.tobytes()) for camera, turned in pairs])


@lru_cache(maxsize=512)
def _matrix(on: Equirect | int, camera: Perspective, rotation: bytes) -> Float[Tensor, "pixels cells"]:
    turned = np.frombuffer(rotation).reshape(3, 3)
    return point_matrix(_lattice(on), camera, turned) if isinstance(on, int) else equirect_matrix(on, camera, turned)


@lru_cache(maxsize=32)
def _problem(
    on: Equirect | int, smoothness: float, cameras: tuple[Perspective, ...], turns: bytes
) -> tuple[Float[Tensor, "rows cells"], Float[Tensor, "cells rows"]]:
    """The matrix of all looks and of the smoothness, and its transpose, row by row."""
    rotations = np.frombuffer(turns).reshape(-1, 3, 3)
    looks = [_matrix(on, camera, turned.tobytes()) for camera, turned in zip(cameras, rotations, strict=True)]
    smooth = [] if isinstance(on, int) else [equirect_laplacian(on) * smoothness**0.5]
    whole = torch.cat([*looks, *smooth])
    return row_major(whole), row_major(whole.mT.coalesce())


def falloff(size: int, tau: float, feather: float = 0.0) -> Float[np.ndarray, "size size"]:
    """exp(-|u| / tau) over a square view, u in [-1, 1]^2 from its middle: SphereDiff's weights.

    They end in a step; with `feather` they go to 0 at the border, in proportion within that much of it.
    """
    u = (2 * np.arange(size) + 1) / size - 1
    weights = np.exp(-np.hypot(u[:, None], u[None]) / tau)
    if feather > 0:
        inside = 1 - np.maximum(np.abs(u)[:, None], np.abs(u)[None])
        weights *= np.minimum(inside / feather, 1)
    return weights.astype(np.float32)


def flat(size: int) -> Float[np.ndarray, "size size"]:
    """1 in the middle of a square view and smoothly 0 at its border: weights of a thing, so that it stays whole.

    SphereDiff's (1 - |u|)^(4 e^-3) are as flat, but end in a step.
    """
    u = np.abs((2 * np.arange(size) + 1) / size - 1)
    inside = np.clip(2 * (1 - np.hypot(u[:, None], u[None])), 0, 1)
    return (inside**2 * (3 - 2 * inside)).astype(np.float32)
