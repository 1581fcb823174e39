import math

import pytest
import torch

from cyclorama.evaluation.sharpness import gradient_energy, sharpness_ratio


def test_energy_of_a_wave_in_x_is_known():
    lon = torch.arange(64, dtype=torch.float64) * 2 * math.pi / 64
    image = (0.5 + 0.2 * torch.sin(2 * lon)).expand(1, 3, 32, 64)
    assert gradient_energy(image).item() == pytest.approx(0.5 * (2 * 0.2 * math.sin(2 * math.pi / 64)) ** 2)


def test_energy_of_a_ramp_in_y_is_its_squared_slope():
    image = (0.01 * torch.arange(32, dtype=torch.float64))[:, None].expand(2, 3, 32, 64)
    assert gradient_energy(image).tolist() == pytest.approx([1e-4, 1e-4])


def test_energy_is_invariant_to_rolls_and_quadratic_in_contrast():
    image = torch.rand(2, 3, 16, 32, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.testing.assert_close(gradient_energy(image.roll(5, -1)), gradient_energy(image))
    assert sharpness_ratio(0.5 * image, image).value == pytest.approx(0.25)


def test_a_reference_of_another_size_is_refused():
    with pytest.raises(ValueError, match="render the reference at 16x32"):
        sharpness_ratio(torch.rand(1, 3, 16, 32), torch.rand(1, 3, 32, 64))


def test_energy_of_a_view_leaves_out_the_step_from_its_right_to_its_left():
    ramp = (0.01 * torch.arange(64, dtype=torch.float64)).expand(1, 3, 32, 64)
    assert gradient_energy(ramp, wrap=False).item() == pytest.approx(1e-4)
    assert gradient_energy(ramp).item() == pytest.approx((63 * 1e-4 + 0.63**2) / 64)
