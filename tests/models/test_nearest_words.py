"""Unknown words of a prompt give way to the nearest known ones; those that nothing is near to are left out."""

import pytest

from cyclorama.models.nearest_words import all_synonyms, nearest_known
from cyclorama.models.vocabulary import in_known_words, unknown_words
from tests.conftest import build_tokenizer

KNOWN = frozenset(
    [
        *("beach", "house", "living", "room", "fog", "misty", "bookshelf", "bookshelves", "city", "desert", "sofa"),
        *("red", "mountains", "a", "walking"),
    ]
)


@pytest.mark.parametrize(
    ("word", "nearest"),
    [
        ("beach", "beach"),
        ("seaside", "beach"),
        ("couch", "sofa"),
        ("crimson", "red"),
        ("parlour", "living room"),
        ("cities", "city"),
        ("beaches", "beach"),
        ("mountain", "mountains"),
        ("sofas", "sofa"),
        ("couches", "sofa"),
        ("walked", "walking"),
        ("mountians", "mountains"),
        ("dessert", "desert"),
        ("horse", None),
        ("flibber", None),
        ("kitchen", None),
        ("of", None),
        ("", None),
    ],
)
def test_meaning_comes_before_form_and_form_before_spelling(word: str, nearest: str | None):
    assert nearest_known(word, KNOWN) == nearest


def test_synonyms_count_only_where_their_target_is_known():
    assert nearest_known("seaside", {"lake"}) is None
    assert nearest_known("twilight", {"sunset", "dusk"}) in {"sunset", "dusk"}
    assert nearest_known("twilight", {"dusk"}) == "dusk"
    assert nearest_known("parlour", {"living"}) is None


def test_nonsense_is_near_to_nothing():
    for word in ("xqzzt", "lorem", "ipsum", "vermeer", "xylophones", "123456", "beeeeeach"):
        assert nearest_known(word, KNOWN) is None, word


def test_the_table_is_broad_and_of_plain_words():
    table = all_synonyms()
    assert len(table) > 800
    assert all(word.isalnum() and word == word.lower() for word in table)
    assert all(word not in targets and len(set(targets)) == len(targets) for word, targets in table.items())


def test_prompts_are_rewritten_in_known_words():
    tokenizer = build_tokenizer()
    prompt = "The Seaside town, at DUSK . with flibbers!"
    unknown = {"seaside": "beach", "town": "city", "dusk": "sunset", "with": None, "flibbers": None}
    assert unknown_words(tokenizer, prompt) == unknown
    rewritten = in_known_words(tokenizer, prompt)
    assert rewritten.split() == ["the", "beach", "city,", "at", "sunset", ".", "!"]
    assert unknown_words(tokenizer, rewritten) == {}


def test_known_prompts_stay_as_they_are():
    tokenizer = build_tokenizer()
    assert in_known_words(tokenizer, "A  snowy Mountain valley.") == "A  snowy Mountain valley."
    assert in_known_words(object(), "whatever it says") == "whatever it says"
