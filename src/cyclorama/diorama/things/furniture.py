"""Indoor furniture, made of solids.

Each takes its place on the ground in metres; `yaw_deg` turns a thing to the right as seen from above.
"""

import math

from cyclorama.diorama.colours import Rgb
from cyclorama.diorama.noise import Real
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


@makes("sofa")
def sofa(x: Real, z: Real, yaw_deg: Real, colour: Rgb) -> list[Solid]:
    """A sofa for two; its back is at +z before it is turned."""
    angle = math.radians(-yaw_deg)
    cos, sin = math.cos(angle), math.sin(angle)

    def part(dx: Real, y: Real, dz: Real, size: Point) -> Solid:
        return Solid("box", (x + dx * cos + dz * sin, y, z - dx * sin + dz * cos), size, colour, "fabric", yaw_deg)

    return [
        part(0, 0.24, 0, (1.0, 0.20, 0.46)),
        part(0, 0.58, 0.40, (1.0, 0.34, 0.12)),
        part(-1.08, 0.38, 0, (0.11, 0.30, 0.48)),
        part(1.08, 0.38, 0, (0.11, 0.30, 0.48)),
        part(-0.48, 0.50, -0.06, (0.46, 0.07, 0.40)),
        part(0.48, 0.50, -0.06, (0.46, 0.07, 0.40)),
    ]


@makes("table")
def table(x: Real, z: Real, half: tuple[Real, Real], height: Real) -> list[Solid]:
    """A table top on four legs."""
    half_x, half_z = half
    legs = []
    for side_x in (-1, 1):
        for side_z in (-1, 1):
            foot = (x + side_x * half_x * 0.85, height / 2, z + side_z * half_z * 0.85)
            legs.append(Solid("box", foot, (0.03, height / 2, 0.03), TABLE_WOOD, "wood"))
    return [Solid("box", (x, height, z), (half_x, 0.03, half_z), TABLE_WOOD, "wood"), *legs]


@makes("floor lamp")
def floor_lamp(x: Real, z: Real, lit: bool) -> list[Solid]:
    """Foot, stem and a shade 1.6 m above the floor."""
    return [
        Solid("cylinder", (x, 0.02, z), (0.18, 0.02, 0.18), DARK),
        Solid("cylinder", (x, 0.75, z), (0.02, 0.75, 0.02), DARK),
        Solid("cylinder", (x, 1.62, z), (0.22, 0.17, 0.22), LAMPSHADE, glow=1.5 if lit else 0.0),
    ]
