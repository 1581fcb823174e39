"""What stands by the water: piers, jetties, cranes, lighthouses, crates, barrels, bollards, nets."""

from cyclorama.diorama.colours import Paint, Rgb, scaled
from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import Dice
from cyclorama.diorama.solids import Point, Solid, makes
from cyclorama.diorama.things.placing import Spot
from cyclorama.diorama.things.trees import beam

IRON, WHITE, PILE = (0.05, 0.052, 0.055), (0.78, 0.77, 0.73), (0.13, 0.10, 0.075)
CRATE_WOODS: tuple[Rgb, ...] = ((0.40, 0.27, 0.15), (0.33, 0.24, 0.15), (0.46, 0.34, 0.20))
BARREL_WOODS: tuple[Rgb, ...] = ((0.26, 0.15, 0.08), (0.32, 0.20, 0.11), (0.08, 0.17, 0.28), (0.33, 0.08, 0.05))
NETS: tuple[Rgb, ...] = ((0.05, 0.20, 0.17), (0.36, 0.15, 0.05), (0.10, 0.14, 0.24))
DECK, JETTY, JETTY_POST = (0.36, 0.29, 0.21), (0.33, 0.28, 0.22), (0.30, 0.19, 0.10)
LANTERN, LANTERN_GLOW = (1.0, 0.86, 0.55), 5.0
WHEEL_HOUSE_PANE, PANE_GLOW = (0.05, 0.065, 0.08), 1.0


@makes("pier")
def pier(dice: Dice, spot: Spot, length: Real, *, half_wide: Real = 1.1) -> list[Solid]:
    """Planks on piles out over the water, from the spot toward local -z, at the height of the spot."""
    colour, solids = dice.shade(DECK, 0.15), []
    deck = spot.box((0, -0.07, -length / 2), (half_wide, 0.07, length / 2), colour, "deck", seed=dice.uniform(0, 9))
    beams = [
        spot.box((s * (half_wide - 0.12), -0.24, -length / 2), (0.09, 0.12, length / 2), scaled(colour, 0.6), "wood")
        for s in (-1, 1)
    ]
    count = max(2, round(length / 4.5))
    for k in range(count):
        for side in (-1, 1):
            tall = 1.9 if k % 2 else 1.45
            z = -length * (k + 0.7) / count + 0.4
            solids.append(spot.pole((side * (half_wide + 0.05), tall - 2.2, z), 0.13, tall, PILE, "bark"))
    return [deck, *beams, *solids]


@makes("bollard")
def bollard(spot: Spot) -> list[Solid]:
    """An iron post with a round head."""
    return [
        spot.pole((0, 0.22, 0), 0.15, 0.24, IRON, "rusty"),
        spot.ball((0, 0.50, 0), (0.23, 0.13, 0.23), IRON, "rusty"),
    ]


@makes("crane")
def harbour_crane(dice: Dice, spot: Spot, paint: Paint, *, lit: bool) -> list[Solid]:
    """A portal crane: four legs, a cabin that turns, a jib with a hook."""
    colour, word = dice.shade(paint.rgb, 0.1), paint.word
    high, reach, swing = dice.uniform(5.5, 7.5), dice.uniform(10, 14), dice.uniform(-35, 35)
    legs = [
        beam(spot.point(sx * 2.2, 0, sz * 1.9), spot.point(sx * 1.5, high, sz * 1.4), 0.20, colour, "rusty")
        for sx in (-1, 1)
        for sz in (-1, 1)
    ]
    top = spot.beside(0, 0, turn_deg=swing, up=high)
    tip = top.point(0, reach * 0.85, -reach)
    pane = (1.0, 0.66, 0.32) if lit else WHEEL_HOUSE_PANE
    return [
        *(Solid(**{**leg.__dict__, "colour_word": word}) for leg in legs),
        spot.box((0, high * 0.45, 1.6), (1.85, 0.12, 0.1), colour, "rusty", colour_word=word),
        spot.box((0, high * 0.45, -1.6), (1.85, 0.12, 0.1), colour, "rusty", colour_word=word),
        spot.box((0, high, 0), (1.9, 0.22, 1.8), colour, "rusty", colour_word=word),
        top.box((0, 1.5, 0.5), (1.15, 1.3, 1.7), colour, "rusty", colour_word=word),
        top.box((0.1, 1.9, -0.95), (0.9, 0.6, 0.3), pane, "plain", glow=PANE_GLOW if lit else 0.0),
        top.box((0, 2.95, 0.5), (1.25, 0.12, 1.85), scaled(colour, 0.6), "rusty"),
        beam(top.point(0.55, 1.2, -1.2), tip, 0.13, colour, "rusty"),
        beam(top.point(-0.55, 1.2, -1.2), tip, 0.13, colour, "rusty"),
        beam(top.point(0, 3.0, 1.6), tip, 0.05, IRON, "plain"),
        beam(top.point(0, 2.9, 0.2), top.point(0, 5.4, 0.6), 0.12, colour, "rusty"),
        beam(tip, (tip[0], tip[1] - reach * 0.55, tip[2]), 0.035, IRON, "plain"),
        Solid("box", (tip[0], tip[1] - reach * 0.55 - 0.3, tip[2]), (0.22, 0.3, 0.16), IRON, "rusty"),
    ]


@makes("lighthouse")
def lighthouse(dice: Dice, spot: Spot, paint: Paint, tall: Real, *, lit: bool) -> list[Solid]:
    """A tapering tower with bands, a gallery, a lantern and a cap."""
    colour, word = paint.rgb, paint.word
    banded = dice.uniform() < 0.7
    material, body = ("bands", colour) if banded else ("plaster", WHITE)
    wide = tall * 0.11
    solids = [spot.pole((0, 0.6, 0), wide * 1.7, 0.9, (0.45, 0.43, 0.40), "quay stone")]
    for k in range(5):
        half = tall / 10
        radius = wide * (1.15 - 0.095 * k)
        solids.append(spot.pole((0, half * (2 * k + 1), 0), radius, half, body, material, colour_word=word))
    glow = LANTERN_GLOW if lit else 0.0
    return [
        *solids,
        spot.pole((0, tall + 0.1, 0), wide * 1.12, 0.12, IRON),
        spot.pole((0, tall + 0.75, 0), wide * 1.08, 0.03, IRON),
        spot.pole((0, tall + 0.95, 0), wide * 0.52, 0.85, LANTERN if lit else (0.45, 0.50, 0.52), glow=glow),
        spot.solid("cone", (0, tall + 2.35, 0), (wide * 0.78, 0.55, wide * 0.78), colour, colour_word=word),
        spot.ball((0, tall + 2.95, 0), (0.16, 0.16, 0.16), IRON),
    ]


@makes("crate")
def crates(dice: Dice, spot: Spot, count: int) -> list[Solid]:
    """Up to four crates, one on another."""
    places = ((0, 0, 0), (1.25, 0, 0.15), (0.35, 1, 0.05), (-0.9, 0, 0.95))
    solids = []
    for k in range(count):
        x, level, z = places[k]
        half = dice.uniform(0.40, 0.56)
        at = (x, level * 1.02 + half, z)
        wood, turn = dice.shade(dice.choice(CRATE_WOODS), 0.15), dice.uniform(-14, 14)
        solids.append(spot.box(at, (half, half, half), wood, "crate", turn_deg=turn, seed=dice.uniform(0, 9)))
    return solids


@makes("barrel")
def barrels(dice: Dice, spot: Spot, count: int) -> list[Solid]:
    """Barrels that stand together, the last one lies."""
    places = ((0, 0), (0.78, 0.12), (0.36, 0.72), (-0.6, 0.5))
    wood = dice.shade(dice.choice(BARREL_WOODS), 0.1)
    solids = [spot.pole((x, 0.46, z), 0.35, 0.46, dice.shade(wood, 0.12), "barrel") for x, z in places[:count]]
    lying = Solid("cylinder", spot.point(1.5, 0.35, 0.7), (0.35, 0.46, 0.35), wood, "barrel", spot.yaw_deg + 40, 90)
    return [*solids, lying]


@makes("net")
def nets(dice: Dice, spot: Spot) -> list[Solid]:
    """A heap of fishing nets with floats."""
    colour = dice.shade(dice.choice(NETS), 0.15)
    heap = spot.ball((0, 0.08, 0), (0.95, 0.42, 0.7), colour, "foliage", leafy=0.35, seed=dice.uniform(0, 9))
    other = spot.ball((0.7, 0.05, 0.3), (0.6, 0.28, 0.5), scaled(colour, 0.8), "foliage", leafy=0.35)
    floats = [
        spot.ball((0.35 * k - 0.4, 0.42, -0.3 + 0.2 * k), (0.11, 0.11, 0.11), (0.72, 0.28, 0.05)) for k in range(3)
    ]
    return [heap, other, *floats]


@makes("pier")
def jetty(dice: Dice, foot: Point, yaw_deg: Real, length: Real) -> list[Solid]:
    """A plank way on posts that runs from its foot to the front (local -z), 0.7 m above the water at 0."""
    spot, colour = Spot.at((foot[0], 0.0, foot[2]), yaw_deg), dice.shade(JETTY)
    deck = spot.box((0, 0.66, -length / 2), (0.85, 0.06, length / 2), colour, "deck")
    posts = []
    for k in range(4):
        for side in (-1, 1):
            place = spot.point(side * 0.82, -0.2, -length * (k + 0.6) / 4.2)
            posts.append(Solid("cylinder", place, (0.09, 1.35, 0.09), JETTY_POST, "bark"))
    return [deck, *posts]
