import math

import pytest
import torch

from cyclorama.evaluation import pole_variance, pole_variance_ratio


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
