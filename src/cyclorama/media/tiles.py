"""A panorama as the tiles of a cube at several sizes, so that a viewer loads only what it shows.

On level n every face is 2^n x 2^n square tiles of one size. A tile has one more pixel on every side, which shows what
the face's plane would show there, so a viewer that interpolates sees no edge between tiles nor between faces.
"""

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from cyclorama.geometry.cubemap import FACE_ROTATIONS, FACES
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.reprojection import reproject

MAX_TILE = 768
_QUALITY = 92


@dataclass(frozen=True)
class Pyramid:
    """The sizes of a pyramid: `size` pixels a tile without its border, `levels` of them."""

    size: int
    levels: int

    def face(self, level: int) -> int:
        return self.size << level


def plan_pyramid(width: int) -> Pyramid:
    """The pyramid for a panorama of that width; the middle of a face on the finest level has its resolution.

    >>> plan_pyramid(8192)
    Pyramid(size=652, levels=3)
    """
    face = math.ceil(width / math.pi)
    halvings = max(0, math.ceil(math.log2(face / MAX_TILE)))
    return Pyramid(math.ceil(face / 2**halvings), halvings + 1)


def cube_tiles(panorama: UInt8[np.ndarray, "height width 3"], pyramid: Pyramid) -> Iterator[tuple[str, bytes]]:
    """Names `level-face-row-column` and JPEG files of all tiles, the finest level first."""
    for level in reversed(range(pyramid.levels)):
        yield from _tiles_of_level(panorama, level, pyramid)
        if level:
            panorama = shrink(panorama, round(panorama.shape[0] / 2))


def shrink(panorama: UInt8[np.ndarray, "height width 3"], height: int) -> UInt8[np.ndarray, "rows columns 3"]:
    """A smaller panorama, `height` x 2 `height`, every pixel the average of what it covers."""
    return np.asarray(Image.fromarray(panorama).resize((2 * height, height), Image.Resampling.BOX))


def to_jpeg(pixels: UInt8[np.ndarray, "height width 3"], *, quality: int = _QUALITY) -> bytes:
    """The picture as a JPEG file, colours at full resolution."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality, subsampling="4:4:4")
    return file.getvalue()


def _tiles_of_level(
    panorama: UInt8[np.ndarray, "height width 3"], level: int, pyramid: Pyramid
) -> Iterator[tuple[str, bytes]]:
    for name in FACES:
        face = _face_with_border(panorama, name, pyramid.face(level))
        for row in range(2**level):
            for column in range(2**level):
                y, x = row * pyramid.size, column * pyramid.size
                tile = face[y : y + pyramid.size + 2, x : x + pyramid.size + 2]
                yield f"{level}-{name}-{row}-{column}", to_jpeg(tile)


def _face_with_border(panorama: UInt8[np.ndarray, "height width 3"], name: str, size: int) -> np.ndarray:
    camera = Perspective(size + 2, size + 2, math.degrees(2 * math.atan((size + 2) / size)))
    turned = FACE_ROTATIONS[FACES.index(name)]
    return reproject(panorama, Equirect(*panorama.shape[:2]), camera, rotation=turned, antialias=False)
