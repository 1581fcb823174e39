"""Wide views on a flat picture that keep vertical lines straight: Mercator and Pannini.

`fov_deg` is the angle across the width of the picture; the horizon is the middle row.
"""

import math
from dataclasses import dataclass
from typing import Any

from jaxtyping import Bool, Float

from cyclorama.geometry.projection import Projection, require_size
from cyclorama.geometry.rotations import Degrees
from cyclorama.geometry.sphere import array_module, at_least_float32, components, dirs_to_lonlat, lonlat_to_dirs


@dataclass(frozen=True)
class Mercator(Projection):
    """The conformal cylinder: x = lon, y = asinh(tan(lat)). Snyder, "Map Projections" (1987), equations 7-1 and 7-2a.

    >>> import numpy as np
    >>> Mercator(4, 8, 360).pixels_to_dirs(np.array([6.0, 2.0])).round(6).tolist()
    [1.0, 0.0, -0.0]
    """

    height: int
    width: int
    fov_deg: Degrees = 360

    def __post_init__(self) -> None:
        require_size(self.height, self.width)
        if not 0 < self.fov_deg <= 360:
            raise ValueError(f"got a field of view of {self.fov_deg} degrees, wanted more than 0 and at most 360")

    @property
    def pixel_angle(self) -> float:
        return math.radians(self.fov_deg) / self.width

    def pixels_to_dirs(self, pixels: Float[Any, "*shape 2"]) -> Float[Any, "*shape 3"]:
        xp, (x, y) = array_module(pixels), components(at_least_float32(pixels))
        lon, rise = (x - self.width / 2) * self.pixel_angle, (self.height / 2 - y) * self.pixel_angle
        return lonlat_to_dirs(lon, xp.atan(xp.sinh(xp.clip(rise, -40, 40))))

    def dirs_to_pixels(self, dirs: Float[Any, "*shape 3"]) -> tuple[Float[Any, "*shape 2"], Bool[Any, "*shape"]]:
        xp, (lon, lat) = array_module(dirs), dirs_to_lonlat(dirs)
        low = xp.clip(lat, -math.pi / 2 + 1e-6, math.pi / 2 - 1e-6)
        x, y = self.width / 2 + lon / self.pixel_angle, self.height / 2 - xp.asinh(xp.tan(low)) / self.pixel_angle
        seen = (x >= 0) & (x <= self.width) & (y >= 0) & (y <= self.height)
        return xp.stack([x, y], axis=-1), seen


@dataclass(frozen=True)
class Pannini(Projection):
    """A cylinder seen from `distance` behind its axis: wide angles with straight verticals and radial lines.

    Sharpless, Postle and German, "Pannini: A New Projection for Rendering Wide Angle Perspective Images" (2010),
    section 3; distance 0 is the perspective view, 1 the usual choice.

    >>> import numpy as np
    >>> Pannini(4, 8, 150).pixels_to_dirs(np.array([4.0, 2.0])).tolist()
    [0.0, 0.0, -1.0]
    """

    height: int
    width: int
    fov_deg: Degrees
    distance: Degrees = 1.0

    def __post_init__(self) -> None:
        require_size(self.height, self.width)
        if not 0 <= self.distance <= 1:
            raise ValueError(f"got the Pannini distance {self.distance}, wanted 0 (perspective) to 1")
        widest = 2 * math.degrees(math.acos(-self.distance))
        if not 0 < self.fov_deg < widest:
            raise ValueError(f"got a field of view of {self.fov_deg} degrees, wanted more than 0, less than {widest:g}")

    @property
    def pixel_angle(self) -> float:
        half = math.radians(self.fov_deg) / 2
        return 2 * (self.distance + 1) / (self.distance + math.cos(half)) * math.sin(half) / self.width

    def pixels_to_dirs(self, pixels: Float[Any, "*shape 2"]) -> Float[Any, "*shape 3"]:
        xp, (x, y) = array_module(pixels), components(at_least_float32(pixels))
        x, y = (x - self.width / 2) * self.pixel_angle, (self.height / 2 - y) * self.pixel_angle
        d, k = self.distance, (x / (self.distance + 1)) ** 2
        cos_lon = (xp.sqrt(xp.clip(1 + k * (1 - d * d), 0, None)) - k * d) / (k + 1)
        scale = (d + 1) / (d + cos_lon)
        return lonlat_to_dirs(xp.atan2(x / scale, cos_lon), xp.atan(y / scale))

    def dirs_to_pixels(self, dirs: Float[Any, "*shape 3"]) -> tuple[Float[Any, "*shape 2"], Bool[Any, "*shape"]]:
        xp, (lon, lat) = array_module(dirs), dirs_to_lonlat(dirs)
        in_front = xp.abs(lon) <= math.radians(self.fov_deg) / 2 * (1 + 1e-6)
        lon = xp.where(in_front, lon, xp.zeros_like(lon))
        low = xp.clip(lat, -math.pi / 2 + 1e-6, math.pi / 2 - 1e-6)
        scale = (self.distance + 1) / (self.distance + xp.cos(lon)) / self.pixel_angle
        x, y = self.width / 2 + scale * xp.sin(lon), self.height / 2 - scale * xp.tan(low)
        seen = in_front & (x >= 0) & (x <= self.width) & (y >= 0) & (y <= self.height)
        return xp.stack([x, y], axis=-1), seen
