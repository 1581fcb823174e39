import math
from dataclasses import replace

import pytest
import torch

from cyclorama.evaluation.multiview import PosedViews
from cyclorama.evaluation.multiview.loop_closure import loop_closure
from cyclorama.geometry import Equirect, Perspective, Projection, pose, rotation


def loop(last: torch.Tensor, first: torch.Tensor, projection: Projection) -> PosedViews:
    poses = torch.eye(4).repeat(3, 1, 1)
    poses[1, 0, 3] = 1.0
    return PosedViews(torch.stack([first, torch.zeros_like(first), last]), poses, projection)


def noise(height: int, width: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("projection", [Equirect(16, 32), Perspective(24, 31, 80)])
def test_the_same_picture_gives_infinity_and_one(projection):
    image = noise(projection.height, projection.width)
    closure = loop_closure(loop(image, image, projection))
    assert closure.psnr == math.inf
    assert closure.ssim == pytest.approx(1, abs=1e-12)


def test_a_step_of_brightness_gives_its_decibels():
    image = noise(16, 32) * 0.5
    assert loop_closure(loop(image + 0.1, image, Equirect(16, 32))).psnr == pytest.approx(20, abs=1e-4)


@pytest.mark.parametrize("width", [40, 41])
def test_ssim_of_photographs_is_that_of_scikit_image(width):
    metrics = pytest.importorskip("skimage.metrics")
    first, last = noise(33, width), (noise(33, width) + 0.3 * noise(33, width, 1)).clamp(0, 1)
    expected = metrics.structural_similarity(
        first.double().numpy(),
        last.double().numpy(),
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=1.0,
        channel_axis=0,
    )
    assert loop_closure(loop(last, first, Perspective(33, width, 80))).ssim == pytest.approx(expected, abs=1e-7)


def test_a_panoramas_figures_do_not_change_with_its_seam():
    first, last = noise(16, 32), (noise(16, 32) + 0.2 * noise(16, 32, 1)).clamp(0, 1)
    here = loop_closure(loop(last, first, Equirect(16, 32)))
    rolled = loop_closure(loop(last.roll(11, -1), first.roll(11, -1), Equirect(16, 32)))
    assert rolled.psnr == pytest.approx(here.psnr)
    assert rolled.ssim == pytest.approx(here.ssim)


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (pose(torch.eye(3), torch.tensor([0.01, 0.0, 0.0])), "0.01 away"),
        (pose(rotation(yaw_deg=1).float(), torch.zeros(3)), "turned by 1 degrees"),
    ],
)
def test_an_open_path_is_refused(end, words):
    views = loop(noise(16, 32), noise(16, 32), Equirect(16, 32))
    poses = views.cam_to_world.clone()
    poses[-1] = end
    with pytest.raises(ValueError, match=words):
        loop_closure(replace(views, cam_to_world=poses))
