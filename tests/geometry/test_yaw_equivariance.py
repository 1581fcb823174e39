import pytest
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, conv2d, interpolate

from cyclorama.geometry import pad_sphere, rotate, rotation, solid_angles
from tests.properties import assert_yaw_equivariant

IMAGE = torch.rand(1, 3, 8, 16, generator=torch.Generator().manual_seed(0))
KERNEL = torch.rand(3, 3, 3, 3, generator=torch.Generator().manual_seed(1))


def mean_over_the_sphere(image: Tensor) -> Tensor:
    return (image.double() * solid_angles(8)).sum((-2, -1))


def test_a_convolution_on_the_padded_sphere_is_equivariant():
    assert_yaw_equivariant(lambda x: conv2d(pad_sphere(x, left=1, right=1, top=1, bottom=1), KERNEL), IMAGE, atol=1e-6)


def test_pooling_and_enlarging_are_equivariant_in_their_steps():
    assert_yaw_equivariant(lambda x: avg_pool2d(x, 4), IMAGE, step=4, out_step=1)
    assert_yaw_equivariant(lambda x: interpolate(x, scale_factor=2.0, mode="nearest"), IMAGE, out_step=2)


def test_a_mean_over_the_sphere_does_not_change():
    assert_yaw_equivariant(mean_over_the_sphere, IMAGE, out_step=0, atol=1e-6)


@pytest.mark.parametrize("mode", ["nearest", "bilinear", "bicubic"])
def test_turning_by_yaw_is_equivariant(mode: str):
    assert_yaw_equivariant(lambda x: rotate(x, rotation(yaw_deg=45), mode=mode), IMAGE)


def test_it_catches_zero_padding_and_a_tilt():
    for broken in (lambda x: conv2d(x, KERNEL, padding=1), lambda x: rotate(x, rotation(pitch_deg=30))):
        with pytest.raises(AssertionError, match="turned by"):
            assert_yaw_equivariant(broken, IMAGE, atol=1e-3)
