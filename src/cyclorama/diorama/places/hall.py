"""How the dice furnish a great hall, as of a palace or an old station."""

from cyclorama.diorama.colours import Paint, Rgb
from cyclorama.diorama.noise import Real
from cyclorama.diorama.places.floorplan import FloorPlan, at_wall
from cyclorama.diorama.places.interiors import FRAMES, WALNUT, WARM, furnished, lamp, lit, paint, rug, window_row
from cyclorama.diorama.rooms.panels import Panel
from cyclorama.diorama.rooms.room import BACK, FRONT, LEFT, RIGHT, Ceiling, Floor, Room, Walls
from cyclorama.diorama.scene import Dice, Lamp, Layout, Scene
from cyclorama.diorama.solids import Solid
from cyclorama.diorama.things import decoration, lamps, seating
from cyclorama.diorama.things.placing import Spot

STONES = ((0.70, 0.66, 0.58), (0.74, 0.73, 0.70), (0.62, 0.54, 0.44), (0.60, 0.62, 0.60), (0.70, 0.60, 0.52))
MARBLES = ((0.30, 0.12, 0.09), (0.14, 0.22, 0.18), (0.60, 0.50, 0.34), (0.24, 0.25, 0.27), (0.70, 0.68, 0.64))
CEILINGS = ((0.62, 0.60, 0.54), (0.20, 0.28, 0.38), (0.68, 0.62, 0.48), (0.72, 0.71, 0.68), (0.34, 0.14, 0.11))
PALE, DARKS = (0.68, 0.66, 0.61), ((0.045, 0.045, 0.05), (0.24, 0.08, 0.06), (0.08, 0.15, 0.12), (0.20, 0.21, 0.22))
GILT = (0.52, 0.38, 0.14)
CARPETS = ("red", "red", "blue", "green", "purple")


def hall(dice: Dice, scene: Scene) -> Layout:
    """Two rows of columns under a vault or a coffered ceiling, chandeliers, a carpet, tall windows, marble."""
    room, stone = _shell(dice)
    glow = lit(scene)
    chosen = paint(dice, CARPETS)
    solids = rug(Spot(0, 0), (dice.uniform(0.9, 1.3), room.half_z - 0.5), chosen, "runner")
    solids += _colonnades(dice, room, stone)
    more, lights = _chandeliers(dice, room, glow)
    solids += more + _between_columns(dice, room, chosen)
    return furnished(dice, room, solids, lights, spread=0.6)


def _shell(dice: Dice) -> tuple[Room, Rgb]:
    half_x, half_z = dice.uniform(5.5, 8.0), dice.uniform(8.5, 13.0)
    spring, facets = dice.uniform(5.2, 7.0), dice.choice((0, 11, 13, 15))
    height = spring + (dice.uniform(0.5, 0.85) * half_x if facets else 0.0)
    stone = dice.shade(dice.choice(STONES), 0.06)
    walls = Walls(
        dice.choice(("pilasters", "ashlar", "pilasters")),
        dice.shade(dice.choice(MARBLES if dice.uniform() < 0.6 else STONES), 0.06),
        second=stone,
        lower=dice.choice((stone, dice.choice(MARBLES))),
        dado_m=dice.choice((0.0, 1.1)),
        trim=stone,
        cornice_m=0.5,
    )
    floor = Floor(dice.choice(("chequer", "chequer", "marble")), PALE, dice.choice(DARKS), dice.choice((0.6, 0.8, 1.0)))
    ceiling = Ceiling("coffers", dice.choice(CEILINGS), dice.choice((stone, GILT, PALE)), 1.6 if not facets else 1.3)
    panels = _openings(dice, half_x, half_z, spring, height)
    return Room(half_x, half_z, height, walls, floor, ceiling, tuple(panels), spring=spring, facets=facets), stone


def _openings(dice: Dice, half_x: Real, half_z: Real, spring: Real, height: Real) -> list[Panel]:
    """Tall windows along both sides, a great window over the doors at either end or great paintings beside them."""
    count = round(2 * half_z / dice.uniform(3.2, 4.2))
    style = {
        "arched": dice.uniform() < 0.75,
        "bars": dice.choice(((2, 5), (3, 6), (4, 7))),
        "colour": (0.62, 0.60, 0.56),
    }
    low, share = dice.choice((0.35, 1.2)), dice.uniform(0.5, 0.62)
    panels = []
    for wall in (RIGHT, LEFT):
        panels += window_row(wall, 2 * half_z, count=count, share=share, low=low, high=spring - 0.7, **style)
    for wall in (FRONT, BACK):
        panels.append(Panel(wall, "door", (0.0, 1.6), (1.05, 1.6), dice.uniform(0, 9), colour=WALNUT))
        half = (half_x * 0.36, (height - 3.9 - 0.9) / 2)
        if half[1] > 0.9:
            bars = (4, 3)
            panels.append(
                Panel(wall, "window", (0.0, 3.9 + half[1]), half, arched=True, bars=bars, colour=(0.62, 0.60, 0.56))
            )
        for side in (-1, 1):
            size = (min(1.0, half_x * 0.16), 1.3)
            place = (side * half_x * 0.52, 2.6)
            panels.append(Panel(wall, "painting", place, size, dice.uniform(0, 40), colour=FRAMES[0]))
    return panels


def _colonnades(dice: Dice, room: Room, stone: Rgb) -> list[Solid]:
    """Columns before the side walls, and the beams that they carry."""
    count = dice.integer(4, 6)
    radius, x = dice.uniform(0.26, 0.38), room.half_x - dice.uniform(1.3, 1.9)
    shaft = dice.shade(dice.choice((stone, stone, dice.choice(MARBLES))), 0.05)
    capital = dice.choice((stone, GILT))
    top = room.spring - 0.02
    solids: list[Solid] = []
    for k in range(count):
        z = (2 * k + 1 - count) * room.half_z / count
        for side in (-1, 1):
            solids += decoration.column(side * x, z, top - 0.5, radius, shaft, capital=capital)
    for side in (-1, 1):
        beam = Spot(side * x, 0.0)
        solids.append(beam.box((0, top - 0.25, 0), (radius * 1.2, 0.25, room.half_z), stone, "veined"))
        solids.append(beam.box((0, top - 0.03, 0), (radius * 1.55, 0.05, room.half_z), stone, "veined"))
    return solids


def _chandeliers(dice: Dice, room: Room, glow: Real) -> tuple[list[Solid], list[Lamp]]:
    solids, lights = [], []
    count = 2 if room.half_z < 10.5 else 3
    arms = 6
    level = dice.uniform(3.9, 4.6)
    for k in range(count):
        z = (2 * k + 1 - count) * room.half_z / count
        drop = room.height - level
        solids += lamps.chandelier(
            Spot(0, z), room.height, drop=drop, lit=max(glow, 0.12), radius=dice.uniform(1.0, 1.35), arms=arms
        )
        lights.append(lamp((0.0, level, z), WARM, 26.0 * glow / count))
    return solids, lights


def _between_columns(dice: Dice, room: Room, chosen: Paint) -> list[Solid]:
    """Benches, statues, busts and plants along the walls, not before the doors."""
    plan, solids = FloorPlan(room), []
    budget = 18
    plinth = dice.choice((PALE, (0.10, 0.10, 0.105)))
    for wall in (RIGHT, LEFT):
        for _ in range(5):
            kind = dice.choice(("bench", "statue", "bust", "plant"))
            along = dice.uniform(-0.8, 0.8) * room.half_z
            spot = at_wall(room, wall, along, 0.7)
            half = (0.45, 1.0 if kind == "bench" else 0.45)
            if len(solids) > budget or not plan.stand(spot.x, spot.z, *half, gap=0.4):
                continue
            if kind == "bench":
                solids += seating.bench(dice, spot, 0.9, chosen, WALNUT)
            elif kind == "plant":
                solids += decoration.plant(dice, spot, height=dice.uniform(1.6, 2.2))
            else:
                make = decoration.statue if kind == "statue" else decoration.bust
                solids += make(dice, spot, plinth=plinth)
    return solids
