"""Free texts are read where they use the wordings of captions."""

import pytest

from cyclorama.diorama import labels_in, objects_in


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("", {}),
        ("a spaceship", {}),
        ("A Sandy Beach; SUNSET.", {"place": "beach", "time": "sunset"}),
        ("living room, night", {"place": "living room", "time": "night"}),
        ("a living room with a view of mountains", {"place": "living room"}),
        ("snowy mountains above a lake", {"place": "mountains"}),
        ("a mountain lake", {"place": "lake"}),
        ("an island", {"place": "islands"}),
        ("the clear sky over the city at noon", {"place": "city", "time": "noon", "sky": "clear"}),
        ("a clear lake on a foggy day", {"place": "lake", "time": "noon", "sky": "fog"}),
        ("a foggy beach at dawn", {"place": "beach", "time": "dawn", "sky": "fog"}),
        ("a partly cloudy evening", {"time": "sunset", "sky": "scattered clouds"}),
        ("a snowy mountain valley", {"place": "mountains"}),
        ("a village on a snowy night", {"place": "village", "time": "night", "sky": "snowfall"}),
        ("a beachcomber", {}),
    ],
)
def test_labels_are_read_where_texts_use_the_wordings(text: str, labels: dict):
    assert labels_in(text) == labels


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("a beach with Palm trees", ("palm",)),
        ("pine trees and a tree", ("pine", "tree")),
        ("two street lamps, benches and a fountain", ("bench", "street lamp", "fountain")),
        ("a potted plant by the bookshelves", ("plant", "bookshelf")),
        ("stable plants", ("plant",)),
        ("cacti", ("cactus",)),
        ("a clock tower, and a clock", ("tower", "clock")),
        ("a red couch and a painting on the wall", ("sofa", "painting")),
        ("nothing", ()),
    ],
)
def test_things_are_read_in_the_singular_and_the_plural(text: str, things: tuple):
    assert objects_in(text) == things


@pytest.mark.parametrize(
    ("text", "labels", "things"),
    [
        ("a beach without any palm trees, no fog, a bench", {"place": "beach"}, ("bench",)),
        ("a lake, not at night", {"place": "lake"}, ()),
        ("no trees but a tree", {}, ("tree",)),
    ],
)
def test_what_is_denied_is_not_named(text: str, labels: dict, things: tuple):
    assert (labels_in(text), objects_in(text)) == (labels, things)


def test_a_text_that_says_what_the_picture_is_asks_for_no_painting():
    assert objects_in("a picture of a sofa") == ("sofa",)
    assert objects_in("A wide oil painting of rocks") == ("rock",)
    assert objects_in("a hall with a painting of rocks") == ("rock", "painting")
    assert objects_in("a painting") == ("painting",)
