"""Street furniture and buildings, made of solids.

Each takes its place on the ground in metres; `yaw_deg` turns a thing to the right as seen from above.
"""

import math

from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import Dice
from cyclorama.diorama.solids import Point, Solid, makes

IRON, STEEL, DARK = (0.045, 0.05, 0.05), (0.07, 0.07, 0.07), (0.05, 0.05, 0.05)
BENCH_WOOD, TABLE_WOOD = (0.30, 0.17, 0.08), (0.28, 0.16, 0.08)
LIT_GLASS, DARK_GLASS, LAMPSHADE = (1.0, 0.86, 0.62), (0.75, 0.75, 0.7), (1.0, 0.80, 0.52)
FOUNTAIN_STONE, POOL, JET = (0.50, 0.47, 0.42), (0.12, 0.24, 0.28), (0.65, 0.75, 0.8)
ROOF = (0.28, 0.15, 0.10)
HOUSE_WALLS = (
    (0.62, 0.46, 0.30),
    (0.56, 0.30, 0.20),
    (0.66, 0.60, 0.50),
    (0.42, 0.44, 0.46),
    (0.70, 0.56, 0.42),
    (0.36, 0.22, 0.17),
)


@makes("street lamp")
def street_lamp(foot: Point, lit: bool) -> list[Solid]:
    """A globe under a hat on a post four metres high."""
    x, y, z = foot
    glass, glow = (LIT_GLASS, 3.2) if lit else (DARK_GLASS, 0.0)
    return [
        Solid("cylinder", (x, y + 1.9, z), (0.06, 1.9, 0.06), IRON),
        Solid("cylinder", (x, y + 0.25, z), (0.16, 0.25, 0.16), IRON),
        Solid("cone", (x, y + 4.28, z), (0.3, 0.14, 0.3), IRON),
        Solid("sphere", (x, y + 3.98, z), (0.22, 0.24, 0.22), glass, glow=glow),
    ]


@makes("bench")
def bench(foot: Point, yaw_deg: Real) -> list[Solid]:
    """Seat, back and foot."""
    x, y, z = foot
    a = math.radians(-yaw_deg)
    back = (x + 0.26 * math.sin(a), y + 0.72, z + 0.26 * math.cos(a))
    return [
        Solid("box", (x, y + 0.44, z), (0.85, 0.035, 0.26), BENCH_WOOD, "wood", yaw_deg),
        Solid("box", back, (0.85, 0.20, 0.03), BENCH_WOOD, "wood", yaw_deg),
        Solid("box", (x, y + 0.21, z), (0.7, 0.21, 0.18), STEEL, "plain", yaw_deg),
    ]


@makes("fountain")
def fountain(foot: Point) -> list[Solid]:
    """A round pool with a bowl on a pillar in it."""
    x, y, z = foot
    return [
        Solid("cylinder", (x, y + 0.3, z), (2.4, 0.3, 2.4), FOUNTAIN_STONE, "stone"),
        Solid("cylinder", (x, y + 0.56, z), (2.12, 0.06, 2.12), POOL),
        Solid("cylinder", (x, y + 1.0, z), (0.22, 0.8, 0.22), FOUNTAIN_STONE, "stone"),
        Solid("cylinder", (x, y + 1.55, z), (1.0, 0.09, 1.0), FOUNTAIN_STONE, "stone"),
        Solid("sphere", (x, y + 1.95, z), (0.22, 0.45, 0.22), JET),
    ]


@makes("building")
def building(
    dice: Dice, centre: tuple[Real, Real], half: tuple[Real, Real], height: Real, yaw_deg: Real, lit: Real
) -> list[Solid]:
    """A house, mostly with an attic; `lit` is the fraction of its windows with a light behind them."""
    (x, z), (half_x, half_z) = centre, half
    colour, seed = dice.shade(dice.choice(HOUSE_WALLS), 0.12), dice.uniform(0, 90)
    size = (half_x, height / 2, half_z)
    body = Solid("box", (x, height / 2, z), size, colour, "facade", yaw_deg, glow=lit, seed=seed)
    if dice.uniform() < 0.4:
        return [body]
    attic = Solid("box", (x, height + 0.9, z), (half_x * 0.8, 0.9, half_z * 0.8), ROOF, "plain", yaw_deg)
    return [body, attic]
