"""The places: how a scene's seed becomes a world of ground or room, light and things."""

import math
from collections.abc import Callable
from functools import lru_cache

import torch

from cyclorama.diorama import things
from cyclorama.diorama.noise import Real
from cyclorama.diorama.rooms import Panel, Room
from cyclorama.diorama.scene import EYE_HEIGHT_M, INDOOR, Dice, Scene, World, light_of, ring
from cyclorama.diorama.solids import Solid
from cyclorama.diorama.terrain import Terrain

Point = tuple[Real, Real, Real]
LANDSCAPE_OF = {
    "beach": "coast",
    "mountains": "mountains",
    "desert": "dunes",
    "hills": "hills",
    "lake": "lake",
    "city": "plain",
}
WATER_LEVEL = {"coast": 0.0, "lake": 0.0}


@lru_cache(maxsize=4)
def build(scene: Scene, device: torch.device) -> World:
    """The world of a scene."""
    dice = Dice(scene.seed * 3 + 11)
    sky = light_of(scene, device)
    if scene.place in INDOOR:
        room, solids, lamps = _living_room(dice, scene) if scene.place == "living room" else _gallery(dice, scene)
        eye = (dice.uniform(-0.4, 0.4), EYE_HEIGHT_M - 0.15, dice.uniform(-0.4, 0.4))
        return World(scene, sky, None, room, tuple(solids), eye, tuple(lamps))
    turn = dice.uniform(0, 2 * math.pi)
    kind = LANDSCAPE_OF[scene.place]
    terrain = Terrain(
        kind,
        (math.sin(turn), math.cos(turn)),
        (dice.uniform(0, 60), dice.uniform(0, 60)),
        dice.uniform(0.75, 1.25),
        WATER_LEVEL.get(kind, -math.inf),
    )
    solids = _OUTDOOR_THINGS[scene.place](dice, scene, terrain)
    ground = ground_at(terrain, 0.0, 0.0)
    lamps = [(s.centre, (6.5, 4.4, 2.3)) for s in solids if s.glow > 2]
    return World(
        scene,
        sky,
        terrain,
        None,
        tuple(solids),
        (0.0, ground + EYE_HEIGHT_M + (1.1 if kind in WATER_LEVEL else 0.0), 0.0),
        tuple(lamps),
    )


def ground_at(terrain: Terrain, x: Real, z: Real) -> float:
    return float(terrain.height(torch.tensor([x, z])))


def _plant(
    dice: Dice, terrain: Terrain, spots: list[tuple[Real, Real]], grow: Callable[[Point], list[Solid]], lowest: Real
) -> list[Solid]:
    """Grow one thing at each spot whose ground is at least `lowest` metres high."""
    grown = []
    for x, z in spots:
        y = ground_at(terrain, x, z)
        if y > lowest:
            grown += grow((x, y - 0.05, z))
    return grown


def _beach(dice: Dice, scene: Scene, terrain: Terrain) -> list[Solid]:
    palms = _plant(dice, terrain, ring(dice, 13, 7, 70), lambda p: things.palm(dice, p, dice.uniform(5, 9)), 1.1)
    return palms + _plant(
        dice,
        terrain,
        ring(dice, 7, 4, 40),
        lambda p: things.rock(dice, p, dice.uniform(0.2, 0.8), (0.26, 0.24, 0.22)),
        -0.6,
    )


def _mountains(dice: Dice, scene: Scene, terrain: Terrain) -> list[Solid]:
    trees = _plant(
        dice,
        terrain,
        ring(dice, 17, 9, 120),
        lambda p: things.conifer(dice, p, dice.uniform(5, 11), dice.uniform() < 0.55),
        -99,
    )
    return trees + _plant(
        dice,
        terrain,
        ring(dice, 5, 4, 30),
        lambda p: things.rock(dice, p, dice.uniform(0.3, 1.0), (0.22, 0.21, 0.21)),
        -99,
    )


def _desert(dice: Dice, scene: Scene, terrain: Terrain) -> list[Solid]:
    cacti = _plant(dice, terrain, ring(dice, 6, 6, 50), lambda p: things.cactus(dice, p, dice.uniform(1.6, 3.8)), -99)
    return cacti + _plant(
        dice,
        terrain,
        ring(dice, 7, 4, 45),
        lambda p: things.rock(dice, p, dice.uniform(0.25, 1.1), (0.42, 0.25, 0.15)),
        -99,
    )


def _hills(dice: Dice, scene: Scene, terrain: Terrain) -> list[Solid]:
    trees = _plant(dice, terrain, ring(dice, 13, 9, 140), lambda p: things.broadleaf(dice, p, dice.uniform(5, 9)), -99)
    return trees + _plant(
        dice,
        terrain,
        ring(dice, 5, 4, 30),
        lambda p: things.rock(dice, p, dice.uniform(0.2, 0.7), (0.30, 0.29, 0.27)),
        -99,
    )


def _lake(dice: Dice, scene: Scene, terrain: Terrain) -> list[Solid]:
    trees = _plant(
        dice, terrain, ring(dice, 22, 9, 110), lambda p: things.conifer(dice, p, dice.uniform(5, 12), False), 0.7
    )
    return trees + _plant(
        dice,
        terrain,
        ring(dice, 8, 4, 30),
        lambda p: things.rock(dice, p, dice.uniform(0.2, 0.9), (0.27, 0.26, 0.25)),
        -0.5,
    )


def _city(dice: Dice, scene: Scene, terrain: Terrain) -> list[Solid]:
    lit = {"night": 0.62, "sunset": 0.40, "dawn": 0.28, "noon": 0.0}[scene.time]
    solids: list[Solid] = []
    count, turn = dice.integer(9, 12), dice.uniform(0, 360)
    for k in range(count):
        yaw = turn + 360 * k / count
        a, radius, half = math.radians(yaw), dice.uniform(25, 29), dice.uniform(6.2, 7.6)
        solids += things.building(
            dice, (radius * math.sin(a), -radius * math.cos(a)), (half, 5.0), 3.3 * dice.integer(3, 6) + 0.9, yaw, lit
        )
    for k in range(count):
        yaw = turn + 360 * (k + 0.5) / count
        a, radius = math.radians(yaw), dice.uniform(46, 60)
        solids += things.building(
            dice,
            (radius * math.sin(a), -radius * math.cos(a)),
            (dice.uniform(7, 10), 8.0),
            3.3 * dice.integer(5, 13) + 0.9,
            yaw,
            lit,
        )
    glowing = scene.time != "noon"
    for x, z in ring(dice, 4, 7, 10):
        solids += things.street_lamp((x, 0.0, z), glowing)
    for x, z in ring(dice, 4, 9, 14):
        solids += things.broadleaf(dice, (x, 0.0, z), dice.uniform(4, 6))
    for x, z in ring(dice, 3, 4, 7):
        solids += things.bench((x, 0.0, z), math.degrees(math.atan2(x, -z)))
    (x, z), *_ = ring(dice, 1, 7.5, 9)
    return solids + things.fountain((x, 0.0, z))


_OUTDOOR_THINGS = {
    "beach": _beach,
    "mountains": _mountains,
    "desert": _desert,
    "hills": _hills,
    "lake": _lake,
    "city": _city,
}


def _living_room(dice: Dice, scene: Scene) -> tuple[Room, list[Solid], list[tuple[Point, Point]]]:
    hx, hz, height = dice.uniform(2.6, 3.4), dice.uniform(2.5, 3.1), dice.uniform(2.6, 2.9)
    bright = dice.integer(0, 3)
    depth = hz if bright % 2 == 0 else hx
    span = hx if bright % 2 == 0 else hz
    windows = [Panel(bright, "window", (side * span * 0.48, 1.5), (span * 0.34, 0.85)) for side in (-1, 1)]
    sofa_wall, shelf_wall, door_wall = ((bright + k) % 4 for k in (2, 1, 3))
    pictures = [
        Panel(sofa_wall, "picture", (0.75 * s, 1.65), (0.42, dice.uniform(0.3, 0.4)), dice.uniform(0, 20))
        for s in (-1, 1)
    ]
    door = Panel(door_wall, "door", (dice.uniform(-1.2, 1.2), 1.02), (0.46, 1.02))
    wall = dice.choice(
        [(0.72, 0.68, 0.60), (0.52, 0.60, 0.58), (0.70, 0.55, 0.44), (0.42, 0.50, 0.60), (0.76, 0.74, 0.72)]
    )
    rug_colour = dice.choice([(0.40, 0.10, 0.09), (0.10, 0.18, 0.34), (0.36, 0.30, 0.22), (0.12, 0.26, 0.20)])
    room = Room(
        hx,
        hz,
        height,
        dice.shade(wall, 0.06),
        dice.shade((0.40, 0.25, 0.14), 0.2),
        (*windows, *pictures, door),
        (0.0, 0.0, 1.5, 1.1),
        rug_colour,
    )
    lit = scene.time != "noon"
    yaw, out = 90.0 * sofa_wall + 180, _toward(sofa_wall)
    back = (hz if sofa_wall % 2 == 0 else hx) - 0.62
    colour = dice.choice(
        [(0.48, 0.10, 0.08), (0.10, 0.20, 0.36), (0.46, 0.40, 0.32), (0.12, 0.26, 0.18), (0.55, 0.36, 0.12)]
    )
    solids = things.sofa(dice, out[0] * back, out[1] * back, yaw + 180, colour)
    solids += (
        things.table(0.0, 0.0, (0.55, 0.32), 0.40)
        if dice.uniform() < 0.0
        else things.table(out[0] * (back - 1.25), out[1] * (back - 1.25), (0.5, 0.32), 0.40)
    )
    shelf = _toward(shelf_wall)
    reach = (hz if shelf_wall % 2 == 0 else hx) - 0.18
    size = (0.9, 1.02, 0.17) if shelf_wall % 2 == 0 else (0.17, 1.02, 0.9)
    solids.append(Solid("box", (shelf[0] * reach, 1.02, shelf[1] * reach), size, (0.24, 0.13, 0.07), "books"))
    corner = _toward(bright)
    side = _toward((bright + 1) % 4)
    lamp = (
        out[0] * (back + 0.1) + side[0] * (min(hx, hz) - 0.5),
        out[1] * (back + 0.1) + side[1] * (min(hx, hz) - 0.5),
    )
    solids += things.floor_lamp(*lamp, lit)
    plant = (corner[0] * (depth - 0.4) - side[0] * (span - 0.45), corner[1] * (depth - 0.4) - side[1] * (span - 0.45))
    solids += things.house_plant(dice, *plant)
    strength = {"noon": 0.0, "dawn": 0.45, "sunset": 0.6, "night": 1.0}[scene.time]
    lamps = [
        ((lamp[0], 1.62, lamp[1]), tuple(strength * c for c in (1.5, 1.0, 0.52))),
        ((0.0, height - 0.3, 0.0), tuple(0.8 * strength * c for c in (1.5, 1.05, 0.6))),
    ]
    return room, solids, lamps  # type: ignore[return-value]


def _gallery(dice: Dice, scene: Scene) -> tuple[Room, list[Solid], list[tuple[Point, Point]]]:
    hx, hz, height = dice.uniform(4.6, 5.6), dice.uniform(7.5, 9.5), dice.uniform(4.4, 5.2)
    bright = dice.choice((1, 3))
    windows = [Panel(bright, "window", (u * hz * 0.62, 2.3), (0.95, 1.75)) for u in (-1.15, -0.38, 0.38, 1.15)]
    blank = (bright + 2) % 4
    pictures = [
        Panel(
            blank,
            "picture",
            (u * hz * 0.2, 1.9),
            (dice.uniform(0.55, 1.0), dice.uniform(0.55, 0.85)),
            dice.uniform(0, 20),
        )
        for u in (-4, -2.4, -0.8, 0.8, 2.4, 4)
    ]
    ends = [Panel(w, "picture", (0.0, 2.1), (1.6, 1.1), dice.uniform(0, 20)) for w in (0, 2)]
    doors = [Panel(w, "door", (s * hx * 0.68, 1.15), (0.6, 1.15)) for w, s in ((0, 1), (2, -1))]
    wall = dice.choice([(0.74, 0.72, 0.68), (0.40, 0.14, 0.12), (0.20, 0.30, 0.28), (0.62, 0.56, 0.46)])
    room = Room(
        hx,
        hz,
        height,
        dice.shade(wall, 0.06),
        dice.shade((0.34, 0.21, 0.12), 0.2),
        (*windows, *pictures, *ends, *doors),
        None,
    )
    stone = dice.shade((0.66, 0.63, 0.58), 0.08)
    solids: list[Solid] = []
    for z in (-0.66, -0.22, 0.22, 0.66):
        for x in (-0.62, 0.62):
            foot = (x * hx, z * hz)
            solids.append(Solid("cylinder", (foot[0], height / 2, foot[1]), (0.2, height / 2, 0.2), stone, "stone"))
            solids.append(Solid("box", (foot[0], 0.14, foot[1]), (0.3, 0.14, 0.3), stone, "stone"))
            solids.append(Solid("box", (foot[0], height - 0.16, foot[1]), (0.3, 0.16, 0.3), stone, "stone"))
    for z in (-0.44, 0.44):
        x = dice.uniform(-0.2, 0.2)
        solids.append(Solid("box", (x, 0.5, z * hz), (0.34, 0.5, 0.34), (0.72, 0.71, 0.69), "stone"))
        bronze = dice.choice([(0.30, 0.20, 0.09), (0.75, 0.73, 0.70), (0.10, 0.16, 0.14)])
        solids.append(
            Solid(
                "sphere",
                (x, 1.32, z * hz),
                (0.24, 0.36, 0.24),
                bronze,
                "stone",
                dice.uniform(0, 90),
                dice.uniform(-25, 25),
            )
        )
        solids.append(Solid("sphere", (x, 1.80, z * hz), (0.15, 0.18, 0.15), bronze, "stone"))
    solids.append(
        Solid(
            "box",
            (dice.uniform(-1.2, 1.2), 0.24, dice.choice((-2.2, 2.2))),
            (0.9, 0.24, 0.28),
            (0.14, 0.08, 0.06),
            "wood",
        )
    )
    strength = {"noon": 0.25, "dawn": 0.6, "sunset": 0.75, "night": 1.0}[scene.time]
    lamps = [
        ((0.0, height - 0.5, z * hz), tuple(4.0 * strength * c for c in (1.15, 0.92, 0.62))) for z in (-0.5, 0.0, 0.5)
    ]
    return room, solids, lamps  # type: ignore[return-value]


def _toward(wall: int) -> tuple[Real, Real]:
    """Horizontal unit vector (x, z) toward a wall."""
    return ((0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0))[wall]
