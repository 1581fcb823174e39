"""How the dice furnish a kitchen."""

from cyclorama.diorama.colours import PAINTS, Paint, Rgb
from cyclorama.diorama.noise import Real
from cyclorama.diorama.places.floorplan import FloorPlan, at_wall
from cyclorama.diorama.places.interiors import (
    OAK,
    PAINTED,
    WARM,
    WOODS,
    door,
    furnished,
    hang,
    hang_paintings,
    lamp,
    lit,
    paint,
    sills,
    window_row,
)
from cyclorama.diorama.rooms.panels import Panel
from cyclorama.diorama.rooms.room import Ceiling, Floor, Room, Walls
from cyclorama.diorama.scene import Dice, Lamp, Layout, Scene
from cyclorama.diorama.solids import Solid
from cyclorama.diorama.things import decoration, lamps, seating, storage, tables
from cyclorama.diorama.things.placing import Spot

COLOURS = ((0.74, 0.72, 0.66), (0.70, 0.62, 0.42), (0.52, 0.62, 0.60), (0.72, 0.54, 0.42), (0.76, 0.76, 0.74))
TILES = ((0.74, 0.74, 0.71), (0.20, 0.36, 0.40), (0.40, 0.52, 0.44), (0.56, 0.32, 0.20), (0.22, 0.30, 0.44))
FRONTS = ("white", "green", "blue", "red", "yellow", "turquoise", "beige", "grey", "brown", "orange")
TOPS = (
    ((0.62, 0.61, 0.58), "veined"),
    ((0.07, 0.07, 0.075), "veined"),
    (OAK, "joinery"),
    ((0.48, 0.34, 0.20), "joinery"),
)
LIGHT_TILE, DARK_TILE, TERRACOTTA, SLATE = (
    (0.70, 0.68, 0.63),
    (0.06, 0.06, 0.065),
    (0.44, 0.19, 0.10),
    (0.20, 0.22, 0.23),
)
STOVES = ((0.70, 0.70, 0.69), (0.05, 0.05, 0.055), (0.42, 0.06, 0.05), (0.62, 0.58, 0.46))


def kitchen(dice: Dice, scene: Scene) -> Layout:
    """Counters along two walls with stove, sink and fridge, a table with chairs, tiles, pots and hanging lamps."""
    room, wet, hot = _shell(dice)
    plan, glow = FloorPlan(room), lit(scene)
    front, top = paint(dice, FRONTS), dice.choice(TOPS)
    solids = _wet_counter(dice, room, plan, wet, front, top)
    solids += _hot_counter(dice, room, plan, (hot, wet), front, top)
    room = door(dice, room, plan, [(hot + 2) % 4, (wet + 2) % 4], colour=dice.choice((PAINTED, OAK)))
    more, lights = _table(dice, room, plan, (wet, hot), glow)
    clock = Panel(
        0,
        "clock",
        (0.0, room.height - 0.55),
        (0.19, 0.19),
        dice.uniform(0, 6),
        colour=dice.choice((DARK_TILE, TERRACOTTA)),
    )
    room = hang(dice, room, plan, [(wet + 2) % 4, (hot + 2) % 4, hot, wet], clock)
    room = hang_paintings(dice, room, plan, [(hot + 2) % 4, (wet + 2) % 4], level=1.75, size=(0.22, 0.45))
    corner = plan.corner(dice, 0.3)
    if corner is not None:
        more += decoration.plant(dice, corner, height=dice.uniform(0.9, 1.6))
    lights.append(lamp((0.0, room.height - 0.4, 0.0), WARM, 0.9 * glow))
    return furnished(dice, room, solids + more + sills(room, PAINTED), lights)


def _shell(dice: Dice) -> tuple[Room, int, int]:
    """The room, the wall of the sink, below its windows, and the wall of the stove beside it."""
    half_x, half_z, height = dice.uniform(2.3, 3.3), dice.uniform(2.3, 3.3), dice.uniform(2.55, 3.1)
    wet, side = dice.integer(0, 3), dice.choice((1, 3))
    hot = (wet + side) % 4
    bars = dice.choice(((2, 1), (2, 2), (3, 2), (1, 1)))
    panels = window_row(
        wet,
        2 * (half_x if wet % 2 == 0 else half_z),
        count=dice.choice((1, 1, 2)),
        share=0.6,
        low=1.15,
        high=height - 0.3,
        bars=bars,
    )
    other = (wet + 2) % 4 if dice.uniform() < 0.5 else (hot + 2) % 4
    width = 2 * (half_x if other % 2 == 0 else half_z)
    panels += window_row(
        other,
        width,
        count=dice.choice((1, 2)),
        share=0.58,
        low=dice.choice((0.12, 0.75)),
        high=height - 0.32,
        bars=bars,
    )
    walls = Walls(
        dice.choice(("plaster", "plaster", "stripes", "boards")),
        dice.shade(dice.choice(COLOURS), 0.07),
        second=(0.76, 0.75, 0.70),
        lower=dice.choice(TILES),
        dado="tiles",
        dado_m=dice.choice((1.42, 1.5, height - 0.45)),
        trim=PAINTED,
    )
    ceiling = Ceiling(dice.choice(("plain", "boards")), dice.choice((PAINTED, PAINTED, (0.55, 0.40, 0.24))))
    return Room(half_x, half_z, height, walls, _floor(dice), ceiling, tuple(panels)), wet, hot


def _floor(dice: Dice) -> Floor:
    return dice.choice(
        (
            Floor("chequer", LIGHT_TILE, DARK_TILE, 0.33),
            Floor("chequer", LIGHT_TILE, (0.16, 0.28, 0.32), 0.3),
            Floor("tiles", TERRACOTTA, (0.52, 0.44, 0.36), 0.3),
            Floor("tiles", SLATE, (0.42, 0.42, 0.40), 0.45),
            Floor("marble", LIGHT_TILE, DARK_TILE, 0.4),
            Floor("planks", dice.choice(WOODS)),
        )
    )


def _wet_counter(dice: Dice, room: Room, plan: FloorPlan, wall: int, front: Paint, top: tuple[Rgb, str]) -> list[Solid]:
    """A counter under the window, as long as the wall, with the sink in its middle and jars on it."""
    half = room.width(wall) / 2 - 0.02
    spot = plan.against(dice, wall, 2 * half - 0.06, storage.COUNTER_DEPTH_M, 0.98, near=0.0)
    assert spot is not None
    solids = storage.counter(spot, half, front, top[0], stone=top[1])
    solids += storage.sink(spot)
    for side in (-1, 1):
        jars = spot.beside(side * (half - 0.75), 0.08, up=storage.COUNTER_M)
        solids += storage.crockery(dice, jars, dice.integer(2, 4))
    return solids


def _hot_counter(
    dice: Dice, room: Room, plan: FloorPlan, walls: tuple[int, int], front: Paint, top: tuple[Rgb, str]
) -> list[Solid]:
    """From the corner of the sink's wall: cupboards, the stove, cupboards and the fridge, under wall cupboards."""
    wall, wet = walls
    sign = 1 if (wall + 1) % 4 == wet else -1  # where along the wall the corner is
    start = room.width(wall) / 2 - storage.COUNTER_DEPTH_M
    at, solids = start, []
    first = min(0.95, (2 * start - 1.45) / 2)
    hood = 1.62
    for kind, wide in (("counter", first), ("stove", 0.64), ("counter", first), ("fridge", 0.72)):
        spot = at_wall(room, wall, sign * (at - wide / 2), storage.COUNTER_DEPTH_M / 2 + 0.01)
        plan.stand(spot.x, spot.z, wide / 2 if wall % 2 == 0 else 0.3, 0.3 if wall % 2 == 0 else wide / 2, gap=0.0)
        if kind == "counter":
            solids += storage.counter(spot, wide / 2, front, top[0], stone=top[1])
            solids += storage.wall_cabinets(spot, wide / 2 - 0.03, front, bottom=1.5, top=min(2.3, room.height - 0.15))
            solids += storage.crockery(dice, spot.beside(0, 0.1, up=storage.COUNTER_M), dice.integer(1, 3))
        elif kind == "stove":
            solids += storage.stove(spot, dice.choice(STOVES), hood=hood)
        else:
            solids += storage.fridge(
                spot, dice.choice((PAINTS["white"], PAINTS["grey"], PAINTS["white"], PAINTS["red"], front))
            )
        at -= wide
    half_width = room.width(wall) / 2
    plan.walls[wall].append((-half_width, 0.0, half_width, 2.35))
    return solids


def _table(
    dice: Dice, room: Room, plan: FloorPlan, walls: tuple[int, int], glow: Real
) -> tuple[list[Solid], list[Lamp]]:
    """The table away from the counters, chairs around it, lamps above it, and pots on a rail."""
    (wet_x, wet_z), (hot_x, hot_z) = (_toward(room, wall) for wall in walls)
    x, z = -(wet_x + hot_x) * 0.42, -(wet_z + hot_z) * 0.42
    wood, round_ = dice.choice((*WOODS, PAINTED)), dice.uniform() < 0.4
    half = (0.52, 0.52) if round_ else (0.72, 0.45)
    spot = Spot(x, z, dice.choice((0, 90)) if round_ else (0 if room.half_x > room.half_z else 90))
    solids = tables.round_table(spot, 0.52, 0.75, wood) if round_ else tables.table(spot, half, 0.75, wood)
    seat, style = dice.choice((wood, paint(dice).rgb)), dice.choice(("slats", "panel", "bentwood"))
    places = (
        [(0, -half[1] - 0.12, 0), (0, half[1] + 0.12, 180)]
        if round_
        else [(dx, side * (half[1] + 0.12), 90 + 90 * side) for dx in (-0.34, 0.34) for side in (-1, 1)]
    )
    if round_:
        places += [(-0.64, 0, -90), (0.64, 0, 90)]
    for dx, dz, turn in places:
        solids += seating.chair(spot.beside(dx, dz, turn_deg=180 + turn), wood, seat=seat, style=style)
    plan.stand(x, z, 1.0, 1.0)
    solids += storage.flowers(dice, Spot(x, z, 0.0, 0.75), paint(dice))
    shade, shape = dice.choice(tuple(lamps.SHADES.values())), dice.choice(("cone", "cone", "ball", "drum"))
    hung = [spot.beside(dx, 0) for dx in ((0.0,) if round_ else (-0.4, 0.4))]
    for each in hung:
        solids += lamps.pendant(each, room.height, drop=room.height - 1.75, lit=glow, shade=shade, shape=shape)
    rail = at_wall(room, walls[0], 0.0, 0.9)
    rail = Spot(rail.x, rail.z, rail.yaw_deg)
    solids += storage.hanging_pots(
        dice, rail, room.height - 0.25, dice.uniform(0.5, 0.8), dice.choice((storage.COPPER, storage.STEEL))
    )
    return solids, [lamp((h.x, 1.6, h.z), WARM, 1.4 * glow / len(hung)) for h in hung]


def _toward(room: Room, wall: int) -> tuple[Real, Real]:
    """Half sizes of the room, signed, toward a wall."""
    return ((0.0, -room.half_z), (room.half_x, 0.0), (0.0, room.half_z), (-room.half_x, 0.0))[wall]
