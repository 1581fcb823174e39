"""Animals that stand and graze, made of solids: each takes the foot point below its body; its head is at local -z."""

from cyclorama.diorama.colours import Rgb, scaled
from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import Dice
from cyclorama.diorama.solids import Point, Solid, makes
from cyclorama.diorama.things.placing import Spot
from cyclorama.diorama.things.trees import beam

WOOL, SHEEP_FACE, HORN = (0.62, 0.58, 0.50), (0.07, 0.06, 0.055), (0.55, 0.50, 0.42)
COWS: tuple[Rgb, ...] = ((0.30, 0.16, 0.08), (0.05, 0.045, 0.04), (0.62, 0.58, 0.52))
ELEPHANT, TUSK, GIRAFFE = (0.22, 0.20, 0.19), (0.75, 0.70, 0.60), (0.58, 0.40, 0.18)


def _legs(spot: Spot, beside: Real, ahead: Real, height: Real, thick: Real, colour: Rgb) -> list[Solid]:
    return [
        beam(spot.point(s * beside, 0, a * ahead), spot.point(s * beside, height, a * ahead), thick, colour, "hide")
        for s in (-1, 1)
        for a in (-1, 1)
    ]


@makes("sheep")
def sheep(dice: Dice, foot: Point, yaw_deg: Real) -> list[Solid]:
    """A woolly body on thin dark legs, the head at the grass or up."""
    spot, wool, up = Spot.at(foot, yaw_deg), dice.shade(WOOL, 0.12), dice.choice((0.25, 0.82))
    return [
        spot.ball((0, 0.62, 0), (0.33, 0.32, 0.52), wool, "wool", leafy=0.35, seed=dice.uniform(0, 9)),
        spot.ball((0, up, -0.66), (0.11, 0.13, 0.20), SHEEP_FACE, "hide"),
        *_legs(spot, 0.16, 0.28, 0.5, 0.05, SHEEP_FACE),
    ]


@makes("cow")
def cow(dice: Dice, foot: Point, yaw_deg: Real) -> list[Solid]:
    """A heavy body with patches, a head with horns, four legs and a tail."""
    spot, colour, up = Spot.at(foot, yaw_deg), dice.shade(dice.choice(COWS)), dice.choice((0.45, 1.25))
    seed = dice.uniform(0, 50)
    return [
        spot.ball((0, 1.0, 0), (0.42, 0.45, 0.95), colour, "patched hide", seed=seed),
        beam(spot.point(0, 1.1, -0.7), spot.point(0, up, -1.15), 0.17, colour, "hide"),
        spot.ball((0, up, -1.25), (0.15, 0.17, 0.30), colour, "hide"),
        spot.box((0, up + 0.15, -1.15), (0.30, 0.03, 0.03), HORN, "hide"),
        beam(spot.point(0, 1.2, 0.9), spot.point(0, 0.6, 1.05), 0.025, colour, "hide"),
        *_legs(spot, 0.24, 0.6, 0.85, 0.09, colour),
    ]


@makes("elephant")
def elephant(dice: Dice, foot: Point, yaw_deg: Real) -> list[Solid]:
    """A grey hulk with big ears, a trunk and tusks."""
    spot, colour = Spot.at(foot, yaw_deg), dice.shade(ELEPHANT)
    solids = [
        spot.ball((0, 2.0, 0.1), (0.95, 1.0, 1.55), colour, "mud", seed=dice.uniform(0, 9)),
        spot.ball((0, 2.45, -1.6), (0.55, 0.62, 0.65), colour, "mud"),
        beam(spot.point(0, 2.3, -2.1), spot.point(0, 1.1, -2.45), 0.19, colour, "mud"),
        beam(spot.point(0, 1.15, -2.45), spot.point(0, 0.45, -2.25), 0.13, colour, "mud"),
    ]
    for side in (-1, 1):
        ear = spot.ball((side * 0.72, 2.4, -1.35), (0.55, 0.7, 0.09), scaled(colour, 0.9), "mud", turn_deg=side * -35)
        tusk = beam(spot.point(side * 0.28, 2.0, -2.0), spot.point(side * 0.34, 1.6, -2.65), 0.055, TUSK)
        solids += [ear, tusk]
    return [*solids, *_legs(spot, 0.5, 0.85, 1.5, 0.29, colour)]


@makes("giraffe")
def giraffe(dice: Dice, foot: Point, yaw_deg: Real) -> list[Solid]:
    """Long legs, a sloping body, a long neck with a small horned head."""
    spot, colour, seed = Spot.at(foot, yaw_deg), dice.shade(GIRAFFE), dice.uniform(0, 50)
    neck, head = spot.point(0, 2.7, -0.6), spot.point(0, 4.7, -1.5)
    return [
        spot.ball((0, 2.35, 0.0), (0.48, 0.62, 1.0), colour, "giraffe", pitch_deg=-14, seed=seed),
        beam(neck, head, 0.19, colour, "giraffe", seed=seed),
        spot.ball((0, 4.72, -1.72), (0.16, 0.18, 0.38), colour, "giraffe", pitch_deg=-25, seed=seed),
        *(beam(spot.point(s * 0.08, 4.8, -1.5), spot.point(s * 0.1, 5.1, -1.48), 0.03, SHEEP_FACE) for s in (-1, 1)),
        beam(spot.point(0, 2.4, 0.95), spot.point(0, 1.4, 1.15), 0.03, colour),
        *_legs(spot, 0.26, 0.62, 2.1, 0.11, scaled(colour, 1.15)),
    ]
