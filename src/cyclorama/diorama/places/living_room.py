"""How the dice furnish a living room."""

from cyclorama.diorama.noise import Real
from cyclorama.diorama.places.floorplan import FloorPlan, at_wall
from cyclorama.diorama.places.homes import (
    CUSHIONS,
    RUG_PAINTS,
    RUG_STYLES,
    WALL_COLOURS,
    home_floor,
    home_walls,
)
from cyclorama.diorama.places.interiors import (
    OAK,
    PAINTED,
    WARM,
    WOODS,
    curtains,
    door,
    furnished,
    hang_paintings,
    lamp,
    lit,
    paint,
    rug,
    sills,
    window_row,
)
from cyclorama.diorama.rooms.room import Ceiling, Room
from cyclorama.diorama.scene import Dice, Lamp, Layout, Scene
from cyclorama.diorama.solids import Solid
from cyclorama.diorama.things import decoration, lamps, seating, storage, tables
from cyclorama.diorama.things.placing import Spot


def living_room(dice: Dice, scene: Scene) -> Layout:
    """A sofa before a fireplace or a television, tall windows on two walls, books, lamps, plants and paintings."""
    room, focus = _living_room_shell(dice)
    plan = FloorPlan(room)
    glow = lit(scene)
    solids, glows = _fire_or_television(dice, room, plan, focus, glow)
    side = dice.choice((1, 3))
    walls = [(focus + side) % 4, (focus - side) % 4, focus, (focus + 2) % 4]
    room = door(dice, room, plan, walls, colour=dice.choice((PAINTED, OAK)))
    solids += _seats(dice, room, plan, focus)
    more, lights = _living_room_extras(dice, room, plan, glow)
    room = hang_paintings(dice, room, plan, [focus, (focus + 2) % 4, (focus + 1) % 4, (focus + 3) % 4, focus])
    solids += more + curtains(dice, room, paint(dice)) + sills(room, PAINTED) + _beams(dice, room)
    return furnished(dice, room, solids, glows + lights)


def _living_room_shell(dice: Dice) -> tuple[Room, int]:
    """The room and the wall, without windows, that its seats face."""
    half_x, half_z, height = dice.uniform(2.7, 3.9), dice.uniform(2.7, 3.9), dice.uniform(2.6, 3.3)
    focus = dice.integer(0, 3)
    bright = [(focus + side) % 4 for side in dice.choice(((1, 2), (3, 2), (1, 3), (1, 2, 3)))]
    low, top = dice.choice((0.15, 0.55, 0.8)), height - dice.uniform(0.28, 0.4)
    style = {"low": low, "high": top, "bars": dice.choice(((2, 1), (2, 2), (2, 3), (3, 3), (1, 1)))}
    arched = dice.uniform() < 0.2
    panels = []
    for wall in bright:
        width = 2 * (half_x if wall % 2 == 0 else half_z)
        count = dice.choice((1, 2)) if not arched else 2
        panels += window_row(wall, width, count=count, share=0.62 if count == 1 else 0.60, arched=arched, **style)
    walls = home_walls(dice, WALL_COLOURS, ("plaster", "plaster", "stripes", "damask", "boards", "brick"))
    floor = home_floor(dice, ("planks", "planks", "herringbone", "carpet"))
    ceiling = Ceiling(dice.choice(("plain", "medallion", "boards")), (0.76, 0.75, 0.71))
    return Room(half_x, half_z, height, walls, floor, ceiling, tuple(panels)), focus


def _beams(dice: Dice, room: Room) -> list[Solid]:
    if room.ceiling.kind != "plain" or dice.uniform() < 0.35:
        return []
    return decoration.beams(room.half_x, room.half_z, room.height, dice.choice(WOODS), dice.integer(4, 6))


def _fire_or_television(
    dice: Dice, room: Room, plan: FloorPlan, focus: int, glow: Real
) -> tuple[list[Solid], list[Lamp]]:
    if dice.uniform() < 0.5:
        spot = plan.against(dice, focus, 1.7, 0.44, room.height, near=0.0)
        assert spot is not None
        stone, material = dice.choice(
            (((0.70, 0.68, 0.64), "veined"), ((0.42, 0.16, 0.10), "plain"), (PAINTED, "joinery"))
        )
        fire = decoration.fireplace(
            spot, stone, material=material, lit=max(glow, 0.55), ceiling=room.height, seed=dice.uniform(0, 9)
        )
        front = spot.point(0, 0.4, -0.75)
        return fire, [lamp(front, (1.0, 0.42, 0.12), 0.25 + 0.8 * glow)]
    spot = plan.against(dice, focus, 1.9, 0.46, 1.35, near=0.0)
    assert spot is not None
    board = storage.sideboard(spot, 0.9, dice.choice(WOODS), high=0.5)
    on_top = Spot(spot.x, spot.z, spot.yaw_deg, 0.53)
    return board + storage.television(on_top, 0.62, lit=0.9 * glow, seed=dice.uniform(0, 9)), []


def _seats(dice: Dice, room: Room, plan: FloorPlan, focus: int) -> list[Solid]:
    """A sofa that faces the focus, a low table between, an armchair or two, on a rug."""
    chosen, material = paint(dice), dice.choice(("fabric", "fabric", "leather", "striped"))
    seats = 3 if room.width(focus) > 6 else 2
    away = dice.uniform(2.7, 3.2)
    sofa = at_wall(room, focus, 0.0, away + 0.5)
    sofa = Spot(sofa.x, sofa.z, sofa.yaw_deg + 180)
    middle = at_wall(room, focus, 0.0, away - 0.85)
    across = focus % 2 == 0
    solids = rug(
        Spot(middle.x, middle.z, sofa.yaw_deg),
        (dice.uniform(1.3, 1.6), dice.uniform(0.95, 1.2)),
        paint(dice, RUG_PAINTS),
        dice.choice(RUG_STYLES),
        seed=dice.uniform(0, 9),
    )
    half = (1.3, 0.5) if across else (0.5, 1.3)
    plan.stand(sofa.x, sofa.z, *half)
    solids += seating.sofa(dice, sofa, chosen, seats=seats, material=material, cushions=dice.choice(CUSHIONS))
    solids += _low_table(dice, plan, middle)
    for side in (-1, 1):
        chair = sofa.beside(side * 1.75, -1.3, turn_deg=-side * dice.uniform(55, 75))
        if plan.stand(chair.x, chair.z, 0.46, 0.46) and dice.uniform() < 0.75:
            cloth = dice.choice(("fabric", "leather", "striped"))
            solids += seating.armchair(dice, chair, chosen if dice.uniform() < 0.4 else paint(dice), material=cloth)
    return solids


def _low_table(dice: Dice, plan: FloorPlan, middle: Spot) -> list[Solid]:
    wood, round_ = dice.choice((*WOODS, PAINTED)), dice.uniform() < 0.35
    plan.stand(middle.x, middle.z, 0.5, 0.5)
    top = Spot(middle.x, middle.z, middle.yaw_deg, 0.42)
    on_top = storage.flowers(dice, top, paint(dice)) if dice.uniform() < 0.7 else lamps.candles(top, lit=1.0)
    if round_:
        return tables.round_table(middle, 0.46, 0.42, wood) + on_top
    return tables.table(middle, (0.55, 0.32), 0.42, wood) + on_top


def _living_room_extras(dice: Dice, room: Room, plan: FloorPlan, glow: Real) -> tuple[list[Solid], list[Lamp]]:
    """Books, a lamp or two, plants and a clock of light in the ceiling."""
    solids, lights = [], [lamp((0.0, room.height - 0.5, 0.0), WARM, 1.8 * glow)]
    for wall in range(4):
        high = dice.uniform(1.8, room.height - 0.3)
        spot = plan.against(dice, wall, 1.3, 0.34, high)
        if spot is not None and dice.uniform() < 0.8:
            solids += storage.bookshelf(spot, 0.6, high, dice.choice((*WOODS, PAINTED)), seed=dice.uniform(0, 9))
    corner = plan.corner(dice, 0.28)
    if corner is not None:
        shade = dice.choice(tuple(lamps.SHADES.values()))
        solids += lamps.floor_lamp(corner, lit=glow, shade=shade, tripod=dice.uniform() < 0.4)
        lights.append(lamp((corner.x, 1.62, corner.z), WARM, 2.4 * glow))
    for _ in range(dice.integer(1, 2)):
        corner = plan.corner(dice, 0.34)
        if corner is not None:
            solids += decoration.plant(dice, corner, height=dice.uniform(1.0, 1.9))
    return solids, lights
