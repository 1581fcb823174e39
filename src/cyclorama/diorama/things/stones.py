"""Rocks, stone walls, logs and termite mounds, made of solids."""

import math

from cyclorama.diorama.colours import Rgb
from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import Dice
from cyclorama.diorama.solids import Point, Solid, makes
from cyclorama.diorama.things.trees import FULL_TURN_RAD, beam

LOG_BARK, MOSS = (0.14, 0.10, 0.07), (0.09, 0.17, 0.04)


@makes("rock")
def rock(dice: Dice, foot: Point, size: Real, colour: Rgb, *, material: str = "stone") -> list[Solid]:
    """A boulder of three tilted bodies that grow into each other, about `size` metres in radius."""
    x, y, z = foot
    shade, turn, seed = dice.shade(colour), dice.uniform(0, FULL_TURN_RAD), dice.uniform(0, 9)
    solids = []
    for k in range(3):
        part = size * (1.0 if k == 0 else dice.uniform(0.5, 0.8))
        azimuth, beside = turn + 2.2 * k, size * 0.62 * (k > 0)
        shape = (part * dice.uniform(0.8, 1.25), part * dice.uniform(0.5, 0.85), part * dice.uniform(0.7, 1.0))
        centre = (x + beside * math.cos(azimuth), y + 0.16 * part, z + beside * math.sin(azimuth))
        yaw_deg, pitch_deg = dice.uniform(0, 360), dice.uniform(-28, 28)
        solids.append(Solid("sphere", centre, shape, shade, material, yaw_deg, pitch_deg, 0.0, 0.0, seed + k))
    return solids


@makes("rock")
def slab(dice: Dice, foot: Point, size: Real, colour: Rgb, *, material: str = "stone") -> list[Solid]:
    """Angular blocks, one leaning on the other."""
    x, y, z = foot
    shade, yaw_deg = dice.shade(colour), dice.uniform(0, 360)
    solids = []
    for k in range(2):
        part = size * (1.0 - 0.35 * k)
        shape = (part * dice.uniform(0.7, 1.0), part * dice.uniform(0.45, 0.7), part * dice.uniform(0.6, 0.9))
        centre = (x + 0.8 * size * k, y + 0.2 * part, z + 0.4 * size * k)
        turn, tilt = yaw_deg + 35 * k, dice.uniform(-22, 22)
        solids.append(Solid("box", centre, shape, shade, material, turn, tilt, 0.0, 0.0, dice.uniform(0, 9)))
    return solids


@makes("rock")
def stack(dice: Dice, foot: Point, height: Real, colour: Rgb, *, material: str = "stone") -> list[Solid]:
    """A pillar of rock, as the sea leaves before a coast: bodies on each other, narrower upward."""
    x, y, z = foot
    shade, wide, solids = dice.shade(colour), height * dice.uniform(0.2, 0.36), []
    for k in range(5):
        level, drift = k / 5, height * 0.09
        part = wide * (1.1 - 0.75 * level) * dice.uniform(0.8, 1.2)
        centre = (
            x + dice.uniform(-drift, drift),
            y + height * (0.10 + 0.62 * level),
            z + dice.uniform(-drift, drift),
        )
        shape = (part, height * (0.20 + 0.20 * dice.uniform()) * (1 - 0.45 * level), part * dice.uniform(0.6, 1.0))
        yaw_deg, pitch_deg = dice.uniform(0, 360), dice.uniform(-14, 14)
        solids.append(Solid("sphere", centre, shape, shade, material, yaw_deg, pitch_deg, 0.0, 0.0, k))
    return solids


@makes("log")
def log(dice: Dice, foot: Point, length: Real) -> list[Solid]:
    """A fallen trunk with a broken bough and a cushion of moss."""
    x, y, z = foot
    azimuth, thick = dice.uniform(0, FULL_TURN_RAD), dice.uniform(0.16, 0.32)
    dx, dz = math.cos(azimuth) * length / 2, math.sin(azimuth) * length / 2
    start, end = (x - dx, y + thick * 0.8, z - dz), (x + dx, y + thick * 0.7, z + dz)
    bough = (x + 0.4 * dx - 0.3 * dz, y + 0.95, z + 0.4 * dz + 0.3 * dx)
    moss = (abs(dx) * 0.4 + 0.2, 0.09, abs(dz) * 0.4 + 0.2)
    return [
        beam(start, end, thick, LOG_BARK),
        beam((x + 0.4 * dx, y + thick, z + 0.4 * dz), bough, 0.06, LOG_BARK),
        Solid("sphere", (x - 0.2 * dx, y + 1.72 * thick, z - 0.2 * dz), moss, MOSS, "foliage", leafy=0.4),
    ]


@makes("termite mound")
def termite_mound(dice: Dice, foot: Point, height: Real, colour: Rgb) -> list[Solid]:
    """Spires of dried mud."""
    x, y, z = foot
    shade, turn = dice.shade(colour), dice.uniform(0, FULL_TURN_RAD)
    solids = []
    for k in range(4):
        tall = height * (1.0 if k == 0 else dice.uniform(0.4, 0.75))
        azimuth, beside = turn + 2.1 * k, height * 0.22 * (k > 0)
        centre = (x + beside * math.cos(azimuth), y + tall * 0.46, z + beside * math.sin(azimuth))
        shape = (tall * dice.uniform(0.18, 0.26), tall * 0.54, tall * dice.uniform(0.18, 0.26))
        tilt = dice.uniform(-8, 8)
        solids.append(Solid("sphere", centre, shape, shade, "mud", 50 * k, tilt, 0.0, 0.0, dice.uniform(0, 9)))
    return solids
