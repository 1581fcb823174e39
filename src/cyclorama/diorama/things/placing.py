"""Where a piece of furniture stands and which way it looks, so that its parts can be given in its own axes."""

import math
from dataclasses import dataclass
from typing import Any

from cyclorama.diorama.colours import Rgb
from cyclorama.diorama.noise import Real
from cyclorama.diorama.solids import Point, Solid


@dataclass(frozen=True)
class Spot:
    """A place on the floor in metres. A piece looks along -z before it is turned `yaw_deg` to the right."""

    x: Real
    z: Real
    yaw_deg: Real = 0.0
    y: Real = 0.0

    @classmethod
    def at(cls, foot: Point, yaw_deg: Real) -> "Spot":
        """The spot on a foot point (x, y, z)."""
        x, y, z = foot
        return cls(x, z, yaw_deg, y)

    def point(self, dx: Real, dy: Real, dz: Real) -> Point:
        """The world point at an offset in the piece's own axes."""
        angle = math.radians(-self.yaw_deg)
        cos, sin = math.cos(angle), math.sin(angle)
        return self.x + dx * cos + dz * sin, self.y + dy, self.z - dx * sin + dz * cos

    def beside(self, dx: Real, dz: Real, *, turn_deg: Real = 0.0, up: Real = 0.0) -> "Spot":
        """Another spot, given in this one's axes."""
        x, y, z = self.point(dx, up, dz)
        return Spot(x, z, self.yaw_deg + turn_deg, y)

    def solid(self, shape: str, offset: Point, size: Point, colour: Rgb, material: str = "plain", **more: Any) -> Solid:
        """A solid at an offset in the piece's axes; `turn_deg` turns it further, the rest are fields of `Solid`."""
        yaw_deg = self.yaw_deg + more.pop("turn_deg", 0.0)
        return Solid(shape, self.point(*offset), size, colour, material, yaw_deg=yaw_deg, **more)

    def box(self, offset: Point, size: Point, colour: Rgb, material: str = "joinery", **more: Any) -> Solid:
        """A box; see `solid`."""
        return self.solid("box", offset, size, colour, material, **more)

    def pole(self, offset: Point, radius: Real, half: Real, colour: Rgb, material: str = "plain", **more: Any) -> Solid:
        """An upright cylinder; see `solid`."""
        return self.solid("cylinder", offset, (radius, half, radius), colour, material, **more)

    def ball(self, offset: Point, size: Point, colour: Rgb, material: str = "plain", **more: Any) -> Solid:
        """An ellipsoid; see `solid`."""
        return self.solid("sphere", offset, size, colour, material, **more)
