"""Tables, desks, beds and what stands beside them. Each looks along -z of its spot."""

from cyclorama.diorama.colours import Paint, Rgb, scaled
from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import Dice
from cyclorama.diorama.solids import Solid, makes
from cyclorama.diorama.things.placing import Spot

STEEL, DARK = (0.42, 0.42, 0.43), (0.03, 0.03, 0.032)
LINEN = ((0.76, 0.74, 0.70), (0.66, 0.70, 0.74), (0.72, 0.64, 0.54), (0.60, 0.62, 0.58))


@makes("table")
def table(spot: Spot, half: tuple[Real, Real], height: Real, wood: Rgb, *, material: str = "joinery") -> list[Solid]:
    """A table top with an apron on four legs."""
    across, deep = half
    parts = [spot.box((0, height - 0.02, 0), (across, 0.02, deep), wood, material)]
    if height > 0.6:
        parts.append(spot.box((0, height - 0.08, 0), (across * 0.9, 0.04, deep * 0.85), scaled(wood, 0.85)))
    for side in (-1, 1):
        for z in (-1, 1):
            foot = (side * (across - 0.06), height / 2 - 0.02, z * (deep - 0.06))
            parts.append(spot.box(foot, (0.03, height / 2 - 0.02, 0.03), scaled(wood, 0.8)))
    return parts


@makes("table")
def round_table(spot: Spot, radius: Real, height: Real, wood: Rgb, *, material: str = "joinery") -> list[Solid]:
    """A round top on a pillar."""
    return [
        spot.pole((0, height - 0.02, 0), radius, 0.02, wood, material),
        spot.pole((0, height / 2, 0), 0.05, height / 2 - 0.03, scaled(wood, 0.7), "joinery"),
        spot.pole((0, 0.02, 0), radius * 0.55, 0.02, scaled(wood, 0.7), "joinery"),
    ]


@makes("desk")
def desk(spot: Spot, half_width: Real, top: Rgb, *, drawers: bool) -> list[Solid]:
    """A desk for one: drawers on one side, a panel or legs on the other. People sit at its -z side."""
    parts = [spot.box((0, 0.725, 0), (half_width, 0.02, 0.36), top)]
    if drawers:
        parts.append(spot.box((half_width - 0.22, 0.35, 0.0), (0.2, 0.35, 0.33), scaled(top, 0.85), "drawers"))
        parts.append(spot.box((-half_width + 0.03, 0.35, 0), (0.02, 0.35, 0.33), scaled(top, 0.85)))
    else:
        for side in (-1, 1):
            parts.append(spot.box((side * (half_width - 0.05), 0.02, 0), (0.03, 0.02, 0.32), STEEL, "steel"))
            parts.append(spot.box((side * (half_width - 0.05), 0.36, 0), (0.025, 0.34, 0.04), STEEL, "steel"))
    return [*parts, spot.box((0, 0.50, 0.28), (half_width - 0.1, 0.14, 0.012), scaled(top, 0.8))]


@makes("computer")
def computer(spot: Spot, *, lit: Real, seed: Real, double: bool) -> list[Solid]:
    """One or two monitors, a keyboard and a mouse on a desk; the screens look along -z."""
    parts = []
    for place in (-0.33, 0.33) if double else (0.0,):
        turned = {"turn_deg": 14 * (place > 0) - 14 * (place < 0), "glow": lit, "seed": seed + place}
        parts.append(spot.box((place, 1.06, 0.10), (0.30, 0.18, 0.016), DARK, "computer", **turned))
        parts.append(spot.box((place, 0.82, 0.13), (0.025, 0.08, 0.01), STEEL, "steel"))
        parts.append(spot.box((place, 0.75, 0.12), (0.12, 0.006, 0.09), STEEL, "steel"))
    parts.append(spot.box((0, 0.755, -0.18), (0.22, 0.010, 0.07), (0.12, 0.12, 0.13), "plain"))
    return [*parts, spot.ball((0.31, 0.757, -0.17), (0.03, 0.016, 0.05), DARK)]


@makes("bed")
def bed(dice: Dice, spot: Spot, paint: Paint, *, half: Real, wood: Rgb, cover: str) -> list[Solid]:
    """A bed whose head is at +z: a frame, a mattress, a blanket in a paint, and pillows."""
    linen, head = dice.choice(LINEN), dice.uniform(0.40, 0.62)
    stuffed = dice.uniform() < 0.45
    named = {"colour_word": paint.word}
    headboard = scaled(paint.rgb, 0.8) if stuffed else wood
    parts = [
        spot.box((0, 0.20, 0), (half, 0.12, 1.03), wood),
        spot.box((0, head, 1.04), (half + 0.04, head, 0.05), headboard, "leather" if stuffed else "joinery", seed=2),
        spot.box((0, 0.42, 0), (half - 0.02, 0.12, 1.0), linen, "fabric", seed=1),
        spot.box((0, 0.47, -0.30), (half + 0.02, 0.12, 0.73), paint.rgb, cover, **named),
        spot.box((0, 0.585, 0.40), (half + 0.012, 0.022, 0.13), linen, "fabric"),
    ]
    if dice.uniform() < 0.6:
        parts.append(spot.box((0, 0.30, -1.05), (half + 0.03, 0.30, 0.04), wood, seed=5))
    if dice.uniform() < 0.7:
        throw = scaled(dice.choice(LINEN), dice.uniform(0.5, 0.95))
        parts.append(spot.box((0, 0.48, -0.72), (half + 0.035, 0.125, 0.24), throw, "striped"))
    sides = (-1, 1) if half > 0.6 else (0,)
    for k, side in enumerate(sides):
        pillow = {"pitch_deg": -72, "seed": k + 3}
        parts.append(spot.ball((side * half * 0.5, 0.63, 0.76), (0.37, 0.25, 0.10), linen, "down", **pillow))
        small = {"pitch_deg": -48, "seed": k + 7, **named}
        parts.append(spot.box((side * half * 0.42, 0.70, 0.62), (0.20, 0.16, 0.045), paint.rgb, "striped", **small))
    return parts


@makes("nightstand")
def nightstand(spot: Spot, wood: Rgb) -> list[Solid]:
    """A small chest on feet."""
    return [
        spot.box((0, 0.31, 0), (0.23, 0.21, 0.19), wood, "drawers"),
        spot.box((0, 0.53, 0), (0.25, 0.015, 0.21), scaled(wood, 1.1)),
        *(spot.box((x, 0.05, z), (0.02, 0.05, 0.02), scaled(wood, 0.7)) for x in (-0.2, 0.2) for z in (-0.15, 0.15)),
    ]
