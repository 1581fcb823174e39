"""Where cameras stand in a mesh: places with a floor under them and room around them, and short walks from there.

A place is found by rays down through the whole scene: every level surface with room for a head above it is a floor,
unless most of what lies a step around it is lower (a table). A walk goes on in about its direction, at one height above
the floor, and looks where it goes; all its places, and the middles between them, keep the clearance.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor

from cyclorama.diorama.meshes.casting import cast, cast_from, cast_layers
from cyclorama.diorama.meshes.clearance import Obstacles, missing_around
from cyclorama.diorama.meshes.surfaces import MeshScene
from cyclorama.diorama.noise import Real
from cyclorama.geometry.poses import pose
from cyclorama.geometry.viewsets import look_along

COLUMNS_A_DRAW = 64
MOST_DRAWS = 24  # without a place, before a scene is given up
TRIES_A_WALK = 24  # walks begun for each that is wanted
TRIES_A_STEP = 16
STRAIGHT_DEG, WIDENING_DEG = 15.0, 10.0  # how far a step may turn at first, and more with every failed try
STAIR_M = 0.25  # how far the floor may rise or fall in one step
TABLE_M, AROUND_M, NUM_AROUND = 0.15, 1.0, 12
_DOWN = np.array([0.0, -1.0, 0.0])
_UP = (0.0, 1.0, 0.0)


@dataclass(frozen=True)
class Walks:
    """What is looked for. Lengths in metres, pairs are ranges.

    `most_missing` is the share of rays around a camera that may meet nothing, `most_missing_at_poles` that of the rays
    more than 60 degrees up, and of those down: scans often have no ceiling.
    """

    num_poses: int = 1
    eye_m: tuple[Real, Real] = (1.3, 1.7)
    step_m: tuple[Real, Real] = (0.3, 0.8)
    clearance_m: Real = 0.4
    most_missing: Real = 0.02
    most_missing_at_poles: Real = 0.3

    def __post_init__(self) -> None:
        ranges = [low <= high for low, high in (self.eye_m, self.step_m)]
        if self.num_poses < 1 or not all(ranges) or self.eye_m[0] <= self.clearance_m or self.step_m[0] <= 0:
            raise ValueError(f"got {self}, wanted a pose or more, ranges from low to high, eyes above the clearance")


@dataclass(frozen=True, eq=False)
class Found:
    """`cam_to_world` of each walk, and why others were dropped: reason and number."""

    walks: tuple[Float64[Tensor, "poses 4 4"], ...]
    dropped: Mapping[str, int] = field(default_factory=dict)


class Walker:
    """Finds walks in one scene; equal seeds find equal walks."""

    def __init__(self, scene: MeshScene, wanted: Walks | None = None, *, seed: int = 0) -> None:
        self.scene, self.wanted = scene, wanted or Walks()
        self.obstacles = Obstacles(scene)
        self.dice = np.random.default_rng(seed)
        self._waiting: list[np.ndarray] = []

    def find(self, count: int) -> Found:
        """Up to `count` walks that see no holes; fewer where the scene has no more within many tries.

        Raises ValueError where not one is found, with the reasons.
        """
        dropped: Counter[str] = Counter()
        walks = []
        for walk in self._begun(TRIES_A_WALK * count):
            reason = "no way on from there" if walk is None else self._fault_of(walk)
            if reason or walk is None:
                dropped[reason or ""] += 1
                continue
            walks.append(_poses(walk, self.wanted.num_poses))
            if len(walks) == count:
                break
        if not walks:
            raise ValueError(f"no camera place found in {self.scene.name}: {self._advice(dropped)}")
        return Found(tuple(walks), dict(dropped))

    def _advice(self, dropped: Mapping[str, int]) -> str:
        size = " x ".join(f"{extent:.2f}" for extent in self.scene.mesh.extents)
        if dropped:
            return (
                f"dropped for {', '.join(f'{reason} {count}' for reason, count in dropped.items())}; "
                "allow more holes (--max-missing)"
            )
        return f"no floor with {self.wanted.clearance_m} m around an eye; it is {size} m: is that the unit, and +y up?"

    def _begun(self, count: int) -> Iterator[np.ndarray | None]:
        """Walks as places [poses, 3], None where one got stuck."""
        for _ in range(count):
            start = self._place()
            if start is None:
                return
            yield self._walk(start)

    def _place(self) -> np.ndarray | None:
        """The place of an eye, or None after many draws without one."""
        for _ in range(MOST_DRAWS):
            while self._waiting:
                place = self._waiting.pop()
                if self._on_floor(place) and self.obstacles.is_clear(place, self.wanted.clearance_m):
                    return place
            self._waiting = self._draw()
        return None

    def _draw(self) -> list[np.ndarray]:
        """Places of eyes above the level surfaces under random points, those with headroom."""
        low, high = np.asarray(self.scene.mesh.bounds)
        tops = self.dice.uniform(low, high, (COLUMNS_A_DRAW, 3))
        tops[:, 1] = high[1] + 1.0
        floors = tops[:, 1] - cast_layers(self.scene, tops, np.broadcast_to(_DOWN, tops.shape))
        eyes = self.dice.uniform(*self.wanted.eye_m, COLUMNS_A_DRAW)
        above = np.concatenate([np.full((1, COLUMNS_A_DRAW), np.inf), floors[:-1]]) if len(floors) else floors
        roomy = np.isfinite(floors) & (above >= floors + eyes + self.wanted.clearance_m)
        columns = [np.flatnonzero(one) for one in roomy.T]
        chosen = [(int(self.dice.choice(layers)), k) for k, layers in enumerate(columns) if len(layers)]
        return [np.array([tops[k, 0], floors[layer, k] + eyes[k], tops[k, 2]]) for layer, k in chosen]

    def _on_floor(self, eye: np.ndarray) -> bool:
        """Whether it is a floor that the eye stands on: most of what lies a step around it is not lower."""
        turn = np.arange(NUM_AROUND) * (2 * math.pi / NUM_AROUND)
        ring = eye + AROUND_M * np.stack([np.sin(turn), 0 * turn, np.cos(turn)], -1)
        points = np.concatenate([eye[None], ring])
        drop = cast(self.scene, points, np.broadcast_to(_DOWN, points.shape)).distance
        return bool(np.median(drop[1:]) < drop[0] + TABLE_M)

    def _walk(self, start: np.ndarray) -> np.ndarray | None:
        """The places from `start` on, two at least: a lone panorama only needs something to look along."""
        floor_m = float(cast_from(self.scene, start, _DOWN[None]).distance[0])
        heading, places = float(self.dice.uniform(0, 2 * math.pi)), [start]
        if self.wanted.num_poses == 1:
            return np.array([start, start + _ahead(heading)])
        while len(places) < self.wanted.num_poses:
            step = self._step(places[-1], heading, floor_m, free=len(places) == 1)
            if step is None:
                return None
            heading, place = step
            places.append(place)
        return np.array(places)

    def _step(self, here: np.ndarray, heading: float, floor_m: float, *, free: bool) -> tuple[float, np.ndarray] | None:
        """The next heading and place; the first step is `free` to go anywhere."""
        for number in range(TRIES_A_STEP):
            spread = math.pi if free else math.radians(STRAIGHT_DEG + WIDENING_DEG * number)
            turned = heading + float(self.dice.uniform(-spread, spread))
            there = self._stand(here + self.dice.uniform(*self.wanted.step_m) * _ahead(turned), floor_m)
            if there is not None and self._is_free(here, there):
                return turned, there
        return None

    def _stand(self, place: np.ndarray, floor_m: float) -> np.ndarray | None:
        """The place moved to `floor_m` above the floor, if a floor is about there."""
        drop = float(cast_from(self.scene, place, _DOWN[None]).distance[0])
        return place + (floor_m - drop) * np.array(_UP) if abs(drop - floor_m) <= STAIR_M else None

    def _is_free(self, here: np.ndarray, there: np.ndarray) -> bool:
        way = there - here
        length = float(np.linalg.norm(way))
        margin = self.wanted.clearance_m
        if cast_from(self.scene, here, (way / length)[None]).distance[0] < length + margin:
            return False
        return all(self.obstacles.is_clear(place, margin) for place in (there, (here + there) / 2))

    def _fault_of(self, walk: np.ndarray) -> str:
        """Why a walk is dropped, "" if it is not."""
        for place in walk[: self.wanted.num_poses]:
            lost = missing_around(self.scene, place)
            for where, most in self._limits().items():
                if getattr(lost, where) > most:
                    return f"holes {where}"
        return ""

    def _limits(self) -> dict[str, Real]:
        poles = self.wanted.most_missing_at_poles
        return {"around": self.wanted.most_missing, "above": poles, "below": poles}


def _ahead(heading: float) -> np.ndarray:
    return np.array([math.sin(heading), 0.0, -math.cos(heading)])


def _poses(walk: Float[np.ndarray, "places 3"], count: int) -> Float64[Tensor, "poses 4 4"]:
    """Level cameras at the first `count` places that look where the walk goes; the last as the one before it."""
    ways = np.diff(walk, axis=0) * np.array([1.0, 0.0, 1.0])
    turned = look_along(np.concatenate([ways, ways[-1:]])[:count])
    return pose(torch.from_numpy(turned), torch.from_numpy(walk[:count]))
