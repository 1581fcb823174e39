"""Turning the camera is a roll, depth leads from one eye to what another sees, and the GPU shows the same picture."""

import pytest
import torch

from cyclorama.diorama import PLACES, SKIES, TIMES, render, sample_scene
from cyclorama.diorama.places import build
from cyclorama.diorama.tracing import WATER
from cyclorama.geometry import Equirect, camera_dirs
from cyclorama.geometry.rotations import rotate_dirs, rotation

HEIGHT = 24
SCENES = [sample_scene(20 + k, place=place, time=TIMES[k % 4], sky=SKIES[k % 3]) for k, place in enumerate(PLACES)]
by_place = pytest.mark.parametrize("scene", SCENES, ids=PLACES)


def some_quick(every, first):
    """Each `every`-th scene from the `first` on; the others are slow tests."""
    return pytest.mark.parametrize(
        "scene",
        [
            pytest.param(scene, id=scene.place, marks=[] if k % every == first else pytest.mark.slow)
            for k, scene in enumerate(SCENES)
        ],
    )


def psnr(one, other):
    return -10 * torch.log10((one - other).square().mean()).item()


@some_quick(3, 0)
def test_turning_the_camera_rolls_the_panorama(scene):
    dirs, pixels = camera_dirs(Equirect(HEIGHT, 2 * HEIGHT)), 7
    turned = render(scene, rotate_dirs(dirs, rotation(yaw_deg=360 * pixels / (2 * HEIGHT))))
    rolled = render(scene, dirs).colours.roll(-pixels, -1)
    different = (turned.colours - rolled).abs().amax(0) > 1e-4
    assert different.float().mean() < 0.015


@some_quick(3, 1)
def test_depth_leads_from_one_eye_to_what_another_sees(scene):
    dirs = camera_dirs(Equirect(HEIGHT, 2 * HEIGHT))
    eye = torch.tensor(build(scene, dirs.device).eye)
    other_eye = eye + torch.tensor([0.3, 0.1, -0.39])
    here = render(scene, dirs)
    met = here.depth.isfinite()
    toward = eye + dirs * here.depth.nan_to_num(posinf=1.0)[..., None] - other_eye
    distance = toward.norm(dim=-1)
    there = render(scene, toward / distance[..., None], other_eye)
    visible = met & ((there.depth / distance - 1).abs() < 0.02)
    assert visible.sum() > 0.94 * met.sum()  # the rest is behind something
    assert (there.depth / distance - 1)[visible].abs().median() < 1e-3
    matt = visible & (here.ids != WATER)
    assert psnr(here.colours[:, matt], there.colours[:, matt]) > 38


@pytest.mark.gpu
@by_place
def test_the_gpu_renders_the_same_picture(scene):
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    dirs = camera_dirs(Equirect(HEIGHT, 2 * HEIGHT))
    here, there = render(scene, dirs), render(scene, dirs.cuda())
    different = (here.colours - there.colours.cpu()).abs().amax(0) > 1e-3
    assert different.float().mean() < 0.02
