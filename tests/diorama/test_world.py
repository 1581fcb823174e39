"""Every place can be seen at every time and under every sky; a seed is a world."""

import itertools

import pytest
import torch

from cyclorama.diorama import PLACES, SKIES, TIMES, render_panorama, sample_scene


def require_a_picture(seed, place, time, sky):
    picture = render_panorama(sample_scene(seed, place=place, time=time, sky=sky), 16, antialias=0)
    assert picture.colours.shape == (3, 16, 32)
    assert picture.colours.isfinite().all()
    assert (picture.colours.std() > 0.01).item()
    assert (picture.depth > 0).all()


@pytest.mark.parametrize(("number", "place"), list(enumerate(PLACES)))
def test_every_place_renders_in_any_weather_and_in_snow(number, place):
    require_a_picture(number, place, TIMES[number % 4], SKIES[number % 5])
    require_a_picture(number + 30, place, TIMES[(number + 2) % 4], "snowfall")  # also where none is drawn


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_every_place_renders_at_every_time_and_under_every_sky(place):
    for seed, (time, sky) in enumerate(itertools.product(TIMES, SKIES)):
        require_a_picture(seed, place, time, sky)


def test_a_scene_is_the_same_when_rendered_again():
    scene = sample_scene(3)
    assert torch.equal(render_panorama(scene, 32).colours, render_panorama(scene, 32).colours)


def test_another_seed_is_another_world():
    one, two = (sample_scene(seed, place="hills", time="noon", sky="clear") for seed in (1, 2))
    assert (render_panorama(one, 32).colours - render_panorama(two, 32).colours).abs().mean() > 0.005


def test_unknown_attributes_are_refused_with_what_there_is():
    with pytest.raises(ValueError, match="unknown place 'moon': the diorama has beach"):
        sample_scene(1, place="moon")
