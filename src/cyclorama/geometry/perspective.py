"""Perspective views: a pinhole camera with square pixels that looks along its own -z.

`fov_deg` is the HORIZONTAL field of view, between the outer edges of the first and the last column, in (0, 180);
any other raises ValueError. Yaw, pitch and roll are those of `rotation`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from cyclorama.geometry.projection import Projection, require_size
from cyclorama.geometry.rotations import Degrees, cos_sin
from cyclorama.geometry.sphere import array_module, at_least_float32, components


@dataclass(frozen=True)
class Perspective(Projection):
    """A pinhole camera.

    >>> camera = Perspective(4, 6, 90)
    >>> camera.pixels_to_dirs(np.array([3.0, 2.0])).tolist()
    [0.0, 0.0, -1.0]
    >>> pixels, seen = camera.dirs_to_pixels(np.array([0.0, 0.0, -1.0]))
    >>> pixels.tolist(), bool(seen)
    ([3.0, 2.0], True)
    """

    height: int
    width: int
    fov_deg: Degrees

    def __post_init__(self) -> None:
        require_size(self.height, self.width)
        half_extent(self.fov_deg)

    @property
    def pixel_angle(self) -> float:
        return 2 * half_extent(self.fov_deg) / self.width

    def pixels_to_dirs(self, pixels: Float[Any, "*shape 2"]) -> Float[Any, "*shape 3"]:
        xp, (x, y) = array_module(pixels), components(at_least_float32(pixels))
        pixel = half_extent(self.fov_deg) / self.width
        x, y = (2 * x - self.width) * pixel, (self.height - 2 * y) * pixel
        per_length = 1 / xp.sqrt(x * x + y * y + 1)
        return xp.stack([x * per_length, y * per_length, -per_length], axis=-1)

    def dirs_to_pixels(self, dirs: Float[Any, "*shape 3"]) -> tuple[Float[Any, "*shape 2"], Bool[Any, "*shape"]]:
        xp, (x, y, z) = array_module(dirs), components(at_least_float32(dirs))
        in_front = z < 0
        per_depth = self.width / (2 * half_extent(self.fov_deg)) / xp.where(in_front, -z, xp.ones_like(z))
        x, y = self.width / 2 + x * per_depth, self.height / 2 - y * per_depth
        seen = in_front & (x >= 0) & (x <= self.width) & (y >= 0) & (y <= self.height)
        return xp.stack([x, y], axis=-1), seen

    def solid_angles(self) -> Float[np.ndarray, "height width"]:
        """The exact solid angle of every pixel in steradians, float64; six square views of 90 degrees make 4 pi.

        >>> f"{6 * Perspective(8, 8, 90).solid_angles().sum():.4f}"
        '12.5664'
        """
        pixel = half_extent(self.fov_deg) / self.width
        x = (2 * np.arange(self.width + 1, dtype=np.float64) - self.width) * pixel
        y = (2 * np.arange(self.height + 1, dtype=np.float64) - self.height)[:, None] * pixel
        # the solid angle of the rectangle from the axis to the corner (x, y) of the plane at distance 1
        corner = np.arctan2(x * y, np.sqrt(x * x + y * y + 1))
        return np.diff(np.diff(corner, axis=0), axis=1)


def half_extent(fov_deg: Degrees) -> float:
    """Half the width of the image plane at distance 1, tan(fov / 2); exactly 1 at 90 degrees.

    >>> half_extent(90)
    1.0
    """
    if not 0 < fov_deg < 180:
        raise ValueError(f"got a field of view of {fov_deg} degrees, wanted more than 0 and less than 180")
    cos, sin = cos_sin(fov_deg)
    return sin / (1 + cos)
