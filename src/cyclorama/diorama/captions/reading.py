"""What a text in the wordings of captions names: place, time and sky, and things."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import dropwhile

from cyclorama.diorama.captions.naming import NO_THINGS, THING_NAMES
from cyclorama.diorama.captions.wordings import (
    ALSO_READ,
    LEADING,
    PLACE_WORDS,
    SKIES_SAID,
    SKIES_SAID_AT,
    TIMES_SAID,
    Skies,
    Times,
)

DENYING = frozenset({"no", "not", "without"})
Wording = tuple[str, ...]


def labels_in(text: str) -> dict[str, str]:
    """The place, time and sky that a text names in the wordings of captions; one that it does not name is absent.

    Of several labels of one head the one with the longest wording counts, then the one named first. A wording may go
    without its article or preposition where two words remain. What stands behind "no", "not" or "without" is not named.
    """
    words = words_in(text)
    best = {head: max(_mentions(words, table), default=None) for head, table in LABELS.items()}
    return {head: mention[2] for head, mention in best.items() if mention is not None}


def objects_in(text: str) -> tuple[str, ...]:
    """The things that a text names, in the order of `objects.OBJECTS`; a palm tree is a palm and no tree.

    What stands behind "no", "not" or "without" is not named, nor is the text's own "a picture of" or "a painting of".
    """
    words = _without_opening(words_in(text))
    found = {thing for start, thing in _longest_first(words, THINGS) if not _is_denied(start, words)}
    return tuple(thing for thing in THING_NAMES if thing in found)


def words_in(text: str) -> list[str]:
    """The words of a text, lower case, without punctuation."""
    return re.findall(r"[^\W_]+", text.lower())


def _mentions(words: list[str], table: Mapping[Wording, str]) -> Iterator[tuple[int, int, str]]:
    """(length, minus the position, label) of every wording that stands in the text."""
    for start, length in _spans(words, max(map(len, table))):
        label = table.get(tuple(words[start : start + length]))
        if label is not None and not _is_denied(start, words):
            yield length, -start, label


def _longest_first(words: list[str], table: Mapping[Wording, str]) -> Iterator[tuple[int, str]]:
    """Where each wording of a table stands, and what it names; a word belongs to the longest wording around it."""
    free = list(words)
    for start, length in sorted(_spans(words, max(map(len, table))), key=lambda span: -span[1]):
        thing = table.get(tuple(free[start : start + length]))
        if thing is not None:
            free[start : start + length] = [""] * length
            yield start, thing


def _spans(words: Sequence[str], longest: int) -> list[tuple[int, int]]:
    """(start, length) of every run of at most `longest` words."""
    return [(start, n) for start in range(len(words)) for n in range(1, min(longest, len(words) - start) + 1)]


def _is_denied(start: int, words: Sequence[str]) -> bool:
    """Whether "no", "not" or "without" stands before the word at `start`, articles and prepositions left out."""
    before = next((word for word in reversed(words[:start]) if word not in {*LEADING, "any"}), "")
    return before in DENYING


def _without_opening(words: list[str]) -> list[str]:
    """Without a beginning such as "an oil painting of": that is what the picture is, not what it shows."""
    first = words.index("of") if "of" in words else 0
    opens = words[:first][-1:] in (["picture"], ["painting"]) and not LEADING.intersection(words[1:first])
    return words[first:] if opens else words


def _sky_wordings(sky: Skies) -> Iterator[str]:
    nouns = [time.noun for time in TIMES_SAID.values()]
    yield from (*sky.phrases, *sky.nouns, *sky.names, *sky.clauses, *sky.of_places)
    yield from (f"{adjective} {noun}" for adjective in sky.adjectives for noun in nouns)


def _time_wordings(time: Times) -> tuple[str, ...]:
    return (*time.phrases, *time.names, *time.clauses, *time.of_places)


def _table(wordings: Iterable[tuple[str, str]]) -> dict[Wording, str]:
    """Label of each wording, as it is and without its leading words."""
    table: dict[Wording, str] = {}
    for wording, label in wordings:
        words = tuple(wording.split())
        bare = tuple(dropwhile(LEADING.__contains__, words))
        table[words] = label
        if len(bare) > 1:
            table[bare] = label
    return table


def _plural(word: str) -> str:
    return word if word.endswith("s") else word + "s"


LABELS = {
    "place": _table((wording, place) for place, wordings in PLACE_WORDS.items() for wording in wordings),
    "time": _table((way, time) for time, said in TIMES_SAID.items() for way in _time_wordings(said)),
    "sky": _table(
        (wording, label)
        for label, said in (*SKIES_SAID.items(), *((label, said) for (label, _), said in SKIES_SAID_AT.items()))
        for wording in _sky_wordings(said)
    ),
}
LABELS["place"] |= {(word,): place for place, words in ALSO_READ.items() for word in words}
THINGS: dict[Wording, str] = {
    tuple(wording.split()): thing
    for thing, names in THING_NAMES.items()
    for wording in (names.one, names.many, *(way for one in names.also for way in (one, _plural(one))))
    if wording
} | {tuple(wording.split()): "" for wording in NO_THINGS}
