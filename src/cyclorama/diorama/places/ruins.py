"""Ruins on a hill: a temple, a colonnade or an abbey, fallen stones between cypresses and olive trees."""

import math

from cyclorama.diorama.colours import Rgb
from cyclorama.diorama.noise import Real
from cyclorama.diorama.places.planting import Plot, draw_terrain, facing_eye
from cyclorama.diorama.places.townscape import filled
from cyclorama.diorama.scene import EYE_HEIGHT_M, Dice, Lamp, Layout, Scene
from cyclorama.diorama.solids import Solid
from cyclorama.diorama.things import countryside, plants, ruined, trees
from cyclorama.diorama.things.placing import Spot

STONES: tuple[Rgb, ...] = (
    (0.60, 0.50, 0.36),
    (0.66, 0.63, 0.57),
    (0.46, 0.45, 0.42),
    (0.58, 0.42, 0.29),
    (0.54, 0.50, 0.42),
)
GRASSES: tuple[Rgb, ...] = ((0.34, 0.30, 0.12), (0.20, 0.26, 0.08), (0.42, 0.35, 0.17))
FIRELIGHT = (7.0, 3.4, 1.1)


def ruins(dice: Dice, scene: Scene) -> Layout:
    """Old walls around the eye, on the top of a hill."""
    terrain = draw_terrain(dice, "knoll")
    plot, stone = Plot(dice, terrain), dice.choice(STONES)
    build = dice.choice((_temple, _colonnade, _abbey))
    main = build(dice, plot, stone)
    fire = _fire(dice, plot, scene)
    solids = filled(main, [*fire, *_fallen(dice, plot, stone), *_grown(dice, plot)])
    lamps = tuple(Lamp((s.centre[0], s.centre[1] + 0.4, s.centre[2]), FIRELIGHT) for s in solids if s.glow > 3)
    x, y, z = plot.foot(0.0, 0.0)
    return Layout((x, y + EYE_HEIGHT_M, z), tuple(solids), terrain=terrain, lamps=lamps[:1])


def _spot(plot: Plot, yaw_deg: Real, away: Real, room: Real) -> Spot:
    """A spot at that bearing whose front looks at the eye; it is taken."""
    yaw = math.radians(yaw_deg)
    foot = plot.foot(away * math.sin(yaw), -away * math.cos(yaw))
    plot.take(foot[0], foot[2], room)
    return Spot.at(foot, facing_eye(foot))


def _along(yaw_deg: Real, along: Real, beside: Real) -> tuple[Real, Real]:
    """The point (x, z) so many metres from the eye in that bearing, and to the right of it."""
    yaw = math.radians(yaw_deg)
    return along * math.sin(yaw) + beside * math.cos(yaw), -along * math.cos(yaw) + beside * math.sin(yaw)


def _temple(dice: Dice, plot: Plot, stone: Rgb) -> list[Solid]:
    """A temple, an arch across from it, walls and columns between."""
    turn, tall = dice.uniform(0, 360), dice.uniform(5.5, 7.5)
    spot = _spot(plot, turn, dice.uniform(15, 19), 9)
    front = spot.beside(0, 0, turn_deg=dice.uniform(-25, 25))
    solids = ruined.temple(
        dice, front, stone, columns=dice.choice((4, 5, 6)), tall=tall, ruin=dice.choice((0.0, 0.25, 0.5))
    )
    solids += _arch_at(
        dice, plot, stone, turn + dice.uniform(120, 230), dice.uniform(9, 13), whole=dice.uniform() < 0.6
    )
    solids += _wall_at(dice, plot, stone, turn + 90, dice.uniform(8, 12))
    solids += _columns_at(dice, plot, stone, turn - dice.uniform(70, 110), dice.uniform(6, 8), 3)
    return solids


def _colonnade(dice: Dice, plot: Plot, stone: Rgb) -> list[Solid]:
    """A street between two rows of columns that leads to an arch."""
    turn, radius = dice.uniform(0, 360), dice.uniform(0.36, 0.48)
    solids = _arch_at(dice, plot, stone, turn, dice.uniform(17, 22), whole=True, half=2.4, tall=7.5)
    for side in (-1, 1):
        for k in range(4):
            along, beside = 9.5 - 5.2 * k + dice.uniform(-0.3, 0.3), side * 4.2
            x, y, z = plot.foot(*_along(turn, along, beside))
            plot.take(x, z, 0.9)
            spot, whole = Spot(x, z, turn, y - 0.1), dice.uniform() < 0.5
            tall = dice.uniform(5.0, 5.4) if whole else dice.uniform(0.8, 3.8)
            make = ruined.column if whole else ruined.broken_column
            solids += make(dice, spot, radius, tall, stone)
    for k in (-1, 1):
        solids += _wall_at(dice, plot, stone, turn + 90 * k + dice.uniform(-25, 25), dice.uniform(10, 14))
    return solids


def _abbey(dice: Dice, plot: Plot, stone: Rgb) -> list[Solid]:
    """Two walls with arches of a nave without a roof, and its high end wall."""
    turn = dice.uniform(0, 360)
    solids = _arch_at(dice, plot, stone, turn, dice.uniform(13, 16), whole=True, half=2.1, tall=dice.uniform(7.5, 9))
    solids += _wall_at(dice, plot, stone, turn - 24, 15.5, tall=dice.uniform(5, 7))
    solids += _wall_at(dice, plot, stone, turn + 24, 15.5, tall=dice.uniform(4, 6))
    for side in (-1, 1):
        for k in range(2):
            along, beside = 7.0 - 9.0 * k, side * dice.uniform(5.6, 6.4)
            x, y, z = plot.foot(*_along(turn, along, beside))
            plot.take(x, z, 2.6)
            spot = Spot(x, z, turn + 90 * side, y - 0.1)
            solids += ruined.arch(dice, spot, 1.35, dice.uniform(4.2, 5.4), stone, whole=dice.uniform() < 0.62)
    return solids


def _arch_at(
    dice: Dice, plot: Plot, stone: Rgb, yaw_deg: Real, away: Real, *, whole: bool, half: Real = 1.6, tall: Real = 5.2
) -> list[Solid]:
    spot = _spot(plot, yaw_deg, away, half + 1.4)
    return ruined.arch(dice, spot.beside(0, 0, turn_deg=dice.uniform(-12, 12)), half, tall, stone, whole=whole)


def _wall_at(dice: Dice, plot: Plot, stone: Rgb, yaw_deg: Real, away: Real, *, tall: Real = 3.6) -> list[Solid]:
    half = dice.uniform(3.0, 4.4)
    spot = _spot(plot, yaw_deg, away, half)
    turn = dice.choice((0, 180)) + dice.uniform(-20, 20)
    return ruined.broken_wall(dice, spot.beside(0, 0, turn_deg=turn), half, tall * dice.uniform(0.85, 1.15), stone)


def _columns_at(dice: Dice, plot: Plot, stone: Rgb, yaw_deg: Real, away: Real, count: int) -> list[Solid]:
    """A row of columns, each more broken than the one before."""
    solids: list[Solid] = []
    for k in range(count):
        spot = _spot(plot, yaw_deg + 24 * k, away + 0.8 * k, 0.9).beside(0, 0, up=-0.1)
        if k == 0:
            solids += ruined.column(dice, spot, 0.38, 4.6, stone)
        else:
            solids += ruined.broken_column(dice, spot, 0.38, dice.uniform(0.7, 3.4), stone)
    return solids


def _fallen(dice: Dice, plot: Plot, stone: Rgb) -> list[list[Solid]]:
    """Drums and blocks in the grass."""
    drums = [
        ruined.fallen_column(dice, Spot(x, z, dice.uniform(0, 360), y - 0.05), dice.uniform(0.34, 0.46), stone)
        for x, y, z in plot.feet(2, 5.5, 12, room=2.2)
    ]
    heaps = [
        ruined.blocks(dice, Spot(x, z, dice.uniform(0, 360), y), dice.integer(2, 5), stone, dice.uniform(0.35, 0.6))
        for x, y, z in plot.feet(5, 4.2, 16, room=1.3)
    ]
    return [*drums, *heaps]


def _grown(dice: Dice, plot: Plot) -> list[list[Solid]]:
    """Cypresses, olive trees, bushes and tufts of grass."""
    cypresses = [
        trees.cypress(dice, foot, dice.uniform(7, 12)) for foot in plot.feet(dice.integer(2, 5), 10, 40, room=1.0)
    ]
    olives = [
        trees.olive(dice, foot, dice.uniform(3.8, 5.5)) for foot in plot.feet(dice.integer(1, 3), 9, 26, room=1.8)
    ]
    bushes = [plants.bush(dice, foot, dice.uniform(0.6, 1.1)) for foot in plot.feet(3, 5, 18, room=0.8)]
    grass = dice.choice(GRASSES)
    tufts = [plants.tuft(dice, foot, dice.uniform(0.4, 0.8), grass) for foot in plot.feet(5, 2.4, 8, room=0.4)]
    return [*cypresses, *olives, *bushes, *tufts]


def _fire(dice: Dice, plot: Plot, scene: Scene) -> list[list[Solid]]:
    """On some evenings a camp fire."""
    wanted = dice.uniform() < 0.45 and scene.time != "noon"
    feet = plot.feet(1, 4.5, 7, room=1.0)
    return [countryside.campfire(dice, feet[0], lit=True)] if wanted and feet else []
