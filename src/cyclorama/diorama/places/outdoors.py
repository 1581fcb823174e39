"""The places: how a scene's seed becomes a world of ground or room, light and street."""

import math
from collections.abc import Callable

import torch

from cyclorama.diorama.colours import Rgb
from cyclorama.diorama.landscapes.terrain import Terrain
from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import EYE_HEIGHT_M, Dice, Lamp, Layout, Scene, ring
from cyclorama.diorama.solids import Point, Solid
from cyclorama.diorama.things import plants, street

LANDSCAPE_OF = {
    "beach": "coast",
    "mountains": "mountains",
    "desert": "dunes",
    "hills": "hills",
    "lake": "lake",
    "city": "plain",
}
WATER_LEVEL = {"coast": 0.0, "lake": 0.0}
ABOVE_WATER_M = 1.1  # the eye stands higher beside water, to see over it
STREET_LIGHT = (6.5, 4.4, 2.3)
LIT_WINDOWS = {"night": 0.62, "sunset": 0.40, "dawn": 0.28, "noon": 0.0}


def landscape(dice: Dice, scene: Scene) -> Layout:
    """The layout of an outdoor place."""
    terrain = _terrain(dice, LANDSCAPE_OF[scene.place])
    solids = _OUTDOOR_THINGS[scene.place](dice, scene, terrain)
    raised = ABOVE_WATER_M if terrain.kind in WATER_LEVEL else 0.0
    eye = (0.0, ground_at(terrain, 0.0, 0.0) + EYE_HEIGHT_M + raised, 0.0)
    lamps = tuple(Lamp(solid.centre, STREET_LIGHT) for solid in solids if solid.glow > 2)
    return Layout(eye, tuple(solids), terrain=terrain, lamps=lamps)


def _terrain(dice: Dice, kind: str) -> Terrain:
    turn = dice.uniform(0, 2 * math.pi)
    return Terrain(
        kind,
        axis=(math.sin(turn), math.cos(turn)),
        offset=(dice.uniform(0, 60), dice.uniform(0, 60)),
        relief=dice.uniform(0.75, 1.25),
        water=WATER_LEVEL.get(kind, -math.inf),
    )


def ground_at(terrain: Terrain, x: Real, z: Real) -> float:
    """Height of the ground in metres at one point."""
    return float(terrain.height(torch.tensor([x, z])))


def _plant(
    terrain: Terrain, spots: list[tuple[Real, Real]], grow: Callable[[Point], list[Solid]], lowest: Real = -math.inf
) -> list[Solid]:
    """Put one thing at each spot whose ground is more than `lowest` metres high."""
    grown = []
    for x, z in spots:
        y = ground_at(terrain, x, z)
        if y > lowest:
            grown += grow((x, y - 0.05, z))
    return grown


def _rocks(
    dice: Dice,
    terrain: Terrain,
    count: int,
    *,
    farthest: Real,
    sizes: tuple[Real, Real],
    colour: Rgb,
    lowest: Real = -math.inf,
) -> list[Solid]:
    spots = ring(dice, count, 4, farthest)
    return _plant(terrain, spots, lambda foot: plants.rock(dice, foot, dice.uniform(*sizes), colour), lowest)


def _beach(dice: Dice, scene: Scene, terrain: Terrain) -> list[Solid]:
    spots = ring(dice, 13, 7, 70)
    palms = _plant(terrain, spots, lambda foot: plants.palm(dice, foot, dice.uniform(5, 9)), 1.1)
    rocks = _rocks(dice, terrain, 7, farthest=40, sizes=(0.2, 0.8), colour=(0.26, 0.24, 0.22), lowest=-0.6)
    return palms + rocks


def _mountains(dice: Dice, scene: Scene, terrain: Terrain) -> list[Solid]:
    def tree(foot: Point) -> list[Solid]:
        return plants.conifer(dice, foot, dice.uniform(5, 11), snowy=dice.uniform() < 0.55)

    trees = _plant(terrain, ring(dice, 17, 9, 120), tree)
    return trees + _rocks(dice, terrain, 5, farthest=30, sizes=(0.3, 1.0), colour=(0.22, 0.21, 0.21))


def _desert(dice: Dice, scene: Scene, terrain: Terrain) -> list[Solid]:
    spots = ring(dice, 6, 6, 50)
    cacti = _plant(terrain, spots, lambda foot: plants.cactus(dice, foot, dice.uniform(1.6, 3.8)))
    return cacti + _rocks(dice, terrain, 7, farthest=45, sizes=(0.25, 1.1), colour=(0.42, 0.25, 0.15))


def _hills(dice: Dice, scene: Scene, terrain: Terrain) -> list[Solid]:
    spots = ring(dice, 13, 9, 140)
    trees = _plant(terrain, spots, lambda foot: plants.broadleaf(dice, foot, dice.uniform(5, 9)))
    return trees + _rocks(dice, terrain, 5, farthest=30, sizes=(0.2, 0.7), colour=(0.30, 0.29, 0.27))


def _lake(dice: Dice, scene: Scene, terrain: Terrain) -> list[Solid]:
    spots = ring(dice, 22, 9, 110)
    trees = _plant(terrain, spots, lambda foot: plants.conifer(dice, foot, dice.uniform(5, 12), snowy=False), 0.7)
    rocks = _rocks(dice, terrain, 8, farthest=30, sizes=(0.2, 0.9), colour=(0.27, 0.26, 0.25), lowest=-0.5)
    return trees + rocks


def _city(dice: Dice, scene: Scene, terrain: Terrain) -> list[Solid]:
    """A square with a fountain, trees, lamps and benches, between two rings of houses."""
    solids: list[Solid] = []
    count, turn = dice.integer(9, 12), dice.uniform(0, 360)
    for k in range(count):
        solids += _house_at_square(dice, turn + 360 * k / count, LIT_WINDOWS[scene.time])
    for k in range(count):
        solids += _house_behind(dice, turn + 360 * (k + 0.5) / count, LIT_WINDOWS[scene.time])
    for x, z in ring(dice, 4, 7, 10):
        solids += street.street_lamp((x, 0.0, z), scene.time != "noon")
    for x, z in ring(dice, 4, 9, 14):
        solids += plants.broadleaf(dice, (x, 0.0, z), dice.uniform(4, 6))
    for x, z in ring(dice, 3, 4, 7):
        solids += street.bench((x, 0.0, z), math.degrees(math.atan2(x, -z)))
    (x, z), *_ = ring(dice, 1, 7.5, 9)
    return solids + street.fountain((x, 0.0, z))


def _house_at_square(dice: Dice, yaw_deg: Real, lit: Real) -> list[Solid]:
    centre = _bearing(yaw_deg, dice.uniform(25, 29))
    half = (dice.uniform(6.2, 7.6), 5.0)
    return street.building(dice, centre, half, 3.3 * dice.integer(3, 6) + 0.9, yaw_deg, lit)


def _house_behind(dice: Dice, yaw_deg: Real, lit: Real) -> list[Solid]:
    centre = _bearing(yaw_deg, dice.uniform(46, 60))
    half = (dice.uniform(7, 10), 8.0)
    return street.building(dice, centre, half, 3.3 * dice.integer(5, 13) + 0.9, yaw_deg, lit)


def _bearing(yaw_deg: Real, radius: Real) -> tuple[Real, Real]:
    """(x, z) of a point `radius` metres away at that yaw."""
    yaw = math.radians(yaw_deg)
    return radius * math.sin(yaw), -radius * math.cos(yaw)


_OUTDOOR_THINGS = {
    "beach": _beach,
    "mountains": _mountains,
    "desert": _desert,
    "hills": _hills,
    "lake": _lake,
    "city": _city,
}

OUTDOOR_PLACES = dict.fromkeys(_OUTDOOR_THINGS, landscape)
