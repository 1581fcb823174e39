"""Round projections: the distance from the middle of the picture is a function of the angle from the camera's axis.

With theta that angle and r the distance, in units in which r = 1 where theta is half the field of view:

    equidistant     r ~ theta               most fisheye lenses
    equisolid       r ~ sin(theta / 2)      equal solid angles are equal areas
    stereographic   r ~ tan(theta / 2)      keeps shapes; pitched down by 90 degrees it is a "little planet"
    orthographic    r ~ sin(theta)          up to 180 degrees

Kannala and Brandt, "A generic camera model and calibration method for conventional, wide-angle, and fish-eye lenses"
(2006), equations 1 to 5. `fov_deg` is the angle across the WIDTH of the picture. An equidistant, equisolid or
orthographic picture shows nothing outside the circle through the middles of its left and right borders; the
stereographic one fills its corners.
"""

import math
from dataclasses import dataclass
from typing import Any

from jaxtyping import Bool, Float

from cyclorama.geometry.projection import Projection, require_size
from cyclorama.geometry.rotations import Degrees
from cyclorama.geometry.sphere import array_module, at_least_float32, components

MAPPINGS = {"equidistant": 360, "equisolid": 360, "stereographic": 360, "orthographic": 180}  # and their widest fov


@dataclass(frozen=True)
class Fisheye(Projection):
    """A fisheye camera, or with `mapping="stereographic"` a little planet.

    >>> import numpy as np
    >>> pixels, seen = Fisheye(8, 8, 180).dirs_to_pixels(np.array([1.0, 0.0, 0.0]))
    >>> pixels.tolist(), bool(seen)
    ([8.0, 4.0], True)
    """

    height: int
    width: int
    fov_deg: Degrees
    mapping: str = "equidistant"

    def __post_init__(self) -> None:
        require_size(self.height, self.width)
        if self.mapping not in MAPPINGS:
            raise ValueError(f"got the fisheye mapping {self.mapping!r}, wanted one of {', '.join(MAPPINGS)}")
        widest = MAPPINGS[self.mapping]
        if not 0 < self.fov_deg <= widest or (self.mapping == "stereographic" and self.fov_deg == widest):
            raise ValueError(
                f"got a field of view of {self.fov_deg} degrees for a {self.mapping} picture, "
                f"wanted more than 0 and {'less than' if self.mapping == 'stereographic' else 'at most'} {widest}"
            )

    @property
    def pixel_angle(self) -> float:
        step = {"equidistant": 1.0, "equisolid": 2.0, "stereographic": 2.0, "orthographic": 1.0}[self.mapping]
        return step * self._scale / (self.width / 2)

    @property
    def _half_fov(self) -> float:
        return math.radians(self.fov_deg) / 2

    @property
    def _scale(self) -> float:
        """The mapping's own value where r = 1."""
        half = self._half_fov
        values = {"equidistant": half, "equisolid": math.sin(half / 2), "orthographic": math.sin(half)}
        return values[self.mapping] if self.mapping in values else math.tan(half / 2)

    def pixels_to_dirs(self, pixels: Float[Any, "*shape 2"]) -> Float[Any, "*shape 3"]:
        xp, (x, y) = array_module(pixels), components(at_least_float32(pixels))
        x, y = (2 * x - self.width) / self.width, (self.height - 2 * y) / self.width
        r = xp.hypot(*_off_centre(xp, x, y))
        shown = r <= 1 if self.mapping != "stereographic" else r >= 0
        value = xp.where(shown, r, xp.ones_like(r)) * self._scale
        theta = {
            "equidistant": lambda v: v,
            "equisolid": lambda v: 2 * xp.asin(v),
            "stereographic": lambda v: 2 * xp.atan(v),
            "orthographic": xp.asin,
        }[self.mapping](value)
        across = xp.sin(theta) / r
        dirs = xp.stack([x * across, y * across, -xp.cos(theta)], axis=-1)
        return xp.where(shown[..., None], dirs, xp.zeros_like(dirs))

    def dirs_to_pixels(self, dirs: Float[Any, "*shape 3"]) -> tuple[Float[Any, "*shape 2"], Bool[Any, "*shape"]]:
        xp, (x, y, z) = array_module(dirs), components(at_least_float32(dirs))
        across = xp.hypot(*_off_centre(xp, x, y))
        theta = xp.atan2(across, -z)
        # one point fills the whole circle behind the camera, where a stereographic picture has no pixel at all
        theta_drawn = xp.clip(theta, 0, math.pi - 1e-3) if self.mapping == "stereographic" else theta
        value = {
            "equidistant": lambda t: t,
            "equisolid": lambda t: xp.sin(t / 2),
            "stereographic": lambda t: xp.tan(t / 2),
            "orthographic": xp.sin,
        }[self.mapping](theta_drawn)
        per_across = value / self._scale / across * (self.width / 2)
        x, y = self.width / 2 + x * per_across, self.height / 2 - y * per_across
        inside = (x >= 0) & (x <= self.width) & (y >= 0) & (y <= self.height) & (theta == theta_drawn)
        circle = theta <= self._half_fov * (1 + 1e-5)
        return xp.stack([x, y], axis=-1), inside if self.mapping == "stereographic" else inside & circle


def _off_centre(xp: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """x and y, but a tiny x instead of the very centre, where the azimuth is undefined and its gradient infinite."""
    return xp.where((x == 0) & (y == 0), xp.full_like(x, 1e-20), x), y
