"""Panorama and photograph show one world; a pixel averages light; a picture depends on nothing but its scene."""

import pytest
import torch
import torch.nn.functional as F

from cyclorama.diorama import PLACES, SKIES, TIMES, render_panorama, render_view, sample_scene
from cyclorama.diorama.places import build
from cyclorama.geometry import equirect_to_perspective

YAW_DEG, PITCH_DEG = 40, 5
SCENES = [sample_scene(20 + k, place=place, time=TIMES[k % 4], sky=SKIES[k // 4]) for k, place in enumerate(PLACES)]
by_place = pytest.mark.parametrize("scene", SCENES, ids=PLACES)


def psnr(one, other):
    return -10 * torch.log10((one - other).square().mean()).item()


def away_from_depth_edges(depth, ratio=1.2):
    """Pixels whose neighbours' depths differ by less than the ratio."""
    log_depth = depth.clamp(max=1e4).log()[None]
    highest, lowest = F.max_pool2d(log_depth, 3, 1, 1)[0], -F.max_pool2d(-log_depth, 3, 1, 1)[0]
    return (highest - lowest).exp() < ratio


@by_place
def test_a_photograph_is_what_the_panorama_shows_there(scene):
    photo = render_view(scene, 32, 32, 70, yaw_deg=YAW_DEG, pitch_deg=PITCH_DEG)
    panorama = render_panorama(scene, 256, supersample=1).colours
    shown = F.avg_pool2d(equirect_to_perspective(panorama, 64, 64, 70, yaw_deg=YAW_DEG, pitch_deg=PITCH_DEG), 2)
    smooth = away_from_depth_edges(photo.depth)
    assert smooth.float().mean() > 0.3
    assert psnr(photo.colours[:, smooth], shown[:, smooth]) > 29


def test_the_eye_point_is_the_default_origin():
    scene = SCENES[1]
    eye = torch.tensor(build(scene, torch.device("cpu")).eye)
    assert torch.equal(render_panorama(scene, 16).colours, render_panorama(scene, 16, origin=eye).colours)


def test_pictures_do_not_depend_on_what_was_rendered_before():
    first = render_panorama(SCENES[0], 16, supersample=1)
    for scene in SCENES[1:6]:  # more than the worlds that are kept
        render_panorama(scene, 8, supersample=1)
    again = render_panorama(SCENES[0], 16, supersample=1)
    assert torch.equal(first.colours, again.colours)
    assert torch.equal(first.depth, again.depth)


def test_supersampling_averages_light_and_keeps_a_real_depth():
    scene = SCENES[5]
    fine, coarse = render_panorama(scene, 64, supersample=1), render_panorama(scene, 32, supersample=2)
    light = F.avg_pool2d(fine.colours[None] ** 2.2, 2)[0]
    torch.testing.assert_close(coarse.colours**2.2, light, atol=1e-5, rtol=1e-4)
    assert torch.equal(coarse.depth, fine.depth[1::2, 1::2])
