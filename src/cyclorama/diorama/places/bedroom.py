"""How the dice furnish a bedroom."""

from cyclorama.diorama.colours import PAINTS, Paint, Rgb
from cyclorama.diorama.noise import Real
from cyclorama.diorama.places.floorplan import FloorPlan
from cyclorama.diorama.places.homes import BEDROOM_COLOURS, RUG_PAINTS, RUG_STYLES, home_floor, home_walls
from cyclorama.diorama.places.interiors import (
    FABRIC_PAINTS,
    OAK,
    PAINTED,
    WARM,
    WOODS,
    curtains,
    door,
    furnished,
    hang,
    hang_paintings,
    lamp,
    lit,
    paint,
    rug,
    sills,
    window_row,
)
from cyclorama.diorama.rooms.panels import Panel
from cyclorama.diorama.rooms.room import Ceiling, Room
from cyclorama.diorama.scene import Dice, Lamp, Layout, Scene
from cyclorama.diorama.solids import Solid
from cyclorama.diorama.things import decoration, lamps, seating, storage, tables
from cyclorama.diorama.things.placing import Spot


def bedroom(dice: Dice, scene: Scene) -> Layout:
    """A bed with its head at a wall between nightstands, a wardrobe, a mirror, a rug, and windows with curtains."""
    room, head = _bedroom_shell(dice)
    plan, glow = FloorPlan(room), lit(scene)
    chosen, wood = paint(dice, FABRIC_PAINTS), dice.choice((*WOODS, PAINTED))
    solids, lights = _bed_and_stands(dice, plan, head, (chosen, wood, glow))
    lights.append(lamp((0.0, room.height - 0.6, 0.0), WARM, 2.0 * glow))
    side = dice.choice((1, 3))
    walls = [(head + side) % 4, (head - side) % 4, (head + 2) % 4, head]
    room = door(dice, room, plan, walls, colour=dice.choice((PAINTED, wood)))
    solids += _wardrobe_and_chest(dice, room, plan, head, wood)
    room = _bedroom_pictures(dice, room, plan, head)
    shape = dice.choice(("drum", "ball", "cone"))
    solids += lamps.pendant(
        Spot(0, 0), room.height, drop=0.55, lit=glow, shade=dice.choice(tuple(lamps.SHADES.values())), shape=shape
    )
    cloth = chosen if dice.uniform() < 0.5 else paint(dice)
    solids += curtains(dice, room, cloth, wide=0.3) + sills(room, PAINTED)
    return furnished(dice, room, solids, lights, spread=0.8)


def _bedroom_shell(dice: Dice) -> tuple[Room, int]:
    """The room, and the wall of the bed's head. Under a roof, the windows are in the gable walls."""
    half_x, half_z = dice.uniform(2.4, 3.3), dice.uniform(2.5, 3.4)
    attic = dice.uniform() < 0.3
    height = dice.uniform(3.3, 3.8) if attic else dice.uniform(2.55, 3.0)
    head = dice.choice((1, 3)) if attic else dice.integer(0, 3)
    bright = (0, 2) if attic else [(head + side) % 4 for side in dice.choice(((1, 2), (3, 2), (1, 3)))]
    style = {"low": dice.choice((0.4, 0.7)), "high": 2.25, "bars": dice.choice(((2, 2), (2, 3), (2, 1)))}
    panels = []
    for wall in bright:
        width = 2 * (half_x if wall % 2 == 0 else half_z)
        panels += window_row(wall, width, count=1 if attic else dice.integer(1, 2), share=0.56, **style)
    walls = home_walls(dice, BEDROOM_COLOURS, ("plaster", "plaster", "stripes", "floral", "damask", "boards"))
    floor = home_floor(dice, ("planks", "carpet", "carpet", "herringbone"))
    ceiling = Ceiling(
        "boards" if attic else dice.choice(("plain", "plain", "medallion")),
        dice.choice((PAINTED, PAINTED, OAK)) if attic else PAINTED,
    )
    shape = {"spring": dice.uniform(1.5, 1.8), "facets": 2} if attic else {}
    return Room(half_x, half_z, height, walls, floor, ceiling, tuple(panels), **shape), head


def _bed_and_stands(
    dice: Dice, plan: FloorPlan, head: int, look: tuple[Paint, Rgb, Real]
) -> tuple[list[Solid], list[Lamp]]:
    chosen, wood, glow = look
    half = dice.choice((0.55, 0.82, 0.95))
    spot = plan.against(dice, head, 2 * half + 0.1, 2.2, 1.2, near=dice.uniform(-0.4, 0.4))
    assert spot is not None
    below = spot.beside(0, -0.9)
    size = (half + dice.uniform(0.5, 0.8), dice.uniform(0.8, 1.0))
    solids = rug(below, size, paint(dice, RUG_PAINTS), dice.choice(RUG_STYLES[:-1]), seed=dice.uniform(0, 9))
    cover = dice.choice(("fabric", "quilt", "plaid", "plaid", "quilt"))
    solids += tables.bed(dice, spot, chosen, half=half, wood=wood, cover=cover)
    shade, foot, lights = dice.choice(tuple(lamps.SHADES.values())), dice.choice(storage.GLAZES), []
    for side in (-1, 1):
        along = spot.beside(side * (half + 0.42), 0.80)
        if plan.stand(along.x, along.z, 0.26, 0.26, gap=0.0):
            stand = Spot(along.x, along.z, spot.yaw_deg)
            solids += tables.nightstand(stand, wood)
            solids += lamps.table_lamp(Spot(stand.x, stand.z, stand.yaw_deg, 0.545), lit=glow, shade=shade, foot=foot)
            lights.append(lamp((stand.x, 1.0, stand.z), WARM, 1.3 * glow))
    return solids, lights


def _wardrobe_and_chest(dice: Dice, room: Room, plan: FloorPlan, head: int, wood: Rgb) -> list[Solid]:
    solids, named = [], Paint("", wood)
    white = PAINTS["white"]
    height = min(2.15, room.spring - 0.1) if room.facets else 2.15
    for wall in ((head + 1) % 4, (head + 3) % 4, (head + 2) % 4):
        spot = None if height < 1.3 else plan.against(dice, wall, 1.5, 0.64, height)
        if spot is not None:
            finish = dice.choice((named, white, PAINTS["brown"]))
            solids += storage.wardrobe(spot, 0.7, height, finish)
            break
    for wall in ((head + 2) % 4, (head + 1) % 4, (head + 3) % 4):
        spot = plan.against(dice, wall, 1.2, 0.46, 0.8)
        if spot is not None:
            solids += storage.sideboard(spot, 0.56, wood, high=0.78, front="drawers")
            solids += storage.flowers(dice, Spot(spot.x, spot.z, 0.0, 0.8), paint(dice))
            break
    corner = plan.corner(dice, 0.42)
    if corner is not None and dice.uniform() < 0.5:
        facing = Spot(corner.x, corner.z, 45 + 90 * ((corner.x < 0) + 2 * 0) if corner.z > 0 else 135.0)
        solids += seating.armchair(dice, facing, paint(dice), material="fabric")
    elif corner is not None:
        solids += decoration.plant(dice, corner, height=dice.uniform(0.9, 1.4))
    return solids


def _bedroom_pictures(dice: Dice, room: Room, plan: FloorPlan, head: int) -> Room:
    mirror = Panel(0, "mirror", (0.0, 1.25), (0.32, 0.75), arched=dice.uniform() < 0.4, colour=dice.choice(WOODS))
    low = Panel(0, "mirror", (0.0, 1.45), (0.42, 0.5), colour=dice.choice(WOODS))
    others = [(head + 1) % 4, (head + 2) % 4, (head + 3) % 4]
    before = len(room.panels)
    if not room.facets:
        room = hang(dice, room, plan, others, mirror)
    if len(room.panels) == before:
        room = hang(dice, room, plan, [*others, head], low)
    return hang_paintings(dice, room, plan, [head, *others], level=1.55 if not room.facets else 1.3, size=(0.22, 0.5))
