"""Captions say what a scene is, in the words of one small vocabulary, never longer than the miniature can read."""

import itertools

import pytest

from cyclorama.diorama import PLACES, SKIES, TIMES, sample_scene, write_caption
from cyclorama.diorama.captions.wordings import PLACE_WORDS, SKY_WORDS, TIME_WORDS, labels_in, objects_in, vocabulary

MOST_WORDS, GAZE_WORDS = 23, 2  # the miniature reads 24 tokens, punctuation dropped, the end of the sentence included
COMBINATIONS = list(itertools.product(PLACES, TIMES, SKIES))


def captions(pitch_deg=0.0):
    for k, (place, time, sky) in enumerate(COMBINATIONS * 4):
        scene = sample_scene(k, place=place, time=time, sky=sky)
        yield scene, write_caption(scene, k, pitch_deg=pitch_deg)


def words_of(caption):
    return caption.replace(",", "").split()


def test_every_caption_names_the_place():
    for scene, caption in captions():
        assert any(phrase in caption for phrase in PLACE_WORDS[scene.place]), caption


def test_captions_mostly_name_the_time_and_often_the_sky_and_never_another():
    said = {"time": 0, "sky": 0}
    for scene, caption in captions():
        for name, table, own in (("time", TIME_WORDS, scene.time), ("sky", SKY_WORDS, scene.sky)):
            mentioned = {key for key, phrases in table.items() if any(phrase in caption for phrase in phrases)}
            assert mentioned <= {own}, caption
            said[name] += bool(mentioned)
    total = 4 * len(COMBINATIONS)
    assert 0.87 < said["time"] / total < 0.97
    assert 0.64 < said["sky"] / total < 0.80


@pytest.mark.parametrize("pitch_deg", [0.0, 60.0, -60])
def test_all_words_are_in_the_vocabulary_and_not_too_many(pitch_deg):
    known = set(vocabulary())
    for _, caption in captions(pitch_deg):
        assert set(words_of(caption)) <= known, caption
        assert len(words_of(caption)) <= MOST_WORDS + GAZE_WORDS * (pitch_deg != 0), caption


def test_the_vocabulary_is_sorted_plain_lower_case_words_without_repeats():
    words = vocabulary()
    assert words == sorted(set(words))
    assert all(word.isalpha() and word.islower() for word in words)


def test_a_steep_gaze_is_said():
    scene = sample_scene(3)
    level = write_caption(scene, 5)
    assert write_caption(scene, 5, pitch_deg=35.0) == level
    assert write_caption(scene, 5, pitch_deg=36) == level + ", looking up"
    assert write_caption(scene, 5, pitch_deg=-36) == level + ", looking down"


def test_the_seed_chooses_the_wording():
    scene = sample_scene(3)
    assert write_caption(scene, 5) == write_caption(scene, 5)
    assert len({write_caption(scene, seed) for seed in range(40)}) > 25


def test_every_attribute_has_its_words():
    assert (tuple(PLACE_WORDS), tuple(TIME_WORDS), tuple(SKY_WORDS)) == (PLACES, TIMES, SKIES)


def test_a_complete_caption_says_place_time_and_sky():
    for seed in range(100):
        scene = sample_scene(seed)
        caption = write_caption(scene, seed, complete=True)
        tables = ((PLACE_WORDS, scene.place), (TIME_WORDS, scene.time), (SKY_WORDS, scene.sky))
        assert all(any(wording in caption for wording in table[name]) for table, name in tables)


def test_a_complete_caption_is_read_back():
    for k, (place, time, sky) in enumerate(COMBINATIONS * 3):
        scene = sample_scene(k, place=place, time=time, sky=sky)
        labels = {"place": place, "time": time, "sky": sky}
        assert labels_in(write_caption(scene, k, complete=True)) == labels


def test_every_caption_is_read_as_its_scene_and_what_it_leaves_unsaid_is_absent():
    for scene, caption in captions(60.0):
        labels = labels_in(caption)
        assert labels["place"] == scene.place
        assert labels.items() <= {"place": scene.place, "time": scene.time, "sky": scene.sky}.items(), caption


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("", {}),
        ("a spaceship", {}),
        ("A Sandy Beach; SUNSET.", {"place": "beach", "time": "sunset"}),
        ("living room, night", {"place": "living room", "time": "night"}),
        ("a living room with a view of mountains", {"place": "living room"}),
        ("snowy mountains above a lake", {"place": "mountains"}),
        ("a lake below mountains", {"place": "lake"}),
        ("the clear sky over the city at noon", {"place": "city", "time": "noon", "sky": "clear"}),
        ("a clear lake on a foggy day", {"place": "lake", "sky": "fog"}),
        ("a beachcomber", {}),
    ],
)
def test_free_texts_are_read_where_they_use_the_wordings(text: str, labels: dict):
    assert labels_in(text) == labels


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("a beach with Palm trees", ("palm",)),
        ("pine trees and a tree", ("pine", "tree")),
        ("two street lamps, benches and a fountain", ("bench", "street lamp", "fountain")),
        ("a potted plant by the bookshelves", ("plant", "bookshelf")),
        ("stable plants", ("plant",)),
        ("cactuses", ("cactus",)),
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
