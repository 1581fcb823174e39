"""Captions of scenes, from one word to three sentences, in the wordings of one small vocabulary."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from cyclorama.diorama.captions.mentions import NAMED_SHARE, listed, told, with_article
from cyclorama.diorama.captions.naming import THING_NAMES
from cyclorama.diorama.captions.pen import Pen
from cyclorama.diorama.captions.reading import objects_in
from cyclorama.diorama.captions.wordings import (
    OPENINGS,
    PLACE_WORDS,
    PLURAL_PLACES,
    SKIES_SAID,
    SKIES_SAID_AT,
    TIMES_SAID,
)
from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import INDOOR, Scene
from cyclorama.diorama.sighting import Sighting

CAPTION_WORDS_MAX = 36
GAZE_WORDS, LEAD_IN_WORDS = 2, 2
STEEP_DEG = 35
TIME_ODDS, SKY_ODDS, THINGS_ODDS = 0.9, 0.75, 0.8
OPENING_ODDS, JOINT_ODDS, ADJECTIVE_ODDS, OWN_SKY_ODDS = 0.45, 0.12, 0.2, 0.5
REVERSED_ODDS, THINGS_EARLY_ODDS = 0.3, 0.2
OUTSIDE, BEHIND_GLASS = "outside", "outside the window"
GLUE = ("there is", "there are", "and", "with", OUTSIDE, BEHIND_GLASS, "looking up", "looking down", "a", "an", "on")
"""Further words of captions."""
_PLACES = {place: [(way, frozenset(objects_in(way))) for way in ways] for place, ways in PLACE_WORDS.items()}


def write_caption(
    scene: Scene,
    seed: int = 0,
    *,
    sightings: Sequence[Sighting] = (),
    pitch_deg: Real = 0.0,
    complete: bool = False,
    directions: bool = True,
) -> str:
    """One wording of a scene's caption, drawn by `seed`: one word to three sentences, at most CAPTION_WORDS_MAX words.

    Things are named where `sightings` (of `objects.sightings`) show enough of them, with their number and colour, and
    with their direction from the picture's middle if `directions`. The time or the sky may be left unsaid; `complete`
    leaves neither. `pitch_deg` beyond 35 degrees adds that the camera looks up or down.
    """
    pen = Pen(seed)
    shows = {sighting.thing for sighting in sightings if sighting.share >= NAMED_SHARE}
    form = pen.choice(FORMS if complete else (*FORMS, _one_phrase))
    tells_time, tells_sky = complete or pen.chance(TIME_ODDS), complete or pen.chance(SKY_ODDS)
    words = _Words(scene, pen, shows, tells_time, tells_sky)
    draft = form(words)
    things = told(sightings, pen, directions=directions, besides=words.named, most=_how_many(pen))
    caption = _filled(draft, things)
    return caption + _gaze(pitch_deg, sentence=caption.endswith("."))


class _Words:
    """The parts of one caption, each drawn when it is asked for."""

    def __init__(self, scene: Scene, pen: Pen, shows: set[str], tells_time: bool, tells_sky: bool) -> None:
        self.scene, self.pen, self.shows = scene, pen, shows
        self.tells_time, self.tells_sky = tells_time, tells_sky
        self.indoors = scene.place in INDOOR
        self.named: frozenset[str] = frozenset()
        own = SKIES_SAID_AT.get((scene.sky, scene.time))
        self._time = TIMES_SAID[scene.time]
        self._sky = own if own and pen.chance(OWN_SKY_ODDS) else SKIES_SAID[scene.sky]

    def opening(self) -> str:
        return self.pen.choice(OPENINGS) + " " if self.pen.chance(OPENING_ODDS) else ""

    def place(self) -> str:
        """The place, with things only where they are seen; they need no other mention."""
        true = [(way, things) for way, things in _PLACES[self.scene.place][1:] if things <= self.shows]
        wording, self.named = self.pen.choice(true)
        return wording

    def place_name(self) -> str:
        return PLACE_WORDS[self.scene.place][0]

    def place_under_sky(self) -> str:
        """The place, sometimes with its sky or night as an adjective, which is then said."""
        if self.indoors or not self.pen.chance(ADJECTIVE_ODDS):
            return self.place()
        if self.tells_sky and self._sky.of_places:
            self.tells_sky = False
            return self._described(self.pen.choice(self._sky.of_places))
        if self.tells_time and self._time.of_places:
            self.tells_time = False
            return self._described(self.pen.choice(self._time.of_places))
        return self.place()

    def circumstances(self) -> list[str]:
        """Time and sky in either order, or in one phrase: "on a foggy morning"."""
        if self.tells_time and self.tells_sky and self._sky.adjectives and self.pen.chance(JOINT_ODDS):
            return [f"on {with_article(self.pen.choice(self._sky.adjectives))} {self._time.noun}"]
        said = [self.time()] if self.tells_time else []
        said += [self.sky()] if self.tells_sky else []
        return said[::-1] if self.pen.chance(REVERSED_ODDS) else said

    def time(self) -> str:
        return self.pen.choice(self._time.phrases)

    def sky(self) -> str:
        """As it is over the place, or as windows show it."""
        if not self.indoors:
            return self.pen.choice(self._sky.phrases)
        where = BEHIND_GLASS if "window" in self.shows and self.pen.chance(0.5) else OUTSIDE
        return f"with {self.pen.choice(self._sky.nouns)} {where}"

    def clauses(self) -> list[str]:
        """Time and sky in sentences of their own, where they are not said yet."""
        said = [self.pen.choice(self._time.clauses)] if self.tells_time else []
        if self.tells_sky:
            clause = self.pen.choice(self._sky.clauses or SKIES_SAID[self.scene.sky].clauses)
            said.append(f"{OUTSIDE} {clause}" if self.indoors else clause)
        return said

    def names(self) -> list[str]:
        """Single names of the time and the sky."""
        said = [self.pen.choice(self._time.names)] if self.tells_time else []
        return said + ([self.pen.choice(self._sky.names)] if self.tells_sky else [])

    def _described(self, adjective: str) -> str:
        described = f"{adjective} {self.place_name()}"
        return described if self.scene.place in PLURAL_PLACES else with_article(described)


class _Draft(NamedTuple):
    """A caption with "{}" where things are told, and how a list of them is led in."""

    text: str
    lead_in: Callable[[list[str]], str]


def _plain(words: _Words) -> _Draft:
    """A beach at dawn under a clear sky, with two palm trees ahead."""
    opening, place, circumstances = words.opening(), words.place_under_sky(), words.circumstances()
    separator = " " if words.pen.chance(0.6) else ", "
    if words.pen.chance(THINGS_EARLY_ODDS) and "with" not in place:
        separator = ", " if any(part.startswith("with ") for part in circumstances) else separator
        return _Draft(opening + place + separator.join(["{}", *circumstances]), _with)
    text = opening + separator.join([place, *circumstances])
    return _Draft(text + "{}", _with if " with " not in text and words.pen.chance(0.6) else _after_comma)


def _fronted(words: _Words) -> _Draft:
    """At dawn, a photo of a beach with two palm trees ahead."""
    place, circumstances = words.place_under_sky(), words.circumstances()
    text = ", ".join([*circumstances, words.opening() + place])
    return _Draft(text + "{}", _after_comma if " with " in place else _with)


def _names(words: _Words) -> _Draft:
    """Beach, dawn, clear sky, two palm trees ahead."""
    names = words.names()
    return _Draft(
        ", ".join([words.place_name(), *(words.pen.order(names))]) + "{}", lambda some: ", " + ", ".join(some)
    )


def _sentences(words: _Words) -> _Draft:
    """A beach at dawn. There are two palm trees ahead. The sky is clear."""
    first = words.opening() + words.place()
    if words.tells_time and words.pen.chance(0.6):
        first, words.tells_time = f"{first} {words.time()}", False
    last = _sentence(" and ".join(words.clauses()))
    return _Draft(_sentence(first).strip() + "{}" + last, lambda some: _sentence(_there_is(some)))


def _one_phrase(words: _Words) -> _Draft:
    """Beach."""
    words.named = frozenset(THING_NAMES)
    return _Draft(words.place_name() if words.pen.chance(0.5) else words.place(), _with)


FORMS = (*(_plain,) * 6, _fronted, _names, *(_sentences,) * 2)


def _with(things: list[str]) -> str:
    return f" with {listed(things)}"


def _after_comma(things: list[str]) -> str:
    return f", {listed(things)}"


def _there_is(things: list[str]) -> str:
    return f"there {'is' if things[0].split()[0] in ('a', 'an') else 'are'} {listed(things)}"


def _sentence(text: str) -> str:
    """With a capital, a full stop and a space before it."""
    return f" {text[0].upper()}{text[1:]}." if text else ""


def _filled(draft: _Draft, things: Sequence[str]) -> str:
    """The caption with as many of the things as it has room for."""
    room = CAPTION_WORDS_MAX - GAZE_WORDS - LEAD_IN_WORDS - len(draft.text.split())
    kept: list[str] = []
    for thing in things:
        room -= 1 + thing.count(" ") + (len(kept) > 0)
        if room < 0:
            break
        kept.append(thing)
    return draft.text.replace("{}", draft.lead_in(kept) if kept else "")


def _how_many(pen: Pen) -> int:
    return 1 + int(pen.chance(0.7)) + int(pen.chance(0.5)) + int(pen.chance(0.3)) if pen.chance(THINGS_ODDS) else 0


def _gaze(pitch_deg: Real, *, sentence: bool) -> str:
    if abs(pitch_deg) <= STEEP_DEG:
        return ""
    gaze = "looking up" if pitch_deg > 0 else "looking down"
    return _sentence(gaze) if sentence else f", {gaze}"
