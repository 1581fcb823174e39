from pathlib import Path

import pytest
import torch

from cyclorama.geometry.equirect import roll_each
from cyclorama.methods.adapter_panorama import check_panorama_size, generate_panoramas
from cyclorama.models.flux import FluxModel
from cyclorama.models.registry import load_model

PROMPTS = ["a snowy mountain valley", "a city at night", "a desert at sunset"]


@pytest.fixture(scope="module")
def model(tiny_flux_folder: Path):
    return load_model(tiny_flux_folder, device="cpu")


def generate(model, prompts=PROMPTS, seeds=(1, 2, 3), **options) -> torch.Tensor:
    return generate_panoramas(model, prompts, seeds=seeds, height=64, num_steps=3, **options)


def test_same_seed_same_bytes_another_seed_another_picture(model):
    first = generate(model)
    assert first.shape == (3, 3, 64, 128)
    assert torch.equal(first, generate(model))
    assert not torch.equal(first, generate(model, seeds=(4, 5, 6)))


def test_a_picture_does_not_depend_on_its_batch(model):
    together = generate(model)
    for index in range(3):
        alone = generate(model, PROMPTS[index : index + 1], (index + 1,))
        assert torch.equal(together[index : index + 1], alone)


def test_a_picture_of_a_true_batch_is_the_same_to_one_grey_level(model, monkeypatch):
    alone = generate(model)
    monkeypatch.setattr("cyclorama.methods.adapter_panorama.samples_at_once", lambda model, count: count)
    assert (generate(model) - alone).abs().max() < 1 / 255


@pytest.mark.parametrize("wrap", FluxModel.wraps)
def test_every_wrap_generates(model, monkeypatch, wrap):
    monkeypatch.setattr(model, "wrap", wrap)
    assert generate(model).isfinite().all()


def test_yaw_steps_undo_themselves_up_to_the_last_turn(model, monkeypatch):
    """With a velocity that knows no direction, only the last turn, by less than one latent, is left of them all."""
    monkeypatch.setattr(model, "predict", lambda latents, t, condition, guidance_scale=None: 0.5 * latents)
    for turned, still in zip(generate(model, yaw_steps=True), generate(model, yaw_steps=False), strict=True):
        less_than_a_latent = range(model.capabilities.spatial_compression)
        assert any(torch.equal(turned, still.roll(pixels, -1)) for pixels in less_than_a_latent)


def test_progress_counts_every_step_once(model):
    seen = []
    generate(model, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 9) for done in range(1, 10)]


def test_samples_roll_separately():
    grids = torch.arange(8.0).reshape(2, 1, 1, 4)
    assert roll_each(grids, torch.tensor([1, -1])).flatten().tolist() == [3, 0, 1, 2, 5, 6, 7, 4]


@pytest.mark.parametrize("prompts", [[], [""], ["a city", "  "]])
def test_empty_prompt_is_refused(model, prompts):
    with pytest.raises(ValueError, match="empty prompt"):
        generate(model, prompts, tuple(range(len(prompts))))


def test_as_many_seeds_as_prompts(model):
    with pytest.raises(ValueError, match="3 prompts and 2 seeds"):
        generate(model, seeds=(1, 2))


@pytest.mark.parametrize(("height", "hint"), [(100, "use 96"), (8, "use 16"), (0, "use 16"), (-16, "use 16")])
def test_indivisible_height_names_the_nearest(model, height, hint):
    with pytest.raises(ValueError, match=hint):
        generate_panoramas(model, PROMPTS, seeds=(1, 2, 3), height=height)


def test_a_size_that_is_not_2_to_1_is_refused(model):
    with pytest.raises(ValueError, match="256x512"):
        check_panorama_size(model.capabilities, 256, 500)
    check_panorama_size(model.capabilities, 256, 512)
