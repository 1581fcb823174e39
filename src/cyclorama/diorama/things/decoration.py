"""Plants, curtains, fireplaces, statues and columns of rooms."""

from cyclorama.diorama.colours import Paint, Rgb, scaled
from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import Dice
from cyclorama.diorama.solids import Solid, makes
from cyclorama.diorama.things.placing import Spot

POTS = ((0.55, 0.26, 0.14), (0.75, 0.74, 0.70), (0.12, 0.14, 0.17), (0.20, 0.30, 0.34))
GREENS = ((0.06, 0.19, 0.05), (0.10, 0.24, 0.06), (0.05, 0.15, 0.07), (0.14, 0.26, 0.10))
SOIL, STEM, BRASS = (0.05, 0.035, 0.025), (0.16, 0.11, 0.07), (0.46, 0.34, 0.13)
STATUE_STONES = ((0.74, 0.72, 0.68), (0.16, 0.12, 0.07), (0.60, 0.52, 0.42), (0.10, 0.11, 0.11))


@makes("plant")
def plant(dice: Dice, spot: Spot, *, height: Real) -> list[Solid]:
    """A plant in a pot: a bush, arching fronds, or upright blades."""
    green, pot_m = dice.shade(dice.choice(GREENS), 0.15), 0.17 + 0.05 * height
    parts = [
        spot.pole((0, pot_m, 0), pot_m * 0.85, pot_m, dice.choice(POTS), "ceramic"),
        spot.pole((0, 2 * pot_m, 0), pot_m * 0.78, 0.006, SOIL),
    ]
    grow = dice.choice((_bush, _fronds, _blades))
    soil = Spot(spot.x, spot.z, spot.yaw_deg, spot.y + 2 * pot_m)
    return [*parts, *grow(dice, soil, height - 2 * pot_m, green)]


def _bush(dice: Dice, spot: Spot, height: Real, green: Rgb) -> list[Solid]:
    parts = [spot.pole((0, height * 0.3, 0), 0.018, height * 0.3, STEM, "bark")]
    for k in range(7):
        ball = spot.beside(0, 0, turn_deg=51.4 * k + dice.uniform(-12, 12))
        size = dice.uniform(0.13, 0.18) * (0.7 + 0.4 * height)
        up = height * (0.48 + 0.14 * (k % 3)) if k else height * 0.86
        leaves = {"leafy": 0.8, "seed": 3.1 * k}
        parts.append(
            ball.ball((0, up, 0.17 * (k > 0)), (size, size * 0.85, size), dice.shade(green), "foliage", **leaves)
        )
    return parts


def _fronds(dice: Dice, spot: Spot, height: Real, green: Rgb) -> list[Solid]:
    parts = []
    for k in range(9):
        frond = spot.beside(0, 0, turn_deg=137.5 * k)
        tilt, long = dice.uniform(18, 62), height * dice.uniform(0.42, 0.58)
        size = (0.05 + 0.03 * height, long, 0.012)
        out, up = long * (tilt / 62) * 0.72, long * (1 - 0.3 * (tilt / 62) ** 2)
        parts.append(frond.ball((0, up, -out), size, dice.shade(green, 0.2), "foliage", pitch_deg=-tilt, leafy=0.25))
    return parts


def _blades(dice: Dice, spot: Spot, height: Real, green: Rgb) -> list[Solid]:
    parts = []
    for k in range(8):
        blade = spot.beside(0, 0, turn_deg=137.5 * k)
        tall = height * dice.uniform(0.32, 0.52)
        size = (0.035, tall, 0.010)
        tilt = dice.uniform(2, 14)
        out = 0.03 + 0.008 * k + tall * tilt / 60
        parts.append(blade.ball((0, tall * 0.96, -out), size, dice.shade(green, 0.25), "foliage", pitch_deg=-tilt))
    return parts


@makes("curtain")
def curtains(spot: Spot, half_width: Real, *, top: Real, bottom: Real, paint: Paint, wide: Real) -> list[Solid]:
    """Two drawn-back curtains on a rail; the window's wall is at +z of the spot."""
    middle, half = (top + bottom) / 2, (top - bottom) / 2
    named = {"colour_word": paint.word}
    parts = [
        spot.pole((0, top + 0.04, 0), 0.014, half_width + wide, BRASS, "steel", turn_deg=90, pitch_deg=90, **named)
    ]
    for side in (-1, 1):
        size = (wide / 2, half, 0.05)
        place = (side * (half_width + wide * 0.35), middle, 0.0)
        parts.append(spot.box(place, size, paint.rgb, "curtain", seed=side + 2, **named))
        parts.append(
            spot.ball((side * (half_width + wide), top + 0.04, 0), (0.03, 0.03, 0.03), BRASS, "steel", **named)
        )
    return parts


@makes("fireplace")
def fireplace(spot: Spot, colour: Rgb, *, material: str, lit: Real, ceiling: Real, seed: Real) -> list[Solid]:
    """A mantel around a fire, and a chimney breast up to the ceiling."""
    parts = [spot.box((side * 0.55, 0.48, 0.0), (0.15, 0.48, 0.20), colour, material) for side in (-1, 1)]
    return [
        *parts,
        spot.box((0, 0.88, 0.0), (0.42, 0.12, 0.19), colour, material),
        spot.box((0, 1.04, -0.03), (0.80, 0.04, 0.25), scaled(colour, 1.05), material),
        spot.box((0, 0.38, 0.10), (0.42, 0.38, 0.02), (0.1, 0.1, 0.1), "fire", glow=lit, seed=seed),
        spot.box((0, 0.03, -0.22), (0.78, 0.03, 0.30), scaled(colour, 0.75), material),
        spot.pole((-0.1, 0.10, 0.0), 0.05, 0.24, (0.08, 0.05, 0.03), "bark", turn_deg=80, pitch_deg=90),
        spot.pole((0.08, 0.16, 0.02), 0.045, 0.22, (0.10, 0.06, 0.035), "bark", turn_deg=105, pitch_deg=90),
        spot.box((0, (ceiling + 1.08) / 2, 0.06), (0.62, (ceiling - 1.08) / 2, 0.14), scaled(colour, 0.95), material),
    ]


def pedestal(spot: Spot, half: Real, height: Real, colour: Rgb) -> list[Solid]:
    """A block with a foot and a plate on it, for a work of art."""
    return [
        spot.box((0, height / 2, 0), (half, height / 2, half), colour, "veined"),
        spot.box((0, 0.05, 0), (half + 0.05, 0.05, half + 0.05), colour, "veined"),
        spot.box((0, height, 0), (half + 0.035, 0.03, half + 0.035), colour, "veined"),
    ]


@makes("bust")
def bust(dice: Dice, spot: Spot, *, plinth: Rgb) -> list[Solid]:
    """A head on shoulders, on a pedestal."""
    high, stone = dice.uniform(1.0, 1.2), dice.choice(STATUE_STONES)
    material = "bronze" if stone[0] < 0.2 else "veined"
    up = Spot(spot.x, spot.z, spot.yaw_deg, high + 0.03)
    return [
        *pedestal(spot, 0.24, high, plinth),
        up.pole((0, 0.05, 0), 0.11, 0.05, stone, material),
        up.ball((0, 0.22, 0), (0.25, 0.16, 0.14), stone, material),
        up.pole((0, 0.37, 0), 0.065, 0.08, stone, material),
        up.ball((0, 0.54, -0.02), (0.105, 0.145, 0.125), stone, material),
        up.ball((0, 0.58, 0.03), (0.118, 0.125, 0.118), scaled(stone, 0.9), material),
        up.solid("cone", (0, 0.52, -0.145), (0.022, 0.04, 0.03), stone, material),
    ]


@makes("statue")
def statue(dice: Dice, spot: Spot, *, plinth: Rgb) -> list[Solid]:
    """A standing figure, or an abstract stack of rounded stones or rings, on a low pedestal."""
    high, stone = dice.uniform(0.4, 0.7), dice.choice(STATUE_STONES)
    material = "bronze" if stone[0] < 0.2 else "veined"
    up = Spot(spot.x, spot.z, spot.yaw_deg, high + 0.03)
    make = dice.choice((_figure, _figure, _stones, _spire))
    return [*pedestal(spot, 0.34, high, plinth), *make(dice, up, stone, material)]


def _figure(dice: Dice, spot: Spot, stone: Rgb, material: str) -> list[Solid]:
    """A robed figure; one arm may be raised."""
    raised = dice.uniform() < 0.5
    parts = [
        spot.solid("cone", (0, 0.50, 0), (0.30, 0.62, 0.25), stone, "fluted" if material == "veined" else material),
        spot.ball((0, 0.92, 0), (0.20, 0.30, 0.14), stone, material),
        spot.pole((0, 1.22, 0), 0.05, 0.07, stone, material),
        spot.ball((0, 1.36, -0.01), (0.09, 0.125, 0.105), stone, material),
        spot.ball((0, 1.40, 0.03), (0.10, 0.10, 0.10), scaled(stone, 0.9), material),
        spot.ball((-0.23, 0.88, -0.03), (0.055, 0.25, 0.06), stone, material),
    ]
    arm = {"pitch_deg": 150} if raised else {"pitch_deg": -30}
    place = (0.22, 1.26, -0.10) if raised else (0.22, 0.90, -0.10)
    return [*parts, spot.ball(place, (0.05, 0.26, 0.055), stone, material, **arm)]


def _stones(dice: Dice, spot: Spot, stone: Rgb, material: str) -> list[Solid]:
    parts, y = [], 0.0
    for k in range(4):
        size = 0.34 - 0.06 * k
        tall = size * dice.uniform(0.55, 0.9)
        y += tall
        turned = {"turn_deg": dice.uniform(0, 90), "pitch_deg": dice.uniform(-12, 12), "seed": k}
        parts.append(spot.ball((dice.uniform(-0.05, 0.05), y, 0), (size, tall, size * 0.8), stone, material, **turned))
        y += tall * 0.86
    return parts


def _spire(dice: Dice, spot: Spot, stone: Rgb, material: str) -> list[Solid]:
    turn = dice.uniform(8, 22)
    return [
        spot.box(
            (0, 0.16 + 0.24 * k, 0), (0.26 - 0.035 * k, 0.12, 0.26 - 0.035 * k), stone, material, turn_deg=turn * k
        )
        for k in range(6)
    ]


@makes("column")
def column(x: Real, z: Real, height: Real, radius: Real, stone: Rgb, *, capital: Rgb) -> list[Solid]:
    """A fluted shaft between a base and a capital."""
    spot = Spot(x, z)
    return [
        spot.pole((0, height / 2, 0), radius, height / 2, stone, "fluted"),
        spot.box((0, 0.12, 0), (radius * 1.5, 0.12, radius * 1.5), stone, "veined"),
        spot.pole((0, 0.30, 0), radius * 1.28, 0.07, stone, "veined"),
        spot.box((0, height - 0.15, 0), (radius * 1.5, 0.15, radius * 1.5), capital, "veined"),
    ]


def beams(half_x: Real, half_z: Real, height: Real, wood: Rgb, count: int) -> list[Solid]:
    """Beams across a ceiling."""
    step = 2 * half_z / count
    spots = (Spot(0, -half_z + (k + 0.5) * step) for k in range(count))
    return [s.box((0, height - 0.09, 0), (half_x, 0.09, 0.075), wood, seed=k) for k, s in enumerate(spots)]


def sills(spots: list[tuple[Spot, Real]], colour: Rgb) -> list[Solid]:
    """Boards under windows: each a spot on the wall at its height, and half a width."""
    return [spot.box((0, 0, -0.06), (half, 0.018, 0.07), colour) for spot, half in spots]
