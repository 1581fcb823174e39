"""How the dice furnish a library."""

import math

from cyclorama.diorama.colours import Rgb
from cyclorama.diorama.noise import Real
from cyclorama.diorama.places.floorplan import FloorPlan
from cyclorama.diorama.places.interiors import (
    OAK,
    WALNUT,
    WARM,
    curtains,
    door,
    furnished,
    hang_paintings,
    lamp,
    lit,
    paint,
    rug,
    window_row,
)
from cyclorama.diorama.rooms.panels import Panel
from cyclorama.diorama.rooms.room import Ceiling, Floor, Room, Walls
from cyclorama.diorama.scene import Dice, Lamp, Layout, Scene
from cyclorama.diorama.solids import Solid
from cyclorama.diorama.things import decoration, lamps, seating, storage, tables
from cyclorama.diorama.things.placing import Spot

TIMBERS = (WALNUT, (0.26, 0.13, 0.06), OAK, (0.14, 0.08, 0.05), (0.58, 0.56, 0.50))
COLOURS = ((0.10, 0.20, 0.15), (0.34, 0.08, 0.06), (0.60, 0.52, 0.38), (0.12, 0.16, 0.26), (0.66, 0.62, 0.54))
CASE_DEPTH_M = 0.36


def library(dice: Dice, scene: Scene) -> Layout:
    """Books up to the ceiling between tall windows, a ladder, reading tables with green lamps, a globe, armchairs."""
    wood = dice.shade(dice.choice(TIMBERS), 0.1)
    room, dark = _shell(dice, wood)
    plan, glow = FloorPlan(room), lit(scene)
    room = door(dice, room, plan, dark, colour=wood, half=(0.75, 1.2))
    solids = _cases(dice, room, plan, wood)
    room = hang_paintings(dice, room, plan, [*dark, *dark], level=min(room.height - 0.9, 3.2), size=(0.35, 0.6))
    more, lights = _reading_tables(dice, room, plan, wood, glow)
    solids += more + _corners(dice, plan)
    if dice.uniform() < 0.5:
        cloth = paint(dice, ("red", "green", "brown", "blue"))
        solids += curtains(dice, room, cloth, wide=0.3)
    drop = 1.4 if room.height > 4.2 else 1.0
    solids += lamps.chandelier(Spot(0, 0), room.height, drop=drop, lit=max(glow, 0.1), radius=0.55, arms=6)
    lights.append(lamp((0.0, room.height - drop, 0.0), WARM, 4.0 * glow))
    return furnished(dice, room, solids, lights)


def _shell(dice: Dice, wood: Rgb) -> tuple[Room, list[int]]:
    """The room and its walls without windows."""
    half_x, half_z, height = dice.uniform(3.4, 5.0), dice.uniform(3.6, 5.8), dice.uniform(3.6, 4.8)
    vaulted = dice.uniform() < 0.3
    first = dice.choice((0, 2)) if vaulted else dice.integer(0, 3)
    bright = (first, (first + 2) % 4) if vaulted else (first, (first + dice.choice((1, 2, 3))) % 4)
    height += 1.2 if vaulted else 0.0
    style = {
        "arched": dice.uniform() < 0.6,
        "bars": dice.choice(((2, 4), (3, 5), (2, 5))),
        "colour": dice.choice((wood, (0.70, 0.69, 0.65))),
    }
    panels: list[Panel] = []
    top = (height - 1.2 if vaulted else height) - 0.35
    for wall in bright:
        width = 2 * (half_x if wall % 2 == 0 else half_z)
        panels += window_row(
            wall, width, count=max(2, round(width / 3.2)), share=dice.uniform(0.54, 0.62), low=0.6, high=top, **style
        )
    walls = Walls(
        dice.choice(("panelling", "plaster", "damask")),
        dice.shade(dice.choice(COLOURS), 0.08),
        second=(0.40, 0.32, 0.18),
        lower=wood,
        dado_m=1.05,
        trim=wood,
        cornice_m=0.25,
    )
    floor, ceiling = _floor_and_ceiling(dice, wood, vaulted)
    shape = {"spring": height - 1.2, "facets": 9} if vaulted else {}
    dark = [wall for wall in range(4) if wall not in bright]
    return Room(half_x, half_z, height, walls, floor, ceiling, tuple(panels), **shape), dark


def _floor_and_ceiling(dice: Dice, wood: Rgb, vaulted: bool) -> tuple[Floor, Ceiling]:
    floor = dice.choice(
        (
            Floor("herringbone", (0.30, 0.17, 0.09)),
            Floor("herringbone", (0.42, 0.28, 0.15)),
            Floor("planks", WALNUT),
            Floor("chequer", (0.62, 0.58, 0.50), (0.12, 0.08, 0.06), 0.6),
        )
    )
    ceiling = Ceiling("coffers", dice.choice(((0.66, 0.62, 0.54), wood)), wood, 1.1)
    if not vaulted and dice.uniform() < 0.3:
        ceiling = Ceiling("boards", wood)
    return floor, ceiling


def _cases(dice: Dice, room: Room, plan: FloorPlan, wood: Rgb) -> list[Solid]:
    """Bookcases up to the ceiling wherever there is no window or door, and a ladder before one of them."""
    solids: list[Solid] = []
    top = (room.spring if room.facets else room.height) - 0.12
    widest = None
    for wall in range(4):
        for wide in (2.8, 2.0, 1.4, 1.4, 0.9, 0.9, 0.6, 0.6):
            spot = plan.against(dice, wall, wide + 0.06, CASE_DEPTH_M, top, near=dice.uniform(-3, 3), gap=-0.01)
            if spot is not None and len(solids) < 16:
                solids += storage.bookshelf(
                    spot, wide / 2, top - 0.02, wood, depth=CASE_DEPTH_M - 0.04, seed=dice.uniform(0, 9), built_in=True
                )
                widest = widest or spot
    if widest is not None:
        foot = widest.beside(dice.uniform(-0.6, 0.6), -0.56)
        plan.stand(foot.x, foot.z, 0.35, 0.35, gap=-1.0)
        solids += storage.ladder(foot, min(2.6, top - 0.4), wood)
    return solids


def _reading_tables(dice: Dice, room: Room, plan: FloorPlan, wood: Rgb, glow: Real) -> tuple[list[Solid], list[Lamp]]:
    """Long tables with a lamp at each end and chairs, on a rug."""
    turn = 0 if room.half_x > room.half_z else 90
    long, places = dice.uniform(0.9, 1.2), ((0.0, 0.0),)
    if max(room.half_x, room.half_z) > 4.6:
        apart = dice.uniform(1.5, 1.75)
        places = ((-apart, 0.0), (apart, 0.0)) if turn == 0 else ((0.0, -apart), (0.0, apart))
    solids, lights = [], []
    chosen, style = paint(dice, ("red", "green", "blue", "brown")), dice.choice(("panel", "bentwood"))
    off = dice.uniform(-0.5, 0.5)
    for x, z in places:
        spot = Spot(x + off, z + off, turn)
        solids += rug(spot, (long + 0.7, 1.15), chosen, "rug", seed=dice.uniform(0, 9))
        solids += tables.table(spot, (long, 0.45), 0.76, wood)
        plan.stand(spot.x, spot.z, *((long, 0.95) if turn == 0 else (0.95, long)))
        for side in (-1, 1):
            light = spot.beside(side * long * 0.55, 0.0, up=0.76)
            solids += lamps.reading_lamp(light, lit=max(glow, 0.45))
            lights.append(lamp((light.x, 1.25, light.z), WARM, 0.5 * glow))
            at = spot.beside(dice.uniform(-0.3, 0.3), side * 0.66, turn_deg=90 - 90 * side)
            solids += seating.chair(at, wood, seat=chosen.rgb if style == "panel" else wood, style=style)
    return solids, lights[:3]


def _corners(dice: Dice, plan: FloorPlan) -> list[Solid]:
    """A globe, leather armchairs and a plant in the corners and before the windows."""
    solids: list[Solid] = []
    chosen = paint(dice, ("brown", "red", "green", "black"))
    room, near = plan.room, CASE_DEPTH_M + 0.62
    signs = [(x, z) for x in (-1, 1) for z in (-1, 1)]
    start = dice.integer(0, 3)
    for x, z in signs[start:] + signs[:start]:
        place = x * (room.half_x - near - dice.uniform(0, 0.3)), z * (room.half_z - near - dice.uniform(0, 0.5))
        if len(solids) > 8 or not plan.stand(*place, 0.45, 0.45):
            continue
        if not solids:
            solids += storage.globe(Spot(*place), dice.uniform(0.24, 0.32), dice.uniform(0, 9))
        else:
            inward = math.degrees(math.atan2(-place[0], place[1])) + dice.uniform(-25, 25)
            solids += seating.armchair(dice, Spot(*place, inward), chosen, material="leather")
    corner = plan.corner(dice, 0.34) if len(solids) < 22 else None
    if corner is not None and dice.uniform() < 0.6:
        solids += decoration.plant(dice, corner, height=dice.uniform(1.2, 1.8))
    elif corner is not None:
        solids += decoration.bust(dice, Spot(corner.x, corner.z, dice.uniform(0, 360)), plinth=(0.66, 0.63, 0.58))
    return solids
