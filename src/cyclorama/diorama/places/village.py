"""A village: houses, gardens and a church along a street."""

from cyclorama.diorama.colours import PAINTS
from cyclorama.diorama.landscapes.built import VERGE_M
from cyclorama.diorama.noise import Real
from cyclorama.diorama.places.planting import draw_terrain
from cyclorama.diorama.places.townscape import LIT_WINDOWS, along_axis, filled, is_dark, town_layout
from cyclorama.diorama.scene import Dice, Layout, Scene
from cyclorama.diorama.solids import Solid
from cyclorama.diorama.things import houses, plants, street, trees
from cyclorama.diorama.things.placing import Spot

Rows = tuple[tuple[Real, Real], tuple[Real, Real]]
FARTHEST_M = 31.0
LOOKS = {
    "timber": (("timber cottage", "timber cottage", "cottage"), ("white", "beige", "yellow")),
    "stone": (("stone cottage", "stone cottage", "cottage"), ("beige", "grey", "white")),
    "brick": (("brick cottage", "brick cottage", "cottage"), ("red", "brown", "white")),
    "painted": (("cottage",), ("yellow", "pink", "blue", "white", "red", "green", "orange")),
    "white": (("cottage",), ("white", "white", "blue", "beige")),
}
ROWS = {"gardens": ((1.6, 4.0), (1.8, 6.0)), "lane": ((0.5, 1.5), (0.1, 1.6)), "scattered": ((1.0, 6.5), (3.0, 9.0))}
"""How far houses stand back from the verge, and the gaps between them, in metres."""
FLOWER_PAINTS = ("red", "pink", "yellow", "white", "purple")
GARDEN_WALLS = ((0.42, 0.38, 0.32), (0.34, 0.33, 0.32), (0.52, 0.45, 0.34))


def village(dice: Dice, scene: Scene) -> Layout:
    """Rows of houses at both sides of the street, a church at its end or beside it."""
    terrain = draw_terrain(dice, "street")
    road, lit = along_axis(terrain), LIT_WINDOWS[scene.time]
    materials, paints = LOOKS[dice.choice(tuple(LOOKS))]
    roof, rows = dice.choice(houses.ROOFS), dice.choice(tuple(ROWS.values()))
    church_side, church_away = dice.choice((-1, 1)), dice.uniform(27, 35)
    solids = houses.church(dice, road.beside(church_side * dice.uniform(6.5, 9.5), -church_away, turn_deg=180), lit=lit)
    gardens: list[list[Solid]] = []
    for side in (-1, 1):
        end = church_away - 15 if side == church_side else FARTHEST_M
        for spot, half in _plots(dice, road, side, end, rows):
            paint = houses.wall_paint(dice.choice(paints))
            tall = dice.choice((2.9, 3.3, 5.4, 5.6))
            solids += houses.cottage(dice, spot, paint, half, tall, lit=lit, material=dice.choice(materials), roof=roof)
            gardens.append(_garden_edge(dice, spot, half))
            gardens += _garden(dice, spot, half)
    return town_layout(terrain, filled(solids, _along_the_road(dice, road, scene) + _trees(dice, road) + gardens))


def _plots(dice: Dice, road: Spot, side: int, end: Real, rows: Rows) -> list[tuple[Spot, tuple[Real, Real]]]:
    """Where houses of one side stand, from behind the eye to `end` metres before it; their fronts look at the road."""
    (back, gap), plots, z = rows, [], FARTHEST_M - dice.uniform(0, 5)
    while True:
        half = (dice.uniform(3.8, 5.6), dice.uniform(3.3, 4.4))
        if z - 2 * half[0] < -end:
            return plots
        away = VERGE_M + dice.uniform(*back) + half[1]
        plots.append((road.beside(side * away, z - half[0], turn_deg=-90 * side), half))
        z -= 2 * half[0] + dice.uniform(*gap)


def _garden_edge(dice: Dice, spot: Spot, half: tuple[Real, Real]) -> list[Solid]:
    """A wall, fence or hedge before one half of the front, so that the door stays free."""
    kind, side = dice.integer(0, 3), dice.choice((-1, 1))
    front = spot.beside(side * (half[0] * 0.5 + 0.7), -half[1] - 1.5)
    long = half[0] * 0.5 - 0.1
    if kind == 0:
        return street.low_wall(dice, front, long, dice.shade(dice.choice(GARDEN_WALLS)))
    if kind == 1:
        return street.picket_fence(dice, front, long)
    return street.hedge(dice, front, long, dice.uniform(0.8, 1.3)) if kind == 2 else []


def _garden(dice: Dice, spot: Spot, half: tuple[Real, Real]) -> list[list[Solid]]:
    """Flowers or a bush by the wall."""
    x, _, z = spot.point(dice.choice((-0.62, 0.62)) * half[0], 0, -half[1] - 0.7)
    if dice.uniform() < 0.45:
        paint = PAINTS[dice.choice(FLOWER_PAINTS)]
        return [plants.flowers(dice, (x, 0, z), 0.55, paint)]
    return [plants.bush(dice, (x, 0, z), dice.uniform(0.6, 1.0))]


def _along_the_road(dice: Dice, road: Spot, scene: Scene) -> list[list[Solid]]:
    """Lamps in turns on both sides, and a well, a bench, a trough of flowers or a car."""
    start, side = dice.uniform(4, 9), dice.choice((-1, 1))
    things = []
    for k, z in enumerate((-start, start * 0.8 + 4, -start - 13)):
        x = side * (1 - 2 * (k % 2)) * (VERGE_M - 0.7)
        things.append(street.street_lamp(road.point(x, 0, z), is_dark(scene)))
    if dice.uniform() < 0.55:
        things.append(street.well(dice, road.point(side * (VERGE_M + 0.9), 0, -dice.uniform(5, 9)), road.yaw_deg + 90))
    else:
        spot = road.beside(side * 1.9, -dice.uniform(9, 14), turn_deg=180 * (side > 0))
        paint = PAINTS[dice.choice(("red", "white", "blue", "green", "yellow"))]
        things.append(street.car(dice, spot, paint, lit=False))
    place = road.point(-side * (VERGE_M - 0.3), 0, -dice.uniform(3.5, 6.5))
    things.append(street.bench(place, road.yaw_deg + 90 * side))
    return things


def _trees(dice: Dice, road: Spot) -> list[list[Solid]]:
    """Small trees along the road, large ones behind the houses."""
    things, first = [], dice.uniform(7, 10)
    for k in range(5):
        side = 1 - 2 * (k % 2)
        x, z, tall = side * dice.uniform(17, 24), dice.uniform(-30, 30), dice.uniform(7, 11)
        if k < 3:
            x, z, tall = side * (VERGE_M + 0.4), (first, -first - 2, -first - 11)[k], dice.uniform(4, 5.5)
        things.append(trees.broadleaf(dice, road.point(x, 0, z), tall, fine=0.6))
    return things
