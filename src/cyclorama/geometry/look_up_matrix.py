"""Looking at a sphere as a sparse matrix, for what needs its transpose too: least squares over overlapping views.

A matrix has a row for each pixel of a camera, row by row, and a column for each cell of the sphere.
"""

import warnings

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.lattice import nearest_points
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.resampling import taps, wrap_indices
from cyclorama.geometry.rotations import rotate_dirs

_NEIGHBOURS = 4


def equirect_matrix(
    sphere: Equirect, camera: Perspective, rotation: Float[np.ndarray, "3 3"]
) -> Float[Tensor, "pixels cells"]:
    """The bilinear look at an equirect, a sparse COO matrix: `resample` of the same pixels, written out."""
    dirs = rotate_dirs(camera.pixel_dirs().reshape(-1, 3), rotation)
    pixels = torch.from_numpy(sphere.dirs_to_pixels(dirs)[0])
    found = list(taps(pixels, height=sphere.height, width=sphere.width))
    cells = torch.stack([rows * sphere.width + columns for columns, rows, _ in found], dim=-1)
    return _sparse(cells, torch.stack([weight for _, _, weight in found], dim=-1), sphere.height * sphere.width)


def point_matrix(
    dirs: Float[np.ndarray, "points 3"], camera: Perspective, rotation: Float[np.ndarray, "3 3"]
) -> Float[Tensor, "pixels points"]:
    """The mean of the four nearest points, weighted by the reciprocals of their distances; sparse COO."""
    points, distances = nearest_points(dirs, camera, rotation, _NEIGHBOURS)
    closeness = 1 / np.maximum(distances, 1e-9)
    weights = closeness / closeness.sum(-1, keepdims=True)
    cells = torch.from_numpy(points).flatten(0, 1)
    return _sparse(cells, torch.from_numpy(weights).flatten(0, 1), len(dirs))


def equirect_laplacian(sphere: Equirect) -> Float[Tensor, "cells cells"]:
    """The difference of each pixel from the mean of its four neighbours on the sphere; sparse COO."""
    rows, columns = torch.meshgrid(torch.arange(sphere.height), torch.arange(sphere.width), indexing="ij")
    here = (rows * sphere.width + columns).flatten()
    around = [
        wrap_indices(columns + right, rows + down, height=sphere.height, width=sphere.width)
        for right, down in ((1, 0), (-1, 0), (0, 1), (0, -1))
    ]
    cells = torch.stack([here, *((y * sphere.width + x).flatten() for x, y in around)], dim=-1)
    weights = torch.tensor([1.0, *[-1 / len(around)] * len(around)]).expand(cells.shape)
    return _sparse(cells, weights, len(here))


def _sparse(
    cells: Int[Tensor, "rows taps"], weights: Float[Tensor, "rows taps"], num_cells: int
) -> Float[Tensor, "rows cells"]:
    rows = torch.arange(len(cells))[:, None].expand(cells.shape)
    index = torch.stack([rows.flatten(), cells.flatten()])
    shape = (len(cells), num_cells)
    return torch.sparse_coo_tensor(index, weights.flatten().float(), shape, check_invariants=False).coalesce()


def row_major(matrix: Float[Tensor, "rows cells"]) -> Float[Tensor, "rows cells"]:
    """The same sparse matrix, row by row (CSR), which multiplies several times faster."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta", UserWarning)
        return matrix.to_sparse_csr()
