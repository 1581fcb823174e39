"""Boats: each rides on a `Spot` whose y is the water's, or lies at a foot point; its bow is toward local -z.

The solids of a boat share one motion, so that it bobs as one.
"""

from dataclasses import replace

from cyclorama.diorama.colours import Paint, Rgb, scaled
from cyclorama.diorama.motion import Bob
from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import Dice
from cyclorama.diorama.solids import Point, Solid, makes
from cyclorama.diorama.things.placing import Spot
from cyclorama.diorama.things.trees import beam

WHITE, DECK, MAST, ALLOY = (0.76, 0.75, 0.71), (0.42, 0.29, 0.17), (0.40, 0.26, 0.13), (0.55, 0.56, 0.57)
DARK_PANE, NET, TYRE, ROPE = (0.05, 0.065, 0.08), (0.06, 0.20, 0.17), (0.02, 0.02, 0.022), (0.45, 0.38, 0.26)
SAIL_COVERS: tuple[Rgb, ...] = ((0.07, 0.13, 0.33), (0.35, 0.06, 0.06), (0.72, 0.70, 0.66), (0.10, 0.22, 0.16))
CABIN_GLOW, CANVAS, THWART = 1.1, (0.80, 0.77, 0.68), (0.30, 0.19, 0.10)


def _afloat(dice: Dice, solids: list[Solid], height_m: Real) -> list[Solid]:
    motion = Bob(height_m, dice.uniform(3.2, 5.2), dice.uniform())
    return [replace(solid, motion=motion) for solid in solids]


def _hull(spot: Spot, half: tuple[Real, Real], freeboard: Real, paint: Paint, colour: Rgb, rim: Rgb) -> list[Solid]:
    """A hull that is pointed at both ends, its deck and its rail."""
    wide, long = half
    hull = spot.solid(
        "cylinder",
        (0, freeboard / 2 - 0.3, 0),
        (wide, freeboard / 2 + 0.3, long),
        colour,
        "hull",
        colour_word=paint.word,
        seed=long,
    )
    rail = spot.solid("cylinder", (0, freeboard, 0), (wide + 0.05, 0.055, long + 0.07), rim, "wood")
    deck = spot.solid("cylinder", (0, freeboard + 0.02, 0), (wide - 0.10, 0.055, long - 0.16), DECK, "deck")
    return [hull, rail, deck]


@makes("boat")
def sailing_boat(dice: Dice, spot: Spot, paint: Paint, long: Real, *, lit: bool, sails: bool = False) -> list[Solid]:
    """A yacht with a mast as high as it is long, its sail furled on the boom or set."""
    half = long / 2
    wide, free = half * 0.33, 0.55 + 0.05 * long
    colour = dice.shade(paint.rgb, 0.08)
    wooden = dice.uniform() < 0.4
    spar, rim = (MAST, DECK) if wooden else (ALLOY, WHITE)
    solids = _hull(spot, (wide, half), free, paint, colour, rim)
    cabin = (0, free + 0.22, 0.06 * long)
    solids.append(spot.solid("cylinder", cabin, (wide * 0.52, 0.30, half * 0.46), WHITE, "plain"))
    glow = CABIN_GLOW if lit else 0.0
    pane = (1.0, 0.62, 0.28) if lit else DARK_PANE
    window = (wide * 0.535, 0.08, half * 0.34)
    solids.append(spot.solid("cylinder", (0, free + 0.30, 0.06 * long), window, pane, glow=glow))
    mast, foot = 0.62 * long, -0.10 * long
    solids.append(spot.pole((0, free + mast, foot), 0.065, mast, spar))
    top = free + 2 * mast
    solids.append(beam(spot.point(0, top - 0.3, foot), spot.point(0, free, -half), 0.018, ALLOY, "plain"))
    solids.append(beam(spot.point(0, top - 0.3, foot), spot.point(0, free, half), 0.018, ALLOY, "plain"))
    solids.append(spot.box((0, free + 1.25 * mast, foot), (wide * 0.55, 0.025, 0.03), spar, "plain"))
    if sails:
        solids += _sails(spot, foot, free, mast, half)
    else:
        boom = free + 1.05
        cover = dice.choice(SAIL_COVERS)
        solids.append(beam(spot.point(0, boom, foot), spot.point(0, boom, half * 0.72), 0.05, spar, "plain"))
        start, end = spot.point(0, boom + 0.16, foot + 0.1), spot.point(0, boom + 0.13, half * 0.62)
        solids.append(beam(start, end, 0.15, cover, "cloth"))
    return _afloat(dice, solids, 0.09)


def _sails(spot: Spot, foot: Real, free: Real, mast: Real, half: Real) -> list[Solid]:
    """A main sail behind the mast and a jib before it."""
    main = spot.solid(
        "gable",
        (0, free + 1.1 * mast, foot + half * 0.28),
        (half * 0.40, mast * 0.86, 0.03),
        CANVAS,
        "cloth",
        turn_deg=80,
    )
    jib = spot.solid(
        "gable",
        (0, free + 0.85 * mast, foot - half * 0.34),
        (half * 0.30, mast * 0.68, 0.03),
        CANVAS,
        "cloth",
        turn_deg=98,
    )
    return [main, jib]


@makes("boat")
def fishing_boat(dice: Dice, spot: Spot, paint: Paint, long: Real, *, lit: bool) -> list[Solid]:
    """A working boat with a wheelhouse, a derrick, nets and tyres along its sides."""
    half = long / 2
    wide, free = half * 0.40, 0.75 + 0.05 * long
    colour, glow = dice.shade(paint.rgb, 0.1), CABIN_GLOW if lit else 0.0
    house, back = dice.choice((WHITE, scaled(paint.rgb, 0.8), (0.62, 0.50, 0.30))), half * dice.choice((-0.18, 0.34))
    solids = _hull(spot, (wide, half), free, paint, colour, WHITE)
    solids.append(
        spot.solid(
            "cylinder", (0, free + 0.2, -0.55 * half), (wide * 0.80, 0.24, half * 0.40), colour, colour_word=paint.word
        )
    )
    solids += [
        spot.box((0, free + 0.95, back), (wide * 0.52, 0.95, half * 0.22), house, "planks"),
        spot.box(
            (0, free + 1.40, back),
            (wide * 0.54, 0.26, half * 0.19),
            (1.0, 0.62, 0.28) if lit else DARK_PANE,
            "plain",
            glow=glow,
        ),
        spot.box((0, free + 1.95, back), (wide * 0.62, 0.06, half * 0.29), scaled(house, 0.8), "plain"),
        spot.pole((0, free + 3.2, back), 0.055, 1.4, MAST, "wood"),
        spot.pole((0, free + 1.6, -half * 0.5), 0.07, 1.7, MAST, "wood"),
    ]
    tip = spot.point(0, free + 3.1, half * 0.15)
    solids.append(beam(spot.point(0, free + 0.9, -half * 0.5), tip, 0.05, MAST, "wood"))
    solids.append(
        spot.ball((0.1, free + 0.28, half * 0.68), (wide * 0.42, 0.32, half * 0.16), NET, "foliage", leafy=0.3)
    )
    for side in (-1, 1):
        place = spot.point(side * (wide * 0.93), free * 0.62, half * 0.30)
        inner = spot.point(side * (wide * 0.80), free * 0.62, half * 0.30)
        solids.append(beam(inner, place, 0.30, TYRE, "plain"))
    return _afloat(dice, solids, 0.07)


@makes("boat")
def dinghy(dice: Dice, spot: Spot, paint: Paint) -> list[Solid]:
    """A small open boat with thwarts."""
    long, colour = dice.uniform(1.7, 2.3), dice.shade(paint.rgb, 0.1)
    rim = spot.solid("cylinder", (0, 0.42, 0), (0.76, 0.05, long + 0.05), scaled(colour, 0.6), "wood")
    solids = [
        spot.solid("cylinder", (0, 0.12, 0), (0.72, 0.32, long), colour, "hull", colour_word=paint.word),
        rim,
        spot.solid("cylinder", (0, 0.44, 0), (0.62, 0.05, long - 0.16), scaled(DECK, 0.55), "deck"),
        spot.box((0, 0.50, 0.35 * long), (0.55, 0.03, 0.13), DECK, "wood"),
        spot.box((0, 0.50, -0.35 * long), (0.48, 0.03, 0.13), DECK, "wood"),
        beam(spot.point(0.3, 0.56, 0.7 * long), spot.point(0.12, 0.56, -0.7 * long), 0.03, ROPE, "wood"),
    ]
    return _afloat(dice, solids, 0.05)


@makes("boat")
def rowing_boat(dice: Dice, foot: Point, yaw_deg: Real, paint: Paint, *, afloat: bool) -> list[Solid]:
    """An open boat: a hull that is pointed at both ends, thwarts across it, and oars."""
    spot, colour = Spot.at(foot, yaw_deg), dice.shade(paint.rgb, 0.1)
    motion = Bob(0.05, dice.uniform(3, 5), dice.uniform()) if afloat else None
    hull = Solid(
        "sphere",
        spot.point(0, 0.22, 0),
        (0.78, 0.5, 2.1),
        colour,
        "planks",
        yaw_deg,
        colour_word=paint.word,
        motion=motion,
    )
    inside = Solid(
        "sphere", spot.point(0, 0.60, 0), (0.62, 0.16, 1.75), (0.16, 0.10, 0.06), "wood", yaw_deg, motion=motion
    )
    solids = [hull, inside]
    for back in (-0.7, 0.5):
        seat = Solid("box", spot.point(0, 0.74, back), (0.6, 0.03, 0.14), THWART, "wood", yaw_deg, motion=motion)
        solids.append(seat)
    for side in (-1, 1):
        solids.append(
            beam(spot.point(side * 0.25, 0.80, 1.2), spot.point(side * 0.6, 0.80, -1.3), 0.03, THWART, "wood")
        )
    return solids
