"""What the decoder is trained for beside the error."""

import torch
from torch.nn.functional import avg_pool2d, interpolate

from cyclorama.training.miniature.decoder import local_sharpness


def test_local_sharpness_is_zero_on_flat_pictures_and_falls_with_blur():
    noise = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    blurred = interpolate(avg_pool2d(noise, 4), scale_factor=4, mode="bilinear")
    assert local_sharpness(torch.full((1, 3, 32, 32), 0.3)).max() < 0.011
    assert (local_sharpness(blurred) < 0.5 * local_sharpness(noise)).all()


def test_local_sharpness_is_the_gradient_of_a_ramp():
    ramp = torch.arange(32.0).expand(1, 3, 32, 32) * 0.1
    wanted = (3 * 0.1**2 + 1e-4) ** 0.5
    assert torch.allclose(local_sharpness(ramp), torch.tensor(wanted), atol=1e-5)
