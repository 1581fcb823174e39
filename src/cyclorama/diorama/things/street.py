"""Things of streets and squares: lamps, benches, fountains, statues, stalls, cars, wells.

Most stand on a `Spot` and look along its local -z; sizes are in metres.
"""

import math

from cyclorama.diorama.colours import PAINTS, Paint, Rgb, scaled
from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import Dice
from cyclorama.diorama.solids import Point, Solid, makes
from cyclorama.diorama.things.placing import Spot
from cyclorama.diorama.things.trees import beam

IRON, STEEL, TYRE = (0.035, 0.042, 0.04), (0.25, 0.26, 0.27), (0.022, 0.022, 0.024)
BENCH_WOOD, OLD_WOOD = (0.30, 0.17, 0.08), (0.22, 0.14, 0.08)
LIT_GLASS, DARK_GLASS = (1.0, 0.80, 0.50), (0.62, 0.62, 0.58)
FOUNTAIN_STONES: tuple[Rgb, ...] = ((0.50, 0.47, 0.42), (0.42, 0.40, 0.37), (0.58, 0.50, 0.40), (0.60, 0.58, 0.55))
POOL, JET, BRONZE = (0.07, 0.17, 0.19), (0.70, 0.78, 0.82), (0.16, 0.20, 0.15)
CAFE_TABLE, WICKER = (0.62, 0.61, 0.58), (0.36, 0.22, 0.11)
LAMP_GLOW, HEADLIGHT_GLOW = 3.2, 1.6


@makes("street lamp")
def street_lamp(foot: Point, lit: bool) -> list[Solid]:
    """A lantern under a hat on an iron post four metres high."""
    x, y, z = foot
    glass, glow = (LIT_GLASS, LAMP_GLOW) if lit else (DARK_GLASS, 0.0)
    return [
        Solid("cylinder", (x, y + 1.8, z), (0.055, 1.9, 0.055), IRON),
        Solid("cone", (x, y + 0.30, z), (0.2, 0.45, 0.2), IRON),
        Solid("cone", (x, y + 4.36, z), (0.34, 0.16, 0.34), IRON),
        Solid("sphere", (x, y + 3.98, z), (0.21, 0.29, 0.21), glass, glow=glow),
    ]


@makes("street lamp")
def candelabra(foot: Point, lit: bool, yaw_deg: Real) -> list[Solid]:
    """Two globes on the arms of a post."""
    spot = Spot.at(foot, yaw_deg)
    glass, glow = (LIT_GLASS, LAMP_GLOW) if lit else (DARK_GLASS, 0.0)
    globes = [spot.ball((s * 0.72, 4.15, 0), (0.25, 0.25, 0.25), glass, glow=glow) for s in (-1, 1)]
    return [
        spot.pole((0, 2.2, 0), 0.07, 2.3, IRON),
        spot.pole((0, 0.3, 0), 0.17, 0.35, IRON),
        spot.box((0, 3.86, 0), (0.72, 0.04, 0.04), IRON, "plain"),
        *globes,
    ]


@makes("bench")
def bench(foot: Point, yaw_deg: Real) -> list[Solid]:
    """Seat, back and feet; the sitter looks along local -z."""
    spot = Spot.at(foot, yaw_deg)
    return [
        spot.box((0, 0.44, 0), (0.85, 0.035, 0.26), BENCH_WOOD, "wood"),
        spot.box((0, 0.74, 0.27), (0.85, 0.20, 0.03), BENCH_WOOD, "wood"),
        spot.box((-0.68, 0.21, 0.02), (0.04, 0.21, 0.22), IRON, "plain"),
        spot.box((0.68, 0.21, 0.02), (0.04, 0.21, 0.22), IRON, "plain"),
    ]


@makes("fountain")
def fountain(dice: Dice, foot: Point) -> list[Solid]:
    """A round pool with one or two bowls on a pillar and jets of water."""
    x, y, z = foot
    stone, wide = dice.shade(dice.choice(FOUNTAIN_STONES), 0.1), dice.uniform(2.2, 3.2)
    solids = [
        Solid("cylinder", (x, y + 0.08, z), (wide + 0.5, 0.1, wide + 0.5), stone, "stone"),
        Solid("cylinder", (x, y + 0.36, z), (wide, 0.32, wide), stone, "stone"),
        Solid("cylinder", (x, y + 0.62, z), (wide - 0.28, 0.08, wide - 0.28), POOL),
        Solid("cylinder", (x, y + 1.0, z), (0.24, 0.85, 0.24), stone, "stone"),
    ]
    for k in range(dice.integer(1, 2)):
        up, size = y + 1.6 + 0.9 * k, wide * (0.46 - 0.2 * k)
        bowl = Solid("sphere", (x, up, z), (size, 0.26, size), stone, "stone")
        water = Solid("cylinder", (x, up + 0.14, z), (size * 0.86, 0.12, size * 0.86), POOL)
        pillar = Solid("cylinder", (x, up + 0.45, z), (0.15, 0.5, 0.15), stone, "stone")
        solids += [bowl, water, pillar]
    top = solids[-1].centre[1] + 0.4
    solids.append(Solid("sphere", (x, top + 0.4, z), (0.13, 0.6, 0.13), JET, leafy=0.3))
    for k in range(4):
        turn = 1.57 * k + 0.6
        place = (x + wide * 0.30 * math.sin(turn), top - 0.35, z + wide * 0.30 * math.cos(turn))
        solids.append(Solid("sphere", place, (0.08, 0.55, 0.08), JET, leafy=0.5))
    return solids


@makes("statue")
def statue(dice: Dice, foot: Point, yaw_deg: Real, *, rider: bool) -> list[Solid]:
    """A bronze figure, on a horse or on its feet, on a tall plinth."""
    spot = Spot.at(foot, yaw_deg)
    stone = dice.shade(dice.choice(FOUNTAIN_STONES), 0.1)
    high = dice.uniform(1.5, 2.2)
    long = 1.5 if rider else 0.9
    solids = [
        spot.box((0, 0.2, 0), (1.5, 0.22, long + 0.6), stone, "ashlar"),
        spot.box((0, 0.5, 0), (1.15, 0.15, long + 0.3), stone, "ashlar"),
        spot.box((0, 0.6 + high / 2, 0), (0.78, high / 2, long - 0.12), stone, "ashlar"),
        spot.box((0, 0.65 + high, 0), (0.92, 0.1, long + 0.02), stone, "ashlar"),
    ]
    base = spot.beside(0, 0, up=0.75 + high)
    return [*solids, *(_rider(base) if rider else _figure(base, 1.0))]


def _figure(spot: Spot, size: Real) -> list[Solid]:
    """A standing figure in a long coat, an arm raised; about 2.6 metres for size 1."""

    def limb(start: Point, end: Point, thick: Real) -> Solid:
        a, b = (spot.point(*(size * c for c in place)) for place in (start, end))
        return beam(a, b, thick * size, BRONZE, "bronze")

    return [
        spot.solid("cone", (0, 1.0 * size, 0), (0.52 * size, 1.3 * size, 0.46 * size), BRONZE, "bronze"),
        spot.ball((0, 1.58 * size, 0), (0.34 * size, 0.52 * size, 0.25 * size), BRONZE, "bronze"),
        spot.ball((0, 1.92 * size, 0), (0.40 * size, 0.17 * size, 0.22 * size), BRONZE, "bronze"),
        spot.ball((0, 2.30 * size, 0), (0.16 * size, 0.22 * size, 0.18 * size), BRONZE, "bronze"),
        limb((0.34, 1.92, 0), (0.62, 2.05, -0.3), 0.10),
        limb((0.62, 2.05, -0.3), (0.72, 2.60, -0.45), 0.08),
        limb((-0.36, 1.92, 0), (-0.50, 1.25, -0.12), 0.10),
    ]


def _rider(spot: Spot) -> list[Solid]:
    legs = [
        beam(spot.point(s * 0.26, 1.2, z), spot.point(s * 0.28, 0.0, z + step), 0.11, BRONZE, "bronze")
        for s, z, step in ((-1, -0.85, -0.15), (-1, 0.8, 0.2), (1, 0.85, -0.15))
    ]
    return [
        *legs,
        beam(spot.point(0.26, 1.2, -0.85), spot.point(0.26, 0.85, -1.45), 0.1, BRONZE, "bronze"),
        spot.ball((0, 1.45, 0), (0.46, 0.50, 1.2), BRONZE, "bronze"),
        beam(spot.point(0, 1.55, -0.9), spot.point(0, 2.45, -1.45), 0.25, BRONZE, "bronze"),
        spot.ball((0, 2.5, -1.65), (0.18, 0.22, 0.48), BRONZE, "bronze"),
        beam(spot.point(0, 1.6, 1.1), spot.point(0, 0.7, 1.55), 0.11, BRONZE, "bronze"),
        *_figure(spot.beside(0, 0.1, up=1.35), 0.72),
    ]


@makes("car")
def car(dice: Dice, spot: Spot, paint: Paint, *, lit: bool) -> list[Solid]:
    """A small car: body, rounded cabin, wheels."""
    colour, word = dice.shade(paint.rgb, 0.1), paint.word
    long, glow = dice.uniform(1.85, 2.15), HEADLIGHT_GLOW if lit else 0.0
    back = 0.25
    solids = [
        spot.box((0, 0.60, 0), (0.84, 0.32, long), colour, "car body", glow=glow, colour_word=word),
        spot.ball((0, 0.84, back), (0.76, 0.68, long * 0.66), colour, "car cabin", colour_word=word),
    ]
    for z in (-0.63 * long, 0.63 * long):
        for side in (-1, 1):
            solids.append(_wheel(spot, side * 0.78, z))
    return solids


def _wheel(spot: Spot, x: Real, z: Real) -> Solid:
    return beam(spot.point(x - 0.09, 0.33, z), spot.point(x + 0.09, 0.33, z), 0.33, TYRE, "plain")


@makes("well")
def well(dice: Dice, foot: Point, yaw_deg: Real) -> list[Solid]:
    """A ring of stones under a little roof, with a bucket."""
    spot = Spot.at(foot, yaw_deg)
    stone = dice.shade(dice.choice(FOUNTAIN_STONES), 0.15)
    roof = dice.choice(((0.34, 0.13, 0.07), (0.22, 0.15, 0.09)))
    posts = [spot.box((s * 0.95, 1.2, 0), (0.08, 1.2, 0.08), OLD_WOOD, "wood") for s in (-1, 1)]
    return [
        spot.pole((0, 0.42, 0), 1.0, 0.46, stone, "old stone"),
        spot.pole((0, 0.87, 0), 0.8, 0.03, (0.02, 0.025, 0.03)),
        *posts,
        spot.solid("gable", (0, 2.75, 0), (1.1, 0.45, 1.35), roof, "roof tiles", turn_deg=90),
        beam(spot.point(-0.95, 1.75, 0), spot.point(0.95, 1.75, 0), 0.09, OLD_WOOD, "wood"),
        spot.pole((0, 1.2, 0), 0.16, 0.16, OLD_WOOD, "barrel"),
    ]


@makes("parasol")
def cafe_table(dice: Dice, spot: Spot, paint: Paint) -> list[Solid]:
    """A table and two chairs under a parasol."""
    seats = [spot.box((s * 0.85, 0.25, 0.1), (0.22, 0.26, 0.22), WICKER, "wood") for s in (-1, 1)]
    backs = [spot.box((s * 1.06, 0.62, 0.1), (0.03, 0.3, 0.22), WICKER, "wood") for s in (-1, 1)]
    return [
        spot.pole((0, 1.2, 0), 0.03, 1.2, STEEL),
        spot.pole((0, 0.72, 0), 0.48, 0.025, CAFE_TABLE),
        spot.solid("cone", (0, 2.52, 0), (1.55, 0.32, 1.55), dice.shade(paint.rgb, 0.08), colour_word=paint.word),
        *seats,
        *backs,
    ]


@makes("awning")
def awning(dice: Dice, spot: Spot, half_wide: Real, paint: Paint) -> list[Solid]:
    """A striped cloth that slopes down from a wall toward local -z; the spot is on the wall, under it."""
    place, size = (0, 2.88, -0.75), (half_wide, 0.03, 0.85)
    cloth = Solid(
        "box",
        spot.point(*place),
        size,
        dice.shade(paint.rgb, 0.08),
        "awning",
        spot.yaw_deg,
        -22,
        colour_word=paint.word,
    )
    rim = spot.box((0, 2.47, -1.54), (half_wide, 0.10, 0.02), scaled(paint.rgb, 0.9), "awning", colour_word=paint.word)
    return [cloth, rim]


@makes("flowers")
def planter(dice: Dice, foot: Point, yaw_deg: Real, paint: Paint) -> list[Solid]:
    """A stone trough with flowers."""
    spot = Spot.at(foot, yaw_deg)
    trough = spot.box((0, 0.25, 0), (0.75, 0.25, 0.28), dice.choice(FOUNTAIN_STONES), "ashlar")
    blooms = [
        spot.ball((x, 0.55, 0), (0.34, 0.24, 0.3), colour, "petals", leafy=0.5, seed=7.0 * x, colour_word=word)
        for x, colour, word in (
            (-0.45, paint.rgb, paint.word),
            (0.05, (0.10, 0.22, 0.05), ""),
            (0.48, dice.shade(paint.rgb, 0.15), paint.word),
        )
    ]
    return [trough, *blooms]


@makes("wall")
def low_wall(dice: Dice, spot: Spot, half_long: Real, colour: Rgb, *, high: Real = 0.75) -> list[Solid]:
    """A garden wall along local x with a coping."""
    return [
        spot.box((0, high / 2 - 0.1, 0), (half_long, high / 2 + 0.1, 0.18), colour, "rubble", seed=dice.uniform(0, 9)),
        spot.box((0, high + 0.03, 0), (half_long + 0.03, 0.06, 0.23), scaled(colour, 1.1), "ashlar"),
    ]


@makes("hedge")
def hedge(dice: Dice, spot: Spot, half_long: Real, high: Real) -> list[Solid]:
    """A clipped hedge along local x."""
    green = dice.shade((0.075, 0.155, 0.04), 0.2)
    size = (half_long, high / 2 + 0.05, 0.36)
    return [spot.box((0, high / 2, 0), size, green, "hedge", seed=dice.uniform(0, 40))]


@makes("fence")
def picket_fence(dice: Dice, spot: Spot, half_long: Real) -> list[Solid]:
    """Pales between posts along local x."""
    colour = dice.shade(dice.choice((PAINTS["white"].rgb, (0.33, 0.24, 0.15), (0.20, 0.26, 0.20))), 0.08)
    count = max(2, round(half_long / 1.1))
    posts = [
        spot.box(((2 * k / count - 1) * half_long, 0.52, 0), (0.06, 0.56, 0.06), colour, "wood")
        for k in range(count + 1)
    ]
    return [spot.box((0, 0.52, 0), (half_long, 0.40, 0.02), colour, "pales"), *posts]
