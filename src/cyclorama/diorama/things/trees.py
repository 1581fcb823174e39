"""Trees made of solids: each takes the foot point of its trunk and a height in metres.

`fine` < 1 makes them of fewer solids, for far away. Crowns turn a little in the wind.
"""

import math

from cyclorama.diorama.colours import Rgb
from cyclorama.diorama.motion import Sway
from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import Dice
from cyclorama.diorama.solids import Point, Solid, makes

FULL_TURN_RAD = 2 * math.pi
NEEDLES: tuple[Rgb, ...] = ((0.030, 0.085, 0.040), (0.045, 0.10, 0.035), (0.030, 0.080, 0.055))
SNOWY_NEEDLES: Rgb = (0.045, 0.095, 0.065)
LEAVES: tuple[Rgb, ...] = ((0.085, 0.20, 0.04), (0.12, 0.24, 0.05), (0.065, 0.17, 0.045), (0.15, 0.22, 0.05))
AUTUMN: tuple[Rgb, ...] = ((0.42, 0.20, 0.04), (0.46, 0.11, 0.04), (0.50, 0.34, 0.06))
FRONDS: tuple[Rgb, ...] = ((0.085, 0.21, 0.045), (0.12, 0.23, 0.05), (0.07, 0.18, 0.055))
ACACIA_LEAVES: tuple[Rgb, ...] = ((0.11, 0.17, 0.04), (0.15, 0.18, 0.05), (0.09, 0.14, 0.04))
CONIFER_BARK, TREE_BARK, PALM_BARK = (0.12, 0.08, 0.055), (0.16, 0.115, 0.075), (0.32, 0.25, 0.17)
BIRCH_BARK, ACACIA_BARK, DEAD_WOOD = (0.62, 0.60, 0.55), (0.19, 0.13, 0.085), (0.30, 0.27, 0.23)
COCONUT: Rgb = (0.16, 0.10, 0.05)
CYPRESS: tuple[Rgb, ...] = ((0.030, 0.075, 0.030), (0.040, 0.085, 0.035), (0.028, 0.070, 0.040))
CYPRESS_BARK, OLIVE, OLIVE_BARK = (0.14, 0.10, 0.07), (0.17, 0.21, 0.12), (0.17, 0.145, 0.11)


def beam(start: Point, end: Point, thick: Real, colour: Rgb, material: str = "bark", seed: Real = 0.0) -> Solid:
    """A cylinder of radius `thick` from one point to another."""
    dx, dy, dz = (b - a for a, b in zip(start, end, strict=True))
    flat = math.hypot(dx, dz)
    yaw_deg = math.degrees(math.atan2(-dx, dz))
    pitch_deg = math.degrees(math.atan2(flat, dy))
    centre = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, (start[2] + end[2]) / 2)
    half = math.hypot(flat, dy) / 2
    return Solid("cylinder", centre, (thick, half, thick), colour, material, yaw_deg, pitch_deg, seed=seed)


def wind(dice: Dice, degrees: Real) -> Sway:
    """A slow turn to and fro, different for each crown."""
    return Sway(degrees, dice.uniform(3.5, 6.0), dice.uniform())


@makes("pine")
def conifer(dice: Dice, foot: Point, height: Real, *, snowy: bool = False, fine: Real = 1.0) -> list[Solid]:
    """Tiers of drooping branches, narrower and closer toward the top, on a trunk."""
    x, y, z = foot
    colour = dice.shade(SNOWY_NEEDLES if snowy else dice.choice(NEEDLES), 0.2)
    width, seed, motion = height * dice.uniform(0.15, 0.23), dice.uniform(0, 50), wind(dice, 2.0)
    tiers = max(2, round(5 * fine))
    trunk = Solid("cylinder", (x, y + height * 0.09, z), (0.022 * height, height * 0.11, 0.022 * height), CONIFER_BARK)
    solids = [trunk]
    for k in range(tiers):
        part = k / tiers
        radius, half = width * (1 - 0.80 * part) * dice.uniform(0.93, 1.07), height * (0.62 / tiers + 0.02)
        centre = (x, y + height * (0.12 + 0.80 * part) + half, z)
        top = y + height
        half = min(half, (top - centre[1] + half) / 2) if k == tiers - 1 else half
        centre = (x, centre[1] if k < tiers - 1 else top - half, z)
        material = "snowy foliage" if snowy else "foliage"
        tilt, yaw = dice.uniform(-3, 3), dice.uniform(0, 360)
        size = (radius, half, radius)
        solids.append(Solid("cone", centre, size, colour, material, yaw, tilt, 0.55, seed=seed + k, motion=motion))
    return solids


@makes("pine")
def tall_pine(dice: Dice, foot: Point, height: Real, *, fine: Real = 1.0) -> list[Solid]:
    """A bare trunk of the woods with stubs of branches and a crown high above."""
    x, y, z = foot
    thick, lean = height * dice.uniform(0.014, 0.022), dice.uniform(-0.02, 0.02)
    bark = dice.shade(CONIFER_BARK, 0.25)
    top = (x + lean * height, y + height, z - lean * height)
    colour, motion, seed = dice.shade(dice.choice(NEEDLES), 0.2), wind(dice, 2.0), dice.uniform(0, 50)
    turn = dice.uniform(0, FULL_TURN_RAD)
    solids = [beam((x, y - 0.2, z), top, thick, bark, seed=seed)]
    if fine >= 1:
        solids.append(Solid("cone", (x, y + 0.3, z), (thick * 2.3, 0.45, thick * 2.3), bark, "bark", seed=seed))
        azimuth = dice.uniform(0, FULL_TURN_RAD)
        low, reach = y + height * dice.uniform(0.18, 0.3), thick * 6
        end = (x + reach * math.cos(azimuth), low + reach * 0.3, z + reach * math.sin(azimuth))
        solids.append(beam((x, low, z), end, thick * 0.16, DEAD_WOOD))
    clumps = 5 if fine >= 1 else 3 if fine > 0.5 else 2
    for k in range(clumps):
        along = (0.58 if fine >= 1 else 0.48) + (0.40 if fine >= 1 else 0.48) * k / (clumps - 1)
        wide = height * (0.115 - 0.05 * k / (clumps - 1)) * dice.uniform(0.8, 1.15) * (1 if fine >= 1 else 1.25)
        azimuth, beside = turn + 2.4 * k, wide * 0.8 * (k < clumps - 1)
        centre = (
            x + lean * height * along + beside * math.cos(azimuth),
            y + height * along,
            z - lean * height * along + beside * math.sin(azimuth),
        )
        size = (wide, height * (0.055 if fine >= 1 else 0.11), wide * dice.uniform(0.75, 1.0))
        tilt = dice.uniform(-16, 16)
        solids.append(
            Solid("sphere", centre, size, colour, "foliage", 60 * k, tilt, 0.75, seed=seed + k, motion=motion)
        )
    return solids


@makes("tree")
def broadleaf(
    dice: Dice, foot: Point, height: Real, *, fine: Real = 1.0, leaves: tuple[Rgb, ...] = LEAVES, birch: bool = False
) -> list[Solid]:
    """A crown of balls of leaves around a forked trunk; the higher ones are smaller."""
    x, y, z = foot
    colour, motion = dice.shade(dice.choice(leaves), 0.2), wind(dice, 2.5)
    bark, thick = (BIRCH_BARK, 0.020) if birch else (dice.shade(TREE_BARK), 0.030)
    fork = (x + dice.uniform(-0.02, 0.02) * height, y + height * 0.42, z + dice.uniform(-0.02, 0.02) * height)
    material = "birch" if birch else "bark"
    solids = [beam((x, y - 0.2, z), fork, thick * height, bark, material)]
    balls = max(3, round(9 * fine))
    turn = dice.uniform(0, FULL_TURN_RAD)
    for k in range(balls):
        level = (k + 0.5) / balls
        beside = height * (0.28 * math.sqrt(1 - (1.5 * level - 0.55) ** 2)) * dice.uniform(0.75, 1.1) * (k < balls - 1)
        azimuth = turn + 2.4 * k
        size = height * (0.195 - 0.06 * level) * dice.uniform(0.85, 1.15) * (10 / balls) ** 0.3
        centre = (
            fork[0] + beside * math.cos(azimuth),
            y + height * (0.46 + 0.40 * level),
            fork[2] + beside * math.sin(azimuth),
        )
        if fine >= 1 and 0 < k < 4:
            solids.append(beam(fork, centre, thick * height * 0.35, bark, material))
        shade = dice.shade(colour, 0.10)
        shape, seed = (size, size * dice.uniform(0.72, 0.88), size), dice.uniform(0, 50)
        solids.append(Solid("sphere", centre, shape, shade, "foliage", leafy=0.6, seed=seed, motion=motion))
    return solids


@makes("palm")
def palm(dice: Dice, foot: Point, height: Real, *, fine: Real = 1.0) -> list[Solid]:
    """Curved fronds of two parts on a trunk that bends."""
    x, y, z = foot
    azimuth, lean = dice.uniform(0, FULL_TURN_RAD), height * dice.uniform(0.03, 0.22)
    out = (lean * math.cos(azimuth), lean * math.sin(azimuth))
    joint = (x + 0.3 * out[0], y + 0.5 * height, z + 0.3 * out[1])
    top = (x + out[0], y + height, z + out[1])
    bark, thick = dice.shade(PALM_BARK), 0.018 * height + 0.05
    trunk = [
        beam((x, y - 0.3, z), joint, thick, bark, "palm bark"),
        beam(joint, top, thick * 0.8, bark, "palm bark"),
    ]
    colour, turn, length = dice.shade(dice.choice(FRONDS)), dice.uniform(0, 360), height * 0.14 + 1.3
    count, motion = 8 if fine >= 1 else 6, wind(dice, 4.0)
    fronds: list[Solid] = []
    for k in range(count):
        rise = 34 - 22 * (k % 3) + dice.uniform(-7, 7)
        fronds += _frond(
            top, length * dice.uniform(0.85, 1.1), turn + 360 * k / count, rise, colour, motion, parts=1 + (fine > 0.5)
        )
    nuts = [Solid("sphere", _beside(top, 0.2, turn + 150 * k, -0.16), (0.13, 0.15, 0.13), COCONUT) for k in range(2)]
    return trunk + fronds + (nuts if fine >= 1 else [])


def _beside(point: Point, metres: Real, yaw_deg: Real, up: Real) -> Point:
    yaw = math.radians(yaw_deg)
    return (point[0] - metres * math.sin(yaw), point[1] + up, point[2] + metres * math.cos(yaw))


def _frond(
    top: Point, length: Real, yaw_deg: Real, rise_deg: Real, colour: Rgb, motion: Sway, *, parts: int
) -> list[Solid]:
    """Flat ellipsoids: one rises from the trunk, the second hangs from its end; a single one droops."""
    half, leaves, start, yaw = length * 0.72 / (parts + 0.3 * (parts == 1)), [], top, math.radians(yaw_deg)
    for part, pitch_deg in enumerate((-rise_deg, 48 - rise_deg) if parts > 1 else (24 - rise_deg,)):
        pitch = math.radians(pitch_deg)
        flat, drop = half * math.cos(pitch), half * math.sin(pitch)
        centre = (start[0] - flat * math.sin(yaw), start[1] - drop, start[2] + flat * math.cos(yaw))
        size = (0.26 - 0.05 * part, 0.035, half * 1.12)
        leaf = Solid("sphere", centre, size, colour, "frond", yaw_deg, pitch_deg, 0.2, motion=motion)
        leaves.append(leaf)
        start = (start[0] - 1.8 * flat * math.sin(yaw), start[1] - 1.8 * drop, start[2] + 1.8 * flat * math.cos(yaw))
    return leaves


@makes("acacia")
def acacia(dice: Dice, foot: Point, height: Real, *, fine: Real = 1.0) -> list[Solid]:
    """Boughs that spread from a low fork and carry a flat umbrella of leaves."""
    x, y, z = foot
    bark, leaves = dice.shade(ACACIA_BARK), dice.shade(dice.choice(ACACIA_LEAVES), 0.2)
    fork = (x + dice.uniform(-0.05, 0.05) * height, y + height * 0.36, z + dice.uniform(-0.05, 0.05) * height)
    thick, turn, motion = 0.028 * height + 0.03, dice.uniform(0, FULL_TURN_RAD), wind(dice, 2.0)
    solids = [beam((x, y - 0.2, z), fork, thick, bark)]
    boughs = 5 if fine >= 1 else 3
    for k in range(boughs):
        azimuth, reach = turn + FULL_TURN_RAD * k / boughs, height * dice.uniform(0.28, 0.50)
        tip = (
            fork[0] + reach * math.cos(azimuth),
            y + height * dice.uniform(0.80, 0.92),
            fork[2] + reach * math.sin(azimuth),
        )
        if fine >= 0.6:
            solids.append(beam(fork, tip, thick * 0.42, bark))
        wide = height * dice.uniform(0.30, 0.42)
        size, seed = (wide, height * 0.065, wide * dice.uniform(0.8, 1.1)), dice.uniform(0, 50)
        solids.append(Solid("sphere", tip, size, leaves, "foliage", leafy=0.5, seed=seed, motion=motion))
    middle = (fork[0], y + height * 0.95, fork[2])
    crown = (height * 0.40, height * 0.075, height * 0.40)
    return [*solids, Solid("sphere", middle, crown, leaves, "foliage", leafy=0.5, seed=turn, motion=motion)]


@makes("tree")
def dead_tree(dice: Dice, foot: Point, height: Real) -> list[Solid]:
    """A bare grey trunk with a few bare boughs."""
    x, y, z = foot
    fork = (x, y + height * 0.5, z)
    top = (x + dice.uniform(-0.1, 0.1) * height, y + height, z + dice.uniform(-0.1, 0.1) * height)
    solids = [beam((x, y - 0.2, z), fork, 0.035 * height, DEAD_WOOD), beam(fork, top, 0.022 * height, DEAD_WOOD)]
    for k in range(4):
        azimuth, low = dice.uniform(0, FULL_TURN_RAD), y + height * (0.42 + 0.12 * k)
        reach = height * dice.uniform(0.18, 0.36)
        end = (x + reach * math.cos(azimuth), low + reach * dice.uniform(0.5, 1.1), z + reach * math.sin(azimuth))
        solids.append(beam((x, low, z), end, 0.011 * height, DEAD_WOOD))
    return solids


@makes("cypress")
def cypress(dice: Dice, foot: Point, tall: Real) -> list[Solid]:
    """A slender dark flame of a tree."""
    x, y, z = foot
    colour, wide, seed = dice.shade(dice.choice(CYPRESS), 0.2), tall * dice.uniform(0.085, 0.12), dice.uniform(0, 50)
    motion = wind(dice, 2.0)
    parts = ((0.36, 1.0, 0.33), (0.60, 0.82, 0.30), (0.82, 0.5, 0.20))
    crown = [
        Solid(
            "sphere",
            (x, y + tall * up, z),
            (wide * w, tall * high, wide * w),
            colour,
            "foliage",
            leafy=0.5,
            seed=seed + up,
            motion=motion,
        )
        for up, w, high in parts
    ]
    return [Solid("cylinder", (x, y + 0.4, z), (0.12, 0.6, 0.12), CYPRESS_BARK, "bark"), *crown]


@makes("olive tree")
def olive(dice: Dice, foot: Point, tall: Real) -> list[Solid]:
    """A knotty trunk that forks low under a wide silvery crown."""
    x, y, z = foot
    fork = (x + dice.uniform(-0.2, 0.2), y + tall * 0.3, z + dice.uniform(-0.2, 0.2))
    colour, motion = dice.shade(OLIVE, 0.15), wind(dice, 2.0)
    solids = [
        beam((x, y - 0.2, z), fork, 0.055 * tall, OLIVE_BARK),
        Solid("cone", (x, y + 0.2, z), (0.10 * tall, 0.45, 0.10 * tall), OLIVE_BARK, "bark"),
    ]
    turn = dice.uniform(0, FULL_TURN_RAD)
    for k in range(5):
        azimuth, beside = turn + 2.4 * k, tall * (0.27 if k < 4 else 0.0)
        size = tall * dice.uniform(0.19, 0.27)
        at = (x + beside * math.cos(azimuth), y + tall * (0.58 + 0.06 * k), z + beside * math.sin(azimuth))
        if k < 3:
            solids.append(beam(fork, at, 0.028 * tall, OLIVE_BARK))
        shape = (size * 1.1, size * 0.72, size * 1.1)
        solids.append(
            Solid("sphere", at, shape, dice.shade(colour, 0.08), "foliage", leafy=0.75, seed=7.0 * k, motion=motion)
        )
    return solids
