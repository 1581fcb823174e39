"""What built places share: the frame of a street, light in windows and lamps, and the number of solids."""

import math

from cyclorama.diorama.landscapes.terrain import Terrain
from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import EYE_HEIGHT_M, Lamp, Layout, Scene
from cyclorama.diorama.solids import Solid
from cyclorama.diorama.things.placing import Spot

MOST_SOLIDS = 160
STREET_LIGHT = (15.0, 9.6, 4.6)
LIT_WINDOWS = {"night": 0.62, "sunset": 0.42, "dawn": 0.28, "noon": 0.0}
LAMP_GLOW = 2.0


def along_axis(terrain: Terrain, *, up: Real = 0.0) -> Spot:
    """The spot at the eye's foot whose front (local -z) looks along the terrain's axis; local x is across it."""
    x, z = terrain.axis
    return Spot(0.0, 0.0, math.degrees(math.atan2(x, -z)), up)


def is_dark(scene: Scene) -> bool:
    """Whether lamps are on."""
    return scene.time != "noon"


def town_layout(terrain: Terrain, solids: list[Solid], *, up: Real = 0.0) -> Layout:
    """A layout seen by someone who stands at the origin on ground `up` metres high; glowing lamps give light."""
    lamps = tuple(
        Lamp(solid.centre, STREET_LIGHT) for solid in solids if solid.thing == "street lamp" and solid.glow > LAMP_GLOW
    )
    return Layout((0.0, up + EYE_HEIGHT_M, 0.0), tuple(solids), terrain=terrain, lamps=lamps)


def filled(solids: list[Solid], more: list[list[Solid]]) -> list[Solid]:
    """The solids and, in their order, as many of the other things as MOST_SOLIDS allow."""
    for thing in more:
        if len(solids) + len(thing) <= MOST_SOLIDS:
            solids = solids + thing
    return solids
