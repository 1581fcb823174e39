"""How the dice furnish an office."""

from cyclorama.diorama.colours import Rgb
from cyclorama.diorama.noise import Real
from cyclorama.diorama.places.floorplan import FloorPlan
from cyclorama.diorama.places.interiors import (
    NEUTRAL,
    OAK,
    WOODS,
    door,
    furnished,
    hang,
    hang_paintings,
    lamp,
    lit,
    paint,
    window_row,
)
from cyclorama.diorama.rooms.panels import Panel
from cyclorama.diorama.rooms.room import Ceiling, Floor, Room, Walls
from cyclorama.diorama.scene import Dice, Layout, Scene
from cyclorama.diorama.solids import Solid
from cyclorama.diorama.things import decoration, lamps, seating, storage, tables
from cyclorama.diorama.things.placing import Spot

COLOURS = ((0.74, 0.75, 0.75), (0.70, 0.68, 0.63), (0.60, 0.66, 0.70), (0.66, 0.70, 0.62))
ACCENTS = ((0.10, 0.26, 0.42), (0.50, 0.24, 0.08), (0.12, 0.34, 0.28), (0.52, 0.42, 0.10), (0.34, 0.12, 0.14))
CARPETS = ((0.14, 0.17, 0.22), (0.24, 0.24, 0.25), (0.16, 0.22, 0.20), (0.28, 0.22, 0.18), (0.12, 0.20, 0.32))
TOPS = (OAK, (0.60, 0.46, 0.30), (0.74, 0.73, 0.71), (0.20, 0.12, 0.07), (0.42, 0.42, 0.43))
CHAIRS = ("black", "grey", "blue", "red", "green", "orange", "turquoise")
FRAME, GRID = (0.16, 0.17, 0.18), (0.52, 0.53, 0.54)


def office(dice: Dice, scene: Scene) -> Layout:
    """Desks with computers and swivel chairs, shelves, a whiteboard and a clock, under a grid of light panels."""
    room = _shell(dice)
    plan, glow = FloorPlan(room), max(lit(scene), 0.25)
    room = door(dice, room, plan, _dark_walls(room), colour=dice.choice((OAK, (0.5, 0.52, 0.54), (0.20, 0.12, 0.07))))
    solids = _desks(dice, room, plan, scene)
    room = _boards(dice, room, plan)
    solids += _shelves(dice, room, plan)
    room = hang_paintings(dice, room, plan, _dark_walls(room), level=1.6, size=(0.35, 0.7))
    columns, rows = 2 if room.half_x < 3.6 else 3, 2 if room.half_z < 3.9 else 3
    grid = [
        Spot((2 * i + 1 - columns) * room.half_x / columns, (2 * k + 1 - rows) * room.half_z / rows)
        for i in range(columns)
        for k in range(rows)
    ]
    solids += lamps.light_panels(grid, room.height, lit=glow, half=dice.choice(((0.6, 0.15), (0.3, 0.3), (0.15, 0.6))))
    lights = [lamp((s.x, room.height - 0.35, s.z), NEUTRAL, 5.0 * glow / len(grid)) for s in grid]
    return furnished(dice, room, solids, lights)


def _shell(dice: Dice) -> Room:
    half_x, half_z, height = dice.uniform(2.9, 4.6), dice.uniform(2.9, 4.6), dice.uniform(2.65, 3.2)
    first = dice.integer(0, 3)
    bright = dice.choice(((first, (first + 1) % 4), (first, (first + 3) % 4), (first, (first + 2) % 4)))
    low = dice.choice((0.1, 0.85, 0.75))
    panels = []
    for wall in bright:
        width = 2 * (half_x if wall % 2 == 0 else half_z)
        count = max(2, round(width / dice.choice((1.4, 2.0))))
        style = {"bars": (1, dice.choice((1, 2))), "colour": dice.choice((FRAME, (0.70, 0.71, 0.72)))}
        panels += window_row(wall, width, count=count, share=0.86, low=low, high=height - 0.3, **style)
    colour, accent = dice.shade(dice.choice(COLOURS), 0.05), dice.choice(ACCENTS)
    dark = [wall for wall in range(4) if wall not in bright]
    kind = dice.choice(("plaster", "plaster", "brick"))
    walls = Walls(kind, colour, second=(0.70, 0.68, 0.64), trim=FRAME, feature=dice.choice((*dark, -1)), accent=accent)
    floor = dice.choice(
        (
            Floor("carpet", dice.choice(CARPETS), tile_m=0.5),
            Floor("carpet", dice.choice(CARPETS), tile_m=0.5),
            Floor("concrete", (0.38, 0.38, 0.37)),
            Floor("planks", OAK),
        )
    )
    ceiling = Ceiling("grid", (0.78, 0.79, 0.79), GRID, 0.6)
    return Room(half_x, half_z, height, walls, floor, ceiling, tuple(panels))


def _dark_walls(room: Room) -> list[int]:
    bright = {window.wall for window in room.windows}
    return [wall for wall in range(4) if wall not in bright]


def _desks(dice: Dice, room: Room, plan: FloorPlan, scene: Scene) -> list[Solid]:
    """Pairs of desks face to face in the middle, or single ones around a lane, each with a computer and a chair."""
    top, chosen = dice.choice(TOPS), paint(dice, CHAIRS)
    drawers, double, turn = dice.uniform() < 0.5, dice.uniform() < 0.4, dice.choice((0, 90))
    facing = dice.uniform() < 0.6
    glow = {"noon": 0.55, "dawn": 0.6, "sunset": 0.6, "night": 0.75}[scene.time]
    solids: list[Solid] = []
    for k, (x, z) in enumerate(_desk_places(dice, room, turn, facing)):
        yaw = turn + (180 if facing and k % 2 else 0)
        back = Spot(x, z, yaw)
        half = (0.75, 0.38) if turn == 0 else (0.38, 0.75)
        if len(solids) > 58 or not plan.stand(x, z, *half, gap=-0.02):
            continue
        seat = back.beside(dice.uniform(-0.15, 0.15), -0.72)
        solids += tables.desk(back, 0.75, top, drawers=drawers)
        solids += tables.computer(back, lit=glow, seed=dice.uniform(0, 9), double=double)
        if plan.stand(seat.x, seat.z, 0.3, 0.3, gap=-0.05):
            solids += seating.office_chair(Spot(seat.x, seat.z, yaw + 180 + dice.uniform(-40, 40)), chosen)
        if dice.uniform() < 0.4:
            solids += lamps.desk_lamp(
                back.beside(-0.6, 0.15, turn_deg=30, up=0.745), lit=glow * 0.8, colour=_metal(dice)
            )
        elif dice.uniform() < 0.5:
            solids += storage.crockery(dice, back.beside(0.6, 0.1, up=0.745), 1)
    return solids


def _desk_places(dice: Dice, room: Room, turn: int, facing: bool) -> list[tuple[Real, Real]]:
    """Middles of desks: two islands to the sides of the room, so that there is a lane between them."""
    wide = room.half_x if turn == 0 else room.half_z
    places = []
    step = 0.385 if facing else 0.9
    for side in (-1, 1):
        along = side * (wide * 0.5 + 0.1)
        for row in (-1, 1):
            places.append((along, row * step + dice.uniform(-0.02, 0.02) * (not facing)))
    # people sit at local -z, so that of two desks face to face the one at -z comes first
    return [(u, v) if turn == 0 else (-v, u) for u, v in places]


def _metal(dice: Dice) -> Rgb:
    return dice.choice(((0.05, 0.05, 0.055), (0.50, 0.51, 0.52), (0.45, 0.08, 0.05), (0.10, 0.26, 0.32)))


def _boards(dice: Dice, room: Room, plan: FloorPlan) -> Room:
    """A whiteboard and a clock on the walls without windows."""
    half = (min(dice.uniform(0.8, 1.3), room.half_x - 0.8), 0.58)
    board = Panel(0, "whiteboard", (0.0, 1.5), half, dice.uniform(0, 20))
    clock = Panel(0, "clock", (0.0, room.height - 0.42), (0.20, 0.20), dice.uniform(0, 6), colour=FRAME)
    dark = _dark_walls(room)
    room = hang(dice, room, plan, dark[::-1], board)
    return hang(dice, room, plan, dark, clock)


def _shelves(dice: Dice, room: Room, plan: FloorPlan) -> list[Solid]:
    solids: list[Solid] = []
    wood = dice.choice((*WOODS, (0.70, 0.70, 0.69)))
    for wall in _dark_walls(room):
        for _ in range(2):
            high = dice.choice((1.1, 2.0, 2.0))
            spot = plan.against(dice, wall, 1.1, 0.36, high)
            if spot is not None:
                solids += storage.bookshelf(spot, 0.52, high, wood, seed=dice.uniform(0, 9))
    for _ in range(2):
        corner = plan.corner(dice, 0.32)
        if corner is not None:
            solids += decoration.plant(dice, corner, height=dice.uniform(1.1, 1.9))
    return solids
