"""A panorama LoRA trained end to end on a tiny FLUX folder, saved, and loaded by plain diffusers."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers.pipelines.flux.pipeline_flux import FluxPipeline
from PIL import Image
from safetensors.torch import load_file

from cyclorama.models.registry import load_model
from cyclorama.training.adapters import LoraSettings, add_lora, load_lora, save_lora
from cyclorama.training.loop import train
from cyclorama.training.recipes import load_recipe, run_recipe

WEIGHTS = "pytorch_lora_weights.safetensors"


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(3):
        Image.fromarray(rng.integers(0, 255, (64, 128, 3), dtype=np.uint8)).save(folder / f"{i}.png")
    lines = [json.dumps({"file_name": f"{i}.png", "text": "a snowy valley at sunset"}) for i in range(3)]
    (folder / "metadata.jsonl").write_text("\n".join(lines))
    return folder


def recipe_for(images, model, **overrides):
    tiny = {
        "images": str(images), "model": str(model), "height": 32, "num_steps": 3, "lr": "1e-2", "rank": "4", "alpha": 4,
        "batch_size": 2, "accumulation": 2, "sample_every": 3, "sample_steps": 2, "sample_prompts": "a beach",
        "precision": "fp32", "num_threads": 1, "log_every": 1,
    }  # fmt: skip
    return load_recipe("panorama-lora", tiny | overrides)


def velocity(transformer, seed=0):
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        return transformer(
            hidden_states=torch.randn(1, 8, 64, generator=g),
            encoder_hidden_states=torch.randn(1, 5, 32, generator=g),
            pooled_projections=torch.randn(1, 32, generator=g),
            timestep=torch.tensor([0.3]),
            img_ids=torch.zeros(8, 3),
            txt_ids=torch.zeros(5, 3),
            guidance=torch.tensor([1.0]) if transformer.config.guidance_embeds else None,
            return_dict=False,
        )[0]


@pytest.mark.parametrize("wrap", ["none", "published", "adjacent", "integer"])
def test_a_lora_is_trained_saved_and_loaded(tmp_path, images, tiny_guided_flux_folder, wrap):
    run = tmp_path / "run"
    result = run_recipe(recipe_for(images, tiny_guided_flux_folder, wrap=wrap), run, device="cpu", progress=False)
    assert result.finished
    assert np.isfinite(result.metrics["loss"])
    state = load_file(run / WEIGHTS)
    assert all(key.startswith("transformer.") for key in state)
    assert any(value.abs().max() > 0 for key, value in state.items() if "lora_B" in key)
    assert (run / "samples" / "step-0000003.png").exists()
    model = load_model(tiny_guided_flux_folder, lora=run, device="cpu", dtype=torch.float32)
    assert model.pipe.get_list_adapters()


def test_our_lora_gives_equal_output_in_plain_diffusers(tmp_path, images, tiny_flux_folder):
    recipe = recipe_for(images, tiny_flux_folder)
    task, settings = recipe.prepare(tmp_path, device="cpu")
    train(task, tmp_path, settings, device="cpu", progress=False)
    ours = task.modules["network"].eval()
    plain = FluxPipeline.from_pretrained(tiny_flux_folder)
    without = velocity(plain.transformer)
    plain.load_lora_weights(tmp_path, weight_name=WEIGHTS)
    torch.testing.assert_close(velocity(plain.transformer), velocity(ours), rtol=0, atol=1e-6)
    assert (velocity(plain.transformer) - without).abs().max() > 1e-4
    assert plain.transformer.peft_config["default_0"].r == 4
    assert plain.transformer.peft_config["default_0"].lora_alpha == 4
    plain.fuse_lora()
    plain.unload_lora_weights()
    torch.testing.assert_close(velocity(plain.transformer), velocity(ours), rtol=0, atol=1e-5)


def test_a_resumed_lora_equals_an_undisturbed_one(tmp_path, images, tiny_flux_folder):
    recipe = recipe_for(images, tiny_flux_folder, checkpoint_every=1, ema_decay="0.9")
    run_recipe(recipe, tmp_path / "whole", device="cpu", progress=False)
    for _ in range(4):
        run_recipe(recipe, tmp_path / "parts", device="cpu", progress=False, max_minutes=1e-6)
    short = replace(recipe, loop=replace(recipe.loop, num_steps=2))
    run_recipe(short, tmp_path / "parts", device="cpu", progress=False)
    run_recipe(recipe, tmp_path / "parts", device="cpu", progress=False)
    whole, parts = (load_file(tmp_path / name / WEIGHTS) for name in ("whole", "parts"))
    assert whole.keys() == parts.keys()
    assert all(torch.equal(whole[key], parts[key]) for key in whole)


def test_batches_are_exact_rolls_of_what_the_circular_encoder_makes(tmp_path, images, tiny_flux_folder):
    task, _ = recipe_for(images, tiny_flux_folder, caption_dropout=0.5).prepare(tmp_path, device="cpu")
    image = torch.rand(1, 3, 32, 64)
    with torch.no_grad():
        rolled = task.model.encode_images(image.roll(24, -1))
        torch.testing.assert_close(rolled, task.model.encode_images(image).roll(3, -1), rtol=0, atol=1e-5)
    batch = task.batch(0, torch.Generator().manual_seed(0))
    again = task.batch(0, torch.Generator().manual_seed(0))
    assert batch["noisy"].shape == (2, 16, 4, 8)
    assert torch.equal(batch["noisy"], again["noisy"])
    data = batch["noisy"] - batch["t"].view(-1, 1, 1, 1) * batch["velocity"]
    sources = [task.data.read(i, flipped=flip, turn=0).latents for i in range(3) for flip in (False, True)]
    for latents in data:
        assert any((latents - source.roll(k, -1)).abs().max() < 1e-4 for source in sources for k in range(8))


def test_a_saved_lora_is_the_start_of_another(tmp_path, tiny_flux_folder):
    first, second = (FluxPipeline.from_pretrained(tiny_flux_folder).transformer for _ in range(2))
    settings = LoraSettings(rank=2, alpha=2.0)
    for parameter in add_lora(first, settings, seed=1):
        parameter.data.normal_()
    add_lora(second, settings, seed=2)
    save_lora(first, tmp_path)
    load_lora(second, tmp_path)
    torch.testing.assert_close(velocity(second.eval()), velocity(first.eval()))
    third = FluxPipeline.from_pretrained(tiny_flux_folder).transformer
    add_lora(third, LoraSettings(rank=3))
    with pytest.raises(ValueError, match="another rank"):
        load_lora(third, tmp_path)
    with pytest.raises(ValueError, match="already carries a LoRA"):
        add_lora(third, settings)


def test_a_fresh_lora_changes_nothing_and_a_wrong_target_is_named(tiny_flux_folder):
    transformer = FluxPipeline.from_pretrained(tiny_flux_folder).transformer.eval()
    before = velocity(transformer)
    with pytest.raises(ValueError, match=r"ends in 'attn\.nothing'"):
        add_lora(transformer, LoraSettings(targets=("attn.nothing",)))
    parameters = add_lora(transformer, LoraSettings(rank=2))
    assert torch.equal(velocity(transformer), before)
    assert sum(p.numel() for p in parameters) == sum(p.numel() for p in transformer.parameters() if p.requires_grad)
    # double block: q, k, v, out of the image stream; single block: q, k, v; 64 wide, rank 2
    assert sum(p.numel() for p in parameters) == 7 * 2 * (64 + 64)
