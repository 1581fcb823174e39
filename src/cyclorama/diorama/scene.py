"""Scenes: a place, a time of day, a sky and a seed; everything else follows from them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import TypeVar

import torch

from cyclorama.diorama.colours import Rgb
from cyclorama.diorama.landscapes.terrain import Terrain
from cyclorama.diorama.noise import Real
from cyclorama.diorama.rooms.room import Room
from cyclorama.diorama.sky import Sky, make_sky
from cyclorama.diorama.solid_table import SolidTable
from cyclorama.diorama.solids import Point, Solid

T = TypeVar("T")

OUTDOOR = (
    *("beach", "islands", "lake", "canyon", "desert", "mountains", "hills", "forest", "savanna", "farmland"),
    *("village", "city", "harbour", "ruins"),
)
INDOOR = ("living room", "bedroom", "kitchen", "office", "gallery", "library", "hall")
PLACES = (*OUTDOOR, *INDOOR)
TIMES = ("dawn", "noon", "sunset", "night")
SKIES = ("clear", "scattered clouds", "overcast", "fog", "snowfall")
SNOWLESS = ("beach", "islands", "desert", "savanna")
EYE_HEIGHT_M = 1.65
MOST_SEED = 2**60


@dataclass(frozen=True)
class Scene:
    """What one world shows. Equal scenes are equal worlds, on every device."""

    place: str
    time: str
    sky: str
    seed: int


@dataclass(frozen=True)
class Lamp:
    """A point light: `place` in metres, `light` the linear colour that it sends to a surface one metre away."""

    place: Point
    light: Rgb


@dataclass(frozen=True)
class Layout:
    """What a place is made of: a terrain or a room, and what stands in it. `eye` is the usual camera position."""

    eye: Point
    solids: tuple[Solid, ...]
    terrain: Terrain | None = None
    room: Room | None = None
    lamps: tuple[Lamp, ...] = ()


@dataclass(frozen=True)
class World(Layout):
    """A scene made solid at one moment: its layout and its light. The groups of its solids count from 0."""

    scene: Scene = field(kw_only=True)
    sky: Sky = field(kw_only=True)

    @cached_property
    def table(self) -> SolidTable:
        """The solids as tensors on the device of the sky."""
        return SolidTable.of(self.solids, self.sky.sun_dir.device)


class Dice:
    """Seeded draws for layouts, all on the CPU so that a scene is the same on every device.

    The order of the draws is part of a scene: a new draw in the middle changes everything after it.
    """

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)

    def uniform(self, low: Real = 0.0, high: Real = 1.0) -> float:
        return low + (high - low) * float(torch.rand((), generator=self.generator))

    def choice(self, items: Sequence[T]) -> T:
        return items[int(torch.randint(len(items), (), generator=self.generator))]

    def integer(self, low: int, high: int) -> int:
        """A whole number in [low, high]."""
        return low + int(torch.randint(high - low + 1, (), generator=self.generator))

    def shade(self, colour: Rgb, spread: Real = 0.15) -> Rgb:
        """The colour with its brightness and, less, its hue varied."""
        bright = 1 + self.uniform(-spread, spread)
        red, green, blue = (c * bright * (1 + self.uniform(-spread, spread) / 3) for c in colour)
        return red, green, blue


def skies_of(place: str) -> tuple[str, ...]:
    """The skies that a place is drawn with: no snow falls on palms and cacti, unless it is asked for."""
    return tuple(sky for sky in SKIES if sky != "snowfall" or place not in SNOWLESS)


def sample_scene(seed: int, *, place: str | None = None, time: str | None = None, sky: str | None = None) -> Scene:
    """The scene of a seed; attributes that are not given are drawn from it.

    Raises ValueError for an attribute that the diorama does not have, and a seed not in [0, 2**60].
    """
    if not 0 <= seed <= MOST_SEED:
        raise ValueError(f"got seed {seed}, wanted 0 to 2**60")
    dice = Dice(seed)
    # each is drawn even when it is given, so that what is drawn stays the same
    where = _chosen("place", place, dice.choice(PLACES), PLACES)
    when = _chosen("time", time, dice.choice(TIMES), TIMES)
    return Scene(where, when, _chosen("sky", sky, dice.choice(skies_of(where)), SKIES), seed)


def _chosen(name: str, given: str | None, drawn: str, known: tuple[str, ...]) -> str:
    value = drawn if given is None else given
    if value not in known:
        likely = get_close_matches(value.lower(), known, n=1)
        meant = f", did you mean {likely[0]!r}?" if likely else ":"
        raise ValueError(f"unknown {name} {value!r}{meant} the diorama has {', '.join(known)}")
    return value


def light_of(scene: Scene, device: torch.device, seconds: float = 0.0) -> Sky:
    """The sky of a scene, `seconds` after its beginning."""
    return make_sky(scene.time, scene.sky, torch.Generator().manual_seed(scene.seed * 7 + 1), device, seconds=seconds)
