"""The shared suite: what every family closes at the seam, and what it refuses."""

from pathlib import Path

import pytest
import torch

from cyclorama.models.families import load_family
from cyclorama.models.protocol import Model
from cyclorama.models.seams import WRAPS
from tests.models.suite import assert_same, draw, velocity


def test_decode_and_encode_commute_with_roll(model: Model, latents: torch.Tensor):
    pixels = model.capabilities.spatial_compression
    images = model.decode_latents(latents)
    assert (model.decode_latents(latents.roll(3, -1)) - images.roll(3 * pixels, -1)).abs().max() < 1e-5
    encoded = model.encode_images(images)
    assert (model.encode_images(images.roll(3 * pixels, -1)) - encoded.roll(3, -1)).abs().max() < 1e-5


def test_tiled_decoding_keeps_the_shape(folder: Path):
    model = load_family(folder, device="cpu", vae_tiling=True)
    assert model.decode_latents(draw(model, 2, 1)).shape == (2, 3, 64, 128)
    assert model.decode_latents(draw(model, 1, 1)).shape == (2, 3, 64, 64)


@torch.no_grad()
def test_wraps_act_on_panoramas_only_and_others_are_refused(model: Model, latents: torch.Tensor):
    square = draw(model, 1, 1)
    model.wrap = "none"
    plain, plain_square = velocity(model, latents), velocity(model, square)
    for wrap in WRAPS:
        if wrap not in model.capabilities.wraps:
            with pytest.raises(ValueError, match=rf"got wrap '{wrap}'.*none"):
                model.wrap = wrap
            continue
        model.wrap = wrap
        assert torch.equal(velocity(model, square), plain_square)
        assert wrap == "none" or (velocity(model, latents) - plain).abs().max() > 1e-6
    model.wrap = "none"
    assert torch.equal(velocity(model, latents), plain)


def test_networks_of_convolutions_commute_with_roll(model: Model):
    if "convolutions" not in model.capabilities.exact_seams:
        pytest.skip("this family has positions")
    model.wrap = "convolutions"
    latents = draw(model, 4, 2)
    turn = model.capabilities.token_multiple // model.capabilities.spatial_compression
    rolled = velocity(model, latents.roll(3 * turn, -1))
    assert_same(rolled, velocity(model, latents).roll(3 * turn, -1))
    model.wrap = "none"
    unwrapped = velocity(model, latents.roll(3 * turn, -1)) - velocity(model, latents).roll(3 * turn, -1)
    assert unwrapped.abs().max() > 1e-3
