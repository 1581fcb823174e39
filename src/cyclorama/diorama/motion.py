"""How things move: rules from seconds to an offset in metres and a turn in degrees to the right about the vertical.

Every rule is a pure function of the time, so that frames can be rendered in any order, each equal to itself.
A `phase` is a part of a period, 0 to 1. Things of several solids turn as one, about the middle of what moves.
"""

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace

from cyclorama.diorama.noise import Real
from cyclorama.diorama.solids import Motion, Point, Solid

AT_REST: Point = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Bob:
    """Up and down by `height_m` about the place of rest: a boat on a calm lake."""

    height_m: Real
    period_s: Real
    phase: Real = 0.0

    def __call__(self, seconds: float) -> tuple[Point, Real]:
        return (0.0, self.height_m * math.sin(_angle(seconds, self.period_s, self.phase)), 0.0), 0.0


@dataclass(frozen=True)
class Sway:
    """To the right and to the left by `degrees` about the heading of rest: a boat on its anchor, a sign in the wind."""

    degrees: Real
    period_s: Real
    phase: Real = 0.0

    def __call__(self, seconds: float) -> tuple[Point, Real]:
        return AT_REST, self.degrees * math.sin(_angle(seconds, self.period_s, self.phase))


@dataclass(frozen=True)
class Drift:
    """Straight on at `velocity` (metres a second): the place of rest is the middle of a path of `path_length_m`.

    At the end of the path it starts again at the beginning, so let both lie out of sight.
    """

    velocity: Point
    path_length_m: Real

    def __call__(self, seconds: float) -> tuple[Point, Real]:
        dx, dy, dz = self.velocity
        speed = math.hypot(dx, dy, dz)
        if speed == 0:
            return AT_REST, 0.0
        half = self.path_length_m / 2
        along = ((speed * seconds + half) % self.path_length_m - half) / speed
        return (dx * along, dy * along, dz * along), 0.0


@dataclass(frozen=True)
class Circle:
    """Round the place of rest, clockwise seen from above, with the bow ahead: at phase 0 in front, heading to +x.

    The thing is made with its bow to +x, where it heads at phase 0. A negative period goes round the other way, stern
    ahead.
    """

    radius_m: Real
    period_s: Real
    phase: Real = 0.0

    def __call__(self, seconds: float) -> tuple[Point, Real]:
        turn = _angle(seconds, self.period_s, self.phase)
        return (self.radius_m * math.sin(turn), 0.0, -self.radius_m * math.cos(turn)), math.degrees(turn)


def at_time(solids: Iterable[Solid], seconds: float) -> tuple[Solid, ...]:
    """The solids as they are after so many seconds; those without a motion are returned as they are.

    Solids of one group that share one motion turn together, about the vertical through the mean of their centres.
    """
    solids = tuple(solids)
    pivots = _pivots(solids)
    return tuple(
        solid if solid.motion is None else _moved(solid, solid.motion, pivots[_key(solid, index)], seconds)
        for index, solid in enumerate(solids)
    )


def _moved(solid: Solid, motion: Motion, pivot: Point, seconds: float) -> Solid:
    (dx, dy, dz), turn_deg = motion(seconds)
    sine, cosine = math.sin(math.radians(turn_deg)), math.cos(math.radians(turn_deg))
    x, z = solid.centre[0] - pivot[0], solid.centre[2] - pivot[2]
    # to the right, seen from above: the front (-z) turns towards +x
    x, z = x * cosine - z * sine, x * sine + z * cosine
    centre = (pivot[0] + x + dx, solid.centre[1] + dy, pivot[2] + z + dz)
    return replace(solid, centre=centre, yaw_deg=solid.yaw_deg + turn_deg)


def _key(solid: Solid, index: int) -> Hashable:
    """Equal for solids that turn together; a solid of no group turns alone."""
    return (solid.group, solid.motion) if solid.group >= 0 else ("alone", index)


def _pivots(solids: tuple[Solid, ...]) -> dict[Hashable, Point]:
    together: dict[Hashable, list[Point]] = {}
    for index, solid in enumerate(solids):
        if solid.motion is not None:
            together.setdefault(_key(solid, index), []).append(solid.centre)
    return {key: _mean(centres) for key, centres in together.items()}


def _mean(points: list[Point]) -> Point:
    x, y, z = (sum(axis) / len(points) for axis in zip(*points, strict=True))
    return x, y, z


def _angle(seconds: float, period_s: Real, phase: Real) -> float:
    return 2 * math.pi * (seconds / period_s + phase)
