"""Losses on the sphere: operators on the error E = predicted - wanted velocity, [B, C, H, W] with W = 2 H.

The objective of DiT360 (CVPR 2026) is mean E^2 + w_yaw mean (R E)^2 + w_cube mean (C E)^2, R a turn and C the six faces
of a cube. Both are linear, so they are applied to E once, not to prediction and target. Every loss is a figure for each
sample, `[batch]`, in float32; the published operators stand beside ours:

- R: with an exact turn mean (R E)^2 is mean E^2. In the release the angles fall between two columns, so R is the mean
  of two neighbours ("published"). A turn that teaches something compares two evaluations: `equivariance_loss`.
- C: the release picks four latents for each pixel of a face, on a grid that neither wraps nor reaches every latent
  ("published"). Ours ("solid_angle") averages what a pixel of a face covers, so each latent counts by its solid angle.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import torch
from einops import rearrange, reduce
from jaxtyping import Float
from torch import Tensor

from cyclorama.geometry.cubemap import Cubemap, dirs_to_cubemap_pixels
from cyclorama.geometry.equirect import Equirect, roll_each
from cyclorama.geometry.sphere import dirs_to_lonlat

YawKind = Literal["published", "exact"]
CubeKind = Literal["published", "solid_angle"]
PUBLISHED_YAWS = (60.0, 180.0, 300.0)
SUBPOINTS = 8
"""Rows and columns of points by which a latent is shared among the pixels of a cube."""


@dataclass(frozen=True)
class Objectives:
    """Weights and kinds of the losses beside the flow matching, which has weight 1.

    The yaw, cube and equivariance losses act on panoramas from the epoch `geometry_from_epoch` (the first is 0) on;
    `perspective_weight` is that of a photo's masked flow matching.
    """

    yaw_weight: float = 0.0
    yaw_kind: YawKind = "published"
    yaw_degrees: tuple[float, ...] = PUBLISHED_YAWS
    cube_weight: float = 0.0
    cube_kind: CubeKind = "solid_angle"
    equivariance_weight: float = 0.0
    geometry_from_epoch: int = 0
    perspective_weight: float = 0.5

    def __post_init__(self) -> None:
        weights = (self.yaw_weight, self.cube_weight, self.equivariance_weight, self.perspective_weight)
        if min(weights) < 0 or not all(math.isfinite(weight) for weight in weights):
            raise ValueError(f"a weight of the objectives is {min(weights)}; give numbers from 0 upwards")
        if self.yaw_weight and not self.yaw_degrees:
            raise ValueError("yaw_degrees is empty; give the angles of the yaw loss, or yaw_weight=0")


def spherical_losses(
    error: Float[Tensor, "batch channels height width"], objectives: Objectives
) -> dict[str, Float[Tensor, " batch"]]:
    """The losses of one evaluation that have a weight, "yaw" and "cube", without their weights."""
    losses = {}
    if objectives.yaw_weight:
        yaws = [yaw_loss(error, degrees=angle, kind=objectives.yaw_kind) for angle in objectives.yaw_degrees]
        losses["yaw"] = torch.stack(yaws).mean(0)
    if objectives.cube_weight:
        losses["cube"] = cube_loss(error, kind=objectives.cube_kind)
    return losses


def yaw_loss(
    error: Float[Tensor, "batch channels height width"], *, degrees: float, kind: YawKind = "published"
) -> Float[Tensor, " batch"]:
    """mean (R E)^2 with the camera turned by `degrees`: "exact" by the nearest whole column, which is mean E^2."""
    return _mean_square(turned(error.float(), degrees=degrees, kind=kind))


def turned(
    error: Float[Tensor, "batch channels height width"], *, degrees: float, kind: YawKind
) -> Float[Tensor, "batch channels height width"]:
    """R E: whole columns, or, as published, always half a column more: the mean of two neighbours."""
    columns = degrees / 360 * error.shape[-1]
    if kind == "exact":
        return error.roll(-round(columns), -1)
    left = math.floor(columns)
    return (error.roll(-left, -1) + error.roll(-left - 1, -1)) / 2


def cube_loss(
    error: Float[Tensor, "batch channels height width"], *, kind: CubeKind = "solid_angle"
) -> Float[Tensor, " batch"]:
    """The mean of (C E)^2 over six faces of (H / 2)^2 pixels, each by its weight. ValueError unless W = 2 H, H > 1."""
    operator = cube_operator(error.shape[-2], error.shape[-1], kind, error.device)
    faces = operator.apply(error.float())
    return (operator.weights * faces.square()).sum((1, 2)) / (4 * math.pi * error.shape[1])


def equivariance_loss(
    velocity: Float[Tensor, "batch channels height width"],
    of_rolled: Float[Tensor, "batch channels height width"],
    columns: list[int],
) -> Float[Tensor, " batch"]:
    """0.5 mean |roll v(x) - v(roll x)|^2 (Gimbal360, 2026), sample i rolled by `columns[i]` to the right.

    `of_rolled` is v(roll x), the second evaluation. 0 for a network that commutes with a turn.
    """
    return 0.5 * _mean_square(roll_each(velocity, columns).float() - of_rolled.float())


@dataclass(frozen=True, eq=False)
class CubeOperator:
    """C as a sparse matrix [6 S^2, H W] whose rows sum to 1, and the weights of its rows, which sum to 4 pi."""

    matrix: Tensor
    weights: Float[Tensor, " pixels"]

    def apply(self, error: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch channels pixels"]:
        """C E, face after face, row after row."""
        columns = rearrange(error, "b c h w -> (h w) (b c)")
        with torch.autocast(error.device.type, enabled=False):
            faces = torch.sparse.mm(self.matrix, columns)
        return rearrange(faces, "p (b c) -> b c p", b=error.shape[0])


@lru_cache(maxsize=8)
def cube_operator(height: int, width: int, kind: CubeKind, device: torch.device) -> CubeOperator:
    """The operator of `cube_loss` for latents of one size, on `device`, in float32."""
    if width != 2 * height or height < 2:
        raise ValueError(f"got a grid of {height}x{width} (height x width); the cube loss wants a panorama, 2:1")
    rows, columns, values, weights = (_solid_angle_shares if kind == "solid_angle" else _published_shares)(height)
    shape = (len(weights), height * width)
    places = torch.from_numpy(np.stack([rows, columns]))
    matrix = torch.sparse_coo_tensor(places, torch.from_numpy(values), shape, check_invariants=False).coalesce()
    return CubeOperator(matrix.float().to(device), torch.from_numpy(weights).float().to(device))


def face_size(height: int) -> int:
    """Pixels along an edge of a face for latents of `height` rows: 64 for 128."""
    return height // 2


Shares = tuple[Any, Any, Any, Any]


def _solid_angle_shares(height: int) -> Shares:
    """Row, column and value of every entry: a latent's solid angle, shared by where its points fall on the cube."""
    size, fine = face_size(height), Equirect(SUBPOINTS * height, 2 * SUBPOINTS * height)
    face, pixels = dirs_to_cubemap_pixels(np.asarray(fine.pixel_dirs(), np.float64), size)
    x, y = np.clip(pixels, 0, size - 1e-9).astype(np.int64).transpose(2, 0, 1)
    rows = (face * size**2 + y * size + x).ravel()
    columns = np.arange(2 * height**2).reshape(height, -1).repeat(SUBPOINTS, 0).repeat(SUBPOINTS, 1).ravel()
    values = fine.solid_angles().ravel()
    weights = np.bincount(rows, values, minlength=6 * size**2)
    return rows, columns, values / weights[rows], weights


def _published_shares(height: int) -> Shares:
    """Bilinear on corners that are the outermost centres, held at the border, every pixel with the same weight."""
    size, width = face_size(height), 2 * height
    lon, lat = dirs_to_lonlat(np.asarray(Cubemap(size).pixel_dirs(), np.float64))
    x = (lon.ravel() / (2 * math.pi) + 0.5) * (width - 1)
    y = (0.5 - lat.ravel() / math.pi) * (height - 1)
    left, top = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    corners = [(dx, dy) for dy in (0, 1) for dx in (0, 1)]
    columns = [np.minimum(top + dy, height - 1) * width + np.minimum(left + dx, width - 1) for dx, dy in corners]
    values = [(1 - np.abs(x - left - dx)) * (1 - np.abs(y - top - dy)) for dx, dy in corners]
    rows = np.tile(np.arange(6 * size**2), 4)
    return rows, np.concatenate(columns), np.concatenate(values), np.full(6 * size**2, 4 * math.pi / (6 * size**2))


def _mean_square(error: Float[Tensor, "batch channels height width"]) -> Float[Tensor, " batch"]:
    return reduce(error.square(), "b c h w -> b", "mean")
