"""Green and snowy places: mountains, hills, a forest, farmland."""

import math
from dataclasses import replace

from cyclorama.diorama.colours import PAINTS, Rgb
from cyclorama.diorama.landscapes.green_grounds import ROAD_AT_M, ROAD_HALF_M
from cyclorama.diorama.noise import Real
from cyclorama.diorama.places.planting import Plot, draw_terrain, facing_eye, fineness
from cyclorama.diorama.places.shores import LIT_TIMES, fire
from cyclorama.diorama.scene import Dice, Lamp, Layout, Scene
from cyclorama.diorama.solids import Point, Solid
from cyclorama.diorama.things import animals, countryside, plants, stones, trees

GRANITE: tuple[Rgb, ...] = ((0.24, 0.23, 0.23), (0.30, 0.27, 0.25), (0.19, 0.19, 0.21))
TENT_PAINTS = ("orange", "yellow", "red", "blue", "green")
FLOWER_PAINTS = ("red", "yellow", "purple", "white", "pink", "blue", "orange")
WINDOW_LIGHT: Rgb = (4.0, 2.6, 1.2)


def mountains(dice: Dice, scene: Scene) -> Layout:
    """A snowy valley between peaks, with conifers and boulders; sometimes a hut or a tent."""
    terrain = draw_terrain(dice, "mountains")
    plot, stone = Plot(dice, terrain), dice.choice(GRANITE)
    snowy = dice.uniform(0.4, 0.95)
    lamps: tuple[Lamp, ...] = ()
    guest = dice.uniform()
    if guest < 0.4:
        lamps = add_house(plot, scene, 12, 20)
    elif guest < 0.75:
        camp, paint = plot.feet(1, 5, 9, room=2.6), PAINTS[dice.choice(TENT_PAINTS)]
        lit = scene.time in ("night", "dawn")
        plot.plant(camp, lambda foot: countryside.tent(dice, foot, facing_eye(foot), paint, lit=lit))
        lamps = fire(plot, scene)

    def tree(foot: Point) -> list[Solid]:
        return trees.conifer(dice, foot, dice.uniform(4.5, 11), snowy=dice.uniform() < snowy, fine=fineness(foot))

    plot.plant(plot.feet(dice.integer(4, 7), 5, 16, room=1.6), tree)
    plot.plant(plot.feet(dice.integer(9, 15), 16, 90, room=2), tree)
    rocks = plot.feet(dice.integer(4, 8), 3.5, 24, room=1.0)
    plot.plant(rocks, lambda foot: stones.rock(dice, foot, dice.uniform(0.3, 1.3), stone, material="snowy stone"))
    return replace(plot.layout(), lamps=lamps)


def add_house(plot: Plot, scene: Scene, near: Real, far: Real) -> tuple[Lamp, ...]:
    """A house and, when its windows are lit, their light before it."""
    feet, lit = plot.feet(1, near, far, room=6.0), scene.time in LIT_TIMES
    yaw_deg = plot.dice.uniform(-50, 50)
    plot.plant(feet, lambda foot: countryside.lone_house(plot.dice, foot, facing_eye(foot) + yaw_deg, lit=lit))
    # the lamp hangs 60 % of the way to the house
    return tuple(Lamp((0.6 * x, y + 2.2, 0.6 * z), WINDOW_LIGHT) for x, y, z in feet if lit)


def hills(dice: Dice, scene: Scene) -> Layout:
    """Rolling meadows with broadleaf trees, flowers, a stone wall or a fence, sometimes a cottage."""
    terrain = draw_terrain(dice, "hills")
    plot = Plot(dice, terrain)
    leaves = trees.AUTUMN + trees.LEAVES[:1] if dice.uniform() < 0.2 else trees.LEAVES
    lamps = add_house(plot, scene, 13, 24) if dice.uniform() < 0.55 else ()
    if dice.uniform() < 0.65:
        _add_border(plot, walled=dice.uniform() < 0.6)

    def tree(foot: Point) -> list[Solid]:
        return trees.broadleaf(dice, foot, dice.uniform(5, 10), fine=fineness(foot), leaves=leaves)

    if dice.uniform() < 0.5:
        flock = plot.feet(dice.integer(2, 4), 5, 20, room=0.9)
        plot.plant(flock, lambda foot: animals.sheep(dice, foot, dice.uniform(0, 360)))
    plot.plant(plot.feet(dice.integer(3, 5), 5.5, 16, room=2.4), tree)
    plot.plant(plot.feet(dice.integer(6, 9), 18, 120, room=4), tree)
    plot.plant(plot.feet(3, 4, 18, room=0.9), lambda foot: plants.bush(dice, foot, dice.uniform(0.6, 1.4)))
    paints = [PAINTS[dice.choice(FLOWER_PAINTS)] for _ in range(2)]
    clumps = plot.feet(4, 2.6, 8, room=0.4)
    plot.plant(clumps, lambda foot: plants.flowers(dice, foot, dice.uniform(0.4, 0.65), dice.choice(paints)))
    rocks = plot.feet(4, 4, 20, room=0.7)
    plot.plant(rocks, lambda foot: stones.rock(dice, foot, dice.uniform(0.25, 0.8), (0.30, 0.29, 0.27)))
    return replace(plot.layout(), lamps=lamps)


def _add_border(plot: Plot, *, walled: bool) -> None:
    """A wall or a fence in a line that passes the eye at 5 to 9 metres."""
    turn, away = plot.dice.uniform(0, 2 * math.pi), plot.dice.uniform(5, 9)
    spots = [
        (away * math.sin(turn) + (k - 4) * 3.2 * math.cos(turn), away * math.cos(turn) - (k - 4) * 3.2 * math.sin(turn))
        for k in range(9)
    ]
    spots = [spot for spot in spots if plot.is_free(*spot, 0.5)]
    feet = [(x, y, z) for (x, z), y in zip(spots, plot.heights(spots), strict=True)]
    plot.solids += countryside.stone_wall(plot.dice, feet) if walled else countryside.fence(plot.dice, feet)
    for x, z in spots:
        plot.take(x, z, 1.0)


def forest(dice: Dice, scene: Scene) -> Layout:
    """Trunks all around, ferns, moss and fallen logs between them."""
    terrain = draw_terrain(dice, "forest")
    plot = Plot(dice, terrain)
    lamps: tuple[Lamp, ...] = ()
    if dice.uniform() < 0.5:
        lamps = fire(plot, scene, 4, 6)
    logs = plot.feet(dice.integer(1, 3), 3.6, 9, room=1.6)
    plot.plant(logs, lambda foot: stones.log(dice, foot, dice.uniform(2.5, 5)))
    tall = dice.uniform(13, 20)

    def tree(foot: Point) -> list[Solid]:
        away = math.hypot(foot[0], foot[2])
        fine = 1.0 if away < 8 else 0.6 if away < 19 else 0.35
        return trees.tall_pine(dice, foot, tall * dice.uniform(0.8, 1.2), fine=fine)

    plot.plant(plot.feet(5, 3.2, 8, room=0.9), tree)
    plot.plant(plot.feet(20, 8, 40, room=1.1), tree)
    young = plot.feet(dice.integer(1, 3), 5, 18, room=1.2)
    plot.plant(young, lambda foot: trees.conifer(dice, foot, dice.uniform(1.6, 4.5), fine=0.8))
    ferns = plot.feet(dice.integer(2, 4), 2.6, 9, room=0.5)
    plot.plant(ferns, lambda foot: plants.fern(dice, foot, dice.uniform(0.6, 1.0)))
    rocks = plot.feet(3, 4, 16, room=0.8)
    plot.plant(rocks, lambda foot: stones.rock(dice, foot, dice.uniform(0.3, 0.9), (0.15, 0.17, 0.10)))
    return replace(plot.layout(), lamps=lamps)


def farmland(dice: Dice, scene: Scene) -> Layout:
    """Fields along a dirt road, with bales, a fence, a barn, a windmill or a tractor."""
    terrain = draw_terrain(dice, "farmland")
    plot = Plot(dice, terrain)
    lit = scene.time in LIT_TIMES
    _close_road(plot)
    fence_side = dice.choice((-1, 1))
    _add_roadside_fence(plot, ROAD_AT_M + fence_side * (ROAD_HALF_M + 1.2))
    paint = PAINTS[dice.choice(("red", "red", "white", "brown", "green", "blue"))]
    barns = plot.feet(1, 17, 30, room=9)
    plot.plant(barns, lambda f: countryside.barn(dice, f, facing_eye(f) + dice.uniform(-55, 55), paint, lit=lit))
    lamps = tuple(Lamp((0.6 * x, y + 3, 0.6 * z), WINDOW_LIGHT) for x, y, z in barns if lit)
    if dice.uniform() < 0.6:
        mills = plot.feet(1, 24, 55, room=7)
        plot.plant(
            mills, lambda foot: countryside.windmill(dice, foot, facing_eye(foot) + dice.uniform(-40, 40), lit=lit)
        )
    if dice.uniform() < 0.4:
        tractors, coat = plot.feet(1, 7, 14, room=2.2), PAINTS[dice.choice(("red", "green", "blue", "orange"))]
        plot.plant(tractors, lambda foot: countryside.tractor(dice, foot, dice.uniform(0, 360), coat))
    if dice.uniform() < 0.4:
        cattle = plot.feet(dice.integer(1, 3), 7, 20, room=1.4)
        plot.plant(cattle, lambda foot: animals.cow(dice, foot, dice.uniform(0, 360)))
    round_bales = dice.uniform() < 0.7
    bales = plot.feet(dice.integer(4, 8), 5, 32, room=1.2)
    plot.plant(bales, lambda f: countryside.hay_bale(dice, f, dice.uniform(0, 360), round_bale=round_bales))
    grown = plot.feet(3, 9, 26, room=3) + plot.feet(5, 40, 150, room=5)
    plot.plant(grown, lambda foot: trees.broadleaf(dice, foot, dice.uniform(6, 10), fine=fineness(foot)))
    clumps, blossom = plot.feet(3, 2.6, 7, room=0.4), PAINTS[dice.choice(FLOWER_PAINTS)]
    plot.plant(clumps, lambda foot: plants.flowers(dice, foot, dice.uniform(0.35, 0.55), blossom))
    return replace(plot.layout(), lamps=lamps)


def _beside_road(plot: Plot, across: Real, along: Real) -> tuple[Real, Real]:
    """The point (x, z) so many metres across and along the fields' direction."""
    ax, az = plot.terrain.axis
    return along * ax - across * az, along * az + across * ax


def _close_road(plot: Plot) -> None:
    """Let nothing stand on the road."""
    for k in range(-20, 21):
        plot.take(*_beside_road(plot, ROAD_AT_M, 3.0 * k), ROAD_HALF_M)


def _add_roadside_fence(plot: Plot, across: Real) -> None:
    start = plot.dice.uniform(-24, -8)
    spots = [_beside_road(plot, across, start + 3.0 * k) for k in range(9)]
    feet = [(x, y, z) for (x, z), y in zip(spots, plot.heights(spots), strict=True)]
    plot.solids += countryside.fence(plot.dice, feet)
    for x, z in spots:
        plot.take(x, z, 0.8)


UPLAND_PLACES = {"mountains": mountains, "hills": hills, "forest": forest, "farmland": farmland}
