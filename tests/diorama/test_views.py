"""Panorama and photograph show one world; a picture depends on nothing but its scene and the time."""

import pytest
import torch
import torch.nn.functional as F

from cyclorama.diorama import PLACES, SKIES, TIMES, render_panorama, render_view, sample_scene
from cyclorama.diorama.places import build
from cyclorama.geometry import equirect_to_perspective

YAW_DEG, PITCH_DEG = 40, 5
SCENES = [sample_scene(20 + k, place=place, time=TIMES[k % 4], sky=SKIES[k % 3]) for k, place in enumerate(PLACES)]


def psnr(one, other):
    return -10 * torch.log10((one - other).square().mean()).item()


def away_from_depth_edges(depth, ratio=1.2):
    """Pixels whose neighbours' depths differ by less than the ratio."""
    log_depth = depth.clamp(max=1e4).log()[None]
    highest, lowest = F.max_pool2d(log_depth, 3, 1, 1)[0], -F.max_pool2d(-log_depth, 3, 1, 1)[0]
    return (highest - lowest).exp() < ratio


@pytest.mark.parametrize(
    "scene",
    [
        pytest.param(scene, id=scene.place, marks=[] if k % 8 == 0 else pytest.mark.slow)
        for k, scene in enumerate(SCENES)
    ],
)
def test_a_photograph_is_what_the_panorama_shows_there(scene):
    photo = render_view(scene, 32, 32, 70, yaw_deg=YAW_DEG, pitch_deg=PITCH_DEG)
    panorama = render_panorama(scene, 256, antialias=2).colours
    shown = F.avg_pool2d(equirect_to_perspective(panorama, 64, 64, 70, yaw_deg=YAW_DEG, pitch_deg=PITCH_DEG), 2)
    smooth = away_from_depth_edges(photo.depth)
    assert smooth.float().mean() > 0.3
    assert psnr(photo.colours[:, smooth], shown[:, smooth]) > 29


def test_the_eye_point_is_the_default_origin():
    scene = SCENES[1]
    eye = torch.tensor(build(scene, torch.device("cpu")).eye)
    assert torch.equal(render_panorama(scene, 16).colours, render_panorama(scene, 16, origin=eye).colours)


def test_pictures_do_not_depend_on_what_was_rendered_before():
    first = render_panorama(SCENES[0], 16, antialias=0)
    for scene in SCENES[1:6]:  # more than the worlds that are kept
        render_panorama(scene, 8, antialias=0)
    again = render_panorama(SCENES[0], 16, antialias=0)
    assert torch.equal(first.colours, again.colours)
    assert torch.equal(first.depth, again.depth)


def test_time_moves_the_world_and_is_a_function():
    scene = sample_scene(3, place="harbour", time="noon", sky="scattered clouds")
    now, later, again = (render_panorama(scene, 24, seconds=t, antialias=0).colours for t in (0.0, 20.0, 20.0))
    assert torch.equal(later, again)
    assert not torch.equal(now, later)
