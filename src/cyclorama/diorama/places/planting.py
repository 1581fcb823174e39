"""Where things stand outdoors: free spots around the eye on suitable ground."""

import math
from collections.abc import Callable

import torch

from cyclorama.diorama.landscapes.terrain import Terrain
from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import EYE_HEIGHT_M, Dice, Layout
from cyclorama.diorama.solids import Point, Solid

EYE_ROOM_M = 1.7
TRIES = 5


class Plot:
    """The ground around the eye, at (0, 0), and what stands on it so far: circles that are taken."""

    def __init__(self, dice: Dice, terrain: Terrain) -> None:
        self.dice, self.terrain = dice, terrain
        self.taken: list[tuple[Real, Real, Real]] = [(0.0, 0.0, EYE_ROOM_M)]
        self.solids: list[Solid] = []

    def heights(self, spots: list[tuple[Real, Real]]) -> list[float]:
        """Height of the ground in metres at points (x, z)."""
        return self.terrain.height(torch.tensor(spots, dtype=torch.float32).reshape(-1, 2)).tolist()

    def foot(self, x: Real, z: Real) -> Point:
        return (x, self.heights([(x, z)])[0], z)

    def eye(self, raised: Real = 0.0) -> Point:
        x, y, z = self.foot(0.0, 0.0)
        return (x, y + EYE_HEIGHT_M + raised, z)

    def layout(self, raised: Real = 0.0) -> Layout:
        return Layout(self.eye(raised), tuple(self.solids), terrain=self.terrain)

    def is_free(self, x: Real, z: Real, room: Real) -> bool:
        return all(math.hypot(x - a, z - b) >= room + taken for a, b, taken in self.taken)

    def take(self, x: Real, z: Real, room: Real) -> None:
        self.taken.append((x, z, room))

    def feet(
        self,
        count: int,
        near: Real,
        far: Real,
        *,
        room: Real = 0.5,
        lowest: Real = -math.inf,
        highest: Real = math.inf,
        toward: tuple[Real, Real] | None = None,
    ) -> list[Point]:
        """At most `count` free feet `near` to `far` metres away, of a height in [lowest, highest].

        They are spread evenly over the azimuths, or within 60 degrees of the direction `toward` (x, z).
        """
        spots = [self._draw(k, count, near, far, toward) for k in range(count * TRIES)]
        feet: list[Point] = []
        for (x, z), y in zip(spots, self.heights(spots), strict=True):
            if len(feet) < count and lowest <= y <= highest and self.is_free(x, z, room):
                feet.append((x, y, z))
                self.take(x, z, room)
        return feet

    def _draw(self, k: int, count: int, near: Real, far: Real, toward: tuple[Real, Real] | None) -> tuple[Real, Real]:
        radius = near * (far / near) ** self.dice.uniform()
        if toward is None:
            azimuth = 2 * math.pi * (0.618034 * k + self.dice.uniform(-0.5, 0.5) / count)
        else:
            azimuth = math.atan2(toward[0], toward[1]) + math.radians(self.dice.uniform(-60, 60))
        return radius * math.sin(azimuth), radius * math.cos(azimuth)

    def plant(self, feet: list[Point], grow: Callable[[Point], list[Solid]]) -> None:
        """One thing at each foot, a hand's breadth in the ground."""
        for x, y, z in feet:
            self.solids += grow((x, y - 0.08, z))


def fineness(foot: Point) -> float:
    """How fine a thing at this foot is made for an eye at the origin: 1 near, 0.35 far away."""
    away = math.hypot(foot[0], foot[2])
    return 1.0 if away < 10 else 0.6 if away < 28 else 0.35


def facing_eye(foot: Point) -> float:
    """The yaw with which a thing's front (its -z) looks at the eye."""
    return math.degrees(math.atan2(-foot[0], foot[2]))


def draw_terrain(dice: Dice, kind: str, relief: tuple[Real, Real] = (0.75, 1.25), water: Real = -math.inf) -> Terrain:
    """A terrain of the kind with its direction, its place in the noise and its relief drawn."""
    turn = dice.uniform(0, 2 * math.pi)
    return Terrain(
        kind,
        axis=(math.sin(turn), math.cos(turn)),
        offset=(dice.uniform(0, 60), dice.uniform(0, 60)),
        relief=dice.uniform(*relief),
        water=water,
    )
