"""Points of the sphere and the pixels of a camera that looks at them: which pixel shows a point, which point stands for
a pixel.

Points are directions `[points, 3]`, those of `viewsets.fibonacci_dirs` or any others; `rotation` is the camera's
`cam_to_world`. Turning the points and the camera together changes no answer.
"""

import math
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from scipy.spatial import KDTree

from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.rotations import rotate_dirs

_ROUNDS = 32
_ASKED = 8  # points that it asks at a time
_AROUND = 1.4  # points that are looked at, for each pixel
_FARTHEST = 1.5  # where the last of as many points as pixels may lie, by the border of the view


def shown_points(
    dirs: Float[np.ndarray, "points 3"], camera: Perspective, rotation: Float[np.ndarray, "3 3"]
) -> tuple[Int[np.ndarray, " shown"], Int[np.ndarray, " shown"]]:
    """The points that a camera shows, and the pixel that each lies in, counted row by row."""
    corner = camera.pixels_to_dirs(np.zeros(2))
    near = np.flatnonzero(dirs @ -rotation[:, 2] > -0.999 * corner[2])
    pixels, seen = camera.dirs_to_pixels(rotate_dirs(dirs[near], rotation.T))
    columns, rows = (
        np.minimum(pixels[seen, axis].astype(np.int64), side - 1)
        for axis, side in enumerate((camera.width, camera.height))
    )
    return near[seen], rows * camera.width + columns


def nearest_points(
    dirs: Float[np.ndarray, "points 3"], camera: Perspective, rotation: Float[np.ndarray, "3 3"], count: int = 1
) -> tuple[Int[np.ndarray, "height width count"], Float[np.ndarray, "height width count"]]:
    """The `count` points closest to the centre of each pixel, the closest first, and their distances (chords).

    Some points are closest to several pixels, others to none.
    """
    local = rotate_dirs(dirs, rotation.T)
    wanted = camera.pixel_dirs().astype(local.dtype)
    farthest = np.arccos(-wanted[..., 2].max()) + 4 * np.sqrt(count / len(dirs))  # a few spacings beyond the corner
    near = np.flatnonzero(local[:, 2] <= -np.cos(min(np.pi, farthest)))
    found, distances = _nearest(local[near], wanted, count)
    return near[found], distances


def _nearest(
    places: Float[np.ndarray, "points space"], wanted: Float[np.ndarray, "*shape space"], count: int
) -> tuple[Int[np.ndarray, "*shape count"], Float[np.ndarray, "*shape count"]]:
    """The closest places, or as many as there are, and their distances."""
    which: Any = range(1, min(count, len(places)) + 1)  # as a number, one neighbour would have no axis
    distances, found = KDTree(places).query(wanted, which)
    return np.asarray(found), np.asarray(distances)


def distinct_points(
    dirs: Float[np.ndarray, "points 3"], camera: Perspective, rotation: Float[np.ndarray, "3 3"]
) -> Int[np.ndarray, "height width"]:
    """A point of its own for each pixel, near the pixel's centre: what SphereDiff's "dynamic sampling" does greedily.

    A stable matching by distance (Gale and Shapley 1962: a pixel asks its nearest points in turn, a point takes the
    nearest pixel that asks); then neighbours change places as long as the sum of squared distances falls. In the middle
    of a wide view points are denser than pixels, so some are left to other views; in its corners some lie beside it.

    Raises:
        ValueError: when fewer points lie in the view or close beside it than it has pixels.
    """
    height, width = camera.height, camera.width
    places, near = _plane(dirs, camera, rotation)
    if len(near) < height * width or np.abs(places[height * width - 1] / (width, height)).max() > _FARTHEST / 2:
        raise ValueError(
            f"got {len(dirs)} points for a view of {height}x{width} pixels, {camera.fov_deg:g} degrees wide; "
            "wanted one for each pixel: take fewer pixels, a wider view or more points"
        )
    columns, rows = np.meshgrid(np.arange(width) - (width - 1) / 2, np.arange(height) - (height - 1) / 2)
    centres = np.stack([columns, rows], axis=-1).reshape(-1, 2)
    placed = np.full(len(centres), -1)
    while (left := np.flatnonzero(placed < 0)).size:
        taken = np.bincount(placed[placed >= 0], minlength=len(near))
        free = np.flatnonzero(taken == 0)
        matched = _match(*_nearest(places[free], centres[left], _ASKED), len(free))
        placed[left] = np.where(matched < 0, -1, free[matched])
    placed = placed.reshape(height, width)
    for _ in range(_ROUNDS):
        if not _exchange(placed, places):
            break
    return near[placed]


def _match(
    points: Int[np.ndarray, "pixels found"], distances: Float[np.ndarray, "pixels found"], num_points: int
) -> Int[np.ndarray, " pixels"]:
    """The stable matching: each pixel's point, -1 for pixels that were refused by all."""
    asked = np.zeros(len(points), np.int64)
    holder, nearness = np.full(num_points, -1), np.full(num_points, np.inf)
    asking = np.arange(len(points))
    while len(asking):
        point, distance = points[asking, asked[asking]], distances[asking, asked[asking]]
        order = np.lexsort((distance, point))
        first = order[np.unique(point[order], return_index=True)[1]]
        better = first[distance[first] < nearness[point[first]]]
        refused = np.setdiff1d(asking, asking[better], assume_unique=True)
        sent_away = holder[point[better]]
        holder[point[better]], nearness[point[better]] = asking[better], distance[better]
        asking = np.concatenate([refused, sent_away[sent_away >= 0]])
        asked[asking] += 1
        asking = asking[asked[asking] < points.shape[1]]
    placed = np.full(len(points), -1)
    held = np.flatnonzero(holder >= 0)
    placed[holder[held]] = held
    return placed


def _plane(
    dirs: Float[np.ndarray, "points 3"], camera: Perspective, rotation: Float[np.ndarray, "3 3"]
) -> tuple[Float[np.ndarray, "near 2"], Int[np.ndarray, " near"]]:
    """Where the innermost points meet the camera's picture plane, in pixels from the middle, and which they are."""
    pixels, _ = camera.dirs_to_pixels(local := rotate_dirs(dirs, rotation.T))
    before = np.flatnonzero(local[:, 2] < 0)
    places = pixels[before] - (camera.width / 2, camera.height / 2)
    inner = np.argsort(np.abs(places / (camera.width, camera.height)).max(1), kind="stable")
    inner = inner[: math.ceil(_AROUND * camera.height * camera.width)]
    return places[inner], before[inner]


def _exchange(placed: Int[np.ndarray, "height width"], places: Float[np.ndarray, "near 2"]) -> bool:
    """One round over all pairs of neighbours, in place; whether any changed places."""
    changed = False
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        for first in (0, 1):
            here, there = _pairs(placed, down, right, first)
            swap = (places[there] - places[here]) @ (right, down) < 0
            here[swap], there[swap] = there[swap], here[swap]
            changed |= bool(swap.any())
    return changed


def _pairs(
    placed: Int[np.ndarray, "height width"], down: int, right: int, first: int
) -> tuple[Int[np.ndarray, "rows columns"], Int[np.ndarray, "rows columns"]]:
    """Views of every second row (or column) and of the neighbours there: no element is in two pairs."""
    height, width = placed.shape
    if not down:
        return placed[:, first : width - 1 : 2], placed[:, first + 1 :: 2]
    left = slice(max(0, -right), width - max(0, right))
    moved = slice(max(0, right), width - max(0, -right))
    return placed[first : height - 1 : 2, left], placed[first + 1 :: 2, moved]
