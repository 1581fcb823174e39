"""Things made of solids: plants, street furniture, buildings, furniture. Each takes a foot point and returns solids."""

import math

from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import Dice
from cyclorama.diorama.solids import Solid

Point = tuple[Real, Real, Real]
LAMPLIGHT = (1.0, 0.72, 0.40)


def conifer(dice: Dice, foot: Point, height: Real, snowy: bool) -> list[Solid]:
    x, y, z = foot
    colour = dice.shade((0.34, 0.42, 0.42) if snowy else (0.035, 0.095, 0.045), 0.2)
    width, seed = height * dice.uniform(0.17, 0.24), dice.uniform(0, 50)
    trunk = Solid(
        "cylinder", (x, y + height * 0.06, z), (0.03 * height, height * 0.10, 0.03 * height), (0.12, 0.08, 0.05), "bark"
    )
    tiers = [
        Solid(
            "cone",
            (x, y + height * (0.33 + 0.22 * k), z),
            (width * (1 - 0.24 * k), height * 0.22, width * (1 - 0.24 * k)),
            colour,
            "foliage",
            leafy=0.5,
            seed=seed + k,
        )
        for k in range(3)
    ]
    return [trunk, *tiers]


def broadleaf(dice: Dice, foot: Point, height: Real) -> list[Solid]:
    x, y, z = foot
    colour = dice.shade((0.10, 0.22, 0.05), 0.3)
    trunk = Solid(
        "cylinder",
        (x, y + height * 0.2, z),
        (0.035 * height, height * 0.24, 0.035 * height),
        (0.16, 0.11, 0.07),
        "bark",
    )
    crown = []
    for k in range(3):
        a, r = dice.uniform(0, 6.3), height * 0.14 * (k > 0)
        size = height * dice.uniform(0.22, 0.28) * (1 if k == 0 else 0.8)
        centre = (x + r * math.cos(a), y + height * (0.68 if k == 0 else dice.uniform(0.52, 0.66)), z + r * math.sin(a))
        crown.append(
            Solid("sphere", centre, (size, size * 0.85, size), colour, "foliage", leafy=0.55, seed=dice.uniform(0, 50))
        )
    return [trunk, *crown]


def palm(dice: Dice, foot: Point, height: Real) -> list[Solid]:
    x, y, z = foot
    trunk = Solid(
        "cylinder",
        (x, y + height / 2, z),
        (0.13, height / 2, 0.13),
        (0.30, 0.22, 0.14),
        "bark",
        dice.uniform(0, 360),
        dice.uniform(-6, 6),
    )
    colour, turn, length = dice.shade((0.10, 0.22, 0.05)), dice.uniform(0, 360), height * 0.36
    fronds = []
    for k in range(8):
        yaw, droop = turn + 45 * k, dice.uniform(8, 32)
        a = math.radians(yaw)
        reach = length * 0.55
        centre = (
            x - reach * math.sin(a),
            y + height - reach * 0.42 * math.tan(math.radians(droop)),
            z + reach * math.cos(a),
        )
        # local +z tilts down with positive pitch; the frond points away from the trunk
        fronds.append(
            Solid("sphere", centre, (0.20, 0.05, length * 0.55), colour, "foliage", yaw, droop, leafy=0.25, seed=k)
        )
    return [trunk, *fronds]


def cactus(dice: Dice, foot: Point, height: Real) -> list[Solid]:
    x, y, z = foot
    colour, width = dice.shade((0.10, 0.20, 0.08)), height * 0.075
    stem = [
        Solid("cylinder", (x, y + height * 0.47, z), (width, height * 0.5, width), colour),
        Solid("sphere", (x, y + height * 0.97, z), (width, width * 1.4, width), colour),
    ]
    yaw = dice.uniform(0, 6.3)
    for side in (-1, 1):
        dx, dz, up = (
            math.cos(yaw) * side * height * 0.2,
            math.sin(yaw) * side * height * 0.2,
            height * dice.uniform(0.42, 0.6),
        )
        arm = (x + dx, y + up + height * 0.12, z + dz)
        stem.append(Solid("cylinder", arm, (width * 0.7, height * 0.16, width * 0.7), colour))
        stem.append(
            Solid("sphere", (arm[0], arm[1] + height * 0.16, arm[2]), (width * 0.7, width, width * 0.7), colour)
        )
        stem.append(
            Solid(
                "sphere",
                (x + dx / 2, y + up, z + dz / 2),
                (abs(dx) * 0.62 + width * 0.5, width * 0.7, abs(dz) * 0.62 + width * 0.5),
                colour,
            )
        )
    return stem


def rock(dice: Dice, foot: Point, size: Real, colour: Point) -> list[Solid]:
    x, y, z = foot
    shape = (size * dice.uniform(0.8, 1.4), size * dice.uniform(0.5, 0.8), size * dice.uniform(0.8, 1.2))
    return [
        Solid(
            "sphere",
            (x, y + 0.1 * size, z),
            shape,
            dice.shade(colour),
            "stone",
            dice.uniform(0, 360),
            seed=dice.uniform(0, 9),
        )
    ]


def street_lamp(foot: Point, lit: bool) -> list[Solid]:
    x, y, z = foot
    iron = (0.045, 0.05, 0.05)
    post = [
        Solid("cylinder", (x, y + 1.9, z), (0.06, 1.9, 0.06), iron),
        Solid("cylinder", (x, y + 0.25, z), (0.16, 0.25, 0.16), iron),
        Solid("cone", (x, y + 4.28, z), (0.3, 0.14, 0.3), iron),
    ]
    return [
        *post,
        Solid(
            "sphere",
            (x, y + 3.98, z),
            (0.22, 0.24, 0.22),
            (1.0, 0.86, 0.62) if lit else (0.75, 0.75, 0.7),
            glow=3.2 if lit else 0.0,
        ),
    ]


def bench(foot: Point, yaw_deg: Real) -> list[Solid]:
    x, y, z = foot
    wood = (0.30, 0.17, 0.08)
    a = math.radians(-yaw_deg)
    back = (x + 0.26 * math.sin(a), y + 0.72, z + 0.26 * math.cos(a))
    return [
        Solid("box", (x, y + 0.44, z), (0.85, 0.035, 0.26), wood, "wood", yaw_deg),
        Solid("box", back, (0.85, 0.20, 0.03), wood, "wood", yaw_deg),
        Solid("box", (x, y + 0.21, z), (0.7, 0.21, 0.18), (0.07, 0.07, 0.07), "plain", yaw_deg),
    ]


def fountain(foot: Point) -> list[Solid]:
    x, y, z = foot
    stone, water = (0.50, 0.47, 0.42), (0.12, 0.24, 0.28)
    return [
        Solid("cylinder", (x, y + 0.3, z), (2.4, 0.3, 2.4), stone, "stone"),
        Solid("cylinder", (x, y + 0.56, z), (2.12, 0.06, 2.12), water),
        Solid("cylinder", (x, y + 1.0, z), (0.22, 0.8, 0.22), stone, "stone"),
        Solid("cylinder", (x, y + 1.55, z), (1.0, 0.09, 1.0), stone, "stone"),
        Solid("sphere", (x, y + 1.95, z), (0.22, 0.45, 0.22), (0.65, 0.75, 0.8)),
    ]


def building(
    dice: Dice, centre: tuple[Real, Real], half: tuple[Real, Real], height: Real, yaw_deg: Real, lit: Real
) -> list[Solid]:
    x, z = centre
    colour = dice.shade(
        dice.choice(
            [
                (0.62, 0.46, 0.30),
                (0.56, 0.30, 0.20),
                (0.66, 0.60, 0.50),
                (0.42, 0.44, 0.46),
                (0.70, 0.56, 0.42),
                (0.36, 0.22, 0.17),
            ]
        ),
        0.12,
    )
    body = Solid(
        "box",
        (x, height / 2, z),
        (half[0], height / 2, half[1]),
        colour,
        "facade",
        yaw_deg,
        glow=lit,
        seed=dice.uniform(0, 90),
    )
    if dice.uniform() < 0.4:
        return [body]
    roof = Solid("box", (x, height + 0.9, z), (half[0] * 0.8, 0.9, half[1] * 0.8), (0.28, 0.15, 0.10), "plain", yaw_deg)
    return [body, roof]


def sofa(dice: Dice, x: Real, z: Real, yaw_deg: Real, colour: Point) -> list[Solid]:
    def part(dx: Real, y: Real, dz: Real, size: Point) -> Solid:
        a = math.radians(-yaw_deg)
        centre = (x + dx * math.cos(a) + dz * math.sin(a), y, z - dx * math.sin(a) + dz * math.cos(a))
        return Solid("box", centre, size, colour, "fabric", yaw_deg)

    cushions = [part(dx, 0.50, -0.06, (0.46, 0.07, 0.40)) for dx in (-0.48, 0.48)]
    return [
        part(0, 0.24, 0, (1.0, 0.20, 0.46)),
        part(0, 0.58, 0.40, (1.0, 0.34, 0.12)),
        part(-1.08, 0.38, 0, (0.11, 0.30, 0.48)),
        part(1.08, 0.38, 0, (0.11, 0.30, 0.48)),
        *cushions,
    ]


def table(x: Real, z: Real, half: tuple[Real, Real], height: Real) -> list[Solid]:
    wood = (0.28, 0.16, 0.08)
    legs = [
        Solid(
            "box",
            (x + sx * half[0] * 0.85, height / 2, z + sz * half[1] * 0.85),
            (0.03, height / 2, 0.03),
            wood,
            "wood",
        )
        for sx in (-1, 1)
        for sz in (-1, 1)
    ]
    return [Solid("box", (x, height, z), (half[0], 0.03, half[1]), wood, "wood"), *legs]


def floor_lamp(x: Real, z: Real, lit: bool) -> list[Solid]:
    dark = (0.05, 0.05, 0.05)
    shade = Solid("cylinder", (x, 1.62, z), (0.22, 0.17, 0.22), (1.0, 0.80, 0.52), glow=1.5 if lit else 0.0)
    return [
        Solid("cylinder", (x, 0.02, z), (0.18, 0.02, 0.18), dark),
        Solid("cylinder", (x, 0.75, z), (0.02, 0.75, 0.02), dark),
        shade,
    ]


def house_plant(dice: Dice, x: Real, z: Real) -> list[Solid]:
    pot = Solid(
        "cylinder",
        (x, 0.2, z),
        (0.2, 0.2, 0.2),
        dice.choice([(0.55, 0.26, 0.14), (0.75, 0.74, 0.70), (0.12, 0.14, 0.17)]),
    )
    green = dice.shade((0.08, 0.21, 0.06))
    leaves = [
        Solid(
            "sphere",
            (x + 0.17 * math.cos(a), 0.62 + 0.13 * (k % 3), z + 0.17 * math.sin(a)),
            (0.24, 0.2, 0.24),
            green,
            "foliage",
            leafy=0.7,
            seed=k * 3.1,
        )
        for k, a in enumerate((0.3, 1.5, 2.8, 4.0, 5.2))
    ]
    return [pot, *leaves, Solid("sphere", (x, 1.02, z), (0.22, 0.24, 0.22), green, "foliage", leafy=0.7, seed=9)]
