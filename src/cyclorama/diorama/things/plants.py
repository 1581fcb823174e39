"""Trees, cacti, rocks and a house plant, made of solids: each takes a foot point and sizes in metres."""

import math

from cyclorama.diorama.colours import Rgb
from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import Dice
from cyclorama.diorama.solids import Point, Solid, makes

FULL_TURN_RAD = 6.3
NEEDLES, SNOWY_NEEDLES, LEAVES, FRONDS = (
    (0.035, 0.095, 0.045),
    (0.34, 0.42, 0.42),
    (0.10, 0.22, 0.05),
    (0.10, 0.22, 0.05),
)
CACTUS, HOUSE_PLANT = (0.10, 0.20, 0.08), (0.08, 0.21, 0.06)
CONIFER_BARK, TREE_BARK, PALM_BARK = (0.12, 0.08, 0.05), (0.16, 0.11, 0.07), (0.30, 0.22, 0.14)
POTS = ((0.55, 0.26, 0.14), (0.75, 0.74, 0.70), (0.12, 0.14, 0.17))


@makes("pine")
def conifer(dice: Dice, foot: Point, height: Real, *, snowy: bool) -> list[Solid]:
    """Three cones on a trunk."""
    x, y, z = foot
    colour = dice.shade(SNOWY_NEEDLES if snowy else NEEDLES, 0.2)
    width, seed = height * dice.uniform(0.17, 0.24), dice.uniform(0, 50)
    trunk_size = (0.03 * height, height * 0.10, 0.03 * height)
    solids = [Solid("cylinder", (x, y + height * 0.06, z), trunk_size, CONIFER_BARK, "bark")]
    for k in range(3):
        radius = width * (1 - 0.24 * k)
        centre = (x, y + height * (0.33 + 0.22 * k), z)
        tier = Solid("cone", centre, (radius, height * 0.22, radius), colour, "foliage", leafy=0.5, seed=seed + k)
        solids.append(tier)
    return solids


@makes("tree")
def broadleaf(dice: Dice, foot: Point, height: Real) -> list[Solid]:
    """A crown of three balls, the first in the middle, on a trunk."""
    x, y, z = foot
    colour = dice.shade(LEAVES, 0.3)
    trunk_size = (0.035 * height, height * 0.24, 0.035 * height)
    solids = [Solid("cylinder", (x, y + height * 0.2, z), trunk_size, TREE_BARK, "bark")]
    for k in range(3):
        azimuth, beside = dice.uniform(0, FULL_TURN_RAD), height * 0.14 * (k > 0)
        size = height * dice.uniform(0.22, 0.28) * (1 if k == 0 else 0.8)
        up = height * (0.68 if k == 0 else dice.uniform(0.52, 0.66))
        centre = (x + beside * math.cos(azimuth), y + up, z + beside * math.sin(azimuth))
        shape = (size, size * 0.85, size)
        solids.append(Solid("sphere", centre, shape, colour, "foliage", leafy=0.55, seed=dice.uniform(0, 50)))
    return solids


@makes("palm")
def palm(dice: Dice, foot: Point, height: Real) -> list[Solid]:
    """Eight drooping fronds on a slightly leaning trunk."""
    x, y, z = foot
    yaw_deg, pitch_deg = dice.uniform(0, 360), dice.uniform(-6, 6)
    middle, size = (x, y + height / 2, z), (0.13, height / 2, 0.13)
    trunk = Solid("cylinder", middle, size, PALM_BARK, "bark", yaw_deg, pitch_deg)
    colour, turn, length = dice.shade(FRONDS), dice.uniform(0, 360), height * 0.36
    top = (x, y + height, z)
    fronds = [_frond(top, length, turn + 45 * k, dice.uniform(8, 32), colour, k) for k in range(8)]
    return [trunk, *fronds]


def _frond(top: Point, length: Real, yaw_deg: Real, droop_deg: Real, colour: Rgb, seed: Real) -> Solid:
    """A flat ellipsoid that points away from the trunk; its local +z tilts down with a positive pitch."""
    x, y, z = top
    yaw, reach = math.radians(yaw_deg), length * 0.55
    drop = reach * 0.42 * math.tan(math.radians(droop_deg))
    centre = (x - reach * math.sin(yaw), y - drop, z + reach * math.cos(yaw))
    size = (0.20, 0.05, length * 0.55)
    return Solid("sphere", centre, size, colour, "foliage", yaw_deg, droop_deg, leafy=0.25, seed=seed)


@makes("cactus")
def cactus(dice: Dice, foot: Point, height: Real) -> list[Solid]:
    """A rounded stem with an arm on either side."""
    x, y, z = foot
    colour, width = dice.shade(CACTUS), height * 0.075
    solids = [
        Solid("cylinder", (x, y + height * 0.47, z), (width, height * 0.5, width), colour),
        Solid("sphere", (x, y + height * 0.97, z), (width, width * 1.4, width), colour),
    ]
    azimuth = dice.uniform(0, FULL_TURN_RAD)
    for side in (-1, 1):
        out = (math.cos(azimuth) * side * height * 0.2, math.sin(azimuth) * side * height * 0.2)
        solids += _cactus_arm(foot, out, height * dice.uniform(0.42, 0.6), height, colour)
    return solids


def _cactus_arm(foot: Point, out: tuple[Real, Real], up: Real, height: Real, colour: Rgb) -> list[Solid]:
    """A knee that leaves the stem `up` metres above the foot, and an upright arm `out` metres beside it."""
    (x, y, z), (dx, dz) = foot, out
    width = height * 0.075
    arm = (x + dx, y + up + height * 0.12, z + dz)
    tip = (arm[0], arm[1] + height * 0.16, arm[2])
    knee_size = (abs(dx) * 0.62 + width * 0.5, width * 0.7, abs(dz) * 0.62 + width * 0.5)
    return [
        Solid("cylinder", arm, (width * 0.7, height * 0.16, width * 0.7), colour),
        Solid("sphere", tip, (width * 0.7, width, width * 0.7), colour),
        Solid("sphere", (x + dx / 2, y + up, z + dz / 2), knee_size, colour),
    ]


@makes("rock")
def rock(dice: Dice, foot: Point, size: Real, colour: Rgb) -> list[Solid]:
    """One boulder of about `size` metres' radius, partly in the ground."""
    x, y, z = foot
    shape = (size * dice.uniform(0.8, 1.4), size * dice.uniform(0.5, 0.8), size * dice.uniform(0.8, 1.2))
    shade, yaw_deg = dice.shade(colour), dice.uniform(0, 360)
    return [Solid("sphere", (x, y + 0.1 * size, z), shape, shade, "stone", yaw_deg, seed=dice.uniform(0, 9))]


@makes("plant")
def house_plant(dice: Dice, x: Real, z: Real) -> list[Solid]:
    """Six balls of leaves in a pot on the floor."""
    pot = Solid("cylinder", (x, 0.2, z), (0.2, 0.2, 0.2), dice.choice(POTS))
    green = dice.shade(HOUSE_PLANT)
    solids = [pot]
    for k, azimuth in enumerate((0.3, 1.5, 2.8, 4.0, 5.2)):
        centre = (x + 0.17 * math.cos(azimuth), 0.62 + 0.13 * (k % 3), z + 0.17 * math.sin(azimuth))
        solids.append(Solid("sphere", centre, (0.24, 0.2, 0.24), green, "foliage", leafy=0.7, seed=k * 3.1))
    solids.append(Solid("sphere", (x, 1.02, z), (0.22, 0.24, 0.22), green, "foliage", leafy=0.7, seed=9))
    return solids
