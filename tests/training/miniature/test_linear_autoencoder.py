"""The auto-encoder starts as an exact linear code: its convolutions are the matrix product they were written from."""

import pytest
import torch
from einops import rearrange
from torch.nn.functional import interpolate

from cyclorama.models.seams import wrap_convolutions
from cyclorama.training.miniature.linear_autoencoder import (
    encode_patches,
    fit_patch_code,
    linear_autoencoder,
    load_patch_code,
    save_patch_code,
)


def pictures(num: int = 6, height: int = 64) -> torch.Tensor:
    """Smooth random panoramas in [-1, 1] with a little detail."""
    generator = torch.Generator().manual_seed(0)
    coarse = torch.randn(num, 3, height // 8, height // 4, generator=generator)
    detail = torch.randn(num, 3, height, 2 * height, generator=generator)
    smooth = interpolate(coarse, (height, 2 * height), mode="bicubic")
    return (0.4 * smooth + 0.05 * detail).clamp(-1, 1)


@pytest.fixture(scope="module")
def code():
    return fit_patch_code(pictures())


@pytest.fixture(scope="module")
def vae(code):
    torch.manual_seed(0)
    return linear_autoencoder(code).eval().requires_grad_(False)


def test_the_encoder_is_the_matrix_product(vae, code):
    images = pictures(2)
    assert (vae.encode(images).latent - encode_patches(code, images)).abs().max() < 1e-4


def test_latents_are_uncorrelated_with_mean_variance_one(code):
    latents = rearrange(encode_patches(code, pictures()), "b k h w -> k (b h w)")
    covariance = latents @ latents.T / latents.shape[1]
    assert (covariance - torch.diag(covariance.diagonal())).abs().max() < 1e-3
    assert covariance.diagonal().mean().item() == pytest.approx(1, abs=0.01)


def test_decoding_is_the_projection_on_the_components(vae, code):
    images = pictures(2)
    blocks = rearrange(images, "b c (h i y) (w j x) -> b h w (i j) (c y x)", i=2, j=2, y=8, x=8)
    patches = rearrange(blocks @ code.blocks.T, "b h w n k -> b h w (n k)") - code.mean
    projected = rearrange(patches @ code.components.T @ code.components + code.mean, "b h w (n k) -> b h w n k", n=4)
    wanted = rearrange(projected @ code.blocks, "b h w (i j) (c y x) -> b c (h i y) (w j x)", i=2, c=3, y=8)
    assert (vae.decode(vae.encode(images).latent).sample - wanted).abs().mean() < 0.01


def test_wrapped_encode_and_decode_commute_with_a_roll(vae):
    images = pictures(2)
    with wrap_convolutions(vae):
        latents = vae.encode(images).latent
        assert (vae.encode(images.roll(48, -1)).latent - latents.roll(3, -1)).abs().max() < 1e-5
        decoded = vae.decode(latents).sample
        assert (vae.decode(latents.roll(3, -1)).sample - decoded.roll(48, -1)).abs().max() < 1e-5


def test_the_code_is_saved_and_read_back(code, tmp_path):
    save_patch_code(code, tmp_path / "code.safetensors")
    again = load_patch_code(tmp_path / "code.safetensors")
    assert all(torch.equal(value, vars(again)[name]) for name, value in vars(code).items())
    with pytest.raises(ValueError, match="run the stage miniature-autoencoder first"):
        load_patch_code(tmp_path / "nothing.safetensors")
