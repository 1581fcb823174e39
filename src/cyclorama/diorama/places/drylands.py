"""Dry places: a river's canyon, the desert, the savanna."""

from dataclasses import replace

from cyclorama.diorama.colours import PAINTS, Rgb
from cyclorama.diorama.places.planting import Plot, draw_terrain, facing_eye, fineness
from cyclorama.diorama.places.shores import fire
from cyclorama.diorama.scene import Dice, Lamp, Layout, Scene
from cyclorama.diorama.solids import Point, Solid
from cyclorama.diorama.things import animals, countryside, plants, stones, trees

SANDSTONE: tuple[Rgb, ...] = ((0.52, 0.27, 0.15), (0.60, 0.36, 0.22), (0.46, 0.21, 0.13))
MUD: tuple[Rgb, ...] = ((0.46, 0.25, 0.13), (0.54, 0.33, 0.19), (0.40, 0.24, 0.15))
SAGE: tuple[Rgb, ...] = ((0.20, 0.23, 0.14), (0.24, 0.25, 0.13), (0.17, 0.20, 0.09))
STRAW_GRASS: Rgb = (0.60, 0.46, 0.20)


def canyon(dice: Dice, scene: Scene) -> Layout:
    """The bank of a river between red walls: fallen blocks, scrub, a few trees."""
    terrain = draw_terrain(dice, "canyon", (0.7, 1.3), water=0.0)
    plot, stone = Plot(dice, terrain), dice.choice(SANDSTONE)

    def boulder(foot: Point) -> list[Solid]:
        make = stones.slab if dice.uniform() < 0.5 else stones.rock
        return make(dice, foot, dice.uniform(0.4, 1.5), stone, material="layered stone")

    lamps: tuple[Lamp, ...] = ()
    if dice.uniform() < 0.5:
        camp, paint = (
            plot.feet(1, 6, 10, room=2.6, lowest=0.25, highest=4),
            PAINTS[dice.choice(("orange", "yellow", "blue"))],
        )
        lit = scene.time == "night"
        plot.plant(camp, lambda foot: countryside.tent(dice, foot, facing_eye(foot), paint, lit=lit))
        lamps = fire(plot, scene, 4, 7, lowest=0.2)
    plot.plant(plot.feet(dice.integer(9, 14), 4, 32, room=1.3, lowest=-0.5, highest=6), boulder)
    grown = plot.feet(dice.integer(2, 5), 5, 22, room=1.8, lowest=0.3, highest=5)
    plot.plant(grown, lambda foot: trees.broadleaf(dice, foot, dice.uniform(3.5, 6), fine=fineness(foot)))
    scrub = plot.feet(6, 3.2, 26, room=0.7, lowest=0.1, highest=7)
    plot.plant(scrub, lambda foot: plants.bush(dice, foot, dice.uniform(0.4, 0.9), SAGE))
    reeds = plot.feet(4, 4, 16, room=0.4, lowest=-0.3, highest=0.15)
    plot.plant(reeds, lambda foot: plants.tuft(dice, foot, dice.uniform(0.7, 1.2), (0.26, 0.30, 0.10)))
    return replace(plot.layout(), lamps=lamps)


def desert(dice: Dice, scene: Scene) -> Layout:
    """Dunes, cacti, agaves and rocks, mesas on the horizon."""
    terrain = draw_terrain(dice, "dunes", (0.6, 1.3))
    plot, stone = Plot(dice, terrain), dice.choice(SANDSTONE)
    lamps: tuple[Lamp, ...] = ()
    if dice.uniform() < 0.45:
        camp, paint = plot.feet(1, 6, 10, room=2.6), PAINTS[dice.choice(("beige", "white", "red"))]
        lit = scene.time == "night"
        plot.plant(camp, lambda foot: countryside.tent(dice, foot, facing_eye(foot), paint, lit=lit))
        lamps = fire(plot, scene, 4, 7)
    plot.plant(plot.feet(dice.integer(5, 8), 4, 13, room=1.3), lambda f: plants.cactus(dice, f, dice.uniform(2.4, 5.4)))
    plot.plant(plot.feet(3, 16, 50, room=2), lambda foot: plants.cactus(dice, foot, dice.uniform(3.5, 6.5)))
    pears = plot.feet(dice.integer(1, 3), 3.2, 12, room=0.8)
    plot.plant(pears, lambda foot: plants.prickly_pear(dice, foot, dice.uniform(0.8, 1.3)))
    plot.plant(plot.feet(2, 3, 10, room=0.6), lambda foot: plants.agave(dice, foot, dice.uniform(0.6, 1.0)))
    rocks = plot.feet(dice.integer(4, 8), 4, 26, room=1.0)
    plot.plant(rocks, lambda f: stones.rock(dice, f, dice.uniform(0.3, 1.3), stone, material="layered stone"))
    if dice.uniform() < 0.4:
        plot.plant(plot.feet(1, 7, 14, room=1.2), lambda foot: trees.dead_tree(dice, foot, dice.uniform(3, 4.5)))
    return replace(plot.layout(), lamps=lamps)


def savanna(dice: Dice, scene: Scene) -> Layout:
    """Yellow grass with acacias, termite mounds and rocks."""
    terrain = draw_terrain(dice, "savanna")
    plot, mud = Plot(dice, terrain), dice.choice(MUD)

    def tree(foot: Point) -> list[Solid]:
        return trees.acacia(dice, foot, dice.uniform(4.5, 8), fine=fineness(foot))

    lamps = fire(plot, scene) if dice.uniform() < 0.35 else ()
    _add_animals(plot)
    plot.plant(plot.feet(dice.integer(2, 4), 7, 16, room=3), tree)
    plot.plant(plot.feet(dice.integer(5, 7), 20, 150, room=5), tree)
    mounds = plot.feet(dice.integer(1, 3), 5, 20, room=1.2)
    plot.plant(mounds, lambda foot: stones.termite_mound(dice, foot, dice.uniform(1.2, 2.8), mud))
    rocks = plot.feet(dice.integer(3, 6), 4, 26, room=1.1)
    plot.plant(rocks, lambda foot: stones.rock(dice, foot, dice.uniform(0.4, 1.6), (0.42, 0.33, 0.27)))
    grass = plot.feet(5, 2.6, 11, room=0.4)
    plot.plant(grass, lambda foot: plants.tuft(dice, foot, dice.uniform(0.6, 1.1), STRAW_GRASS))
    plot.plant(plot.feet(5, 6, 40, room=0.9), lambda foot: plants.bush(dice, foot, dice.uniform(0.6, 1.3), SAGE))
    if dice.uniform() < 0.5:
        plot.plant(plot.feet(1, 8, 16, room=1.2), lambda foot: trees.dead_tree(dice, foot, dice.uniform(3.5, 5.5)))
    return replace(plot.layout(), lamps=lamps)


def _add_animals(plot: Plot) -> None:
    """Elephants or giraffes, or none."""
    dice = plot.dice
    make = dice.choice((animals.elephant, animals.giraffe, animals.giraffe, None))
    if make is not None:
        herd = plot.feet(1, 8, 14, room=3) + plot.feet(dice.integer(0, 2), 16, 40, room=3)
        plot.plant(herd, lambda foot: make(dice, foot, dice.uniform(0, 360)))


DRY_PLACES = {"canyon": canyon, "desert": desert, "savanna": savanna}
