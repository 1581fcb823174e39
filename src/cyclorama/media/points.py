"""Coloured points: from panoramas with depth, and as PLY files."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.poses import require_pose, transform_points
from cyclorama.media.atomic import atomic_file


@dataclass(frozen=True, eq=False)
class Points:
    """Places in the world, their colours, and the picture, an index, that each was seen in."""

    places: Float[np.ndarray, "points 3"]
    colours: UInt8[np.ndarray, "points 3"]
    views: Int[np.ndarray, " points"]

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, which: np.ndarray) -> "Points":
        return Points(self.places[which], self.colours[which], self.views[which])


def points_from_depth(
    images: Float[Tensor, "views 3 height width"],
    depths: Float[Tensor, "depths rows columns"],
    cam_to_world: Float[Tensor, "poses 4 4"],
    *,
    num_points: int = 100_000,
    voxel: float | int = 0,
) -> Points:
    """About `num_points` points of panoramas, values in [0, 1], with the distance along each pixel's ray.

    The pixels are those nearest to a golden spiral, so each stands for an equal solid angle; where the distance is inf
    (the sky), 0 or negative (unknown) there is no point. Of several points in one cube of `voxel` (0: none), in the
    unit of the poses, the first stays.

    Raises ValueError for NaN in a depth, counts that differ, and what is no pose.
    """
    check_depths(depths, images, cam_to_world)
    camera = Equirect(*depths.shape[-2:])
    rows, columns = _spiral_pixels(camera, max(1, num_points // max(1, len(images))))
    dirs = camera.pixel_dirs(like=torch.empty(0, dtype=torch.float64))[rows, columns]
    away = depths[:, rows, columns].detach().double().cpu()
    view, point = torch.nonzero((away > 0) & away.isfinite(), as_tuple=True)
    in_camera = dirs[point] * away[view, point].unsqueeze(-1)
    places = transform_points(in_camera, cam_to_world.detach().double().cpu()[view])
    values = images[:, :, rows, columns].detach().float().cpu().permute(0, 2, 1)[view, point]
    colours = (values.clamp(0, 1) * 255).round().to(torch.uint8)
    found = Points(places.numpy(), colours.numpy(), view.numpy())
    return found if voxel == 0 else found[_first_in_voxels(found.places, float(voxel))]


def check_depths(depths: Tensor, images: Tensor, cam_to_world: Tensor) -> None:
    """Raise ValueError for NaN, counts or sizes that differ, and what is no pose."""
    if depths.shape[0] != len(images) or depths.shape[-2:] != images.shape[-2:]:
        raise ValueError(
            f"got depths of shape {tuple(depths.shape)} for pictures of shape {tuple(images.shape)}, "
            "wanted one depth for every pixel"
        )
    if len(cam_to_world) != len(images):
        raise ValueError(f"got {len(cam_to_world)} poses for {len(images)} pictures, wanted as many of each")
    if depths.isnan().any():
        raise ValueError("got depth with NaN, wanted distances: inf for the sky, 0 for unknown")
    require_pose(cam_to_world)


def write_ply(points: Points, path: str | Path) -> None:
    """Writes the points as binary PLY, float32 places and 8-bit colours, whole or not at all."""
    vertices = np.zeros(len(points), dtype=[("places", "<f4", 3), ("colours", "u1", 3)])
    vertices["places"], vertices["colours"] = points.places, points.colours
    properties = [f"property float {axis}" for axis in "xyz"] + [f"property uchar {name}" for name in _COLOURS]
    header = ["ply", "format binary_little_endian 1.0", f"element vertex {len(points)}", *properties, "end_header", ""]
    with atomic_file(path) as file:
        file.write("\n".join(header).encode("ascii"))
        file.write(vertices.tobytes())


_COLOURS = ("red", "green", "blue")


def _spiral_pixels(camera: Equirect, count: int) -> tuple[Tensor, Tensor]:
    """Rows and columns of the pixels nearest to a golden spiral, each once, in the order of the picture."""
    index = np.arange(count) + 0.5
    up, lon = 1 - 2 * index / count, index * math.pi * (3 - math.sqrt(5))
    across = np.sqrt(1 - up * up)
    pixels, _ = camera.dirs_to_pixels(np.stack([across * np.sin(lon), up, -across * np.cos(lon)], axis=-1))
    columns = np.floor(pixels[:, 0]).astype(np.int64) % camera.width
    rows = np.clip(np.floor(pixels[:, 1]).astype(np.int64), 0, camera.height - 1)
    numbers = torch.from_numpy(np.unique(rows * camera.width + columns))
    return numbers // camera.width, numbers % camera.width


def _first_in_voxels(places: Float[np.ndarray, "points 3"], voxel: float) -> Int[np.ndarray, " kept"]:
    if not 0 < voxel < math.inf:
        raise ValueError(f"got a voxel of {voxel}, wanted a size above 0, or 0 for none")
    _, first = np.unique(np.floor(places / voxel), axis=0, return_index=True)
    return np.sort(first)
