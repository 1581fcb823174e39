"""Points that two pictures share, as SIFT sees them: pixels, and directions on the sphere.

Panoramas are looked at through six views of 110 degrees around the faces of a cube, at the panorama's own resolution;
a point counts on the face that it belongs to, so it counts once and its patch is whole at the borders. Descriptors
are RootSIFT (Arandjelovic and Zisserman 2012); a match is mutual, and its distance less than `ratio` times that of the
second best (Lowe 2004), as COLMAP matches by default, which TSED's authors use.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from cyclorama.evaluation.opencv import grey_levels, load_opencv
from cyclorama.geometry.cubemap import FACE_ROTATIONS, dirs_to_cubemap_pixels
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective, half_extent
from cyclorama.geometry.projection import Projection
from cyclorama.geometry.reprojection import reproject
from cyclorama.geometry.rotations import rotate_dirs

FACE_FOV_DEG = 110
NUM_POINTS = 8192
RATIO = 0.8
_BLOCK = 1024


@dataclass(frozen=True, eq=False)
class Keypoints:
    """Pixels in the picture, unit directions of its camera, and unit descriptors."""

    pixels: Float[Tensor, "points 2"]
    dirs: Float[Tensor, "points 3"]
    descriptors: Float[Tensor, "points 128"]

    def __len__(self) -> int:
        return len(self.pixels)


def keypoints(image: Float[Tensor, "3 height width"], projection: Projection) -> Keypoints:
    """At most `NUM_POINTS` points of a picture (of each face of a panorama). `ValueError` without OpenCV."""
    if isinstance(projection, Equirect):
        return _of_panorama(image, projection)
    pixels, descriptors = _sift(image)
    return Keypoints(pixels, projection.pixels_to_dirs(pixels), descriptors)


def match(a: Keypoints, b: Keypoints, *, ratio: float = RATIO) -> Int[Tensor, "matches 2"]:
    """Indices of the points of a and of b that show the same, sorted by a's."""
    if len(a) < 2 or len(b) < 2:
        return torch.empty(0, 2, dtype=torch.int64)
    best_of_a, distinct_a = _best(a.descriptors, b.descriptors, ratio)
    best_of_b, distinct_b = _best(b.descriptors, a.descriptors, ratio)
    index = torch.arange(len(a))
    kept = distinct_a & distinct_b[best_of_a] & (best_of_b[best_of_a] == index)
    return torch.stack([index, best_of_a], 1)[kept]


def _best(ours: Tensor, theirs: Tensor, ratio: float) -> tuple[Tensor, Tensor]:
    """The nearest of theirs to each of ours, and whether it is distinctly nearer than the second."""
    nearest, distinct = [], []
    for block in ours.split(_BLOCK):
        cosines, indices = (block @ theirs.T).topk(2)
        distances = (2 - 2 * cosines).clamp(min=0).sqrt()
        nearest.append(indices[:, 0])
        distinct.append(distances[:, 0] < ratio * distances[:, 1])
    return torch.cat(nearest), torch.cat(distinct)


def _of_panorama(image: Tensor, panorama: Equirect) -> Keypoints:
    found = [_of_face(image, panorama, face) for face in range(len(FACE_ROTATIONS))]
    dirs, descriptors = (torch.cat(parts) for parts in zip(*found, strict=True))
    return Keypoints(panorama.dirs_to_pixels(dirs)[0], dirs, descriptors)


def _of_face(image: Tensor, panorama: Equirect, face: int) -> tuple[Tensor, Tensor]:
    size = math.ceil(panorama.width / 4 * half_extent(FACE_FOV_DEG))
    camera, turned = Perspective(size, size, FACE_FOV_DEG), FACE_ROTATIONS[face]
    pixels, descriptors = _sift(reproject(image, panorama, camera, rotation=turned))
    dirs = rotate_dirs(camera.pixels_to_dirs(pixels), torch.from_numpy(turned))
    own = dirs_to_cubemap_pixels(dirs, 1)[0] == face
    return dirs[own], descriptors[own]


def _sift(image: Float[Tensor, "3 height width"]) -> tuple[Float[Tensor, "points 2"], Float[Tensor, "points 128"]]:
    """Pixels, float64, with (0.5, 0.5) the centre of the first, and RootSIFT descriptors."""
    sift = load_opencv().SIFT_create(nfeatures=NUM_POINTS, enable_precise_upscale=True)
    found, descriptors = sift.detectAndCompute(grey_levels(image), None)
    if not found:
        return torch.empty(0, 2, dtype=torch.float64), torch.empty(0, 128)
    pixels = np.array([point.pt for point in found], np.float64) + 0.5
    parts = torch.from_numpy(descriptors)
    return torch.from_numpy(pixels), (parts / parts.sum(1, keepdim=True).clamp(min=1e-9)).sqrt()
