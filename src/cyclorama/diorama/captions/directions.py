"""What lies in each direction of a panorama, in short phrases: up, horizon, down, and the four quarters around."""

from collections.abc import Sequence

from cyclorama.diorama.captions.mentions import listed, mentions, phrase
from cyclorama.diorama.captions.pen import Pen
from cyclorama.diorama.captions.wordings import (
    CEILING,
    GROUND_WORDS,
    INDOOR_GROUND,
    PLACE_WORDS,
    SKIES_SAID,
    SKIES_SAID_AT,
    SNOWY_GROUND,
    TIMES_SAID,
)
from cyclorama.diorama.scene import INDOOR, Scene
from cyclorama.diorama.sighting import Sighting

AZIMUTHS = {"front": 0.0, "right": 90.0, "back": 180.0, "left": -90.0}
DIRECTIONS = ("up", "horizon", "down", *AZIMUTHS)
MOST_THINGS = 3


def direction_captions(scene: Scene, sightings: Sequence[Sighting], seed: int = 0) -> dict[str, str]:
    """A phrase for each of DIRECTIONS, drawn by `seed`; front is the middle of the panorama that `sightings` tell of.

    Each azimuth names the largest things in its quarter of a turn, or the place where it shows none.
    """
    pen = Pen(seed)
    indoors = scene.place in INDOOR
    own = SKIES_SAID_AT.get((scene.sky, scene.time))
    skies = own.nouns[:1] if own else SKIES_SAID[scene.sky].nouns
    said = {
        "up": CEILING if indoors else pen.choice(skies),
        "horizon": f"{_place(scene)} {pen.choice(TIMES_SAID[scene.time].phrases)}",
        "down": INDOOR_GROUND if indoors else SNOWY_GROUND if scene.sky == "snowfall" else GROUND_WORDS[scene.place],
    }
    return said | {name: _quarter(scene, sightings, yaw_deg, pen) for name, yaw_deg in AZIMUTHS.items()}


def direction_wordings() -> list[str]:
    """What directions say beside the wordings of captions."""
    return [CEILING, INDOOR_GROUND, SNOWY_GROUND, *GROUND_WORDS.values()]


def _quarter(scene: Scene, sightings: Sequence[Sighting], yaw_deg: float, pen: Pen) -> str:
    there = [seen for seen in sightings if abs((seen.yaw_deg - yaw_deg + 180) % 360 - 180) <= 45]
    things = mentions(there, colours=True, sectors=False)[:MOST_THINGS]
    return listed([phrase(thing, pen) for thing in things]) if things else _place(scene)


def _place(scene: Scene) -> str:
    """The place alone: the second wording is its name with an article."""
    return PLACE_WORDS[scene.place][1]
