"""Sofas, armchairs, chairs and benches. Each looks along -z of its spot; its back is at +z."""

from cyclorama.diorama.colours import Paint, Rgb, scaled
from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import Dice
from cyclorama.diorama.solids import Solid, makes
from cyclorama.diorama.things.placing import Spot

LEG, STEEL_LEG, BLACK = (0.09, 0.055, 0.03), (0.30, 0.30, 0.31), (0.025, 0.025, 0.028)


@makes("sofa")
def sofa(dice: Dice, spot: Spot, paint: Paint, *, seats: int, material: str, cushions: Rgb) -> list[Solid]:
    """A sofa of so many seats, on feet, with loose cushions of another colour."""
    half, arm = 0.34 * seats, dice.choice((0.09, 0.12, 0.16))
    back_m, rolled = dice.uniform(0.30, 0.38), dice.uniform() < 0.4
    cloth = {"colour": paint.rgb, "material": material, "colour_word": paint.word}
    parts = [
        spot.box((0, 0.25, 0.02), (half, 0.13, 0.42), **cloth),
        spot.box((0, 0.44 + back_m / 2, 0.37), (half, 0.12 + back_m / 2, 0.09), **cloth),
    ]
    for side in (-1, 1):
        parts.append(spot.box((side * (half + arm), 0.36, 0.02), (arm, 0.24, 0.45), **cloth))
        if rolled:
            parts.append(spot.pole((side * (half + arm), 0.60, 0.02), arm * 1.15, 0.45, pitch_deg=90, **cloth))
        parts.append(spot.box((side * half * 0.92, 0.06, -0.33), (0.03, 0.06, 0.03), LEG))
    for k in range(seats):
        x = (2 * k + 1 - seats) * half / seats
        parts.append(spot.box((x, 0.44, -0.05), (half / seats - 0.008, 0.075, 0.37), seed=k, **cloth))
        back = {**cloth, "pitch_deg": -10, "seed": k + 4}
        parts.append(spot.box((x, 0.66, 0.22), (half / seats - 0.012, back_m / 2 + 0.03, 0.075), **back))
    for side in (-1, 1):
        turned = {"turn_deg": side * 24, "pitch_deg": -16, "colour_word": paint.word, "seed": side + 2}
        parts.append(spot.ball((side * (half - 0.24), 0.67, 0.06), (0.25, 0.21, 0.09), cushions, "down", **turned))
    return parts


@makes("armchair")
def armchair(dice: Dice, spot: Spot, paint: Paint, *, material: str) -> list[Solid]:
    """A deep chair with arms; some have wings beside the head."""
    cloth = {"colour": paint.rgb, "material": material, "colour_word": paint.word}
    tall = dice.uniform(0.28, 0.42)
    parts = [
        spot.box((0, 0.26, 0.0), (0.30, 0.12, 0.36), **cloth),
        spot.box((0, 0.45, -0.04), (0.29, 0.07, 0.34), seed=1, **cloth),
        spot.box((0, 0.50 + tall, 0.32), (0.33, 0.10 + tall, 0.08), **{**cloth, "pitch_deg": -8}),
    ]
    winged = dice.uniform() < 0.5
    for side in (-1, 1):
        parts.append(spot.box((side * 0.37, 0.36, 0.0), (0.075, 0.25, 0.38), **cloth))
        if winged:
            parts.append(spot.box((side * 0.35, 0.62 + tall, 0.20), (0.045, tall, 0.13), **cloth))
        for z in (-0.3, 0.3):
            parts.append(spot.pole((side * 0.32, 0.07, z), 0.022, 0.07, LEG))
    return parts


@makes("chair")
def chair(spot: Spot, wood: Rgb, *, seat: Rgb, style: str) -> list[Solid]:
    """A dining chair: `style` slats, panel or stool-like bentwood."""
    parts = [spot.box((side * 0.19, 0.22, z), (0.018, 0.22, 0.018), wood) for side in (-1, 1) for z in (-0.18, 0.18)]
    parts.append(spot.box((0, 0.455, 0), (0.22, 0.022, 0.21), seat, "fabric" if style == "panel" else "joinery"))
    if style == "panel":
        parts.append(spot.box((0, 0.74, 0.20), (0.20, 0.26, 0.022), seat, "fabric", pitch_deg=-6))
        return parts
    parts += [spot.box((side * 0.19, 0.68, 0.20), (0.018, 0.24, 0.016), wood, pitch_deg=-6) for side in (-1, 1)]
    levels = (0.64, 0.76, 0.88) if style == "slats" else (0.86,)
    high = 0.03 if style == "slats" else 0.07
    return parts + [spot.box((0, y, 0.185 + (y - 0.6) * 0.1), (0.18, high, 0.012), wood) for y in levels]


@makes("chair")
def office_chair(spot: Spot, paint: Paint) -> list[Solid]:
    """A swivel chair on a star of castors."""
    parts = [
        spot.box((0, 0.48, 0), (0.24, 0.045, 0.24), paint.rgb, "fabric", colour_word=paint.word),
        spot.box((0, 0.82, 0.22), (0.22, 0.27, 0.035), paint.rgb, "fabric", pitch_deg=-8, colour_word=paint.word),
        spot.pole((0, 0.26, 0), 0.028, 0.20, STEEL_LEG, "steel"),
    ]
    for k in range(2):
        parts.append(spot.box((0, 0.055, 0), (0.30, 0.018, 0.03), BLACK, "plain", turn_deg=45 + 90 * k))
    for side in (-1, 1):
        parts.append(spot.box((side * 0.27, 0.66, 0.02), (0.03, 0.016, 0.15), BLACK, "plain"))
    return parts


@makes("bench")
def bench(dice: Dice, spot: Spot, half: Real, paint: Paint | None, wood: Rgb) -> list[Solid]:
    """A bench without a back: stuffed in a paint, or of wood."""
    parts = [spot.box((side * half * 0.82, 0.19, 0), (0.04, 0.19, 0.20), scaled(wood, 0.8)) for side in (-1, 1)]
    if paint is None:
        parts += [spot.box((0, 0.42, z), (half, 0.028, 0.065), wood, seed=z * 9) for z in (-0.15, 0.0, 0.15)]
        return parts
    more = {"colour_word": paint.word}
    return [*parts, spot.box((0, 0.43, 0), (half, 0.07, 0.25), paint.rgb, dice.choice(("leather", "fabric")), **more)]
