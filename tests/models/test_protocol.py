"""The shared suite: every model family must pass it. A new family adds its folder to `suite.FOLDERS`."""

from pathlib import Path

import pytest
import torch

from cyclorama.models.families import load_family
from cyclorama.models.protocol import Condition, Model
from tests.models.suite import PROMPTS, assert_same, fresh, velocity


def test_it_is_a_model(model: Model):
    facts = model.capabilities
    assert isinstance(model, Model)
    assert facts.token_multiple % facts.spatial_compression == 0
    assert facts.native_size[0] == facts.native_size[1] > 0
    assert model.default_steps >= 1
    assert model.device.type == "cpu"
    assert model.dtype == torch.float32
    assert 0.5 < model.max_time <= 1
    assert model.wrap in facts.wraps


def test_conditions_slice_and_join(model: Model):
    both = model.encode_text(PROMPTS)
    joined = Condition.cat([both[0:1], both[1:2]])
    assert len(both) == 2
    assert all(torch.equal(joined.tensors[name], tensor) for name, tensor in both.tensors.items())


def test_a_prompt_does_not_depend_on_its_batch(model: Model):
    mixed = model.encode_text([PROMPTS[0], "", PROMPTS[1]])
    for index, prompt in enumerate([PROMPTS[0], "", PROMPTS[1]]):
        for name, tensor in model.encode_text([prompt]).tensors.items():
            torch.testing.assert_close(mixed.tensors[name][index : index + 1], tensor, rtol=0, atol=1e-5)


def test_images_and_latents_have_the_promised_shapes(model: Model, latents: torch.Tensor):
    images = model.decode_latents(latents)
    assert images.shape == (2, 3, 64, 128)
    assert images.min() >= 0
    assert images.max() <= 1
    assert model.encode_images(images).shape == latents.shape


@torch.no_grad()
@pytest.mark.parametrize("guidance_scale", [None, 1.0, 3.0])
def test_a_prediction_does_not_depend_on_its_batch(model: Model, latents: torch.Tensor, guidance_scale: float | None):
    condition, t = model.encode_text(PROMPTS), torch.tensor([0.9, 0.4])
    both = model.predict(latents, t, condition, guidance_scale=guidance_scale)
    alone = model.predict(latents[1:], t[1:], condition[1:2], guidance_scale=guidance_scale)
    assert both.shape == latents.shape
    assert_same(both[1:], alone)


@torch.no_grad()
def test_prompt_time_and_guidance_matter(model: Model, latents: torch.Tensor):
    condition, t = model.encode_text(PROMPTS), torch.tensor([0.9, 0.9])
    plain = model.predict(latents, t, condition, guidance_scale=1.0)
    swapped = model.predict(latents, t, Condition.cat([condition[1:2], condition[0:1]]), guidance_scale=1.0)
    assert (plain - swapped).abs().max() > 1e-6
    assert (plain - model.predict(latents, t / 2, condition, guidance_scale=1.0)).abs().max() > 1e-6
    assert (plain - model.predict(latents, t, condition, guidance_scale=4.0)).abs().max() > 1e-6


def test_schedule_descends_from_noise_to_data(model: Model):
    sigmas = model.sigmas(6, 64, 128)
    assert sigmas.shape == (7,)
    assert sigmas.dtype == torch.float32
    assert sigmas[0] == 1
    assert sigmas[-1] == 0
    assert (sigmas.diff() < 0).all()
    assert (model.sigmas(6, 1024, 2048)[1:-1] >= sigmas[1:-1]).all()
    with pytest.raises(ValueError, match="0 steps"):
        model.sigmas(0, 64, 128)


def test_unknown_words_are_words_of_the_prompt(model: Model):
    assert model.unknown_words("a purple mountain, by Vermeer!") == {"purple": None, "by": None, "vermeer": None}
    assert model.unknown_words(PROMPTS[0]) == {}


def test_prompt_prefix_is_added_once_and_never_to_the_empty_prompt(model: Model):
    plain = model.encode_text(["this is panorama . snowy mountain", ""])
    model.prompt_prefix = "this is panorama . "
    prefixed = model.encode_text(["snowy mountain", ""])
    for name, tensor in plain.tensors.items():
        assert torch.equal(tensor, prefixed.tensors[name])


def test_bfloat16_runs_and_stays_close(folder: Path, model: Model, latents: torch.Tensor):
    rounded = load_family(folder, device="cpu", dtype=torch.bfloat16)
    answer = velocity(rounded, latents)
    assert rounded.dtype == torch.bfloat16
    assert answer.dtype == torch.float32
    exact = velocity(model, latents)
    assert (answer - exact).square().mean().sqrt() < 0.1 * exact.square().mean().sqrt()
    assert rounded.decode_latents(latents).dtype == torch.float32


def test_keys_name_the_encoders_and_the_prefix(model: Model, folder: Path):
    again = fresh(folder)
    assert (again.text_key(), again.image_key()) == (model.text_key(), model.image_key())
    again.prompt_prefix = "this is panorama . "
    assert again.text_key() != model.text_key()
    next(iter(again.pipe.vae.parameters())).data.add_(1.0)
    assert again.image_key() != model.image_key()


def test_freed_text_encoders_change_no_answer(model: Model, latents: torch.Tensor):
    before = velocity(model, latents, guidance_scale=3.0)
    model.free_text_encoders()
    assert torch.equal(velocity(model, latents, guidance_scale=3.0), before)
