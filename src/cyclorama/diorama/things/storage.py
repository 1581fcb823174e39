"""Shelves, cupboards and kitchens, fronts along -z of their spot, and what stands on them."""

from cyclorama.diorama.colours import Paint, Rgb, scaled
from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import Dice
from cyclorama.diorama.solids import Solid, makes
from cyclorama.diorama.things.placing import Spot

STEEL, CHROME, DARK = (0.45, 0.46, 0.47), (0.58, 0.59, 0.60), (0.03, 0.03, 0.032)
GLAZES = ((0.55, 0.26, 0.14), (0.12, 0.24, 0.38), (0.74, 0.72, 0.66), (0.20, 0.32, 0.20), (0.60, 0.42, 0.12))
COPPER = (0.48, 0.20, 0.09)
COUNTER_M, COUNTER_DEPTH_M = 0.90, 0.62


@makes("bookshelf")
def bookshelf(
    spot: Spot,
    half_width: Real,
    height: Real,
    wood: Rgb,
    *,
    depth: Real = 0.30,
    seed: Real = 0.0,
    built_in: bool = False,
) -> list[Solid]:
    """A case of books with a plinth and a cornice; without them when it is built in."""
    if built_in:
        return [spot.box((0, height / 2, 0), (half_width, height / 2, depth / 2), wood, "books", seed=seed)]
    return [
        spot.box((0, height / 2 + 0.02, 0), (half_width, height / 2 - 0.04, depth / 2), wood, "books", seed=seed),
        spot.box((0, 0.03, 0), (half_width, 0.03, depth / 2 + 0.005), scaled(wood, 0.8)),
        spot.box((0, height, 0), (half_width + 0.02, 0.025, depth / 2 + 0.02), wood),
    ]


@makes("wardrobe")
def wardrobe(spot: Spot, half_width: Real, height: Real, paint: Paint) -> list[Solid]:
    """Tall doors on a plinth, with a cornice."""
    named = {"colour_word": paint.word}
    return [
        spot.box((0, height / 2 + 0.02, 0), (half_width, height / 2 - 0.05, 0.29), paint.rgb, "cabinet", **named),
        spot.box((0, 0.04, 0), (half_width - 0.02, 0.04, 0.27), scaled(paint.rgb, 0.6), **named),
        spot.box((0, height, 0), (half_width + 0.03, 0.03, 0.32), paint.rgb, **named),
    ]


@makes("cabinet")
def sideboard(spot: Spot, half_width: Real, wood: Rgb, *, high: Real, front: str = "cabinet") -> list[Solid]:
    """A low cupboard or a chest of drawers on feet."""
    feet = [(x * (half_width - 0.06), 0.05, z) for x in (-1, 1) for z in (-0.15, 0.15)]
    return [
        spot.box((0, high / 2 + 0.05, 0), (half_width, high / 2 - 0.05, 0.21), wood, front),
        spot.box((0, high + 0.012, 0), (half_width + 0.02, 0.014, 0.23), scaled(wood, 1.15)),
        *(spot.box(foot, (0.025, 0.05, 0.025), scaled(wood, 0.6)) for foot in feet),
    ]


@makes("television")
def television(spot: Spot, half_width: Real, *, lit: Real, seed: Real) -> list[Solid]:
    """A flat screen on a foot; the spot's height is that of what it stands on."""
    high = half_width * 0.57
    return [
        spot.box((0, high + 0.09, 0), (half_width, high, 0.025), DARK, "television", glow=lit, seed=seed),
        spot.box((0, 0.05, 0.02), (0.05, 0.05, 0.02), DARK, "plain"),
        spot.box((0, 0.01, 0.02), (0.25, 0.01, 0.10), DARK, "plain"),
    ]


@makes("counter")
def counter(spot: Spot, half_width: Real, front: Paint, top: Rgb, *, stone: str) -> list[Solid]:
    """Cupboards under a worktop, over a dark plinth."""
    half = COUNTER_DEPTH_M / 2
    named = {"colour_word": front.word}
    return [
        spot.box((0, 0.48, 0.01), (half_width, 0.38, half - 0.03), front.rgb, "cabinet", **named),
        spot.box((0, 0.05, 0.03), (half_width, 0.05, half - 0.06), DARK, "plain", **named),
        spot.box((0, COUNTER_M - 0.02, 0), (half_width, 0.022, half), top, stone, **named),
    ]


@makes("cabinet")
def wall_cabinets(spot: Spot, half_width: Real, front: Paint, *, bottom: Real, top: Real) -> list[Solid]:
    """Cupboards that hang on the wall above a counter."""
    middle, half = (bottom + top) / 2, (top - bottom) / 2
    named = {"colour_word": front.word}
    return [
        spot.box((0, middle, 0.13), (half_width, half, 0.17), front.rgb, "cabinet", **named),
        spot.box((0, bottom + 2 * half, 0.12), (half_width + 0.02, 0.02, 0.19), front.rgb, **named),
    ]


@makes("stove")
def stove(spot: Spot, colour: Rgb, *, hood: Real) -> list[Solid]:
    """An oven with four rings, a pan on one of them, and a hood `hood` metres above the floor."""
    half = COUNTER_DEPTH_M / 2
    return [
        spot.box((0, 0.455, 0), (0.31, 0.455, half), colour, "stove"),
        spot.pole((-0.15, 0.96, -0.13), 0.10, 0.05, STEEL, "steel"),
        spot.box((-0.15, 0.98, -0.33), (0.012, 0.010, 0.12), DARK, "plain"),
        spot.solid("cone", (0, hood + 0.16, 0.03), (0.34, 0.16, 0.26), CHROME, "steel"),
        spot.box((0, hood + 0.42, 0.14), (0.12, 0.30, 0.12), CHROME, "steel"),
    ]


@makes("sink")
def sink(spot: Spot) -> list[Solid]:
    """A basin let into the counter, with a tap; the spot is the counter's."""
    return [
        spot.box((0, COUNTER_M + 0.004, -0.03), (0.34, 0.006, 0.22), CHROME, "steel"),
        spot.box((0.0, COUNTER_M + 0.008, -0.04), (0.29, 0.006, 0.17), (0.16, 0.165, 0.17), "steel"),
        spot.pole((0, COUNTER_M + 0.13, 0.17), 0.016, 0.13, CHROME, "steel"),
        spot.pole((0, COUNTER_M + 0.25, 0.09), 0.013, 0.09, CHROME, "steel", pitch_deg=90),
    ]


@makes("fridge")
def fridge(spot: Spot, paint: Paint) -> list[Solid]:
    """A tall fridge with a freezer."""
    named = {"colour_word": paint.word}
    return [
        spot.box((0, 0.97, 0), (0.34, 0.92, 0.33), paint.rgb, "fridge", **named),
        spot.box((0, 0.025, 0.02), (0.31, 0.025, 0.29), DARK, "plain", **named),
    ]


@makes("pot")
def hanging_pots(dice: Dice, spot: Spot, level: Real, half_width: Real, colour: Rgb) -> list[Solid]:
    """A rail with pots and pans below it."""
    parts = [spot.pole((0, level, 0), 0.012, half_width, DARK, turn_deg=90, pitch_deg=90)]
    count = max(3, round(half_width / 0.17))
    for k in range(count):
        x, size = (2 * k + 1 - count) * half_width / count, dice.uniform(0.07, 0.12)
        parts.append(spot.box((x, level - 0.10, 0), (0.008, 0.10, 0.004), DARK, "plain"))
        parts.append(spot.pole((x, level - 0.2 - size, 0), size, size * 0.45, colour, "steel", pitch_deg=90))
    return parts


@makes("pot")
def crockery(dice: Dice, spot: Spot, count: int) -> list[Solid]:
    """Jars and bowls in a row on a counter; the spot's height is the counter's."""
    parts = []
    for k in range(count):
        x, tall, glaze = 0.2 * (k - (count - 1) / 2), dice.uniform(0.05, 0.12), dice.choice(GLAZES)
        parts.append(spot.pole((x, tall, dice.uniform(-0.04, 0.04)), dice.uniform(0.05, 0.075), tall, glaze, "ceramic"))
    return parts


@makes("flowers")
def flowers(dice: Dice, spot: Spot, paint: Paint) -> list[Solid]:
    """A vase with a bunch in a paint."""
    named = {"colour_word": paint.word}
    parts = [
        spot.ball((0, 0.10, 0), (0.07, 0.10, 0.07), dice.choice(GLAZES), "ceramic", **named),
        spot.ball((0, 0.27, 0), (0.12, 0.10, 0.12), (0.08, 0.20, 0.06), "foliage", leafy=0.7, **named),
    ]
    for k in range(6):
        bloom = spot.beside(0, 0, turn_deg=60 * k + dice.uniform(-15, 15))
        out, up = (0.10, 0.33) if k % 2 else (0.05, 0.40)
        parts.append(bloom.ball((0, up, out), (0.05, 0.045, 0.05), paint.rgb, "foliage", leafy=0.25, **named))
    return parts


@makes("ladder")
def ladder(spot: Spot, height: Real, wood: Rgb) -> list[Solid]:
    """A library ladder that leans against a shelf at +z."""
    lean = 13.0
    parts = [
        spot.box((x, height / 2, -0.32 + 0.11 * height), (0.022, height / 2, 0.035), wood, pitch_deg=lean)
        for x in (-0.21, 0.21)
    ]
    steps = int(height / 0.3)
    for k in range(1, steps + 1):
        y = height * k / (steps + 1)
        z = -0.32 + 0.11 * height + (y - height / 2) * 0.23
        parts.append(spot.box((0, y, z), (0.20, 0.013, 0.04), wood))
    return parts


@makes("globe")
def globe(spot: Spot, radius: Real, seed: Real) -> list[Solid]:
    """A globe in a wooden stand on the floor."""
    level = 0.85
    wood = (0.24, 0.12, 0.05)
    return [
        spot.ball((0, level, 0), (radius, radius, radius), (0.4, 0.4, 0.4), "globe", pitch_deg=23, seed=seed),
        spot.pole((0, level, 0), radius + 0.06, 0.014, wood, "joinery"),
        spot.pole((0, 0.03, 0), radius * 0.8, 0.03, wood, "joinery"),
        spot.pole((0, 0.30, 0), 0.035, 0.27, wood, "joinery"),
    ]
