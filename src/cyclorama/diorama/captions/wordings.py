"""Captions of scenes: what is there, when, and under which sky, in several wordings of one small vocabulary."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import dropwhile

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
OBJECT_WORDS = {
    "palm": ("palm", "palm tree"),
    "pine": ("pine", "pine tree", "fir", "fir tree", "conifer"),
    "tree": ("tree",),
    "cactus": ("cactus", "cacti", "cactuses"),
    "rock": ("rock", "boulder"),
    "bench": ("bench", "benches"),
    "street lamp": ("street lamp", "street light", "lamp post", "lantern"),
    "fountain": ("fountain",),
    "building": ("building",),
    "sofa": ("sofa", "couch", "couches"),
    "table": ("table",),
    "floor lamp": ("floor lamp", "standing lamp"),
    "plant": ("plant", "house plant", "potted plant"),
    "bookshelf": ("bookshelf", "bookshelves", "books", "bookcase"),
    "column": ("column", "pillar"),
    "bust": ("bust", "sculpture", "statue"),
    "painting": ("painting", "picture"),
    "window": ("window",),
    "door": ("door",),
}
"""One of each; a plural in s is understood."""
HEAD_WORDS = {"place": PLACE_WORDS, "time": TIME_WORDS, "sky": SKY_WORDS}
LEADING = frozenset({"a", "an", "the", "at", "by", "during", "in", "on", "under", "with"})
DENYING = frozenset({"no", "not", "without"})
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


def labels_in(text: str) -> dict[str, str]:
    """The place, time and sky that a text names in the wordings of captions; one that it does not name is absent.

    Of several labels of one head the one with the longest wording counts, then the one named first. A wording may go
    without its article or preposition where two words remain; a label's own name counts if a wording ends with it. What
    stands behind "no", "not" or "without" is not named.
    """
    words = _words(text)
    best = {head: max(_mentions(words, table), default=None) for head, table in HEAD_WORDS.items()}
    return {head: mention[2] for head, mention in best.items() if mention is not None}


def objects_in(text: str) -> tuple[str, ...]:
    """The things that a text names, in the order of OBJECT_WORDS; a palm tree is a palm and no tree.

    What stands behind "no", "not" or "without" is not named, nor is the text's own "a picture of" or "a painting of".
    """
    words, named = _without_opening(_words(text)), set()
    for wording, thing in _object_wordings():
        for start in _places_of(wording, words):
            if not _is_denied(start, words):
                named.add(thing)
            words[start : start + len(wording)] = [""] * len(wording)
    return tuple(thing for thing in OBJECT_WORDS if thing in named)


def vocabulary() -> list[str]:
    """Every word that a caption can hold, sorted."""
    tables = (PLACE_WORDS, TIME_WORDS, SKY_WORDS)
    phrases = [phrase for table in tables for wordings in table.values() for phrase in wordings]
    phrases += [*OPENINGS, "looking up", "looking down"]
    return sorted({word for phrase in phrases for word in phrase.split()})


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _mentions(words: list[str], table: Mapping[str, Sequence[str]]) -> Iterator[tuple[int, int, str]]:
    """(length, minus the position, label) of every wording that stands in the text."""
    for label, wordings in table.items():
        for wording in _ways_to_say(label, wordings):
            places = [start for start in _places_of(wording, words) if not _is_denied(start, words)]
            yield from ((len(wording), -start, label) for start in places)


def _ways_to_say(label: str, wordings: Sequence[str]) -> Iterator[list[str]]:
    name = label.split()
    if any(wording.split()[-len(name) :] == name for wording in wordings):
        yield name
    for wording in wordings:
        words = wording.split()
        yield words
        bare = list(dropwhile(LEADING.__contains__, words))
        if len(bare) > 1:
            yield bare


def _places_of(wording: Sequence[str], words: Sequence[str]) -> list[int]:
    """Where the words of a wording stand next to each other in a text."""
    wording = list(wording)
    return [k for k in range(len(words) - len(wording) + 1) if list(words[k : k + len(wording)]) == wording]


def _is_denied(start: int, words: Sequence[str]) -> bool:
    """Whether "no", "not" or "without" stands before the word at `start`, articles and prepositions left out."""
    before = next((word for word in reversed(words[:start]) if word not in {*LEADING, "any"}), "")
    return before in DENYING


def _without_opening(words: list[str]) -> list[str]:
    """Without a beginning such as "an oil painting of": that is what the picture is, not what it shows."""
    first = words.index("of") if "of" in words else 0
    opens = words[:first][-1:] in (["picture"], ["painting"]) and not LEADING.intersection(words[1:first])
    return words[first:] if opens else words


def _object_wordings() -> list[tuple[list[str], str]]:
    """Every wording of every thing, in the singular and the plural, the longest first."""
    pairs = [(way, thing) for thing, ways in OBJECT_WORDS.items() for one in ways for way in (one, one + "s")]
    return sorted(((way.split(), thing) for way, thing in pairs), key=lambda pair: -len(pair[0]))
