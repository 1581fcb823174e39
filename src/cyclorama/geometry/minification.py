"""Shrinking without moire: how many looks into the source each pixel of the target needs, and where.

A pixel that spans `s` pixels of the source is the average of the source under a tent two target pixels wide, the filter
that image libraries call antialiased bilinear. The tent is summed at (2 k)^2 points, k a power of two near s, so the
points lie no further apart than 1.41 of the source's pixels; a panorama is averaged first in blocks of up to a quarter
of a target pixel. Where a pixel spans less than `SHARP` source pixels one look is enough.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from jaxtyping import Bool, Float

from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.projection import Projection
from cyclorama.geometry.rotations import rotate_dirs

SHARP = 1.75
SIDES = (1, 2, 4, 8, 16, 32, 64)  # points per side of a target pixel
_MOST_LOOKED_AT = 16  # of them, where the source cannot be averaged in blocks


@dataclass(frozen=True, eq=False)
class Group:
    """Pixels of the target that need the same looks; `mask` None is all of them. The weights of the looks sum to 1."""

    mask: Bool[np.ndarray, "height width"] | None
    looks: tuple[tuple[float, float, float], ...]  # (x, y) beside the pixel's centre, in pixels, and the weight
    block: int = 1  # the looks are into the means of `block` x `block` pixels of the source

    @property
    def is_single(self) -> bool:
        return len(self.looks) == 1


ONE_LOOK = (Group(None, ((0.0, 0.0, 1.0),)),)


def looks_into(
    source: Projection, target: Projection, rotation: Float[np.ndarray, "3 3"] | None = None
) -> tuple[Group, ...]:
    """The groups of target pixels for a picture of `source` from which the target is turned by `rotation`."""
    if isinstance(source, Equirect):
        return _looks_into(source, target, None)  # its rows are equally far apart wherever the target looks
    return _looks_into(source, target, None if rotation is None else rotation.tobytes())


@lru_cache(maxsize=16)
def _looks_into(source: Projection, target: Projection, rotation: bytes | None) -> tuple[Group, ...]:
    spans = pixel_spans(target) / _source_spans(source, target, rotation)
    points = 2.0 ** np.rint(np.log2(np.clip(spans, 1, SIDES[-1])))
    points[spans < SHARP] = 1
    sides = [side for side in SIDES if (points == side).any()]
    if sides == [1]:
        return ONE_LOOK
    return tuple(_group(source, side, None if len(sides) == 1 else points == side) for side in sides)


def _group(source: Projection, side: int, mask: Bool[np.ndarray, "height width"] | None) -> Group:
    """Pixels that need `side` points a side: a panorama is averaged in blocks of up to a quarter pixel."""
    block = 1
    if isinstance(source, Equirect):
        while 8 * block <= side and source.height % (2 * block) == 0 and source.width % (4 * block) == 0:
            block *= 2
    return Group(mask, _tent(min(side // block, _MOST_LOOKED_AT)), block)


def _source_spans(source: Projection, target: Projection, rotation: bytes | None) -> Float[np.ndarray, "*size"]:
    if isinstance(source, Equirect):
        return np.array(source.pixel_angle)
    dirs = target.pixel_dirs()
    turned = dirs if rotation is None else rotate_dirs(dirs, np.frombuffer(rotation).reshape(3, 3))
    pixels, seen = source.dirs_to_pixels(turned)
    columns, rows = np.where(seen[..., None], pixels, 0).astype(int).reshape(-1, 2).T
    spans = pixel_spans(source)[rows.clip(max=source.height - 1), columns.clip(max=source.width - 1)]
    return np.where(seen & (spans.reshape(seen.shape) > 0), spans.reshape(seen.shape), np.inf)


@lru_cache(maxsize=4)
def pixel_spans(target: Projection) -> Float[np.ndarray, "height width"]:
    """The larger of the angles in radians between a pixel's left and right, and its upper and lower border."""
    across = _chord(target, (-0.5, 0.0), (0.5, 0.0))
    along = _chord(target, (0.0, -0.5), (0.0, 0.5))
    return 2 * np.arcsin(np.clip(np.maximum(across, along) / 2, 0, 1))


def _chord(target: Projection, a: tuple[float, float], b: tuple[float, float]) -> Float[np.ndarray, "height width"]:
    start, stop = target.pixel_dirs(offset=a), target.pixel_dirs(offset=b)
    both = np.any(start != 0, axis=-1) & np.any(stop != 0, axis=-1)
    return np.where(both, np.linalg.norm(stop - start, axis=-1), 0)


def _tent(points: int) -> tuple[tuple[float, float, float], ...]:
    if points == 1:
        return ((0.0, 0.0, 1.0),)
    places = [(i + 0.5) / points - 1 for i in range(2 * points)]
    weights = [(1 - abs(place)) / points for place in places]
    assert math.isclose(sum(weights), 1)
    return tuple((x, y, u * v) for (y, v), (x, u) in product(zip(places, weights, strict=True), repeat=2))
