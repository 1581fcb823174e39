"""What the rooms of a home share: how their walls and floors are drawn."""

from cyclorama.diorama.colours import Rgb
from cyclorama.diorama.places.interiors import (
    OAK,
    PAINTED,
)
from cyclorama.diorama.rooms.room import Floor, Walls
from cyclorama.diorama.scene import Dice

WALL_COLOURS = (
    (0.72, 0.68, 0.60),
    (0.44, 0.55, 0.52),
    (0.70, 0.52, 0.40),
    (0.36, 0.46, 0.58),
    (0.76, 0.74, 0.70),
    (0.62, 0.58, 0.36),
    (0.50, 0.20, 0.16),
    (0.16, 0.26, 0.24),
    (0.66, 0.50, 0.52),
)
BEDROOM_COLOURS = (
    (0.66, 0.60, 0.66),
    (0.56, 0.64, 0.68),
    (0.72, 0.66, 0.54),
    (0.58, 0.64, 0.54),
    (0.74, 0.58, 0.54),
    (0.22, 0.28, 0.38),
    (0.76, 0.75, 0.72),
)
BRICKS = ((0.40, 0.15, 0.09), (0.70, 0.68, 0.64), (0.48, 0.30, 0.20))
FLOOR_COLOURS = (OAK, (0.50, 0.34, 0.20), (0.24, 0.13, 0.07), (0.58, 0.46, 0.32))
CUSHIONS = ((0.70, 0.62, 0.46), (0.60, 0.28, 0.10), (0.16, 0.28, 0.34), (0.66, 0.52, 0.14), (0.74, 0.72, 0.68))
RUG_PAINTS = ("red", "blue", "green", "brown", "beige", "purple", "turquoise", "grey", "orange")
RUG_STYLES = ("rug", "rug", "striped rug", "braided rug", "shaggy rug")


def home_walls(dice: Dice, colours: tuple[Rgb, ...], papers: tuple[str, ...]) -> Walls:
    """Paint, paper or boards, sometimes over a panelled dado, sometimes with one wall in another colour."""
    colour = dice.shade(dice.choice(colours), 0.08)
    kind = dice.choice(papers)
    if kind == "brick":
        colour = dice.shade(dice.choice(BRICKS), 0.1)
    pale = (0.5 * colour[0] + 0.38, 0.5 * colour[1] + 0.37, 0.5 * colour[2] + 0.35)
    panelled = dice.uniform() < 0.35
    lower = dice.choice((PAINTED, PAINTED, OAK, (0.22, 0.12, 0.06)))
    accent = dice.choice(colours)
    feature = dice.integer(0, 3) if kind == "plaster" and dice.uniform() < 0.45 else -1
    return Walls(
        kind,
        colour,
        second=pale,
        lower=lower,
        dado_m=dice.uniform(0.8, 1.0) if panelled else 0.0,
        feature=feature,
        accent=accent,
        cornice_m=dice.choice((0.0, 0.0, 0.09, 0.14)),
    )


def home_floor(dice: Dice, kinds: tuple[str, ...]) -> Floor:
    """Wood or carpet."""
    kind = dice.choice(kinds)
    if kind == "carpet":
        return Floor(kind, dice.choice(((0.50, 0.46, 0.40), (0.30, 0.34, 0.40), (0.42, 0.30, 0.26))), tile_m=90.0)
    return Floor(kind, dice.shade(dice.choice(FLOOR_COLOURS), 0.12))
