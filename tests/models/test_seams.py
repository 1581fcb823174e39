from typing import Any

import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch import nn

from cyclorama.geometry.equirect import pad_sphere
from cyclorama.models.seams import (
    column_positions,
    integer_positions,
    integer_turns,
    pad_features,
    wrap_convolutions,
    wrapped_columns,
)


def build_vae(dtype: torch.dtype) -> Any:
    blocks: dict[str, Any] = {
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
        "block_out_channels": (8, 8, 16, 16),
    }
    torch.manual_seed(0)
    vae: Any = AutoencoderKL(**blocks, norm_num_groups=4, latent_channels=16)
    return vae.to(dtype=dtype).requires_grad_(False)


TOLERANCES = [(torch.float32, 1e-5), (torch.float64, 1e-12)]


@pytest.mark.parametrize(("dtype", "tolerance"), TOLERANCES)
@pytest.mark.parametrize("turn", [1, 5, 8])
def test_wrapped_decoder_commutes_with_roll(dtype: torch.dtype, tolerance: float, turn: int):
    vae = build_vae(dtype)
    z = torch.randn(1, 16, 8, 16, dtype=dtype)
    with wrap_convolutions(vae):
        rolled, image = vae.decode(z.roll(turn, -1)).sample, vae.decode(z).sample
    assert (rolled - image.roll(8 * turn, -1)).abs().max() < tolerance


@pytest.mark.parametrize(("dtype", "tolerance"), TOLERANCES)
@pytest.mark.parametrize("turn", [1, 5, 8])
def test_wrapped_encoder_commutes_with_roll(dtype: torch.dtype, tolerance: float, turn: int):
    vae = build_vae(dtype)
    image = torch.rand(1, 3, 64, 128, dtype=dtype)
    with wrap_convolutions(vae):
        rolled, z = vae.encode(image.roll(8 * turn, -1)).latent_dist.mean, vae.encode(image).latent_dist.mean
    assert (rolled - z.roll(turn, -1)).abs().max() < tolerance


def test_unwrapped_decoder_does_not_commute_and_panorama_false_changes_nothing():
    vae = build_vae(torch.float32)
    z = torch.randn(1, 16, 8, 16)
    plain = vae.decode(z).sample
    with wrap_convolutions(vae, panorama=False):
        assert torch.equal(vae.decode(z).sample, plain)
        assert (vae.decode(z.roll(8, -1)).sample - plain.roll(64, -1)).abs().max() > 0.01


def test_wrapping_is_undone_also_after_an_error_and_when_nested():
    vae = build_vae(torch.float32)
    z = torch.randn(1, 16, 8, 16)
    plain = vae.decode(z).sample
    with wrap_convolutions(vae):
        with wrap_convolutions(vae):
            inner = vae.decode(z).sample
        assert torch.equal(vae.decode(z).sample, inner)
        with pytest.raises(RuntimeError), wrap_convolutions(vae):
            vae.decode(z[:, :3])
    assert torch.equal(vae.decode(z).sample, plain)
    assert not any("_conv_forward" in vars(part) for part in vae.modules())


def test_wrapped_autoencoder_is_differentiable():
    vae = build_vae(torch.float64)
    image = torch.rand(1, 3, 16, 32, dtype=torch.float64, requires_grad=True)
    with wrap_convolutions(vae):
        vae.decode(vae.encode(image).latent_dist.mean).sample[..., 0].sum().backward()
    assert image.grad is not None
    assert image.grad[..., -1].abs().max() > 0


def test_padding_continues_the_panorama_like_the_geometry_does():
    features = torch.randn(2, 3, 4, 8)
    margins = {"left": 1, "right": 2, "top": 1, "bottom": 3}
    assert torch.equal(pad_features(features, **margins), pad_sphere(features, **margins))


def test_odd_width_at_a_pole_and_overlapping_transposed_kernels_are_refused():
    with pytest.raises(ValueError, match="even width"):
        pad_features(torch.zeros(1, 1, 2, 5), left=0, right=0, top=1, bottom=1)
    with pytest.raises(ValueError, match="ConvTranspose2d"), wrap_convolutions(nn.ConvTranspose2d(1, 1, 4, 2, 1)):
        pass


def test_any_module_with_convolutions_can_be_wrapped():
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(2, 3, 5, padding="same"), nn.Conv2d(3, 2, 3, stride=2, padding=1)).double()
    features = torch.randn(1, 2, 8, 16, dtype=torch.float64)
    with wrap_convolutions(module):
        rolled, plain = module(features.roll(6, -1)), module(features)
    torch.testing.assert_close(rolled, plain.roll(3, -1), rtol=0, atol=1e-12)


def test_columns_are_copied_or_continued():
    assert column_positions(4, 1, continued=True).tolist() == [-1, 0, 1, 2, 3, 4]
    assert column_positions(4, 1, continued=False).tolist() == [3, 0, 1, 2, 3, 0]
    assert wrapped_columns(torch.arange(4.0).reshape(1, 1, 1, 4), 1, 1).flatten().tolist() == [3, 0, 1, 2, 3, 0]


def test_turns_are_whole_and_ten_of_flux_turn_at_least_once():
    turns = integer_turns(56, 128)
    assert torch.equal(turns, turns.round())
    assert int((turns >= 1).sum()) in (10, 11, 12)
    assert turns[0] == round(128 / (2 * torch.pi))


def test_integer_positions_wants_a_flux_transformer():
    with pytest.raises(ValueError, match="FLUX"), integer_positions(nn.Linear(1, 1), 8):
        pass
