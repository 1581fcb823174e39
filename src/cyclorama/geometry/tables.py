"""Look-up tables between projections: made in blocks on all cores, the last ones kept.

A table says where the pixels of a target, looked at beside their centres, lie in the picture of a source. It depends on
the two projections, the rotation between them and the mode, not on the picture.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

import cachetools
import numpy as np
from jaxtyping import Bool, Float

from cyclorama.geometry.kernel import num_cores
from cyclorama.geometry.lookup import Lookup
from cyclorama.geometry.minification import Group
from cyclorama.geometry.projection import Projection
from cyclorama.geometry.rotations import rotate_dirs
from cyclorama.geometry.sphere import components

KEPT_BYTES = 2**29
_BAND = 2**24  # pixels looked up at a time
_BLOCK = 2**15  # pixels whose coordinates are computed at a time: their arrays stay in the processor's cache


@dataclass(frozen=True, eq=False)
class Table:
    """A look-up and the pixels that it leaves empty, None if there are none."""

    lookup: Lookup
    unseen: Bool[np.ndarray, "rows columns"] | None

    @property
    def num_bytes(self) -> int:
        return self.lookup.num_bytes + (0 if self.unseen is None else self.unseen.nbytes)


@cachetools.cached(
    cachetools.LRUCache(KEPT_BYTES, getsizeof=lambda table: table.num_bytes),
    key=lambda source, target, rotation, mode, group, rows, look: (
        *(source, target, None if rotation is None else rotation.tobytes(), mode),
        *(group, rows.start, look),
    ),
    lock=Lock(),
)
def kept_table(
    source: Projection,
    target: Projection,
    rotation: Float[np.ndarray, "3 3"] | None,
    mode: str,
    group: Group,
    rows: slice,
    look: tuple[float, float],
) -> Table:
    """The table of one look of a group of target pixels in some rows; those of a masked group are one row."""
    pixels, seen = source_pixels(source, target, rotation, rows=rows, look=look)
    if group.mask is not None:
        pixels, seen = pixels[group.mask[rows]][None], seen[group.mask[rows]][None]
    lookup = Lookup.build(pixels, source.height, source.width, mode=mode, wrap=source.wrap)
    return Table(lookup, None if seen.all() else ~seen)


def bands(target: Projection, group: Group) -> list[slice]:
    """The rows to look up at a time: so few that the tables of a huge picture do not need more memory than the picture.

    A masked group is one band, the rows that it has pixels in.
    """
    if group.mask is not None:
        rows = np.flatnonzero(group.mask.any(axis=1))
        return [slice(int(rows[0]), int(rows[-1]) + 1)]
    step = max(1, _BAND // target.width)
    return [slice(first, min(first + step, target.height)) for first in range(0, target.height, step)]


def source_pixels(
    source: Projection,
    target: Projection,
    rotation: Float[np.ndarray, "3 3"] | None,
    *,
    rows: slice | None = None,
    look: tuple[float, float] = (0.0, 0.0),
) -> tuple[Float[np.ndarray, "rows columns 2"], Bool[np.ndarray, "rows columns"]]:
    """The source's coordinates, float32, of the target's pixels, all or some rows, and which of them it shows."""
    rows = slice(0, target.height) if rows is None else rows
    pixels = np.empty((rows.stop - rows.start, target.width, 2), np.float32)
    seen = np.empty((rows.stop - rows.start, target.width), bool)

    def fill(start: int) -> None:
        few = slice(start, min(start + step, rows.stop))
        block = slice(few.start - rows.start, few.stop - rows.start)
        pixels[block], seen[block] = locate(source, target.pixel_dirs(rows=few, offset=look), rotation)

    step = max(1, _BLOCK // target.width)
    starts = range(rows.start, rows.stop, step)
    if len(starts) == 1 or num_cores() == 1:
        for start in starts:
            fill(start)
    else:
        with ThreadPoolExecutor(num_cores()) as pool:
            list(pool.map(fill, starts))
    return pixels, seen


def locate(
    source: Projection, dirs: Float[np.ndarray, "*shape 3"], rotation: Float[np.ndarray, "3 3"] | None
) -> tuple[Float[np.ndarray, "*shape 2"], Bool[np.ndarray, "*shape"]]:
    """Where the source shows directions of a turned target, and whether it does; the zero direction is nowhere."""
    turned = dirs if rotation is None else rotate_dirs(dirs, rotation)
    pixels, seen = source.dirs_to_pixels(turned)
    x, y, z = components(dirs)
    return pixels, seen & ((x != 0) | (y != 0) | (z != 0))
