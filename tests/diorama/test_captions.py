"""Captions say what a scene is and what is seen of it, in the words of one small vocabulary, and no word too many."""

import itertools
import re
from dataclasses import replace
from functools import cache
from random import Random

import pytest

from cyclorama.diorama import PLACES, SKIES, TIMES, Scene, Sighting, sample_scene, write_caption
from cyclorama.diorama.captions import (
    CAPTION_WORDS_MAX,
    DIRECTIONS,
    direction_captions,
    labels_in,
    objects_in,
    vocabulary,
)
from cyclorama.diorama.captions.mentions import NAMED_SHARE
from cyclorama.diorama.captions.naming import THING_NAMES
from cyclorama.diorama.captions.reading import words_in
from cyclorama.diorama.captions.wordings import GROUND_WORDS, PLACE_WORDS, SKIES_SAID, SKIES_SAID_AT, TIMES_SAID
from cyclorama.diorama.colours import PAINTS
from cyclorama.diorama.scene import INDOOR, OUTDOOR

MOST_WORDS_KNOWN = 420
COMBINATIONS = list(itertools.product(PLACES, TIMES, SKIES))


@cache
def some_sightings(seed, count=12):
    """Things all around, some of them too small to be told."""
    dice = Random(seed)
    return tuple(
        Sighting(
            dice.choice(list(THING_NAMES)),
            dice.choice(["", "", *PAINTS]),
            0.03 * dice.random() ** 4,
            360 * dice.random() - 180,
            40 * dice.random() - 20,
            80 * dice.random(),
        )
        for _ in range(count)
    )


def captions(times=1, **options):
    for k, (place, time, sky) in enumerate(COMBINATIONS * times):
        scene = Scene(place, time, sky, k)
        things = some_sightings(k)
        yield scene, things, write_caption(scene, k, sightings=things, **options)


def labels_of(scene):
    return {"place": scene.place, "time": scene.time, "sky": scene.sky}


def test_a_complete_caption_is_read_back_whatever_is_seen():
    for scene, _, caption in captions(times=2, complete=True):
        assert labels_in(caption) == labels_of(scene), caption


def test_what_a_caption_leaves_unsaid_is_absent_and_the_rest_is_right():
    said = {"place": 0, "time": 0, "sky": 0}
    for scene, _, caption in captions(pitch_deg=60.0):
        labels = labels_in(caption)
        assert labels.items() <= labels_of(scene).items(), caption
        said = {head: count + (head in labels) for head, count in said.items()}
    total = len(COMBINATIONS)
    assert said["place"] == total
    assert 0.75 < said["time"] / total < 0.9
    assert 0.6 < said["sky"] / total < 0.8


@pytest.mark.parametrize("directions", [True, False])
def test_only_what_is_seen_well_is_named(directions: bool):
    named = 0
    for _, things, caption in captions(directions=directions):
        seen = {thing: sum(one.share for one in things if one.thing == thing) for thing in objects_in(caption)}
        assert all(share >= NAMED_SHARE for share in seen.values()), caption
        named += len(seen)
    assert named > len(COMBINATIONS)  # more than one a caption


def test_without_sightings_nothing_is_named():
    for k in range(400):
        assert objects_in(write_caption(sample_scene(k), k)) == ()


@pytest.mark.parametrize("pitch_deg", [0.0, 60.0, -60])
def test_captions_are_one_word_to_three_sentences_long(pitch_deg):
    lengths, sentences = set(), set()
    for _, _, caption in captions(pitch_deg=pitch_deg):
        lengths.add(len(words_in(caption)))
        sentences.add(caption.count("."))
    gaze = 2 if pitch_deg else 0
    assert min(lengths) == 1 + gaze
    assert CAPTION_WORDS_MAX - 6 < max(lengths) <= CAPTION_WORDS_MAX
    assert max(sentences) == 3 + (gaze > 0)


def test_all_words_are_in_the_vocabulary():
    known = set(vocabulary())
    for scene, things, caption in captions(pitch_deg=40):
        assert set(words_in(caption)) <= known, caption
        for phrase in direction_captions(scene, things).values():
            assert set(words_in(phrase)) <= known, phrase


def test_the_vocabulary_is_sorted_and_small():
    words = vocabulary()
    assert words == sorted(set(words))
    assert all(words_in(word) == [word] for word in words)
    assert len(words) <= MOST_WORDS_KNOWN


def test_every_attribute_has_its_words_and_five_wordings_that_need_no_thing():
    assert (tuple(PLACE_WORDS), tuple(TIMES_SAID), tuple(SKIES_SAID)) == (PLACES, TIMES, SKIES)
    assert set(GROUND_WORDS) == set(OUTDOOR)
    for place, wordings in PLACE_WORDS.items():
        assert wordings[0] == place
        assert len([wording for wording in wordings if not objects_in(wording)]) >= 6, place
        assert any(objects_in(wording) for wording in wordings), place


def test_every_wording_names_its_label_and_no_other():
    for place, wordings in PLACE_WORDS.items():
        assert all(labels_in(wording) == {"place": place} for wording in wordings)
    for time, said in TIMES_SAID.items():
        assert all(labels_in(way) == {"time": time} for way in (*said.phrases, *said.names, *said.clauses))
    for (sky, _), said in [*(((sky, ""), said) for sky, said in SKIES_SAID.items()), *SKIES_SAID_AT.items()]:
        for way in (*said.phrases, *said.nouns, *said.names, *said.clauses):
            assert labels_in(way).get("sky") == sky, way


def test_wordings_with_things_are_used_only_where_they_are_seen():
    scene = sample_scene(0, place="beach", time="noon", sky="clear")
    palm = Sighting("palm", "", 0.01, 0.0, 0.0, 5.0)
    wordings = {write_caption(scene, seed, sightings=(palm,)) for seed in range(300)}
    assert any(" with palm trees" in caption for caption in wordings)
    assert not any("two" in caption for caption in wordings)


def test_number_colour_and_direction_are_told():
    scene = sample_scene(0, place="hall", time="noon", sky="fog")
    ahead = Sighting("sofa", "red", 0.01, -3.0, 0.0, 4.0)
    things = (ahead, replace(ahead, yaw_deg=8.0), replace(ahead, thing="door", colour_word="", yaw_deg=-92.0))
    told = [write_caption(scene, seed, sightings=things) for seed in range(400)]
    assert any("two red sofas ahead" in caption for caption in told)
    assert any("a door to the left" in caption for caption in told)
    assert not any({"right", "behind", "three"} & set(words_in(caption)) for caption in told)
    blind = [write_caption(scene, seed, sightings=things, directions=False) for seed in range(400)]
    assert not any({"left", "ahead", "front"} & set(words_in(caption)) for caption in blind)


def test_directions_turn_with_the_sightings():
    scene, seen = sample_scene(0, place="hall"), Sighting("bench", "", 0.01, 0.0, 0.0, 5.0)
    sectors = ("ahead", "right", "right", "right", "behind", "left", "left", "left")
    for eighth, word in enumerate(sectors):
        turned = replace(seen, yaw_deg=(45.0 * eighth + 190) % 360 - 180 - 10)
        told = [write_caption(scene, seed, sightings=(turned,)) for seed in range(60)]
        assert any("bench" in caption and word in words_in(caption) for caption in told)
        others = {"ahead", "right", "behind", "left"} - {word} - ({"ahead", "behind"} if eighth % 4 else set())
        assert not any(others & set(words_in(caption)) for caption in told)


def test_indoors_the_sky_is_seen_through_windows():
    for k, (place, time) in enumerate(itertools.product(INDOOR, TIMES)):
        caption = write_caption(sample_scene(k, place=place, time=time, sky="fog"), 3 * k, complete=True)
        assert "under" not in caption
        assert objects_in(caption) == ()
    scene = sample_scene(1, place="office", sky="snowfall")
    window = Sighting("window", "", 0.05, 0.0, 0.0, 3.0)
    told = [write_caption(scene, seed, sightings=(window,), complete=True) for seed in range(100)]
    assert any("outside the window" in caption for caption in told)


@pytest.mark.parametrize("seed", range(12))
def test_a_steep_gaze_is_said(seed: int):
    scene = sample_scene(3)
    level = write_caption(scene, seed)
    assert write_caption(scene, seed, pitch_deg=35.0) == level
    for pitch_deg, word in ((36, "up"), (-36.0, "down")):
        steep = write_caption(scene, seed, pitch_deg=pitch_deg)
        assert steep.startswith(level)
        assert words_in(steep) == [*words_in(level), "looking", word]


def test_a_steep_gaze_keeps_the_punctuation_tidy():
    endings = set()
    for k in range(600):
        caption = write_caption(sample_scene(k), k, sightings=some_sightings(k), pitch_deg=-60)
        assert not re.search(r"[.,]\s*,|\.\.|\s[.,]|,$", caption), caption
        assert caption.endswith((". Looking down.", ", looking down")), caption
        endings.add(caption[-1])
    assert endings == {".", "n"}


def test_the_seed_chooses_the_wording():
    scene = sample_scene(3)
    assert write_caption(scene, 5) == write_caption(scene, 5)
    assert len({write_caption(scene, seed) for seed in range(40)}) > 25


def test_each_direction_tells_what_lies_there():
    scene = sample_scene(2, place="lake", time="noon", sky="overcast")
    things = tuple(
        Sighting(thing, colour, 0.01, yaw, 0.0, 9.0)
        for thing, colour, yaw in (
            ("boat", "red", 10.0),
            ("boat", "red", -30.0),
            ("pine", "", 175.0),
            ("rock", "", 90.0),
        )
    )
    told = direction_captions(scene, things)
    assert tuple(told) == DIRECTIONS
    assert (told["front"], told["right"], told["back"]) == ("two red boats", "a rock", "a pine tree")
    assert (told["left"], told["down"]) == ("a lake", "grass and stones")
    assert labels_in(told["up"]) == {"sky": "overcast"}
    assert labels_in(told["horizon"]) == {"place": "lake", "time": "noon"}
    assert direction_captions(sample_scene(2, place="office"), ())["up"] == "the ceiling"


def test_the_largest_things_and_their_plurals_have_names():
    for name, names in THING_NAMES.items():
        for wording in (names.one, names.many, *names.also):
            assert objects_in(wording) == ((name,) if wording else ()), wording
