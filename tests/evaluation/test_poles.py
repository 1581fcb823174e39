import math

import pytest
import torch

from cyclorama.evaluation.poles import pole_gradient, pole_pinch, pole_sharpness, pole_variance, pole_variance_ratio
from cyclorama.geometry import Equirect, lonlat_to_dirs, pixel_centres, pixels_to_lonlat
from cyclorama.geometry.resampling import camera_dirs


def panoramas(num: int, amplitude: float) -> torch.Tensor:
    lon = (torch.arange(64, dtype=torch.float64) + 0.5) * 2 * math.pi / 64
    images = torch.full((num, 3, 32, 64), 0.5, dtype=torch.float64)
    images[:, :, 0] += amplitude * torch.sin(lon)
    images[:, :, -1] += 2 * amplitude * torch.cos(3 * lon)
    return images


def test_variance_of_a_sine_is_half_its_squared_amplitude():
    assert pole_variance(panoramas(2, 0.1))[1].tolist() == pytest.approx([0.005, 0.02])


def test_variance_is_invariant_to_rolls_and_swaps_with_the_poles():
    images = torch.rand(3, 3, 16, 32, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(pole_variance(images.roll(7, -1)), pole_variance(images))
    torch.testing.assert_close(pole_variance(images.flip(-2)), pole_variance(images).flip(-1))


def test_variance_of_constant_rows_is_zero_whatever_lies_between():
    images = torch.rand(2, 3, 16, 32)
    images[:, :, 0], images[:, :, -1] = 0.3, 0.7
    assert pole_variance(images).abs().max() < 1e-12


def test_ratio_to_the_reference_is_the_squared_amplitude_ratio():
    ratio = pole_variance_ratio(panoramas(5, 0.2), panoramas(4, 0.1))
    assert ratio.up.value == pytest.approx(4)
    assert (ratio.down.low, ratio.down.high) == pytest.approx((4, 4))


def waves(height: int = 128, *, smooth_from_deg: float | None = None) -> torch.Tensor:
    """A texture of plane waves in space, the same everywhere on the sphere; beyond a latitude only its mean."""
    dirs = camera_dirs(Equirect(height, 2 * height), dtype=torch.float64)
    generator = torch.Generator().manual_seed(0)
    axes = torch.randn(60, 3, generator=generator, dtype=torch.float64)
    axes = 25 * axes / axes.norm(dim=1, keepdim=True)
    phases = 6.3 * torch.rand(60, generator=generator, dtype=torch.float64)
    picture = 0.5 + 0.04 * (dirs @ axes.T + phases).cos().sum(-1)
    if smooth_from_deg is not None:
        picture = torch.where(dirs[..., 1].abs() > math.sin(math.radians(smooth_from_deg)), 0.5, picture)
    return picture.expand(1, 3, height, 2 * height).float()


def of_lonlat(f, height: int = 128) -> torch.Tensor:
    lon, lat = pixels_to_lonlat(pixel_centres(height, 2 * height, dtype=torch.float64), height, 2 * height)
    return f(lon, lat).expand(1, 3, height, 2 * height).float()


def test_a_texture_of_the_sphere_is_alike_at_the_poles_and_the_sides_and_has_no_pinch():
    assert pole_gradient(waves())[0].tolist() == pytest.approx([1, 1], rel=0.2)
    assert pole_pinch(waves())[0].tolist() == pytest.approx([0.5, 0.5], abs=0.1)  # a cap holds few waves
    assert pole_pinch(waves()).mean().item() == pytest.approx(0.5, abs=0.02)


def test_gradient_of_the_poles_is_quadratic_in_their_contrast():
    image = waves()
    lat = pixels_to_lonlat(pixel_centres(128, 256, dtype=torch.float64), 128, 256)[1]
    calm = torch.where(lat > math.radians(30), 0.5 + 0.25 * (image - 0.5), image)
    (up, down), (same_up, same_down) = pole_gradient(calm)[0].tolist(), pole_gradient(image)[0].tolist()
    assert up < 0.3 * same_up
    assert down > same_down  # the sides lost some


def test_smooth_poles_are_told_by_their_sharpness_whatever_the_contrast():
    for contrast in (0.1, 1):
        sharp = 0.5 + contrast * (waves() - 0.5)
        smooth = 0.5 + contrast * (waves(smooth_from_deg=55) - 0.5)
        assert (pole_sharpness(sharp) > 0.7).all()
        assert (pole_sharpness(smooth) < 0.5 * pole_sharpness(sharp)).all()
    torch.testing.assert_close(pole_sharpness(torch.full((1, 3, 32, 64), 0.3)), torch.ones(1, 2, dtype=torch.float64))


def test_meridians_are_all_pinch_rings_are_none_and_nothing_is_one_half():
    meridians = of_lonlat(lambda lon, lat: 0.5 + 0.3 * torch.cos(12 * lon))
    rings = of_lonlat(lambda lon, lat: 0.5 + 0.3 * torch.cos(40 * lat))
    assert (pole_pinch(meridians) > 0.9).all()
    assert (pole_pinch(rings) < 0.03).all()
    torch.testing.assert_close(
        pole_pinch(torch.rand(1, 3, 1, 1).expand(1, 3, 32, 64)), torch.full((1, 2), 0.5).double()
    )


def test_a_gradient_straight_through_the_pole_has_no_pinch():
    slope = of_lonlat(lambda lon, lat: 0.5 + 0.4 * lonlat_to_dirs(lon, lat)[..., 0])
    assert pole_pinch(slope)[0].tolist() == pytest.approx([0.5, 0.5], abs=0.04)


def test_cube_figures_are_invariant_to_quarter_turns_and_swap_with_the_poles():
    image = torch.rand(2, 3, 32, 64, generator=torch.Generator().manual_seed(0))
    for figure in (pole_gradient, pole_sharpness, pole_pinch):
        torch.testing.assert_close(figure(image.roll(16, -1)), figure(image), rtol=1e-4, atol=1e-6)
        torch.testing.assert_close(figure(image.flip(-2)), figure(image).flip(-1), rtol=1e-4, atol=1e-6)
