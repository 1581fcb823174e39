"""Captions of scenes: what is there, when, and under which sky, in several wordings of one small vocabulary."""

from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import Dice, Scene

PLACE_WORDS = {
    "beach": (
        "a sandy beach",
        "a tropical beach with palm trees",
        "a beach by the sea",
        "the sea shore with palms",
        "an ocean beach",
    ),
    "mountains": (
        "a snowy mountain valley",
        "snowy mountains",
        "a winter valley with pine trees and snow",
        "snow covered mountain peaks",
        "a mountain landscape in winter",
    ),
    "desert": (
        "a desert with sand dunes",
        "sand dunes",
        "a dry desert with cacti",
        "a sandy desert",
        "the desert with rocks and a cactus",
    ),
    "hills": (
        "green hills",
        "rolling hills with trees",
        "a green meadow",
        "grassy hills with trees",
        "a green countryside with grass",
    ),
    "lake": (
        "a calm lake",
        "a lake with pine trees",
        "the shore of a quiet lake",
        "a lake in a forest",
        "a blue lake with trees around it",
    ),
    "city": (
        "a city square",
        "a town square with buildings",
        "a plaza in the city",
        "a city plaza with a fountain",
        "city buildings around a square",
    ),
    "living room": (
        "a living room",
        "a cosy living room with a sofa",
        "a living room with a bookshelf",
        "a lounge with a rug and a sofa",
        "the inside of a house with a sofa and books",
    ),
    "gallery": (
        "an art gallery",
        "a museum hall with columns",
        "a gallery with paintings",
        "a museum",
        "a hall with paintings and columns",
    ),
}
TIME_WORDS = {
    "dawn": ("at dawn", "at sunrise", "in the early morning", "at daybreak"),
    "noon": ("at noon", "at midday", "in bright daylight", "during the day"),
    "sunset": ("at sunset", "in the evening", "at dusk", "at golden hour"),
    "night": ("at night", "by moonlight", "at midnight", "late at night"),
}
SKY_WORDS = {
    "clear": ("under a clear sky", "with a clear sky", "in clear weather", "with a cloudless sky"),
    "scattered clouds": (
        "with scattered clouds",
        "under a partly cloudy sky",
        "with a few clouds",
        "with white clouds",
    ),
    "overcast": ("under an overcast sky", "under a grey sky", "in cloudy weather", "with a sky covered by clouds"),
    "fog": ("in fog", "in thick fog", "in the mist", "on a foggy day"),
}
STEEP_DEG = 35
OPENINGS = ("", "", "a panorama of ", "a view of ", "a photo of ")


def write_caption(scene: Scene, seed: int = 0, *, pitch_deg: Real = 0.0, complete: bool = False) -> str:
    """One wording of a scene's caption, drawn by `seed`; the sky, or rarely the time, may be left unsaid.

    `complete` leaves nothing unsaid. `pitch_deg` beyond 35 degrees adds that the camera looks up or down.
    """
    dice = Dice(seed * 31 + 5)
    place = dice.choice(PLACE_WORDS[scene.place])
    time, sky = dice.choice(TIME_WORDS[scene.time]), dice.choice(SKY_WORDS[scene.sky])
    said = [part for part, odds in ((time, 0.92), (sky, 0.72)) if dice.uniform() < odds or complete]
    if dice.uniform() < 0.3:
        said.reverse()
    opening = dice.choice(OPENINGS)
    if dice.uniform() < 0.12 and said:
        return f"{', '.join(said)}, {opening}{place}" + _gaze(pitch_deg)
    separator = " " if dice.uniform() < 0.5 else ", "
    return opening + separator.join([place, *said]) + _gaze(pitch_deg)


def _gaze(pitch_deg: Real) -> str:
    if abs(pitch_deg) <= STEEP_DEG:
        return ""
    return ", looking up" if pitch_deg > 0 else ", looking down"


def vocabulary() -> list[str]:
    """Every word that a caption can hold, sorted."""
    tables = (PLACE_WORDS, TIME_WORDS, SKY_WORDS)
    phrases = [phrase for table in tables for wordings in table.values() for phrase in wordings]
    phrases += [*OPENINGS, "looking up", "looking down"]
    return sorted({word for phrase in phrases for word in phrase.split()})
