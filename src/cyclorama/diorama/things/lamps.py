"""Lamps of rooms. `lit` is how brightly they shine, 0 for not at all."""

from cyclorama.diorama.colours import Rgb
from cyclorama.diorama.noise import Real
from cyclorama.diorama.solids import Solid, makes
from cyclorama.diorama.things.placing import Spot

BRASS, DARK, OPAL, LIT_FLAME = (0.46, 0.34, 0.13), (0.04, 0.04, 0.042), (1.0, 0.80, 0.52), (1.0, 0.86, 0.55)
SHADES = {
    "linen": (0.80, 0.68, 0.48),
    "white": (0.82, 0.78, 0.70),
    "red": (0.60, 0.16, 0.10),
    "green": (0.14, 0.34, 0.17),
}


@makes("floor lamp")
def floor_lamp(spot: Spot, *, lit: Real, shade: Rgb, tripod: bool) -> list[Solid]:
    """A shade 1.6 m above the floor, on a stem or on three legs."""
    parts = [spot.pole((0, 1.62, 0), 0.22, 0.16, shade, "shade", glow=1.5 * lit)]
    if not tripod:
        return [*parts, spot.pole((0, 0.02, 0), 0.17, 0.02, DARK), spot.pole((0, 0.75, 0), 0.016, 0.75, BRASS, "steel")]
    for k in range(3):
        leg = spot.beside(0, 0, turn_deg=120 * k)
        parts.append(leg.pole((0, 0.74, 0.16), 0.018, 0.76, (0.30, 0.18, 0.09), "joinery", pitch_deg=-12))
    return parts


@makes("table lamp")
def table_lamp(spot: Spot, *, lit: Real, shade: Rgb, foot: Rgb) -> list[Solid]:
    """A lamp with a round foot; the spot's height is the table's."""
    return [
        spot.ball((0, 0.12, 0), (0.075, 0.12, 0.075), foot, "ceramic"),
        spot.pole((0, 0.25, 0), 0.012, 0.05, BRASS, "steel"),
        spot.pole((0, 0.36, 0), 0.13, 0.09, shade, "shade", glow=1.6 * lit),
    ]


@makes("table lamp")
def reading_lamp(spot: Spot, *, lit: Real) -> list[Solid]:
    """A library lamp: a green glass shade across a brass stem."""
    shade = {"turn_deg": 90, "pitch_deg": 90, "glow": 0.9 * lit}
    return [
        spot.pole((0, 0.012, 0), 0.09, 0.012, BRASS, "steel"),
        spot.pole((0, 0.17, 0), 0.011, 0.16, BRASS, "steel"),
        spot.pole((0, 0.35, 0), 0.065, 0.16, SHADES["green"], "shade", **shade),
        spot.box((0, 0.325, 0), (0.14, 0.012, 0.03), (1.0, 0.85, 0.55), "plain", glow=1.6 * lit),
    ]


@makes("table lamp")
def desk_lamp(spot: Spot, *, lit: Real, colour: Rgb) -> list[Solid]:
    """An arm in two pieces and a cone of a shade."""
    return [
        spot.pole((0, 0.012, 0), 0.08, 0.012, colour, "steel"),
        spot.pole((0, 0.18, 0.05), 0.010, 0.18, colour, "steel", pitch_deg=-15),
        spot.pole((0, 0.40, -0.02), 0.010, 0.14, colour, "steel", pitch_deg=50),
        spot.solid("cone", (0, 0.45, -0.14), (0.08, 0.07, 0.08), colour, "shade", glow=0.4 * lit),
        spot.ball((0, 0.40, -0.14), (0.04, 0.03, 0.04), LIT_FLAME, glow=1.8 * lit),
    ]


@makes("ceiling lamp")
def pendant(spot: Spot, ceiling: Real, *, drop: Real, lit: Real, shade: Rgb, shape: str) -> list[Solid]:
    """A lamp that hangs `drop` metres below the ceiling: its shade is a cone, a ball or a drum."""
    level = ceiling - drop
    cord = spot.pole((0, (ceiling + level) / 2, 0), 0.008, drop / 2, DARK)
    if shape == "ball":
        return [cord, spot.ball((0, level, 0), (0.19, 0.19, 0.19), OPAL, "shade", glow=1.4 * lit)]
    if shape == "drum":
        return [cord, spot.pole((0, level, 0), 0.28, 0.13, shade, "shade", glow=1.3 * lit)]
    return [
        cord,
        spot.solid("cone", (0, level + 0.02, 0), (0.2, 0.13, 0.2), shade, "shade", glow=0.15 * lit),
        spot.ball((0, level - 0.10, 0), (0.075, 0.06, 0.075), LIT_FLAME, glow=1.9 * lit),
    ]


@makes("chandelier")
def chandelier(spot: Spot, ceiling: Real, *, drop: Real, lit: Real, radius: Real, arms: int) -> list[Solid]:
    """Gilt arms around a stem, each with a lamp, and a crystal below."""
    level = ceiling - drop
    parts = [
        spot.pole((0, (ceiling + level) / 2, 0), 0.02, drop / 2, BRASS, "steel"),
        spot.ball((0, level + 0.1, 0), (0.11, 0.2, 0.11), BRASS, "bronze"),
        spot.ball((0, level - 0.28, 0), (0.07, 0.13, 0.07), (0.85, 0.82, 0.74), "ceramic", glow=0.25 * lit),
    ]
    for k in range(arms // 2):
        turned = {"turn_deg": 360 * k / arms}
        parts.append(spot.box((0, level - 0.02, 0), (0.016, 0.022, radius), BRASS, "bronze", **turned))
    for k in range(arms):
        arm = spot.beside(0, 0, turn_deg=360 * k / arms)
        size = (0.06 + 0.03 * radius, 0.10 + 0.05 * radius, 0.06 + 0.03 * radius)
        glowing = {"colour": LIT_FLAME, "material": "shade", "glow": 1.6 * lit}
        parts.append(arm.solid("cone", (0, level + size[1], radius * 0.93), size, **glowing))
    return parts


@makes("ceiling lamp")
def light_panels(spots: list[Spot], ceiling: Real, *, lit: Real, half: tuple[Real, Real]) -> list[Solid]:
    """Flat lamps in an office's ceiling."""
    size = (half[0], 0.02, half[1])
    return [s.box((0, ceiling - 0.02, 0), size, (0.86, 0.88, 0.90), "panel light", glow=1.5 * lit) for s in spots]


@makes("candle")
def candles(spot: Spot, *, lit: Real) -> list[Solid]:
    """Three candles on a tray."""
    parts = [spot.pole((0, 0.008, 0), 0.11, 0.008, BRASS, "steel")]
    for k, high in enumerate((0.10, 0.07, 0.045)):
        stick = spot.beside(0, 0, turn_deg=120 * k)
        parts.append(stick.pole((0, high, 0.055), 0.028, high, (0.80, 0.75, 0.62), glow=0.15 * lit))
        parts.append(stick.ball((0, 2 * high + 0.03, 0.055), (0.010, 0.026, 0.010), LIT_FLAME, glow=2.5 * lit))
    return parts
