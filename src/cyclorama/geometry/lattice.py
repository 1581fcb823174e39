"""Points of the sphere and the pixels of a camera that looks at them: which pixel shows a point, which point stands for
a pixel.

Points are directions `[points, 3]`, those of `viewsets.fibonacci_dirs` or any others; `rotation` is the camera's
`cam_to_world`. Turning the points and the camera together changes no answer.
"""

import numpy as np
from jaxtyping import Float, Int

from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.rotations import rotate_dirs

_ROUNDS = 32
_ROWS_AT_ONCE = 2**9


def shown_points(
    dirs: Float[np.ndarray, "points 3"], camera: Perspective, rotation: Float[np.ndarray, "3 3"]
) -> tuple[Int[np.ndarray, " shown"], Int[np.ndarray, " shown"]]:
    """The points that a camera shows, and the pixel that each lies in, counted row by row."""
    pixels, seen = camera.dirs_to_pixels(rotate_dirs(dirs, rotation.T))
    columns, rows = (
        np.minimum(pixels[seen, axis].astype(np.int64), side - 1)
        for axis, side in enumerate((camera.width, camera.height))
    )
    return np.flatnonzero(seen), rows * camera.width + columns


def nearest_points(
    dirs: Float[np.ndarray, "points 3"], camera: Perspective, rotation: Float[np.ndarray, "3 3"], count: int = 1
) -> tuple[Int[np.ndarray, "height width count"], Float[np.ndarray, "height width count"]]:
    """The `count` points closest to the centre of each pixel, the closest first, and their distances (chords).

    Some points are closest to several pixels, others to none.
    """
    local = rotate_dirs(dirs, rotation.T)
    wanted = camera.pixel_dirs().reshape(-1, 3).astype(local.dtype)
    near = np.flatnonzero(local[:, 2] < 0.9 * wanted[:, 2].max())
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
    """A point of its own for each pixel: the innermost ones, near-optimally placed.

    The chosen points are sorted into rows and within each row, then neighbours change places as long as the sum of
    squared distances to the pixels' centres falls; what SphereDiff's "dynamic sampling" does greedily. Only points at
    the border of the view are left out.

    Raises:
        ValueError: when fewer points lie before the camera than it has pixels.
    """
    height, width = camera.height, camera.width
    places, near = _plane(dirs, camera, rotation)
    if len(near) < height * width:
        raise ValueError(
            f"got {len(near)} points before a view of {height}x{width} pixels; wanted one for each: take "
            f"a smaller view or more points than {len(dirs)}"
        )
    innermost = np.argsort(np.abs(places / (width, height)).max(1), kind="stable")[: height * width]
    by_row = innermost[np.argsort(places[innermost, 1], kind="stable")].reshape(height, width)
    placed = np.take_along_axis(by_row, np.argsort(places[by_row, 0], axis=1, kind="stable"), axis=1)
    for _ in range(_ROUNDS):
        if not _exchange(placed, places):
            break
    return near[placed]


def _plane(
    dirs: Float[np.ndarray, "points 3"], camera: Perspective, rotation: Float[np.ndarray, "3 3"]
) -> tuple[Float[np.ndarray, "near 2"], Int[np.ndarray, " near"]]:
    """Where the points before the camera meet its picture plane, in pixels from the middle, and which they are."""
    pixels, _ = camera.dirs_to_pixels(local := rotate_dirs(dirs, rotation.T))
    near = np.flatnonzero(local[:, 2] < 0)
    return pixels[near] - (camera.width / 2, camera.height / 2), near


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
