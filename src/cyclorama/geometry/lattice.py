"""Points of the sphere and the pixels of a camera that looks at them: which pixel shows a point, which point stands for
a pixel.

Points are directions `[points, 3]`, those of `viewsets.fibonacci_dirs` or any others; `rotation` is the camera's
`cam_to_world`. Turning the points and the camera together changes no answer.
"""

import math

import numpy as np
from jaxtyping import Float, Int

from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.rotations import rotate_dirs

_ROUNDS = 32
_ASKED = 8  # points that it asks at a time
_AROUND = 1.4  # points that are looked at, for each pixel
_FARTHEST = 1.5  # where the last of as many points as pixels may lie, by the border of the view
_ROWS_AT_ONCE = 2**9


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
    wanted = camera.pixel_dirs().reshape(-1, 3).astype(local.dtype)
    farthest = np.arccos(-wanted[:, 2].max()) + 4 * np.sqrt(count / len(dirs))  # a few spacings beyond the corner
    near = np.flatnonzero(local[:, 2] <= -np.cos(min(np.pi, farthest)))
    found = np.concatenate([_largest(block @ local[near].T, count) for block in _blocks(wanted)])
    distances = np.linalg.norm(local[near][found] - wanted[:, None], axis=-1)
    shape = (camera.height, camera.width, count)
    return near[found].reshape(shape), distances.reshape(shape)


def _largest(cosines: Float[np.ndarray, "pixels near"], count: int) -> Int[np.ndarray, "pixels count"]:
    found = np.argpartition(cosines, -count, axis=1)[:, -count:]
    order = np.argsort(-np.take_along_axis(cosines, found, axis=1), axis=1, kind="stable")
    return np.take_along_axis(found, order, axis=1)


def _blocks(rows: Float[np.ndarray, "pixels 3"]) -> list[Float[np.ndarray, "rows 3"]]:
    return [rows[first : first + _ROWS_AT_ONCE] for first in range(0, len(rows), _ROWS_AT_ONCE)]


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
    placed, window = np.full(len(centres), -1), 1
    while (left := np.flatnonzero(placed < 0)).size:
        free = np.setdiff1d(np.arange(len(near)), placed)
        found = _match(*_candidates(places[free], centres[left], window), len(free))
        placed[left] = np.where(found < 0, -1, free[found])
        window *= 2
    placed = placed.reshape(height, width)
    for _ in range(_ROUNDS):
        if not _exchange(placed, places):
            break
    return near[placed]


def _candidates(
    places: Float[np.ndarray, "near 2"], centres: Float[np.ndarray, "pixels 2"], window: int
) -> tuple[Int[np.ndarray, "pixels found"], Float[np.ndarray, "pixels found"]]:
    """The points within `window` pixels of each centre, the nearest first, and squared distances; inf for too few."""
    lowest = np.minimum(places.min(0), centres.min(0)) - window - 1
    columns, rows = np.floor(places - lowest).astype(np.int64).T
    binned = _bins(rows, columns)
    at_column, at_row = np.floor(centres - lowest).astype(np.int64).T
    shifts = np.arange(-window, window + 1)
    down, right = (shift.reshape(-1) for shift in np.meshgrid(shifts, shifts))
    height, width = binned.shape[:2]
    rows, columns = np.minimum(at_row[:, None] + down, height - 1), np.minimum(at_column[:, None] + right, width - 1)
    around = binned[rows, columns].reshape(len(centres), -1)
    squared = np.where(around < 0, np.inf, ((places[around] - centres[:, None]) ** 2).sum(-1))
    nearest = np.argsort(squared, axis=1, kind="stable")[:, :_ASKED]
    return np.take_along_axis(around, nearest, axis=1), np.take_along_axis(squared, nearest, axis=1)


def _bins(
    rows: Int[np.ndarray, " points"], columns: Int[np.ndarray, " points"]
) -> Int[np.ndarray, "height width slots"]:
    """The points of each row and column, -1 in the slots that are left; the last row and column are empty."""
    height, width = int(rows.max()) + 2, int(columns.max()) + 2
    place = rows * width + columns
    order = np.argsort(place, kind="stable")
    slot = np.arange(len(order)) - np.searchsorted(place[order], place[order])
    binned = np.full((height * width, int(slot.max()) + 1), -1)
    binned[place[order], slot] = order
    return binned.reshape(height, width, -1)


def _match(
    points: Int[np.ndarray, "pixels found"], squared: Float[np.ndarray, "pixels found"], num_points: int
) -> Int[np.ndarray, " pixels"]:
    """The stable matching: each pixel's point, -1 for pixels that were refused by all."""
    asked = np.zeros(len(points), np.int64)
    holder, nearness = np.full(num_points, -1), np.full(num_points, np.inf)
    asking = np.flatnonzero(np.isfinite(squared[:, 0]))
    while len(asking):
        point, distance = points[asking, asked[asking]], squared[asking, asked[asking]]
        order = np.lexsort((distance, point))
        first = order[np.unique(point[order], return_index=True)[1]]
        better = first[distance[first] < nearness[point[first]]]
        refused = np.setdiff1d(asking, asking[better], assume_unique=True)
        sent_away = holder[point[better]]
        holder[point[better]], nearness[point[better]] = asking[better], distance[better]
        asking = np.concatenate([refused, sent_away[sent_away >= 0]])
        asked[asking] += 1
        asking = asking[asked[asking] < points.shape[1]]
        asking = asking[np.isfinite(squared[asking, asked[asking]])]
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
