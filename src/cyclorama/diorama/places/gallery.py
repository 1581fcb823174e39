"""How the dice furnish an art gallery."""

from dataclasses import replace

from cyclorama.diorama.colours import Rgb, scaled
from cyclorama.diorama.noise import Real
from cyclorama.diorama.places.floorplan import FloorPlan
from cyclorama.diorama.places.interiors import (
    FRAMES,
    NEUTRAL,
    OAK,
    WALNUT,
    door,
    furnished,
    lamp,
    lit,
    paint,
    window_row,
)
from cyclorama.diorama.rooms.panels import Panel
from cyclorama.diorama.rooms.room import CEILING, Ceiling, Floor, Room, Walls
from cyclorama.diorama.scene import Dice, Lamp, Layout, Scene
from cyclorama.diorama.solids import Solid, makes
from cyclorama.diorama.things import decoration, seating
from cyclorama.diorama.things.placing import Spot

COLOURS = (
    (0.76, 0.75, 0.72),
    (0.76, 0.75, 0.72),
    (0.38, 0.07, 0.06),
    (0.10, 0.20, 0.18),
    (0.12, 0.18, 0.30),
    (0.56, 0.48, 0.34),
    (0.30, 0.32, 0.34),
    (0.30, 0.20, 0.30),
)
PLINTHS = ((0.74, 0.73, 0.71), (0.08, 0.08, 0.085), (0.56, 0.52, 0.46))
TRACK, GLASS_FRAME = (0.05, 0.05, 0.055), (0.42, 0.43, 0.44)


def gallery(dice: Dice, scene: Scene) -> Layout:
    """Paintings of many kinds under skylights and spot lamps, statues and busts on pedestals, benches."""
    room, bright = _shell(dice)
    plan, glow = FloorPlan(room), lit(scene)
    for wall in ((bright + 1) % 4, (bright + 3) % 4):
        room = door(dice, room, plan, [wall], colour=dice.choice((WALNUT, (0.5, 0.48, 0.44))), half=(0.8, 1.25))
    room = _hang_collection(dice, room, plan, bright)
    solids = _partitions(dice, room, plan) + _sculptures(dice, room, plan)
    spots, lights = _spot_lamps(room, max(glow, 0.35))
    return furnished(dice, room, solids + _benches(dice, plan) + spots, lights, spread=0.8)


def _shell(dice: Dice) -> tuple[Room, int]:
    """The room, with skylights, and its wall of tall windows."""
    half_x, half_z, height = dice.uniform(4.2, 6.2), dice.uniform(5.0, 8.0), dice.uniform(4.0, 5.4)
    bright = dice.integer(0, 3)
    width = 2 * (half_x if bright % 2 == 0 else half_z)
    style = {
        "bars": dice.choice(((2, 3), (3, 4), (1, 2), (2, 4))),
        "colour": dice.choice((GLASS_FRAME, (0.76, 0.75, 0.72))),
    }
    count, arched = round(width / dice.uniform(2.2, 3.2)), dice.uniform() < 0.4
    panels = window_row(
        bright, width, count=count, share=0.64, low=dice.choice((0.2, 0.7)), high=height - 0.5, arched=arched, **style
    )
    panels += _skylights(dice, half_x, half_z)
    stone = (0.76, 0.75, 0.72)
    lower = dice.choice((WALNUT, stone))
    walls = Walls(
        "plaster",
        dice.shade(dice.choice(COLOURS), 0.06),
        second=stone,
        lower=lower,
        dado_m=dice.choice((0.0, 0.0, 0.75)),
        trim=stone,
        cornice_m=dice.choice((0.0, 0.25, 0.4)),
    )
    floor = dice.choice(
        (
            Floor("herringbone", dice.shade((0.42, 0.27, 0.14), 0.15)),
            Floor("planks", dice.shade(OAK, 0.2)),
            Floor("concrete", (0.44, 0.43, 0.41)),
            Floor("marble", (0.66, 0.63, 0.58), (0.10, 0.10, 0.10), 0.9),
        )
    )
    return Room(half_x, half_z, height, walls, floor, Ceiling("plain", (0.78, 0.77, 0.74)), tuple(panels)), bright


def _skylights(dice: Dice, half_x: Real, half_z: Real) -> list[Panel]:
    """One long roof light or a row of square ones."""
    style = {"bars": (4, 3), "colour": (0.70, 0.70, 0.69)}
    if dice.uniform() < 0.5:
        return [Panel(CEILING, "window", (0.0, 0.0), (half_x * 0.42, half_z * 0.62), **style)]
    count = dice.integer(2, 3)
    pitch = 2 * half_z / count
    half = (half_x * 0.36, pitch * 0.32)
    return [Panel(CEILING, "window", (0.0, (k + 0.5) * pitch - half_z), half, **style) for k in range(count)]


def _hang_collection(dice: Dice, room: Room, plan: FloorPlan, bright: int) -> Room:
    """Rows of paintings on the walls without windows: one level, or in two as in old collections."""
    panels, old = [], dice.uniform() < 0.35
    frames = FRAMES[:1] if old else FRAMES
    for wall in ((bright + 1) % 4, (bright + 2) % 4, (bright + 3) % 4):
        u = -room.width(wall) / 2 + dice.uniform(0.5, 0.9)
        while u < room.width(wall) / 2 - 0.9:
            half = (dice.uniform(0.4, 1.0), dice.uniform(0.45, 0.85))
            middle = u + half[0]
            u = middle + half[0] + dice.uniform(0.35, 0.7)
            levels = (1.75, 3.25) if old and room.height > 4.3 else (1.75,)
            for level in levels:
                if abs(middle) + half[0] > room.width(wall) / 2 - 0.2:
                    continue
                size = (half[0], min(half[1], 0.62 if len(levels) > 1 else 1.0))
                if plan.hang(dice, wall, size, level, near=middle) == middle:
                    frame = dice.choice(frames)
                    panels.append(Panel(wall, "painting", (middle, level), size, dice.uniform(0, 40), colour=frame))
    return replace(room, panels=(*room.panels, *panels))


@makes("wall")
def _screen_wall(spot: Spot, half: Real, height: Real, colour: Rgb) -> list[Solid]:
    return [spot.box((0, height / 2, 0), (half, height / 2, 0.11), colour, "plain")]


@makes("painting")
def _canvas(spot: Spot, half: tuple[Real, Real], level: Real, frame: Rgb, seed: Real) -> list[Solid]:
    """A painting that hangs on a screen wall at +z of the spot."""
    return [spot.box((0, level, 0), (*half, 0.025), frame, "canvas", seed=seed)]


def _partitions(dice: Dice, room: Room, plan: FloorPlan) -> list[Solid]:
    """Up to two screen walls with a painting on either side."""
    solids: list[Solid] = []
    colour = dice.choice((room.walls.colour, scaled(room.walls.colour, 0.8), (0.74, 0.73, 0.70)))
    for side in (-1, 1):
        along, half, high = side * room.half_z * dice.uniform(0.36, 0.5), dice.uniform(1.1, 1.6), dice.uniform(2.7, 3.2)
        x = dice.uniform(-0.35, 0.35) * room.half_x
        if dice.uniform() > 0.55 or not plan.stand(x, along, half + 0.6, 0.8):
            continue
        solids += _screen_wall(Spot(x, along), half, high, colour)
        for turn in (0, 180):
            spot = Spot(x, along, turn).beside(0, -0.135)
            size = (dice.uniform(0.55, 0.95 * half), dice.uniform(0.5, 0.8))
            solids += _canvas(spot, size, 1.65, dice.choice(FRAMES), dice.uniform(0, 40))
    return solids


def _sculptures(dice: Dice, room: Room, plan: FloorPlan) -> list[Solid]:
    """Busts and statues in two ranks, none of them in the very middle."""
    solids: list[Solid] = []
    plinth = dice.choice(PLINTHS)
    for z in (-0.72, -0.36, 0.0, 0.36, 0.72):
        for side in (-1, 1):
            x = side * room.half_x * dice.uniform(0.48, 0.62)
            yaw = dice.uniform(-30, 30) + 90 * side
            if dice.uniform() > 0.55 or not plan.stand(x, z * room.half_z, 0.45, 0.45, gap=0.3):
                continue
            make = dice.choice((decoration.bust, decoration.statue))
            solids += make(dice, Spot(x, z * room.half_z, -yaw), plinth=plinth)
    if not solids:
        solids = decoration.statue(dice, Spot(0.0, 0.6 * room.half_z), plinth=plinth)
    return solids[:60]


def _benches(dice: Dice, plan: FloorPlan) -> list[Solid]:
    solids: list[Solid] = []
    chosen = paint(dice, ("black", "red", "green", "brown", "blue")) if dice.uniform() < 0.6 else None
    wood, half = dice.choice((OAK, WALNUT)), dice.uniform(0.7, 1.0)
    for x, z in ((0.0, 1.9), (0.0, -1.9), (1.6, 0.0), (-1.6, 0.0)):
        turn = dice.choice((0, 90))
        size = (half, 0.3) if turn == 0 else (0.3, half)
        if len(solids) < 8 and plan.stand(x + dice.uniform(-0.3, 0.3), z, *size, gap=0.3):
            place = plan.floor[-1]
            spot = Spot((place[0] + place[2]) / 2, (place[1] + place[3]) / 2, turn)
            solids += seating.bench(dice, spot, half, chosen, wood)
    return solids


def _spot_lamps(room: Room, glow: Real) -> tuple[list[Solid], list[Lamp]]:
    """Tracks along the long walls with lamps that point at the pictures."""
    solids, lights = [], []
    for side in (-1, 1):
        x = side * (room.half_x - 1.1)
        track = Spot(x, 0.0)
        solids.append(track.box((0, room.height - 0.12, 0), (0.025, 0.02, room.half_z * 0.86), TRACK, "plain"))
        for z in (-0.72, -0.36, 0.0, 0.36, 0.72):
            head = Spot(x, z * room.half_z, 90.0 * side)
            up = room.height - 0.26
            solids.append(head.pole((0, up, 0), 0.06, 0.11, TRACK, "plain", pitch_deg=55))
            solids.append(head.ball((0, up - 0.07, -0.10), (0.045, 0.045, 0.045), (1.0, 0.9, 0.72), glow=2.0 * glow))
        for z in (-0.5, 0.5):
            lights.append(lamp((side * (room.half_x - 1.4), room.height - 0.6, z * room.half_z), NEUTRAL, 3.4 * glow))
    return solids, lights
