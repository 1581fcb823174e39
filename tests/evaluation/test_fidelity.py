import math

import numpy as np
import pytest
import torch

from cyclorama.evaluation.fidelity import row_weights, s_psnr, ssim_map, ws_psnr, ws_ssim
from cyclorama.geometry import Equirect, fibonacci
from cyclorama.geometry.resampling import camera_dirs
from tests.properties import assert_yaw_equivariant


def picture(seed: int, height: int = 32) -> torch.Tensor:
    return torch.rand(2, 3, height, 2 * height, generator=torch.Generator().manual_seed(seed))


def smooth_pair(height: int = 64) -> tuple[torch.Tensor, torch.Tensor]:
    """Smooth on the sphere, and an error that grows towards one of its poles."""
    dirs = camera_dirs(Equirect(height, 2 * height), dtype=torch.float64)
    image = 0.5 + 0.2 * torch.sin(3 * dirs[..., 0]) * torch.cos(2 * dirs[..., 2])
    error = 0.02 * (1 + dirs[..., 1]) + 0.01 * torch.sin(9 * dirs[..., 0])
    return (image + error).expand(1, 3, height, 2 * height), image.expand(1, 3, height, 2 * height)


@pytest.mark.parametrize("height", [7, 32])
def test_weights_are_the_published_cosines_and_the_areas_of_the_cells(height):
    rows = torch.arange(height, dtype=torch.float64)
    cosines = torch.cos((rows + 0.5 - height / 2) * math.pi / height)
    weights = row_weights(torch.zeros(1, 3, height, 2 * height))
    torch.testing.assert_close(weights, cosines / cosines.sum(), rtol=1e-12, atol=0)
    areas = np.sin(np.pi * (0.5 - np.arange(height) / height)) - np.sin(
        np.pi * (0.5 - np.arange(1, height + 1) / height)
    )
    np.testing.assert_allclose(weights.numpy(), areas / 2, rtol=1e-12)


@pytest.mark.parametrize("figure", [ws_psnr, s_psnr])
def test_a_constant_error_has_its_psnr(figure):
    image = picture(0).double()
    assert figure(image + 0.1, image).tolist() == pytest.approx([20, 20])
    assert figure(image - 0.01, image).tolist() == pytest.approx([40, 40])


def test_ws_psnr_counts_rows_by_their_area():
    image = torch.zeros(1, 3, 32, 64)
    at_pole, at_equator = image.clone(), image.clone()
    at_pole[..., 0, :], at_equator[..., 16, :] = 0.5, 0.5
    ratio = math.sin(math.pi * 16.5 / 32) / math.sin(math.pi * 0.5 / 32)
    assert (ws_psnr(at_pole, image) - ws_psnr(at_equator, image)).item() == pytest.approx(10 * math.log10(ratio))


@pytest.mark.parametrize("figure", [ws_psnr, ws_ssim])
def test_figures_do_not_change_when_both_pictures_turn(figure):
    pair = torch.stack([picture(0), picture(1)])
    assert_yaw_equivariant(lambda both: figure(both[0], both[1]), pair, out_step=0, atol=1e-9)


def test_equal_pictures_have_no_error():
    image = picture(0)
    assert ws_psnr(image, image).tolist() == [math.inf, math.inf]
    assert s_psnr(image, image, num_points=1000).tolist() == [math.inf, math.inf]
    torch.testing.assert_close(ws_ssim(image, image), torch.ones(2, dtype=torch.float64))


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_s_psnr_agrees_with_ws_psnr_within_a_twentieth_of_a_decibel(mode):
    images, reference = smooth_pair()
    assert s_psnr(images, reference, mode=mode).item() == pytest.approx(ws_psnr(images, reference).item(), abs=0.05)


def test_s_psnr_agrees_on_noise_where_pixels_are_read_whole():
    images, reference = picture(0), picture(1)
    torch.testing.assert_close(s_psnr(images, reference), ws_psnr(images, reference), rtol=0, atol=0.05)
    assert (s_psnr(images, reference, mode="bilinear") > ws_psnr(images, reference) + 1).all()


def test_the_lattice_is_that_of_the_geometry():
    from cyclorama.evaluation.fidelity import _lattice

    np.testing.assert_allclose(_lattice(89), -fibonacci(89)[:, :, 2], atol=1e-12)


def test_ssim_is_scikit_image_s_where_no_border_is_near():
    metrics = pytest.importorskip("skimage.metrics")
    ours, theirs = picture(0)[:1].double(), (0.7 * picture(0) + 0.3 * picture(1))[:1].double()
    settings = {"gaussian_weights": True, "use_sample_covariance": False, "data_range": 1.0, "channel_axis": 0}
    mean, whole = metrics.structural_similarity(ours[0].numpy(), theirs[0].numpy(), full=True, **settings)
    inner = ssim_map(ours, theirs)[0, :, 5:-5, 5:-5]
    np.testing.assert_allclose(inner.numpy(), whole[:, 5:-5, 5:-5], rtol=0, atol=1e-9)
    assert inner.mean().item() == pytest.approx(mean, abs=1e-9)


def test_ws_ssim_of_a_map_is_weighted_by_rows():
    ours, theirs = picture(0).double(), picture(1).double()
    weights = torch.from_numpy(Equirect(32, 64).solid_angles()) / (4 * math.pi)
    expected = (ssim_map(ours, theirs).mean(1) * weights).sum((1, 2))
    torch.testing.assert_close(ws_ssim(ours, theirs), expected)


def test_ssim_sees_across_the_seam_and_the_poles():
    image = picture(0)
    changed = image.clone()
    changed[..., 0] = 0.5
    assert (ssim_map(changed, image)[..., -5:] < 1).all()
    changed = image.clone()
    changed[..., 0, 10] = 0.5
    assert (ssim_map(changed, image)[..., 0, 42] < 1).all()  # half a turn away


@pytest.mark.parametrize("figure", [ws_psnr, s_psnr, ws_ssim])
def test_pairs_of_two_sizes_are_refused_in_one_line(figure):
    with pytest.raises(ValueError, match=r"^got pictures of 2x3x32x64 and references of 2x3x16x32, wanted one shape"):
        figure(picture(0), picture(0, 16))
    with pytest.raises(ValueError, match="wanted one shape"):
        figure(picture(0), picture(0)[:1])
