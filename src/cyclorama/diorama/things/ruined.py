"""Ruins: columns whole and broken, arches, walls with holes, temples, fallen drums and blocks.

Each stands on a `Spot`; sizes are in metres.
"""

import math

from cyclorama.diorama.colours import Rgb
from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import Dice
from cyclorama.diorama.solids import Solid, makes
from cyclorama.diorama.things.placing import Spot


def _column(dice: Dice, spot: Spot, radius: Real, tall: Real, stone: Rgb, *, capital: bool) -> list[Solid]:
    """Base, shaft and, where it is whole, a capital."""
    seed = dice.uniform(0, 60)
    solids = [
        spot.box((0, 0.10, 0), (radius * 1.4, 0.2, radius * 1.4), stone, "old stone", seed=seed),
        spot.pole((0, 0.38, 0), radius * 1.22, 0.10, stone, "old column", seed=seed),
        spot.pole((0, 0.4 + tall / 2, 0), radius, tall / 2, stone, "old column", seed=seed),
    ]
    if capital:
        up = 0.4 + tall
        solids.append(spot.ball((0, up, 0), (radius * 1.3, 0.24, radius * 1.3), stone, "old column", seed=seed))
        solids.append(spot.box((0, up + 0.28, 0), (radius * 1.42, 0.14, radius * 1.42), stone, "old stone", seed=seed))
    else:
        # the break: a tilted piece of the next drum
        chip = Solid(
            "cylinder",
            spot.point(0, 0.4 + tall, 0),
            (radius * 0.97, 0.22, radius * 0.97),
            stone,
            "old column",
            spot.yaw_deg + dice.uniform(0, 360),
            dice.uniform(10, 24),
            seed=seed,
        )
        solids.append(chip)
    return solids


@makes("column")
def column(dice: Dice, spot: Spot, radius: Real, tall: Real, stone: Rgb) -> list[Solid]:
    """A column that still stands."""
    return _column(dice, spot, radius, tall, stone, capital=True)


@makes("column")
def broken_column(dice: Dice, spot: Spot, radius: Real, tall: Real, stone: Rgb) -> list[Solid]:
    """The lower part of a column."""
    return _column(dice, spot, radius, tall, stone, capital=False)


@makes("column")
def fallen_column(dice: Dice, spot: Spot, radius: Real, stone: Rgb) -> list[Solid]:
    """Drums that lie in a row, a little apart, and sink into the grass."""
    solids, x = [], 0.0
    for _ in range(dice.integer(2, 4)):
        half = dice.uniform(0.45, 0.8)
        at = spot.point(x, radius * 0.78, dice.uniform(-0.25, 0.25))
        yaw = spot.yaw_deg + 90 + dice.uniform(-12, 12)
        solids.append(Solid("cylinder", at, (radius, half, radius), stone, "old column", yaw, 90, seed=x))
        x += 2 * half + dice.uniform(0.1, 0.5)
    return solids


@makes("rock")
def blocks(dice: Dice, spot: Spot, count: int, stone: Rgb, size: Real = 0.5) -> list[Solid]:
    """Tumbled blocks of a wall."""
    solids = []
    for k in range(count):
        away, turn = size * 1.5 * math.sqrt(k), 2.4 * k + dice.uniform(-0.4, 0.4)
        half = (size * dice.uniform(0.8, 1.3), size * dice.uniform(0.5, 0.8), size * dice.uniform(0.6, 1.0))
        at = spot.point(
            away * math.cos(turn), half[1] * 0.62 + (0.6 * size if k == 0 and count > 3 else 0), away * math.sin(turn)
        )
        yaw, pitch = dice.uniform(0, 360), dice.uniform(-16, 16)
        solids.append(Solid("box", at, half, dice.shade(stone, 0.1), "old stone", yaw, pitch, seed=dice.uniform(0, 60)))
    return solids


@makes("arch")
def arch(dice: Dice, spot: Spot, half_wide: Real, tall: Real, stone: Rgb, *, whole: bool = True) -> list[Solid]:
    """Two piers and a ring of voussoirs in the plane of local x and y; a broken arch has lost its right half."""
    thick, deep = 0.62, 0.75
    spring = tall - half_wide
    seed = dice.uniform(0, 60)
    solids = []
    for side in (-1, 1):
        high = spring if whole or side < 0 else spring * dice.uniform(0.35, 0.7)
        x = side * (half_wide + thick)
        solids.append(spot.box((x, high / 2 - 0.3, 0), (thick, high / 2 + 0.3, deep), stone, "old stone", seed=seed))
        if high == spring:
            solids.append(spot.box((x, high + 0.02, 0), (thick + 0.14, 0.14, deep + 0.14), stone, "old stone"))
    count, ring = 9, half_wide + thick * 0.75
    for k in range(count):
        turn = math.pi * (k + 0.5) / count  # from +x over the top to -x
        if not whole and turn < math.pi * 0.56:
            continue
        half = ring * math.pi / count / 2 + 0.07
        at = spot.point(ring * math.cos(turn), spring + 0.15 + ring * math.sin(turn), 0)
        # local z of the stone lies along the ring: a quarter turn brings it to +x or -x, the pitch lifts it
        pitch = 90 - math.degrees(turn)
        size = (deep * 0.92, thick * 0.72, half)
        solids.append(
            Solid("box", at, size, dice.shade(stone, 0.05), "old stone", spot.yaw_deg + 90, -pitch, seed=seed + k)
        )
    if whole and dice.uniform() < 0.6:
        over = spring + ring + thick * 0.9
        solids.append(spot.box((0, over + 0.3, 0), (half_wide + 1.6 * thick, 0.35, deep + 0.05), stone, "old stone"))
    return solids


@makes("wall")
def broken_wall(dice: Dice, spot: Spot, half_long: Real, tall: Real, stone: Rgb, *, window: bool = True) -> list[Solid]:
    """A wall along local x that comes down in steps, with a window in its higher part."""
    deep, seed = 0.45, dice.uniform(0, 60)
    part = half_long / 2.5
    heights = [tall, tall * dice.uniform(0.8, 0.95), tall * dice.uniform(0.5, 0.7), tall * 0.35, tall * 0.16]
    solids = []
    for k, high in enumerate(heights):
        x = -half_long + part * (k + 0.5)
        if k == 1 and window and tall > 3:
            low, lintel = high * 0.34, high * 0.24
            solids.append(spot.box((x, low / 2, 0), (part / 2, low / 2 + 0.3, deep), stone, "old stone", seed=seed))
            solids.append(
                spot.box((x, high - lintel / 2, 0), (part / 2, lintel / 2, deep), stone, "old stone", seed=seed)
            )
            continue
        solids.append(
            spot.box((x, high / 2 - 0.15, 0), (part / 2, high / 2 + 0.15, deep), stone, "old stone", seed=seed)
        )
    return solids


@makes("temple")
def temple(dice: Dice, spot: Spot, stone: Rgb, *, columns: int, tall: Real, ruin: Real) -> list[Solid]:
    """Columns on steps; part of the beam and of the pediment is left. `ruin` in [0, 1] breaks more of it."""
    radius, apart = tall * 0.085, tall * 0.36
    half = apart * (columns - 1) / 2
    deep = 2.2 * apart
    solids = [
        spot.box((0, 0.12 - 0.3, 0), (half + 1.9, 0.45, deep + 1.9), stone, "old stone", seed=1.0),
        spot.box((0, 0.48, 0), (half + 1.3, 0.2, deep + 1.3), stone, "old stone", seed=2.0),
        spot.box((0, 0.82, 0), (half + 0.8, 0.18, deep + 0.8), stone, "old stone", seed=3.0),
    ]
    floor = spot.beside(0, 0, up=1.0)
    whole: list[bool] = []
    for k in range(columns):
        stands = dice.uniform() > ruin
        whole.append(stands)
        high = tall if stands else tall * dice.uniform(0.2, 0.7)
        solids += _column(dice, floor.beside(k * apart - half, -deep), radius, high, stone, capital=stands)
    for k in range(columns - 1):
        if whole[k] and whole[k + 1]:
            x = (k + 0.5) * apart - half
            up = 0.4 + tall + 0.42
            solids.append(floor.box((x, up + 0.33, -deep), (apart / 2 + 0.12, 0.33, 0.55), stone, "old stone", seed=k))
    for row, (side, back) in enumerate(((-1, 0.0), (1, 0.0), (-1, 1.0), (1, 1.0), (1, 0.5))):
        stands = dice.uniform() > ruin + 0.15
        high = tall if stands else tall * dice.uniform(0.15, 0.6)
        place = floor.beside(side * half, deep * (2 * back - 0.1) * (0.5 if row < 2 else 1))
        solids += _column(dice, place, radius, high, stone, capital=stands)
    if all(whole):
        rise = half * 0.24
        size = (half + 0.8, rise, 0.6)
        solids.append(floor.solid("gable", (0, 0.4 + tall + 1.1 + rise, -deep), size, stone, "old stone"))
    return solids
