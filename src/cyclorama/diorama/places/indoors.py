"""The indoor places: how the dice furnish a living room and a gallery.

Positions on the floor are (x, z) in metres from the middle of the room; walls are numbered as in rooms.py.
"""

from cyclorama.diorama.colours import Rgb, scaled
from cyclorama.diorama.noise import Real
from cyclorama.diorama.rooms.room import BACK, FRONT, LEFT, RIGHT, Panel, Room, Rug
from cyclorama.diorama.scene import EYE_HEIGHT_M, Dice, Lamp, Layout, Scene
from cyclorama.diorama.solids import Solid, makes
from cyclorama.diorama.things import furniture
from cyclorama.diorama.things.plants import house_plant

Spot = tuple[Real, Real]

LIVING_ROOM_LIGHT = {"noon": 0.0, "dawn": 0.45, "sunset": 0.6, "night": 1.0}
GALLERY_LIGHT = {"noon": 0.25, "dawn": 0.6, "sunset": 0.75, "night": 1.0}
PLASTER = ((0.72, 0.68, 0.60), (0.52, 0.60, 0.58), (0.70, 0.55, 0.44), (0.42, 0.50, 0.60), (0.76, 0.74, 0.72))
RUG_COLOURS = ((0.40, 0.10, 0.09), (0.10, 0.18, 0.34), (0.36, 0.30, 0.22), (0.12, 0.26, 0.20))
SOFA_COLOURS = ((0.48, 0.10, 0.08), (0.10, 0.20, 0.36), (0.46, 0.40, 0.32), (0.12, 0.26, 0.18), (0.55, 0.36, 0.12))
GALLERY_WALLS = ((0.74, 0.72, 0.68), (0.40, 0.14, 0.12), (0.20, 0.30, 0.28), (0.62, 0.56, 0.46))
BUST_COLOURS = ((0.30, 0.20, 0.09), (0.75, 0.73, 0.70), (0.10, 0.16, 0.14))
OAK, WALNUT, BOOKSHELF = (0.40, 0.25, 0.14), (0.34, 0.21, 0.12), (0.24, 0.13, 0.07)
SOFA_DEPTH_M, SHELF_DEPTH_M = 0.62, 0.18


def living_room(dice: Dice, scene: Scene) -> Layout:
    """A sofa opposite the windows, a bookshelf, a door, a rug, a floor lamp and a plant."""
    half_x, half_z, height = dice.uniform(2.6, 3.4), dice.uniform(2.5, 3.1), dice.uniform(2.6, 2.9)
    bright = dice.integer(FRONT, LEFT)
    room = _living_room_shell(dice, half_x, half_z, height, bright)
    lamp_x, lamp_z = lamp = _lamp_spot(room, bright)
    solids = [
        *_sofa_and_table(dice, room, _opposite(bright)),
        *_bookshelf(room, _right_of(bright)),
        *furniture.floor_lamp(*lamp, scene.time != "noon"),
        *house_plant(dice, *_plant_spot(room, bright)),
    ]
    strength = LIVING_ROOM_LIGHT[scene.time]
    lamps = (
        Lamp((lamp_x, 1.62, lamp_z), scaled((1.5, 1.0, 0.52), strength)),
        Lamp((0.0, height - 0.3, 0.0), scaled((1.5, 1.05, 0.6), 0.8 * strength)),
    )
    return Layout(_eye(dice), tuple(solids), room=room, lamps=lamps)


def _living_room_shell(dice: Dice, half_x: Real, half_z: Real, height: Real, bright: int) -> Room:
    """Walls and floor: two windows on the wall `bright`, two pictures opposite, a door to the left."""
    span = half_x if bright in (FRONT, BACK) else half_z
    windows = [Panel(bright, "window", (side * span * 0.48, 1.5), (span * 0.34, 0.85)) for side in (-1, 1)]
    pictures = [
        Panel(_opposite(bright), "picture", (0.75 * side, 1.65), (0.42, dice.uniform(0.3, 0.4)), dice.uniform(0, 20))
        for side in (-1, 1)
    ]
    door = Panel(_left_of(bright), "door", (dice.uniform(-1.2, 1.2), 1.02), (0.46, 1.02))
    wall = dice.choice(PLASTER)
    rug = Rug((0.0, 0.0), (1.5, 1.1), dice.choice(RUG_COLOURS))
    return Room(
        half_x,
        half_z,
        height,
        wall_colour=dice.shade(wall, 0.06),
        floor_colour=dice.shade(OAK, 0.2),
        panels=(*windows, *pictures, door),
        rug=rug,
    )


def _sofa_and_table(dice: Dice, room: Room, wall: int) -> list[Solid]:
    back = room.reach(wall) - SOFA_DEPTH_M
    sofa = furniture.sofa(*_toward(wall, back), 90.0 * wall + 360, dice.choice(SOFA_COLOURS))
    dice.uniform()  # decides nothing; it keeps the draws after it, and so the scenes, as they are
    return [*sofa, *furniture.table(*_toward(wall, back - 1.25), (0.5, 0.32), 0.40)]


@makes("bookshelf")
def _bookshelf(room: Room, wall: int) -> list[Solid]:
    x, z = _toward(wall, room.reach(wall) - SHELF_DEPTH_M)
    size = (0.9, 1.02, 0.17) if wall in (FRONT, BACK) else (0.17, 1.02, 0.9)
    return [Solid("box", (x, 1.02, z), size, BOOKSHELF, "books")]


def _lamp_spot(room: Room, bright: int) -> Spot:
    """Beside the sofa, toward the bookshelf."""
    sofa_wall = _opposite(bright)
    back = room.reach(sofa_wall) - SOFA_DEPTH_M
    return _add(_toward(sofa_wall, back + 0.1), _toward(_right_of(bright), min(room.half_x, room.half_z) - 0.5))


def _plant_spot(room: Room, bright: int) -> Spot:
    """The corner of the windows and the door's wall."""
    beside = _right_of(bright)
    return _add(_toward(bright, room.reach(bright) - 0.4), _toward(beside, -(room.reach(beside) - 0.45)))


def gallery(dice: Dice, scene: Scene) -> Layout:
    """A hall with two rows of columns, busts on pedestals, a bench, and pictures opposite tall windows."""
    half_x, half_z, height = dice.uniform(4.6, 5.6), dice.uniform(7.5, 9.5), dice.uniform(4.4, 5.2)
    bright = dice.choice((RIGHT, LEFT))
    room = _gallery_shell(dice, half_x, half_z, height, bright)
    solids = [
        *_columns(room, dice.shade((0.66, 0.63, 0.58), 0.08)),
        *_busts(dice, room),
        _gallery_bench(dice),
    ]
    light = scaled((1.15, 0.92, 0.62), 4.0 * GALLERY_LIGHT[scene.time])
    lamps = tuple(Lamp((0.0, height - 0.5, z * half_z), light) for z in (-0.5, 0.0, 0.5))
    return Layout(_eye(dice), tuple(solids), room=room, lamps=lamps)


def _gallery_shell(dice: Dice, half_x: Real, half_z: Real, height: Real, bright: int) -> Room:
    windows = [Panel(bright, "window", (u * half_z * 0.62, 2.3), (0.95, 1.75)) for u in (-1.15, -0.38, 0.38, 1.15)]
    pictures = [_gallery_picture(dice, _opposite(bright), u * half_z * 0.2) for u in (-4, -2.4, -0.8, 0.8, 2.4, 4)]
    ends = [Panel(wall, "picture", (0.0, 2.1), (1.6, 1.1), dice.uniform(0, 20)) for wall in (FRONT, BACK)]
    doors = [Panel(wall, "door", (side * half_x * 0.68, 1.15), (0.6, 1.15)) for wall, side in ((FRONT, 1), (BACK, -1))]
    wall = dice.choice(GALLERY_WALLS)
    return Room(
        half_x,
        half_z,
        height,
        wall_colour=dice.shade(wall, 0.06),
        floor_colour=dice.shade(WALNUT, 0.2),
        panels=(*windows, *pictures, *ends, *doors),
    )


def _gallery_picture(dice: Dice, wall: int, along: Real) -> Panel:
    half = (dice.uniform(0.55, 1.0), dice.uniform(0.55, 0.85))
    return Panel(wall, "picture", (along, 1.9), half, dice.uniform(0, 20))


@makes("column")
def _columns(room: Room, stone: Rgb) -> list[Solid]:
    """Two rows of four columns, each with a base and a capital."""
    solids = []
    for z in (-0.66 * room.half_z, -0.22 * room.half_z, 0.22 * room.half_z, 0.66 * room.half_z):
        for x in (-0.62 * room.half_x, 0.62 * room.half_x):
            solids += [
                Solid("cylinder", (x, room.height / 2, z), (0.2, room.height / 2, 0.2), stone, "stone"),
                Solid("box", (x, 0.14, z), (0.3, 0.14, 0.3), stone, "stone"),
                Solid("box", (x, room.height - 0.16, z), (0.3, 0.16, 0.3), stone, "stone"),
            ]
    return solids


@makes("bust")
def _busts(dice: Dice, room: Room) -> list[Solid]:
    solids = []
    for z in (-0.44 * room.half_z, 0.44 * room.half_z):
        x = dice.uniform(-0.2, 0.2)
        colour = dice.choice(BUST_COLOURS)
        yaw_deg, pitch_deg = dice.uniform(0, 90), dice.uniform(-25, 25)
        solids += [
            Solid("box", (x, 0.5, z), (0.34, 0.5, 0.34), (0.72, 0.71, 0.69), "stone"),
            Solid("sphere", (x, 1.32, z), (0.24, 0.36, 0.24), colour, "stone", yaw_deg, pitch_deg),
            Solid("sphere", (x, 1.80, z), (0.15, 0.18, 0.15), colour, "stone"),
        ]
    return solids


def _gallery_bench(dice: Dice) -> Solid:
    centre = (dice.uniform(-1.2, 1.2), 0.24, dice.choice((-2.2, 2.2)))
    return Solid("box", centre, (0.9, 0.24, 0.28), (0.14, 0.08, 0.06), "wood", thing="bench")


def _right_of(wall: int) -> int:
    return (wall + 1) % 4


def _opposite(wall: int) -> int:
    return (wall + 2) % 4


def _left_of(wall: int) -> int:
    return (wall + 3) % 4


def _toward(wall: int, metres: Real) -> Spot:
    """The floor point that many metres from the middle of the room toward a wall."""
    x, z = ((0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0))[wall]
    return x * metres, z * metres


def _add(one: Spot, other: Spot) -> Spot:
    return one[0] + other[0], one[1] + other[1]


def _eye(dice: Dice) -> tuple[Real, Real, Real]:
    return dice.uniform(-0.4, 0.4), EYE_HEIGHT_M - 0.15, dice.uniform(-0.4, 0.4)


INDOOR_PLACES = {"living room": living_room, "gallery": gallery}
