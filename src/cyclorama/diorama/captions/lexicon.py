"""The words that captions are made of."""

from collections.abc import Iterator
from itertools import chain

from cyclorama.diorama.captions.directions import direction_wordings
from cyclorama.diorama.captions.naming import FAR, NEAR, NUMBERS, SECTORS, SEVERAL_WORDS, THING_NAMES
from cyclorama.diorama.captions.reading import words_in
from cyclorama.diorama.captions.wordings import OPENINGS, PLACE_WORDS, SKIES_SAID, SKIES_SAID_AT, TIMES_SAID
from cyclorama.diorama.captions.writing import GLUE
from cyclorama.diorama.colours import PAINTS


def vocabulary() -> list[str]:
    """Every word that `write_caption` and `direction_captions` can write, in lower case, sorted."""
    return sorted({word for phrase in _phrases() for word in words_in(phrase)})


def _phrases() -> Iterator[str]:
    yield from chain.from_iterable(PLACE_WORDS.values())
    for time in TIMES_SAID.values():
        yield from (*time.phrases, *time.names, *time.clauses, time.noun, *time.of_places)
    for sky in (*SKIES_SAID.values(), *SKIES_SAID_AT.values()):
        yield from chain.from_iterable(sky)
    for names in THING_NAMES.values():
        yield from (names.one, names.many)
    yield from (*OPENINGS, *PAINTS, *GLUE, *NUMBERS.values(), *SEVERAL_WORDS, NEAR, FAR)
    yield from chain.from_iterable(SECTORS)
    yield from direction_wordings()
