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

KEPT_BYTES = 2**29
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
    key=lambda source, target, rotation, mode, group, look: (
        source,
        target,
        None if rotation is None else rotation.tobytes(),
        mode,
        group,
        look,
    ),
    lock=Lock(),
)
def kept_table(
    source: Projection,
    target: Projection,
    rotation: Float[np.ndarray, "3 3"] | None,
    mode: str,
    group: Group,
    look: tuple[float, float],
) -> Table:
    """The table of one look of a group of target pixels; those of a masked group are one row."""
    pixels, seen = source_pixels(source, target, rotation, group=group, look=look)
    lookup = Lookup.build(pixels, source.height, source.width, mode=mode, wrap=source.wrap)
    return Table(lookup, None if seen.all() else ~seen)


def source_pixels(
    source: Projection,
    target: Projection,
    rotation: Float[np.ndarray, "3 3"] | None,
    *,
    group: Group,
    look: tuple[float, float] = (0.0, 0.0),
) -> tuple[Float[np.ndarray, "rows columns 2"], Bool[np.ndarray, "rows columns"]]:
    """The source's coordinates, float32, of the target's pixels, and which of them it shows."""
    first, stop = (0, target.height) if group.mask is None else _rows_of(group.mask)
    pixels = np.empty((stop - first, target.width, 2), np.float32)
    seen = np.empty((stop - first, target.width), bool)

    def fill(start: int) -> None:
        rows = slice(start, min(start + step, stop))
        dirs = target.pixel_dirs(rows=rows, offset=look)
        block = slice(rows.start - first, rows.stop - first)
        pixels[block], seen[block] = locate(source, dirs, rotation)

    step = max(1, _BLOCK // target.width)
    with ThreadPoolExecutor(num_cores()) as pool:
        list(pool.map(fill, range(first, stop, step)))
    if group.mask is None:
        return pixels, seen
    inside = group.mask[first:stop]
    return pixels[inside][None], seen[inside][None]


def locate(
    source: Projection, dirs: Float[np.ndarray, "*shape 3"], rotation: Float[np.ndarray, "3 3"] | None
) -> tuple[Float[np.ndarray, "*shape 2"], Bool[np.ndarray, "*shape"]]:
    """Where the source shows directions of a turned target, and whether it does; the zero direction is nowhere."""
    turned = dirs if rotation is None else rotate_dirs(dirs, rotation)
    pixels, seen = source.dirs_to_pixels(turned)
    return pixels, seen & (dirs != 0).any(-1)


def _rows_of(mask: Bool[np.ndarray, "height width"]) -> tuple[int, int]:
    rows = np.flatnonzero(mask.any(axis=1))
    return int(rows[0]), int(rows[-1]) + 1
