"""Places by the water: a beach, islands, a lake."""

import math
from dataclasses import replace

from cyclorama.diorama.colours import PAINTS, Rgb
from cyclorama.diorama.noise import Real
from cyclorama.diorama.places.planting import Plot, draw_terrain, facing_eye, fineness
from cyclorama.diorama.scene import Dice, Lamp, Layout, Scene
from cyclorama.diorama.solids import Point, Solid
from cyclorama.diorama.things import boats, countryside, plants, stones, trees, waterfront
from cyclorama.diorama.things.placing import Spot

ABOVE_WATER_M = 0.8  # the eye stands higher beside water, to see over it
SHORE_ROCKS: tuple[Rgb, ...] = ((0.26, 0.24, 0.22), (0.36, 0.31, 0.26), (0.17, 0.16, 0.165))
BOAT_PAINTS = ("red", "blue", "white", "green", "yellow", "turquoise")
PARASOLS = ("red", "yellow", "blue", "orange", "white", "turquoise")
FIRELIGHT: Rgb = (7.0, 3.2, 1.0)
LIT_TIMES = ("night", "sunset", "dawn")


def fire(plot: Plot, scene: Scene, near: Real = 4.5, far: Real = 8.0, lowest: Real = -math.inf) -> tuple[Lamp, ...]:
    """A campfire near the eye and its light; it burns in the dark hours."""
    feet = plot.feet(1, near, far, room=1.6, lowest=lowest)
    lit = scene.time in LIT_TIMES
    plot.plant(feet, lambda foot: countryside.campfire(plot.dice, foot, lit=lit))
    return tuple(Lamp((x, y + 0.8, z), FIRELIGHT) for x, y, z in feet if lit)


def beach(dice: Dice, scene: Scene) -> Layout:
    """Sand between the sea and green hills, with palms, rocks, boats."""
    terrain = draw_terrain(dice, "coast", water=0.0)
    plot, sea = Plot(dice, terrain), terrain.axis
    inland = (-sea[0], -sea[1])
    colour = dice.choice(SHORE_ROCKS)
    if dice.uniform() < 0.6:
        paint = PAINTS[dice.choice(BOAT_PAINTS)]
        feet = plot.feet(1, 5, 10, room=2.2, lowest=0.25, highest=1.6)
        plot.plant(feet, lambda foot: boats.rowing_boat(dice, foot, dice.uniform(0, 360), paint, afloat=False))
    lamps = fire(plot, scene, lowest=0.8) if dice.uniform() < 0.4 else ()
    if dice.uniform() < 0.45:
        shades, shade_paint = plot.feet(dice.integer(1, 3), 4, 11, room=1.8, lowest=0.8), PAINTS[dice.choice(PARASOLS)]
        plot.plant(shades, lambda foot: countryside.parasol(dice, foot, dice.uniform(0, 360), shade_paint))
    palms = plot.feet(dice.integer(2, 4), 4.5, 12, room=1.5, lowest=0.9)
    palms += plot.feet(dice.integer(3, 5), 14, 60, room=2.0, lowest=1.0, toward=inland)
    plot.plant(palms, lambda foot: trees.palm(dice, foot, dice.uniform(4.5, 9), fine=fineness(foot)))
    plot.plant(plot.feet(3, 5, 20, lowest=1.1, room=0.8), lambda foot: plants.bush(dice, foot, dice.uniform(0.5, 1.2)))
    rocks = plot.feet(dice.integer(4, 8), 4, 30, room=0.8, lowest=-0.7, highest=1.4)
    plot.plant(rocks, lambda foot: stones.rock(dice, foot, dice.uniform(0.25, 0.95), colour))
    stacks = plot.feet(dice.integer(0, 3), 45, 120, lowest=-7, highest=-1.5, room=5, toward=sea)
    plot.plant(stacks, lambda foot: stones.stack(dice, foot, dice.uniform(12, 24), colour))
    _add_sails(plot, scene)
    grass = plot.feet(2, 3.5, 12, lowest=1.0, room=0.4)
    plot.plant(grass, lambda foot: plants.tuft(dice, foot, dice.uniform(0.5, 0.9), (0.34, 0.38, 0.16)))
    return replace(plot.layout(ABOVE_WATER_M), lamps=lamps)


def islands(dice: Dice, scene: Scene) -> Layout:
    """An islet with its neighbours around: low ones with palms, or steep ones of rock with pines."""
    tropical = dice.uniform() < 0.55
    terrain = draw_terrain(dice, "isles", (0.05, 0.5) if tropical else (0.8, 1.3), water=0.0)
    plot = Plot(dice, terrain)
    colour = dice.choice(SHORE_ROCKS)

    lamps = fire(plot, scene, 4, 7, lowest=0.7) if dice.uniform() < 0.4 else ()

    def tree(foot: Point) -> list[Solid]:
        if tropical:
            return trees.palm(dice, foot, dice.uniform(4, 8), fine=fineness(foot))
        return trees.conifer(dice, foot, dice.uniform(3.5, 7), fine=fineness(foot))

    plot.plant(plot.feet(dice.integer(3, 5), 4.5, 15, room=1.4, lowest=0.6), tree)
    plot.plant(plot.feet(5, 40, 130, room=3, lowest=1.2, highest=16), tree)
    rocks = plot.feet(dice.integer(6, 10), 4.5, 26, room=0.9, lowest=-2.5, highest=1.2)
    plot.plant(rocks, lambda foot: stones.rock(dice, foot, dice.uniform(0.4, 1.4), colour))
    stacks = plot.feet(dice.integer(3, 6), 36, 110, lowest=-7, highest=-2.5, room=5)
    plot.plant(stacks, lambda foot: stones.stack(dice, foot, dice.uniform(13, 26), colour))
    lighthouses, bands = plot.feet(dice.integer(0, 1), 45, 130, room=4, lowest=0.8, highest=34), PAINTS["red"]
    for x, y, z in lighthouses:
        plot.solids += waterfront.lighthouse(dice, Spot(x, z, 0.0, y), bands, 14, lit=scene.time in LIT_TIMES)
    _add_sails(plot, scene)
    rowing = plot.feet(dice.integer(0, 2), 22, 40, lowest=-7, highest=-1.2, room=3)
    paint = PAINTS[dice.choice(BOAT_PAINTS)]
    plot.plant(
        [(x, 0.02, z) for x, _, z in rowing],
        lambda foot: boats.rowing_boat(dice, foot, dice.uniform(0, 360), paint, afloat=True),
    )
    plot.plant(plot.feet(4, 4, 13, room=0.7, lowest=0.7), lambda foot: plants.bush(dice, foot, dice.uniform(0.4, 1.0)))
    return replace(plot.layout(ABOVE_WATER_M), lamps=lamps)


def _add_sails(plot: Plot, scene: Scene) -> None:
    """None, one or two sailing boats on the sea."""
    dice, paint = plot.dice, PAINTS[plot.dice.choice(BOAT_PAINTS)]
    for x, _, z in plot.feet(dice.integer(0, 2), 32, 90, room=5, highest=-2.5):
        spot, lit = Spot(x, z, dice.uniform(0, 360)), scene.time == "night"
        plot.solids += boats.sailing_boat(dice, spot, paint, dice.uniform(6, 9), lit=lit, sails=True)


def lake(dice: Dice, scene: Scene) -> Layout:
    """A lake with woods on its shores; a jetty or a boat, tents, a fire."""
    terrain = draw_terrain(dice, "lake", water=0.0)
    plot, inland = Plot(dice, terrain), (-terrain.axis[0], -terrain.axis[1])
    birches, paint = dice.uniform() < 0.4, PAINTS[dice.choice(BOAT_PAINTS)]

    def tree(foot: Point) -> list[Solid]:
        fine = fineness(foot)
        if birches and dice.uniform() < 0.5:
            return trees.broadleaf(dice, foot, dice.uniform(6, 11), fine=fine, birch=True)
        return trees.conifer(dice, foot, dice.uniform(7, 14), fine=fine)

    if dice.uniform() < 0.6:
        _add_jetty(plot)
    if dice.uniform() < 0.6:
        rowing = plot.feet(1, 7, 16, lowest=-3, highest=-0.35, room=2.4, toward=terrain.axis)
        plot.plant(
            [(x, 0.04, z) for x, _, z in rowing],
            lambda foot: boats.rowing_boat(dice, foot, dice.uniform(0, 360), paint, afloat=True),
        )
    lamps: tuple[Lamp, ...] = ()
    if dice.uniform() < 0.6:
        camp = plot.feet(1, 6, 10, room=2.6, lowest=0.35)
        lit, colour = scene.time == "night", PAINTS[dice.choice(("orange", "green", "blue", "red"))]
        plot.plant(camp, lambda foot: countryside.tent(dice, foot, facing_eye(foot), colour, lit=lit))
        lamps = fire(plot, scene, 4, 7, lowest=0.25)
    plot.plant(plot.feet(dice.integer(5, 8), 5, 18, room=1.7, lowest=0.5), tree)
    plot.plant(plot.feet(11, 18, 80, room=2.2, lowest=0.6, toward=inland), tree)
    rocks = plot.feet(8, 3.5, 22, room=0.7, lowest=-0.7)
    plot.plant(rocks, lambda foot: stones.rock(dice, foot, dice.uniform(0.2, 0.9), (0.27, 0.26, 0.25)))
    reeds = plot.feet(5, 4, 18, room=0.5, lowest=-0.35, highest=0.1)
    plot.plant(reeds, lambda foot: plants.tuft(dice, foot, dice.uniform(0.9, 1.5), (0.20, 0.27, 0.08)))
    return replace(plot.layout(ABOVE_WATER_M), lamps=lamps)


def _add_jetty(plot: Plot) -> None:
    """A jetty from the shore straight into the lake, to the right or to the left of the eye."""
    ax, az = plot.terrain.axis
    beside = plot.dice.choice((-1, 1)) * plot.dice.uniform(3.4, 6)
    foot = (2.5 * ax + beside * az, 0.0, 2.5 * az - beside * ax)
    yaw_deg, length = math.degrees(math.atan2(ax, -az)), plot.dice.uniform(9, 14)
    plot.solids += waterfront.jetty(plot.dice, foot, yaw_deg, length)
    for k in range(5):
        plot.take(foot[0] + ax * length * k / 5, foot[2] + az * length * k / 5, 1.4)


SHORE_PLACES = {"beach": beach, "islands": islands, "lake": lake}
