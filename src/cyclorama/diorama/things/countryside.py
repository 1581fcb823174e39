"""What people put into the country: fences, walls, bales, barns, windmills, lone houses, tents, fires, tractors.

Each takes its foot on the ground in metres; `yaw_deg` turns a thing to the right as seen from above. Local axes of a
thing before it is turned: x right, y up, front at -z.
"""

import math
from itertools import pairwise

from cyclorama.diorama.colours import PAINTS, Paint, Rgb, scaled
from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import Dice
from cyclorama.diorama.solids import Point, Solid, makes
from cyclorama.diorama.things.placing import Spot
from cyclorama.diorama.things.trees import beam

BOARD, OLD_BOARD, DARK, STRAW = (0.30, 0.19, 0.10), (0.33, 0.28, 0.22), (0.035, 0.03, 0.03), (0.62, 0.44, 0.14)
ROOFS: tuple[Rgb, ...] = ((0.30, 0.12, 0.07), (0.16, 0.15, 0.16), (0.24, 0.15, 0.09), (0.36, 0.35, 0.34))
PLASTER: tuple[Rgb, ...] = ((0.74, 0.70, 0.62), (0.70, 0.60, 0.44), (0.60, 0.58, 0.54), (0.66, 0.46, 0.34))
LIT_PANE, DARK_PANE, TRIM = (1.0, 0.72, 0.36), (0.06, 0.075, 0.09), (0.72, 0.70, 0.66)
FLAME, EMBER, ASH = (1.0, 0.50, 0.10), (0.95, 0.22, 0.04), (0.10, 0.09, 0.085)
WALL_STONE, TYRE, STEEL = (0.34, 0.32, 0.29), (0.025, 0.025, 0.027), (0.30, 0.30, 0.31)
PANE_GLOW, FLAME_GLOW = 1.6, 4.0


@makes("fence")
def fence(dice: Dice, feet: list[Point], *, rails: int = 2, colour: Rgb = OLD_BOARD) -> list[Solid]:
    """Posts at the given feet and rails from one to the next."""
    shade = dice.shade(colour)
    posts = [Solid("box", (x, y + 0.5, z), (0.06, 0.65, 0.06), shade, "wood") for x, y, z in feet]
    for (ax, ay, az), (bx, by, bz) in pairwise(feet):
        for k in range(rails):
            up = 0.45 + 0.5 * k
            posts.append(beam((ax, ay + up, az), (bx, by + up, bz), 0.045, shade, "wood"))
    return posts


@makes("wall")
def stone_wall(dice: Dice, feet: list[Point], *, height: Real = 0.9) -> list[Solid]:
    """A dry stone wall through the given feet."""
    shade, solids = dice.shade(WALL_STONE), []
    for (ax, ay, az), (bx, by, bz) in pairwise(feet):
        length, yaw_deg = math.hypot(bx - ax, bz - az), math.degrees(math.atan2(bz - az, bx - ax))
        middle = ((ax + bx) / 2, (ay + by) / 2 + height * 0.3, (az + bz) / 2)
        half = (length / 2 + 0.12, height * 0.7, 0.26)
        solids.append(Solid("box", middle, half, shade, "dry stone", yaw_deg, seed=dice.uniform(0, 9)))
    return solids


@makes("hay bale")
def hay_bale(dice: Dice, foot: Point, yaw_deg: Real, *, round_bale: bool = True) -> list[Solid]:
    """A round bale on its side, or a square one."""
    spot, colour = Spot.at(foot, yaw_deg), dice.shade(STRAW)
    if not round_bale:
        return [spot.box((0, 0.4, 0), (0.95, 0.42, 0.5), colour, "straw")]
    start, end = spot.point(-0.6, 0.68, 0), spot.point(0.6, 0.68, 0)
    return [
        beam(start, end, 0.72, colour, "straw"),
        beam(spot.point(-0.62, 0.68, 0), spot.point(0.62, 0.68, 0), 0.3, colour),
    ]


@makes("barn")
def barn(dice: Dice, foot: Point, yaw_deg: Real, paint: Paint, *, lit: bool = False) -> list[Solid]:
    """A big barn with a broken roof, a white-framed gate and a hay door."""
    spot, word = Spot.at(foot, yaw_deg), paint.word
    wide, high, deep = dice.uniform(4.4, 5.6), dice.uniform(2.3, 2.8), dice.uniform(6.5, 8.5)
    roof, colour = dice.choice(ROOFS), dice.shade(paint.rgb, 0.08)
    front, glow = -deep - 0.03, PANE_GLOW if lit else 0.0
    body = [
        Solid(
            "box", spot.point(0, high - 0.4, 0), (wide, high + 0.4, deep), colour, "planks", yaw_deg, colour_word=word
        ),
        spot.box((0, 2 * high + 0.9, 0), (wide * 0.54, 1.0, deep), colour, "planks"),
        Solid(
            "gable", spot.point(0, 2 * high + 1.6, 0), (wide, 1.6, deep), colour, "planks", yaw_deg, colour_word=word
        ),
    ]
    for side in (-1, 1):
        low, knee, top = (wide + 0.5, 2 * high - 0.25), (wide * 0.55, 2 * high + 2.0), (0.0, 2 * high + 3.4)
        body += [
            _roof_plane(spot, side, low, knee, deep + 0.5, roof),
            _roof_plane(spot, side, knee, top, deep + 0.5, roof),
        ]
    pane = LIT_PANE if lit else DARK_PANE
    return [
        *body,
        spot.box((0, 1.6, front), (1.7, 1.6, 0.05), TRIM, "plain"),
        spot.box((0, 1.55, front - 0.04), (1.5, 1.5, 0.05), scaled(colour, 0.55), "planks"),
        spot.box((0, 2 * high + 1.0, front), (0.75, 0.75, 0.05), TRIM, "plain"),
        spot.box((0, 2 * high + 1.0, front - 0.03), (0.58, 0.6, 0.05), pane, "plain", glow=glow),
    ]


def _roof_plane(
    spot: Spot, side: int, low: tuple[Real, Real], high: tuple[Real, Real], deep: Real, colour: Rgb
) -> Solid:
    """A slab from one edge (beside, up) to another: its local x runs down the slope, by a quarter turn and a pitch."""
    beside, up = (low[0] + high[0]) / 2, (low[1] + high[1]) / 2
    run, rise = low[0] - high[0], high[1] - low[1]
    half, pitch_deg = math.hypot(run, rise) / 2 + 0.05, math.degrees(math.atan2(rise, run))
    # with a quarter turn the local z points to local -x of the spot; the pitch lowers it
    yaw_deg = spot.yaw_deg - 90 * side
    return Solid("box", spot.point(side * beside, up, 0), (deep, 0.08, half), colour, "roof boards", yaw_deg, pitch_deg)


@makes("house")
def lone_house(dice: Dice, foot: Point, yaw_deg: Real, *, lit: bool) -> list[Solid]:
    """A low house with a pitched roof, a chimney, a door and windows on all sides."""
    spot, walls, roof = Spot.at(foot, yaw_deg), dice.shade(dice.choice(PLASTER), 0.1), dice.choice(ROOFS)
    wide, high, deep = dice.uniform(2.6, 3.2), dice.uniform(1.3, 1.5), dice.uniform(3.8, 5.2)
    door = dice.choice([PAINTS[word].rgb for word in ("brown", "green", "blue", "red")])
    pane, glow = (LIT_PANE, PANE_GLOW) if lit else (DARK_PANE, 0.0)
    solids = [
        spot.box((0, high - 0.5, 0), (wide, high + 0.5, deep), walls, "stucco"),
        spot.solid("gable", (0, 2 * high + 0.9, 0), (wide + 0.45, 1.05, deep + 0.4), roof, "roof boards"),
        spot.box((wide * 0.4, 2 * high + 1.8, deep * 0.5), (0.32, 0.75, 0.32), (0.32, 0.2, 0.16), "dry stone"),
        spot.box((-wide - 0.02, 1.0, -0.4), (0.05, 1.0, 0.5), door, "planks"),
        spot.box((0.0, 1.0, -deep - 0.02), (0.48, 1.0, 0.05), door, "planks"),
    ]
    for side in (-1, 1):
        for back in (-0.55, 0.55):
            solids.append(
                spot.box((side * (wide + 0.02), 1.55, back * deep), (0.05, 0.5, 0.42), pane, "plain", glow=glow)
            )
        solids.append(spot.box((side * wide * 0.6, 1.55, -deep - 0.02), (0.4, 0.5, 0.05), pane, "plain", glow=glow))
        solids.append(spot.box((side * wide * 0.5, 1.55, deep + 0.02), (0.4, 0.5, 0.05), pane, "plain", glow=glow))
    return solids


@makes("windmill")
def windmill(dice: Dice, foot: Point, yaw_deg: Real, *, lit: bool) -> list[Solid]:
    """A tower mill: a tapering body, a cap and four sails at the front."""
    spot, height = Spot.at(foot, yaw_deg), dice.uniform(9.0, 12.0)
    walls, cap = dice.shade(dice.choice(PLASTER)), dice.choice(ROOFS)
    hub = spot.point(0, height * 0.92, -height * 0.20)
    solids = [
        Solid(
            "cone",
            spot.point(0, height * 0.55 - 0.3, 0),
            (height * 0.27, height * 0.55, height * 0.27),
            walls,
            "stucco",
        ),
        Solid(
            "cylinder",
            spot.point(0, height * 0.45, 0),
            (height * 0.145, height * 0.45, height * 0.145),
            walls,
            "stucco",
        ),
        Solid(
            "cone", spot.point(0, height * 1.0, 0), (height * 0.18, height * 0.13, height * 0.18), cap, "roof boards"
        ),
        Solid(
            "cylinder", spot.point(0, height * 0.92, -height * 0.1), (0.2, height * 0.1, 0.2), DARK, "wood", yaw_deg, 90
        ),
        spot.box((0, 1.0, -height * 0.255), (0.5, 1.0, 0.12), DARK, "plain"),
        spot.box((0, height * 0.6, -height * 0.145), (0.35, 0.5, 0.1), LIT_PANE if lit else DARK_PANE, "plain"),
    ]
    start = dice.uniform(0, 90)
    for k in range(4):
        solids += _sail(spot, hub, height * 0.62, math.radians(start + 90 * k))
    return solids


def _sail(spot: Spot, hub: Point, length: Real, turn: Real) -> list[Solid]:
    """A spar and, beside it, three laths that carry cloth."""
    yaw = math.radians(spot.yaw_deg)

    def at(out: Real, beside: Real) -> Point:
        right, up = out * math.cos(turn) - beside * math.sin(turn), out * math.sin(turn) + beside * math.cos(turn)
        return (hub[0] + right * math.cos(yaw), hub[1] + up, hub[2] + right * math.sin(yaw))

    spar = beam(hub, at(length, 0), 0.09, BOARD, "wood")
    cloth = [beam(at(0.22 * length, b), at(0.98 * length, b), 0.16, TRIM) for b in (0.28, 0.58, 0.88)]
    return [spar, *cloth]


@makes("tent")
def tent(dice: Dice, foot: Point, yaw_deg: Real, paint: Paint, *, lit: bool) -> list[Solid]:
    """A ridge tent with an open front."""
    spot = Spot.at(foot, yaw_deg)
    size, colour = (1.15, 0.78, 1.6), dice.shade(paint.rgb, 0.1)
    glow = 0.5 if lit else 0.0
    cloth = Solid("gable", spot.point(0, 0.76, 0), size, colour, "cloth", yaw_deg, glow=glow, colour_word=paint.word)
    inside = spot.solid("gable", (0, 0.60, -0.04), (0.72, 0.62, 1.58), LIT_PANE if lit else DARK)
    poles = [beam(spot.point(0, 0, s * 1.6), spot.point(0, 1.72, s * 1.6), 0.03, BOARD) for s in (-1, 1)]
    return [cloth, inside, *poles]


@makes("parasol")
def parasol(dice: Dice, foot: Point, yaw_deg: Real, paint: Paint) -> list[Solid]:
    """A sunshade on a slanting pole and a towel beside it."""
    spot, colour, word = Spot.at(foot, yaw_deg), dice.shade(paint.rgb, 0.08), paint.word
    towel = PAINTS[dice.choice(("white", "blue", "red", "yellow"))].rgb
    top = spot.point(0.25, 2.3, 0)
    shade = Solid("cone", top, (1.35, 0.33, 1.35), colour, "cloth", yaw_deg + 90, 7, colour_word=word)
    pole = beam(spot.point(0, -0.2, 0), spot.point(0.27, 2.55, 0), 0.03, TRIM)
    return [shade, pole, spot.box((-0.9, 0.1, 0.2), (0.42, 0.025, 0.9), towel, "cloth", turn_deg=14)]


@makes("campfire")
def campfire(dice: Dice, foot: Point, *, lit: bool) -> list[Solid]:
    """Logs that lean together within a ring of stones, burning when `lit`."""
    x, y, z = foot
    solids = []
    for k in range(6):
        turn = 2 * math.pi * k / 6
        place = (x + 0.62 * math.cos(turn), y + 0.05, z + 0.62 * math.sin(turn))
        size = (0.17, dice.uniform(0.1, 0.16), 0.15)
        solids.append(Solid("sphere", place, size, (0.24, 0.23, 0.22), "stone", 50.0 * k, seed=k))
    for k in range(3):
        turn = 2 * math.pi * (k + 0.3) / 3
        foot_k = (x + 0.42 * math.cos(turn), y + 0.02, z + 0.42 * math.sin(turn))
        solids.append(beam(foot_k, (x, y + 0.55, z), 0.06, (0.13, 0.085, 0.05)))
    solids.append(Solid("cylinder", (x, y + 0.0, z), (0.5, 0.06, 0.5), ASH))
    if lit:
        solids += [
            Solid("cone", (x, y + 0.52, z), (0.26, 0.48, 0.26), FLAME, glow=FLAME_GLOW, leafy=0.3),
            Solid("cone", (x + 0.12, y + 0.36, z + 0.08), (0.2, 0.32, 0.2), EMBER, glow=FLAME_GLOW, leafy=0.3),
        ]
    return solids


@makes("tractor")
def tractor(dice: Dice, foot: Point, yaw_deg: Real, paint: Paint) -> list[Solid]:
    """Two big and two small wheels, a bonnet and a cab."""
    spot, colour, word = Spot.at(foot, yaw_deg), dice.shade(paint.rgb, 0.08), paint.word
    solids = [
        Solid("box", spot.point(0, 1.15, -0.9), (0.42, 0.38, 1.1), colour, "plain", yaw_deg, colour_word=word),
        Solid("box", spot.point(0, 1.25, 0.6), (0.75, 0.35, 0.5), colour, "plain", yaw_deg, colour_word=word),
        spot.box((0, 2.1, 0.5), (0.68, 0.6, 0.6), DARK_PANE, "plain"),
        Solid("box", spot.point(0, 2.76, 0.5), (0.76, 0.07, 0.72), colour, "plain", yaw_deg, colour_word=word),
        beam(spot.point(0.25, 1.5, -1.3), spot.point(0.25, 2.2, -1.3), 0.05, DARK),
    ]
    for side in (-1, 1):
        for back, radius, half in ((0.7, 0.8, 0.2), (-1.5, 0.48, 0.14)):
            start, end = spot.point(side * (0.9 - half), radius, back), spot.point(side * (0.9 + half), radius, back)
            hub = spot.point(side * (0.93 + half), radius, back)
            solids += [beam(start, end, radius, TYRE), beam(end, hub, radius * 0.5, PAINTS["yellow"].rgb)]
    return solids
