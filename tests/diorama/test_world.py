"""Every place can be seen at every time and under every sky; a seed is a world."""

import pytest
import torch

from cyclorama.diorama import PLACES, SKIES, TIMES, render_panorama, sample_scene


@pytest.mark.parametrize(("number", "place"), list(enumerate(PLACES)))
def test_every_place_renders_at_every_time_and_under_every_sky(number, place):
    for k, time in enumerate(TIMES):
        sky = SKIES[(k + number) % 4]
        picture = render_panorama(sample_scene(number + 10 * k, place=place, time=time, sky=sky), 24, antialias=0)
        assert picture.colours.shape == (3, 24, 48)
        assert picture.colours.isfinite().all()
        assert (picture.colours.std() > 0.01).item()
        assert (picture.depth > 0).all()


def test_a_scene_is_the_same_when_rendered_again():
    scene = sample_scene(3)
    assert torch.equal(render_panorama(scene, 32).colours, render_panorama(scene, 32).colours)


def test_another_seed_is_another_world():
    one, two = (sample_scene(seed, place="hills", time="noon", sky="clear") for seed in (1, 2))
    assert (render_panorama(one, 32).colours - render_panorama(two, 32).colours).abs().mean() > 0.005


def test_unknown_attributes_are_refused_with_what_there_is():
    with pytest.raises(ValueError, match="unknown place 'moon': the diorama has beach"):
        sample_scene(1, place="moon")
