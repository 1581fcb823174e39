"""The shared suite: every model family must pass it. A new family adds one fixture name."""

import pytest
import torch

from cyclorama.models.flux import FluxModel
from cyclorama.models.protocol import Condition, Model

FOLDERS = ["tiny_flux_folder", "tiny_guided_flux_folder"]
PROMPTS = ["a snowy mountain valley at sunset", "a city at night"]


@pytest.fixture(params=FOLDERS)
def model(request: pytest.FixtureRequest) -> Model:
    return FluxModel.from_pretrained(request.getfixturevalue(request.param), device="cpu")


@pytest.fixture
def latents(model: Model) -> torch.Tensor:
    facts = model.capabilities
    side = 64 // facts.spatial_compression
    return torch.randn(2, facts.latent_channels, side, 2 * side, generator=torch.Generator().manual_seed(0))


def test_it_is_a_model(model: Model):
    assert isinstance(model, Model)
    assert model.capabilities.token_multiple % model.capabilities.spatial_compression == 0
    assert model.default_steps >= 1
    assert model.device.type == "cpu"
    assert model.dtype == torch.float32


def test_conditions_slice_and_join(model: Model):
    both = model.encode_text(PROMPTS)
    joined = Condition.cat([both[0:1], both[1:2]])
    assert len(both) == 2
    assert all(torch.equal(joined.tensors[name], tensor) for name, tensor in both.tensors.items())


def test_images_and_latents_have_the_promised_shapes(model: Model, latents: torch.Tensor):
    images = model.decode_latents(latents)
    assert images.shape == (2, 3, 64, 128)
    assert images.min() >= 0
    assert images.max() <= 1
    assert model.encode_images(images).shape == latents.shape


def test_decode_and_encode_commute_with_roll(model: Model, latents: torch.Tensor):
    pixels = model.capabilities.spatial_compression
    images = model.decode_latents(latents)
    assert (model.decode_latents(latents.roll(5, -1)) - images.roll(5 * pixels, -1)).abs().max() < 1e-5
    encoded = model.encode_images(images)
    assert (model.encode_images(images.roll(5 * pixels, -1)) - encoded.roll(5, -1)).abs().max() < 1e-5


@torch.no_grad()
@pytest.mark.parametrize("guidance_scale", [None, 1.0, 3.0])
def test_a_prediction_does_not_depend_on_its_batch(model: Model, latents: torch.Tensor, guidance_scale: float | None):
    condition, t = model.encode_text(PROMPTS), torch.tensor([0.9, 0.4])
    both = model.predict(latents, t, condition, guidance_scale=guidance_scale)
    alone = model.predict(latents[1:], t[1:], condition[1:2], guidance_scale=guidance_scale)
    assert both.shape == latents.shape
    torch.testing.assert_close(both[1:], alone, rtol=0, atol=1e-5)


@torch.no_grad()
def test_prompt_time_and_guidance_matter(model: Model, latents: torch.Tensor):
    condition, t = model.encode_text(PROMPTS), torch.tensor([0.9, 0.9])
    plain = model.predict(latents, t, condition, guidance_scale=1.0)
    swapped = model.predict(latents, t, Condition.cat([condition[1:2], condition[0:1]]), guidance_scale=1.0)
    assert (plain - swapped).abs().max() > 1e-6
    assert (plain - model.predict(latents, t / 2, condition, guidance_scale=1.0)).abs().max() > 1e-6
    assert (plain - model.predict(latents, t, condition, guidance_scale=4.0)).abs().max() > 1e-6


def test_predictions_are_differentiable(model: Model, latents: torch.Tensor):
    latents.requires_grad_()
    condition = model.encode_text(PROMPTS)
    model.predict(latents, torch.tensor([0.9, 0.4]), condition, guidance_scale=1.0).square().sum().backward()
    assert latents.grad is not None


def test_schedule_descends_from_noise_to_data(model: Model):
    sigmas = model.sigmas(6, 64, 128)
    assert sigmas.shape == (7,)
    assert sigmas[0] == 1
    assert sigmas[-1] == 0
    assert (sigmas.diff() < 0).all()
    assert model.sigmas(6, 1024, 2048)[1] > sigmas[1]


def test_unknown_words_are_words_of_the_prompt(model: Model):
    assert model.unknown_words("a purple mountain, by Vermeer!") == {"purple": None, "by": None, "vermeer": None}
    assert model.unknown_words(PROMPTS[0]) == {}
