"""Cube maps: six square views of 90 degrees in the order of `FACES`; tensors [..., 6, C, S, S], arrays [6, S, S, C].

Every face is upright for a camera that turned to it: the bottom edge of "up" touches "front", and so does the top edge
of "down". As a projection the six faces are one strip, `6 S` rows of `S` pixels. File formats with other orders and
orientations are converted where the file is read or written.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.projection import Projection, centres_like, require_size, rows_of
from cyclorama.geometry.rotations import rotate_dirs, rotation_matrix
from cyclorama.geometry.sphere import array_module, at_least_float32, components

FACES = ("front", "right", "back", "left", "up", "down")
_TURNS = ((0, 0), (90, 0), (180, 0), (270, 0), (0, 90), (0, -90))  # yaw and pitch of each face in degrees
FACE_ROTATIONS = np.stack([rotation_matrix(yaw, pitch) for yaw, pitch in _TURNS])  # cam_to_world


@dataclass(frozen=True)
class Cubemap(Projection):
    """The strip of six faces of `size` pixels; pixel (x, y) is pixel (x, y - face size) of face `floor(y / size)`.

    >>> pixels, seen = Cubemap(4).dirs_to_pixels(np.array([2.0, 0.0, 0.0]))
    >>> pixels.tolist()
    [2.0, 6.0]
    """

    size: int
    wrap = "cube"
    covers_sphere = True

    def __post_init__(self) -> None:
        require_size(self.size, self.size)

    @property
    def height(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        return 6 * self.size

    @property
    def width(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self.size

    @property
    def pixel_angle(self) -> float:
        return 2 / self.size

    @property
    def _face(self) -> Perspective:
        return Perspective(self.size, self.size, 90)

    def pixels_to_dirs(self, pixels: Float[Any, "*shape 2"]) -> Float[Any, "*shape 3"]:
        xp, pixels = array_module(pixels), at_least_float32(pixels)
        face = xp.clip(xp.floor(pixels[..., 1:] / self.size), 0, 5)
        x, y = pixels[..., :1], pixels[..., 1:] - face * self.size
        dirs = self._face.pixels_to_dirs(xp.concat([x, y], axis=-1))
        world = xp.zeros_like(dirs)
        for index, turned in enumerate(FACE_ROTATIONS):
            world = xp.where(face == index, rotate_dirs(dirs, turned), world)
        return world

    def dirs_to_pixels(self, dirs: Float[Any, "*shape 3"]) -> tuple[Float[Any, "*shape 2"], Bool[Any, "*shape"]]:
        xp = array_module(dirs)
        face, pixels = dirs_to_cubemap_pixels(dirs, self.size)
        # the lower border of a face is the first row of the next one in the strip: stay a hair above it
        y = xp.clip(pixels[..., 1], None, self.size * (1 - 2.0**-20)) + xp.astype(face * self.size, pixels.dtype)
        return xp.stack([pixels[..., 0], y], axis=-1), xp.any(dirs != 0, axis=-1)

    def pixel_dirs(
        self, *, rows: slice = slice(None), offset: tuple[float, float] = (0.0, 0.0), like: Any = None
    ) -> Float[Any, "rows width 3"]:
        """As `Projection.pixel_dirs`; an offset that leaves a face stays on the plane of that face."""
        numbers = rows_of(rows, self.height)
        faces = []
        for face in sorted(set((numbers // self.size).astype(int).tolist())):
            inside = numbers[numbers // self.size == face] - face * self.size
            dirs = self._face.pixels_to_dirs(centres_like(inside, self.size, offset=offset, like=like))
            faces.append(rotate_dirs(dirs, FACE_ROTATIONS[face]))
        return array_module(faces[0]).concat(faces, axis=0)

    def solid_angles(self) -> Float[np.ndarray, "height width"]:
        """The exact solid angle of every pixel of the strip in steradians, float64; the sum is 4 pi.

        >>> f"{Cubemap(8).solid_angles().sum():.4f}"
        '12.5664'
        """
        return np.tile(self._face.solid_angles(), (6, 1))


def dirs_to_cubemap_pixels(
    dirs: Float[Any, "*shape 3"], size: int
) -> tuple[Int[Any, "*shape"], Float[Any, "*shape 2"]]:
    """The face (an index into `FACES`) and the pixel coordinates on it of directions of any length.

    >>> face, pixels = dirs_to_cubemap_pixels(np.array([2.0, 0.0, 0.0]), 4)
    >>> FACES[face], pixels.tolist()
    ('right', [2.0, 2.0])
    """
    xp, (x, y, z) = array_module(dirs), components(at_least_float32(dirs))
    ax, ay, az = xp.abs(x), xp.abs(y), xp.abs(z)
    vertical = ay > xp.maximum(ax, az)
    lengthwise = ~vertical & (az >= ax)
    sign = xp.where(vertical, xp.sign(y), xp.where(lengthwise, -xp.sign(z), xp.sign(x)))
    forward = xp.where(vertical, ay, xp.where(lengthwise, az, ax))
    forward = xp.where(forward == 0, xp.ones_like(forward), forward)  # no direction at all
    right = xp.where(vertical, x, xp.where(lengthwise, x, z) * sign)
    up = xp.where(vertical, z * sign, y)
    pixels = xp.stack([1 + right / forward, 1 - up / forward], axis=-1) * (size / 2)
    plus = xp.where(vertical, xp.full_like(x, 4), xp.where(lengthwise, xp.zeros_like(x), xp.ones_like(x)))
    minus = xp.where(vertical, xp.full_like(x, 5), xp.where(lengthwise, xp.full_like(x, 2), xp.full_like(x, 3)))
    return xp.astype(xp.where(sign > 0, plus, minus), xp.int64), pixels
