"""The nearest known word to one that a model with a closed vocabulary never saw: by meaning, by form, by spelling."""

import json
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path

SYNONYMS = Path(__file__).with_name("synonyms.json")
"""Known word to words that mean nearly the same; those under "" resemble known words and mean something else."""
SHORTEST_STEM, SHORTEST_MISSPELT = 3, 5
LEAST_SIMILAR = 0.84
"""Twice the letters in common over all letters (difflib's ratio): one wrong letter in seven, one missing in five."""
ENDINGS = {
    "ies": ("y",),
    "ves": ("f", "fe"),
    "es": ("", "e"),
    "s": ("",),
    "ing": ("", "e", "ed"),
    "ed": ("", "e", "ing"),
    "ly": ("",),
    "ish": ("", "e"),
    "ier": ("y",),
    "iest": ("y",),
    "er": ("", "e"),
    "est": ("", "e"),
    "y": ("", "e"),
    "like": ("",),
    "i": ("us",),
}
"""Endings of words and what may stand in their place in other forms of them."""
ADDED_ENDINGS = ("s", "es", "y", "ed", "n")


def nearest_known(word: str, known: Collection[str]) -> str | None:
    """The word, or the words, of `known` that are nearest to `word` in lower case; None where nothing is near.

    First comes a synonym, then another form of the word (its plural, its singular, a longer or shorter ending), then
    the likeliest word that was meant by a misspelling.

    >>> nearest_known("seaside", {"beach", "lake"}), nearest_known("lakes", {"beach", "lake"})
    ('beach', 'lake')
    """
    if word in known:
        return word
    if meant := _known_synonym(word, known):
        return meant
    for form in _other_forms(word):
        if form in known:
            return form
        if meant := _known_synonym(form, known):
            return meant
    return None if "" in _synonyms().get(word, ()) else _respelt(word, known)


def all_synonyms() -> dict[str, tuple[str, ...]]:
    """Every word of the table with the words that it may be replaced by, the nearest first."""
    return dict(_synonyms())


def _known_synonym(word: str, known: Collection[str]) -> str | None:
    targets = (target for target in _synonyms().get(word, ()) if target)
    return next((target for target in targets if all(part in known for part in target.split())), None)


@cache
def _synonyms() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for target, words in json.loads(SYNONYMS.read_text("utf-8")).items():
        for word in words:
            table[word] = (*table.get(word, ()), target)
    return table


def _other_forms(word: str) -> Iterator[str]:
    """Singulars, plurals and words without or with a common ending, the likeliest first."""
    for ending, others in ENDINGS.items():
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            yield from (word.removesuffix(ending) + other for other in others)
    yield from (word + ending for ending in ADDED_ENDINGS)


def _respelt(word: str, known: Collection[str]) -> str | None:
    if len(word) < SHORTEST_MISSPELT or not word.isalpha():
        return None
    likely = [other for other in known if other[:1] == word[0] and len(other) >= SHORTEST_MISSPELT - 1]
    return next(iter(get_close_matches(word, sorted(likely), n=1, cutoff=LEAST_SIMILAR)), None)
