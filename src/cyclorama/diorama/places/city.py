"""A city: a square with a monument between tall facades, towers behind them."""

from cyclorama.diorama.colours import PAINTS
from cyclorama.diorama.landscapes.built import FRONTS_M, KERB_M, SQUARE_AHEAD_M, SQUARE_M
from cyclorama.diorama.noise import Real
from cyclorama.diorama.places.planting import draw_terrain
from cyclorama.diorama.places.townscape import LIT_WINDOWS, along_axis, filled, is_dark, town_layout
from cyclorama.diorama.scene import Dice, Layout, Scene
from cyclorama.diorama.solids import Solid
from cyclorama.diorama.things import houses, street, trees
from cyclorama.diorama.things.placing import Spot

STOREY_M, SHOPS_M = 3.2, 4.75
STYLES = (
    (("facade", "stone facade"), ("beige", "yellow", "white", "pink", "orange"), ("mansard", "ridge", "flat")),
    (("stone facade", "stone facade", "facade"), ("beige", "white", "grey"), ("mansard", "mansard", "flat")),
    (("brick facade", "facade", "stone facade"), ("red", "brown", "beige", "grey"), ("flat", "flat", "mansard")),
    (("facade", "brick facade"), ("yellow", "red", "green", "white", "blue", "orange"), ("gable", "gable", "ridge")),
)
STONE_TONES = {"beige": (0.58, 0.51, 0.40), "white": (0.66, 0.64, 0.59), "grey": (0.44, 0.44, 0.43)}
BRICK_TONES = ((0.38, 0.15, 0.09), (0.30, 0.13, 0.09), (0.44, 0.22, 0.13), (0.34, 0.26, 0.20))
CAR_PAINTS = ("red", "blue", "white", "yellow", "green", "black", "grey")
CLOTH_PAINTS = ("red", "green", "blue", "yellow", "orange", "turquoise")


def city(dice: Dice, scene: Scene) -> Layout:
    """Four rows of houses around a square, on which the eye stands off the middle."""
    terrain = draw_terrain(dice, "plain")
    square, lit = along_axis(terrain).beside(0, -SQUARE_AHEAD_M), LIT_WINDOWS[scene.time]
    style, solids, awnings = dice.choice(STYLES), [], []
    for quarter in range(4):
        for spot, half in _row(dice, square.beside(0, 0, turn_deg=90 * quarter)):
            solids += _house(dice, spot, half, style, lit)
            if dice.uniform() < 0.55:
                x = half[0] * dice.uniform(-0.4, 0.4)
                front = spot.beside(x, -half[1])
                awnings.append(street.awning(dice, front, min(2.4, half[0] * 0.55), PAINTS[dice.choice(CLOTH_PAINTS)]))
    solids += _monument(dice, square)
    for k in range(6):
        solids += _tower(dice, square, 60 * k + dice.uniform(-14, 14), lit)
    cars = _traffic(dice, square, scene)
    things = cars[:1] + _on_the_square(dice, square, scene) + cars[1:2] + awnings[:5] + cars[2:]
    return town_layout(terrain, filled(solids, things))


def _row(dice: Dice, side: Spot) -> list[tuple[Spot, tuple[Real, Real]]]:
    """Houses wall to wall along the far (-z) side of the square, fronts toward its middle."""
    count = dice.integer(2, 4)
    weights = [dice.uniform(0.75, 1.3) for _ in range(count)]
    whole, x, row = 2 * KERB_M - 1.5, -KERB_M + 0.75, []
    for weight in weights:
        half = whole * weight / sum(weights) / 2
        deep = dice.uniform(5.5, 7.0)
        row.append((side.beside(x + half, -FRONTS_M - deep, turn_deg=180), (half - 0.02, deep)))
        x += 2 * half
    return row


def _house(
    dice: Dice, spot: Spot, half: tuple[Real, Real], style: tuple[tuple[str, ...], ...], lit: Real
) -> list[Solid]:
    materials, words, crowns = style
    material, word = dice.choice(materials), dice.choice(words)
    paint = houses.wall_paint(word)
    if material == "stone facade":
        paint = paint._replace(rgb=dice.choice(tuple(STONE_TONES.values())))
    if material == "brick facade":
        paint = paint._replace(rgb=dice.choice(BRICK_TONES))
    crown = dice.choice(crowns)
    if crown == "gable" and half[0] > 6.0:
        crown = "ridge"
    tall = SHOPS_M + STOREY_M * dice.integer(2, 6)
    return houses.town_house(dice, spot, half, tall, paint, lit=lit, material=material, crown=crown)


def _tower(dice: Dice, square: Spot, yaw_deg: Real, lit: Real) -> list[Solid]:
    spot = square.beside(0, 0, turn_deg=yaw_deg).beside(0, -dice.uniform(44, 66))
    half = (dice.uniform(6, 10), dice.uniform(6, 10))
    return houses.tower(dice, spot, half, dice.uniform(28, 62), lit=0.75 * lit)


def _monument(dice: Dice, square: Spot) -> list[Solid]:
    kind = dice.integer(0, 2)
    if kind == 0:
        return street.fountain(dice, square.point(0, 0, 0))
    return street.statue(dice, square.point(0, 0, 0), square.yaw_deg + 180, rider=kind == 1)


def _on_the_square(dice: Dice, square: Spot, scene: Scene) -> list[list[Solid]]:
    """Lamps and trees at the corners, benches, flowers, tables of a cafe."""
    lamps, planted, rest = [], [], []
    two = dice.uniform() < 0.5
    for sx in (-1, 1):
        for sz in (-1, 1):
            place = square.point(sx * 6.6, 0, sz * 7.4)
            lamp = street.candelabra(place, is_dark(scene), square.yaw_deg) if two else None
            lamps.append(lamp or street.street_lamp(place, is_dark(scene)))
            foot = square.point(sx * (SQUARE_M - 1.8), 0, sz * (SQUARE_M - 1.8) + dice.uniform(-2, 2))
            planted.append(trees.broadleaf(dice, foot, dice.uniform(4.5, 7), fine=0.6))
    for side in (-1, 1):
        place = square.point(side * 5.0, 0, -dice.uniform(1.5, 4.0))
        rest.append(street.bench(place, square.yaw_deg - 90 * side))
        paint = PAINTS[dice.choice(("red", "pink", "yellow", "purple"))]
        rest.append(street.planter(dice, square.point(side * 9.0, 0, 1.5), square.yaw_deg + 90, paint))
    paint, side = PAINTS[dice.choice(CLOTH_PAINTS)], dice.choice((-1, 1))
    cafe = square.beside(side * 9.2, dice.uniform(4, 6), turn_deg=dice.uniform(0, 90))
    return [*lamps, *planted[:2], street.cafe_table(dice, cafe, paint), *rest, *planted[2:]]


def _traffic(dice: Dice, square: Spot, scene: Scene) -> list[list[Solid]]:
    """Cars along the kerbs of the road around the square."""
    cars = []
    for k in range(4):
        paint = PAINTS[dice.choice(CAR_PAINTS)]
        lane = square.beside(0, 0, turn_deg=90 * k)
        spot = lane.beside(dice.uniform(-9, 9), -KERB_M + 1.3, turn_deg=90)
        cars.append(street.car(dice, spot, paint, lit=is_dark(scene) and k % 2 == 0))
    return cars
