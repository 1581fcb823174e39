"""Plants that are no trees, made of solids: each takes a foot point and sizes in metres."""

import math

from cyclorama.diorama.colours import Paint, Rgb
from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import Dice
from cyclorama.diorama.solids import Point, Solid, makes
from cyclorama.diorama.things.trees import FULL_TURN_RAD, beam, wind

CACTUS = (0.11, 0.20, 0.085)
BUSH: tuple[Rgb, ...] = ((0.09, 0.19, 0.045), (0.13, 0.21, 0.06), (0.07, 0.15, 0.05))
FERN, STEM = (0.10, 0.25, 0.05), (0.10, 0.22, 0.05)


@makes("bush")
def bush(dice: Dice, foot: Point, size: Real, colours: tuple[Rgb, ...] = BUSH) -> list[Solid]:
    """Three balls of leaves on the ground, `size` metres high."""
    x, y, z = foot
    colour, turn = dice.shade(dice.choice(colours), 0.2), dice.uniform(0, FULL_TURN_RAD)
    solids = []
    for k in range(3):
        radius, azimuth = size * dice.uniform(0.44, 0.66), turn + 2.3 * k
        beside = size * 0.5 * (k > 0)
        up = size * (0.5 if k == 0 else dice.uniform(0.2, 0.36))
        centre = (x + beside * math.cos(azimuth), y + up, z + beside * math.sin(azimuth))
        shape, seed = (radius, radius * 0.85, radius), dice.uniform(0, 50)
        shade = dice.shade(colour, 0.08)
        solids.append(Solid("sphere", centre, shape, shade, "foliage", leafy=0.65, seed=seed))
    return solids


@makes("flowers")
def flowers(dice: Dice, foot: Point, size: Real, paint: Paint) -> list[Solid]:
    """A clump of blossoms of one colour over green leaves."""
    x, y, z = foot
    leaves = Solid("sphere", (x, y + 0.2 * size, z), (size, 0.42 * size, size), STEM, "foliage", leafy=0.7)
    solids, turn = [leaves], dice.uniform(0, FULL_TURN_RAD)
    for k in range(5):
        azimuth, beside = turn + 2.4 * k, size * 0.34 * math.sqrt(k)
        up, radius = size * dice.uniform(0.62, 0.88), size * dice.uniform(0.14, 0.20)
        centre = (x + beside * math.cos(azimuth), y + up - 0.3 * beside, z + beside * math.sin(azimuth))
        shape, word = (radius, radius * 0.7, radius), paint.word
        solids.append(
            Solid("sphere", centre, shape, dice.shade(paint.rgb, 0.1), "petals", leafy=0.4, seed=k, colour_word=word)
        )
    return solids


@makes("plant")
def fern(dice: Dice, foot: Point, size: Real, colour: Rgb = FERN) -> list[Solid]:
    """A rosette of arched leaves."""
    x, y, z = foot
    shade, turn, count = dice.shade(colour, 0.2), dice.uniform(0, 360), 5
    solids = []
    for k in range(count):
        yaw_deg, pitch_deg = turn + 360 * k / count, dice.uniform(-38, -14)
        yaw, pitch, half = math.radians(yaw_deg), math.radians(pitch_deg), size * dice.uniform(0.45, 0.6)
        flat = half * math.cos(pitch)
        centre = (x - flat * math.sin(yaw), y - half * math.sin(pitch), z + flat * math.cos(yaw))
        shape = (size * 0.13, 0.02, half)
        solids.append(Solid("sphere", centre, shape, shade, "frond", yaw_deg, pitch_deg, 0.25))
    return solids


@makes("grass")
def tuft(dice: Dice, foot: Point, size: Real, colour: Rgb) -> list[Solid]:
    """A tuft of long blades that lean apart."""
    x, y, z = foot
    shade, turn, motion = dice.shade(colour, 0.15), dice.uniform(0, 360), wind(dice, 6.0)
    solids = []
    for k in range(5):
        yaw_deg, pitch_deg, half = turn + 137.5 * k, dice.uniform(6, 40), size * dice.uniform(0.4, 0.55)
        yaw, pitch = math.radians(yaw_deg), math.radians(pitch_deg)
        out, up = half * math.sin(pitch), half * math.cos(pitch)
        centre = (x - out * math.sin(yaw), y + up - 0.05, z + out * math.cos(yaw))
        shape = (size * 0.034, half, size * 0.034)
        solids.append(Solid("cone", centre, shape, shade, "blade", yaw_deg, pitch_deg, motion=motion))
    return solids


@makes("cactus")
def cactus(dice: Dice, foot: Point, height: Real) -> list[Solid]:
    """A ribbed column with rounded top and arms that bend up."""
    x, y, z = foot
    colour, width = dice.shade(CACTUS), height * dice.uniform(0.055, 0.08)
    solids = _column(foot, height, width, colour)
    azimuth = dice.uniform(0, FULL_TURN_RAD)
    for k in range(dice.integer(0, 2)):
        turn, up = azimuth + 2.2 * k, height * dice.uniform(0.34, 0.58)
        reach = height * dice.uniform(0.15, 0.2)
        elbow = (x + reach * math.cos(turn), y + up + 0.03 * height, z + reach * math.sin(turn))
        knee = beam((x, y + up, z), elbow, width * 0.62, colour, "cactus")
        wide = width * 0.64
        bend = Solid("sphere", elbow, (wide, wide, wide), colour, "cactus")
        solids += [knee, bend, *_column(elbow, height * dice.uniform(0.18, 0.34), width * 0.64, colour)]
    return solids


def _column(foot: Point, height: Real, width: Real, colour: Rgb) -> list[Solid]:
    x, y, z = foot
    half = (height - width) / 2
    return [
        Solid("cylinder", (x, y + half, z), (width, half, width), colour, "cactus"),
        Solid("sphere", (x, y + 2 * half, z), (width, width * 1.1, width), colour, "cactus"),
    ]


@makes("cactus")
def prickly_pear(dice: Dice, foot: Point, size: Real) -> list[Solid]:
    """Flat round pads that grow out of each other."""
    x, y, z = foot
    colour, turn = dice.shade((0.13, 0.24, 0.09)), dice.uniform(0, 360)
    solids = []
    for k in range(6):
        level, yaw_deg = k // 3, turn + 70 * k
        yaw = math.radians(yaw_deg)
        beside = size * (0.22 * (k % 3) + 0.08 * level)
        centre = (x + beside * math.cos(yaw), y + size * (0.26 + 0.36 * level), z + beside * math.sin(yaw))
        shape = (size * 0.22, size * 0.28, size * 0.06)
        solids.append(Solid("sphere", centre, shape, colour, "cactus", yaw_deg, dice.uniform(-18, 18)))
    return solids


@makes("plant")
def agave(dice: Dice, foot: Point, size: Real) -> list[Solid]:
    """Stiff pointed leaves in a rosette."""
    x, y, z = foot
    shade, turn = dice.shade((0.20, 0.28, 0.20), 0.15), dice.uniform(0, 360)
    solids = []
    for k in range(7):
        yaw_deg, pitch_deg, half = turn + 137.5 * k, 16 + 8 * k, size * 0.5
        yaw, pitch = math.radians(yaw_deg), math.radians(pitch_deg)
        out, up = half * math.sin(pitch), half * math.cos(pitch)
        centre = (x - out * math.sin(yaw), y + up - 0.05, z + out * math.cos(yaw))
        solids.append(Solid("cone", centre, (size * 0.10, half, size * 0.05), shade, "blade", yaw_deg, pitch_deg))
    return solids
