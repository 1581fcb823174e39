"""A harbour: coloured houses along a quay, boats before it, piers, a lighthouse on a mole.

The `shore` is a spot on the edge of the quay at its height: water lies toward local -z, the town toward +z.
"""

from cyclorama.diorama.colours import PAINTS, Paint, Rgb
from cyclorama.diorama.landscapes.built import EDGE_M, MOLE_HALF_M, MOLE_M, QUAY_M
from cyclorama.diorama.noise import Real
from cyclorama.diorama.places.planting import draw_terrain
from cyclorama.diorama.places.townscape import LIT_WINDOWS, along_axis, filled, is_dark, town_layout
from cyclorama.diorama.scene import Dice, Layout, Scene
from cyclorama.diorama.solids import Solid
from cyclorama.diorama.things import boats, houses, street, waterfront
from cyclorama.diorama.things.placing import Spot

GRANITES: tuple[Rgb, ...] = ((0.40, 0.385, 0.36), (0.46, 0.41, 0.34), (0.34, 0.345, 0.35))
TOWN_PAINTS = (
    ("yellow", "red", "white", "blue", "orange", "green"),
    ("pink", "yellow", "orange", "beige", "red"),
    ("white", "blue", "white", "turquoise", "beige"),
    ("red", "brown", "beige", "grey", "white"),
)
CROWNS = (("gable", "gable", "ridge"), ("ridge", "flat"), ("ridge", "gable"), ("flat", "flat", "ridge"))
BOAT_PAINTS = ("red", "blue", "white", "green", "turquoise", "yellow", "orange", "white", "black")
CRANE_PAINTS, LIGHTHOUSE_PAINTS = ("yellow", "red", "blue", "green", "orange"), ("red", "red", "blue", "black", "green")
ROW_HALF_M, QUAY_HALF_M = 44.0, 220.0
HOUSES_M = {"quay": 11.0, "mole": 7.0}
"""How far the houses stand behind the edge, so that they are near enough to see."""
KERB_M, COPING_M = 0.45, 0.03


def harbour(dice: Dice, scene: Scene) -> Layout:
    """The eye stands on the quay, or out on a mole between boats."""
    on_mole = dice.uniform() < 0.45
    terrain = draw_terrain(dice, "mole" if on_mole else "quay", water=0.0)
    shore = along_axis(terrain, up=QUAY_M).beside(0, -EDGE_M[terrain.kind])
    side, lit, granite = dice.choice((-1, 1)), LIT_WINDOWS[scene.time], dice.choice(GRANITES)
    solids = [shore.box((0, COPING_M - 2, 0.7), (QUAY_HALF_M, 2.0, 0.7), granite, "quay stone")]
    solids += (_own_mole if on_mole else _far_mole)(dice, shore, side, granite, scene)
    moored = (_beside_the_mole if on_mole else _before_the_quay)(dice, shore, side, scene)
    near = [solid for boat in moored[:4] for solid in boat]
    solids += near + _houses(dice, shore.beside(0, HOUSES_M[terrain.kind]), side, lit)
    things = (_on_the_mole if on_mole else _on_the_quay)(dice, shore, side, scene)
    return town_layout(terrain, filled(solids, things + moored[4:]), up=QUAY_M)


def _water(shore: Spot) -> Spot:
    """The same frame with its y on the water."""
    return shore.beside(0, 0, up=-QUAY_M)


def _far_mole(dice: Dice, shore: Spot, side: int, granite: Rgb, scene: Scene) -> list[Solid]:
    """A wall of stone out into the water with a lighthouse at its end."""
    x, length, top = side * dice.uniform(24, 34), dice.uniform(24, 34), 0.9
    half = (top + 2 * QUAY_M) / 2
    paint = PAINTS[dice.choice(LIGHTHOUSE_PAINTS)]
    return [
        shore.box((x, top - half, -length / 2), (2.2, half, length / 2), granite, "quay stone"),
        shore.pole((x, top - half, -length), 4.4, half, granite, "quay stone"),
        *waterfront.lighthouse(dice, shore.beside(x, -length, up=top), paint, dice.uniform(10, 15), lit=is_dark(scene)),
    ]


def _own_mole(dice: Dice, shore: Spot, side: int, granite: Rgb, scene: Scene) -> list[Solid]:
    """The kerbs of the mole under the eye, its round head and the lighthouse on it."""
    kerbs = [
        shore.box((s * MOLE_HALF_M, COPING_M - 2, -MOLE_M / 2), (KERB_M, 2.0, MOLE_M / 2), granite, "quay stone")
        for s in (-1, 1)
    ]
    head = shore.pole((0, COPING_M - 1.98, -MOLE_M), 5.0, 2.0, granite, "quay stone")
    end, paint = shore.beside(0, -MOLE_M - 0.5), PAINTS[dice.choice(LIGHTHOUSE_PAINTS)]
    return [*kerbs, head, *waterfront.lighthouse(dice, end, paint, dice.uniform(8.5, 12), lit=is_dark(scene))]


def _houses(dice: Dice, terrace: Spot, side: int, lit: Real) -> list[Solid]:
    """A row of narrow houses behind the quay; often warehouses at the end that is away from the lighthouse."""
    words, crowns = dice.choice(TOWN_PAINTS), dice.choice(CROWNS)
    x, word, solids, stores = -ROW_HALF_M, "", [], dice.uniform() < 0.6
    while x < ROW_HALF_M:
        back = dice.uniform(0, 0.7)
        if stores and -side * x > 16:
            half, tall = (dice.uniform(6.0, 7.5), 7.0), dice.uniform(6.2, 8.5)
            solids += houses.warehouse(dice, terrace.beside(x + half[0], back + half[1]), half, tall, lit=lit)
            x += 2 * half[0] + dice.uniform(0.5, 2.0)
            continue
        half, tall = (dice.uniform(3.2, 5.2), 4.6), 0.9 + 3.2 * dice.integer(2, 4)
        word = dice.choice([w for w in words if w != word])
        spot, crown, paint = terrace.beside(x + half[0], back + half[1]), dice.choice(crowns), houses.wall_paint(word)
        solids += houses.town_house(dice, spot, half, tall, paint, lit=lit, material="town house", crown=crown)
        x += 2 * half[0] + (dice.uniform(1.5, 3.5) if dice.uniform() < 0.2 else 0.02)
    return solids


def _before_the_quay(dice: Dice, shore: Spot, side: int, scene: Scene) -> list[list[Solid]]:
    """A pier with boats at both sides, boats along the quay and out on the water; the most important first."""
    water, dark = _water(shore), is_dark(scene)
    x = side * dice.uniform(5.0, 8.5)
    inner = water.beside(x - side * 2.9, -dice.uniform(6.0, 8.0), turn_deg=dice.uniform(-3, 3))
    outer = water.beside(x + side * 3.1, -dice.uniform(5.5, 9.0), turn_deg=180)
    along = water.beside(-side * dice.uniform(5.5, 8.5), -2.4, turn_deg=90 + 180 * dice.integer(0, 1))
    return [
        waterfront.pier(dice, shore.beside(x, 0.05, up=-0.2), dice.uniform(14, 20)),
        boats.sailing_boat(dice, inner, _paint(dice), dice.uniform(7.0, 9.0), lit=dark and dice.uniform() < 0.7),
        boats.fishing_boat(dice, along, _paint(dice), dice.uniform(7.5, 9.5), lit=dark),
        boats.dinghy(dice, water.beside(-side * dice.uniform(0, 2), -dice.uniform(5, 7), turn_deg=70), _paint(dice)),
        boats.sailing_boat(dice, outer, _paint(dice), dice.uniform(7.5, 10), lit=dark and dice.uniform() < 0.5),
        *_out(dice, water, scene),
    ]


def _beside_the_mole(dice: Dice, shore: Spot, side: int, scene: Scene) -> list[list[Solid]]:
    """Boats along both sides of the mole, before and behind the eye, and out on the water."""
    water, dark, beside = _water(shore), is_dark(scene), MOLE_HALF_M + KERB_M
    eye = EDGE_M["mole"]
    places = [
        water.beside(
            side * (beside + dice.uniform(1.9, 2.4)), eye - dice.uniform(3.5, 6.0), turn_deg=dice.uniform(-4, 4)
        ),
        water.beside(-side * (beside + 2.3), eye - dice.uniform(1.0, 9.0), turn_deg=180),
        water.beside(-side * (beside + 2.2), eye + dice.uniform(8.5, 10.0), turn_deg=dice.uniform(-4, 4)),
        water.beside(side * (beside + 1.6), eye + dice.uniform(4.0, 8.0), turn_deg=dice.uniform(-8, 8)),
    ]
    return [
        boats.sailing_boat(dice, places[0], _paint(dice), dice.uniform(7.0, 9.5), lit=dark and dice.uniform() < 0.7),
        boats.fishing_boat(dice, places[1], _paint(dice), dice.uniform(7.5, 9.5), lit=dark),
        boats.sailing_boat(dice, places[2], _paint(dice), dice.uniform(6.0, 7.0), lit=dark and dice.uniform() < 0.5),
        boats.dinghy(dice, places[3], _paint(dice)),
        *_out(dice, water, scene),
    ]


def _out(dice: Dice, water: Spot, scene: Scene) -> list[list[Solid]]:
    """Boats at anchor or under sail, well before the quay and beside the mole."""
    spots = [
        water.beside(s * dice.uniform(12, 24), -dice.uniform(22, 40), turn_deg=dice.uniform(0, 360))
        for s in (-1, 1, -1)
    ]
    return [
        boats.sailing_boat(dice, spots[0], _paint(dice), dice.uniform(8, 11), lit=False, sails=dice.uniform() < 0.7),
        boats.fishing_boat(dice, spots[1], _paint(dice), dice.uniform(8, 11), lit=is_dark(scene)),
        boats.dinghy(dice, spots[2].beside(3, 4), _paint(dice)),
    ]


def _paint(dice: Dice) -> Paint:
    return PAINTS[dice.choice(BOAT_PAINTS)]


def _crane(dice: Dice, shore: Spot, x: Real, scene: Scene) -> list[list[Solid]]:
    """On many quays a crane."""
    if dice.uniform() > 0.65:
        return []
    spot, paint = shore.beside(x, 3.0, turn_deg=dice.uniform(-20, 20)), PAINTS[dice.choice(CRANE_PAINTS)]
    return [waterfront.harbour_crane(dice, spot, paint, lit=is_dark(scene))]


def _on_the_quay(dice: Dice, shore: Spot, side: int, scene: Scene) -> list[list[Solid]]:
    """Lamps, bollards, crates, barrels and nets; on many a crane."""
    lamps = [street.street_lamp(shore.point(x, 0, z), is_dark(scene)) for x, z in ((side * 4.2, 1.0), (-side * 9, 5.4))]
    bollards = [waterfront.bollard(shore.beside(x + dice.uniform(-0.4, 0.4), 0.6)) for x in (-5.5, 1.8, 7.5)]
    goods = [
        waterfront.crates(dice, shore.beside(-side * dice.uniform(4.0, 6.5), dice.uniform(2, 5), turn_deg=20), 4),
        waterfront.barrels(
            dice, shore.beside(side * dice.uniform(3.4, 5.5), dice.uniform(3.6, 5.2)), dice.integer(2, 4)
        ),
        waterfront.nets(dice, shore.beside(-side * dice.uniform(2.4, 3.2), 1.2)),
    ]
    last = [waterfront.crates(dice, shore.beside(side * dice.uniform(10, 14), 4.5, turn_deg=-15), 3)]
    return [*lamps, *goods, *bollards, *_crane(dice, shore, -side * dice.uniform(13, 19), scene), *last]


def _on_the_mole(dice: Dice, shore: Spot, side: int, scene: Scene) -> list[list[Solid]]:
    """The same things along the mole and at its root."""
    eye, rim = EDGE_M["mole"], MOLE_HALF_M
    lamps = [
        street.street_lamp(shore.point(side * (rim - 0.5), 0, eye - 5.5), is_dark(scene)),
        street.street_lamp(shore.point(-side * (rim - 0.5), 0, eye + 7.5), is_dark(scene)),
        street.street_lamp(shore.point(side * 9, 0, 4.0), is_dark(scene)),
    ]
    bollards = [
        waterfront.bollard(shore.beside(s * rim, eye + dz)) for s, dz in ((-side, -3.4), (side, -8.5), (side, 4.5))
    ]
    goods = [
        waterfront.nets(dice, shore.beside(-side * (rim - 1.3), eye - dice.uniform(4.0, 6.0))),
        waterfront.barrels(dice, shore.beside(side * (rim - 1.5), eye + dice.uniform(5.0, 7.5)), 2),
        waterfront.crates(dice, shore.beside(-side * (rim - 0.8), eye - dice.uniform(8.5, 11.0)), 2),
        waterfront.crates(dice, shore.beside(-side * dice.uniform(5, 8), 3.0, turn_deg=20), 4),
    ]
    return [*lamps, *goods, *bollards, *_crane(dice, shore, -side * dice.uniform(13, 19), scene)]
