"""Noise on the sphere: exactly white for every camera, the same for cameras that look at the same place."""

import numpy as np
import pytest
import torch

from cyclorama.geometry import Perspective, rotation_matrix
from cyclorama.geometry.noise_field import NoiseField, num_shares

CAMERA = Perspective(12, 12, 90)


def field(camera=CAMERA, *, channels=3, seed=0):
    return NoiseField.draw(num_shares(camera), channels, torch.Generator().manual_seed(seed))


def weights(camera, rotation, num):
    """The matrix of a look: [pixels, shares]."""
    seen = NoiseField(torch.eye(num)).look(camera, rotation)
    return seen.reshape(num, -1).mT


def test_a_look_is_an_isometry_so_its_noise_is_exactly_white():
    camera = Perspective(6, 6, 90)
    matrix = weights(camera, rotation_matrix(20, 50, 5), num_shares(camera)).double()
    torch.testing.assert_close(matrix @ matrix.mT, torch.eye(36, dtype=torch.float64), atol=1e-6, rtol=0)


@pytest.mark.parametrize(("yaw", "pitch"), [(0, 0), (33, -60), (180, 90), (-90, -90)])
def test_noise_has_mean_0_and_variance_1_everywhere(yaw, pitch):
    seen = field(channels=400).look(CAMERA, rotation_matrix(yaw, pitch))
    assert seen.mean(0).abs().max() < 0.25
    torch.testing.assert_close(seen.var(0), torch.ones(12, 12), atol=0.35, rtol=0)


def test_pixels_of_two_cameras_that_show_the_same_place_hold_nearly_the_same_noise():
    noise, pixel = field(channels=64), 2 / 12
    here, there = (noise.look(CAMERA, rotation_matrix(yaw_deg=yaw)) for yaw in (0.0, float(np.degrees(np.arctan(pixel)))))
    middle = slice(5, 7)
    same = torch.corrcoef(torch.stack([here[:, middle, 6].flatten(), there[:, middle, 5].flatten()]))[0, 1]
    other = torch.corrcoef(torch.stack([here[:, middle, 6].flatten(), there[:, middle, 6].flatten()]))[0, 1]
    assert same > 0.8
    assert abs(other) < 0.3


def test_a_camera_with_pixels_smaller_than_the_shares_is_refused():
    with pytest.raises(ValueError, match="wanted at least"):
        field().look(Perspective(48, 48, 90), np.eye(3))
