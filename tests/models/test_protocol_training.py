"""The shared suite: every family trains a LoRA that plain diffusers reads, and the reverse."""

from pathlib import Path
from typing import Any

import pytest
import torch
from peft import get_peft_model_state_dict

from cyclorama.models.protocol import Model
from cyclorama.training.adapters import LoraSettings, add_lora, load_lora
from tests.models.suite import PROMPTS, draw, fresh, velocity


@pytest.mark.parametrize("checkpointing", [False, True])
def test_gradients_reach_latents_and_lora_and_survive_checkpointing(model: Model, checkpointing: bool):
    """`backward` runs after `predict` has returned: what it computes again must be wrapped as the first time."""
    latents = draw(model, 2, 1).requires_grad_()
    parameters = trainable(model)
    network: Any = model.network.train()
    grads = []
    for on in (False, checkpointing):
        if on:
            network.enable_gradient_checkpointing()
        condition = model.encode_text(PROMPTS)
        loss = model.predict(latents, torch.tensor([0.9, 0.4]), condition, guidance_scale=1.0).square().mean()
        grads.append(torch.autograd.grad(loss, [latents, *parameters]))
    assert all(grad.abs().max() > 0 for grad in grads[0])
    for first, again in zip(*grads, strict=True):
        torch.testing.assert_close(first, again, rtol=1e-4, atol=1e-6)


def trainable(model: Model, seed: int = 0) -> list[torch.nn.Parameter]:
    settings = LoraSettings(rank=2, alpha=4.0, dropout=0.0, targets=model.lora_targets)
    parameters = add_lora(model.network, settings, seed=seed)
    for parameter in parameters:
        torch.nn.init.normal_(parameter, std=0.3, generator=torch.Generator().manual_seed(seed))
    return parameters


def test_a_lora_of_ours_is_one_of_plain_diffusers(model: Model, folder: Path, latents: torch.Tensor, tmp_path: Path):
    with pytest.raises(ValueError, match="without the LoRA"):
        model.save_lora(tmp_path)
    base = velocity(model, latents)
    trainable(model)
    model.network.eval()
    trained = velocity(model, latents)
    assert (trained - base).abs().max() > 1e-3
    written = model.save_lora(tmp_path)
    plain = fresh(folder)
    plain.pipe.load_lora_weights(tmp_path, weight_name=written.name)
    torch.testing.assert_close(velocity(plain, latents), trained, rtol=0, atol=1e-6)
    ours = fresh(folder)
    ours.load_lora(tmp_path)
    torch.testing.assert_close(velocity(ours, latents), trained, rtol=0, atol=1e-6)
    ours.merge_lora()
    torch.testing.assert_close(velocity(ours, latents), trained, rtol=0, atol=2e-5)


def test_a_lora_of_plain_diffusers_is_one_of_ours(model: Any, folder: Path, latents: torch.Tensor, tmp_path: Path):
    trainable(model)
    model.network.eval()
    parts = {
        f"{model.network_name}_lora_layers": get_peft_model_state_dict(model.network),
        f"{model.network_name}_lora_adapter_metadata": model.network.peft_config["default"].to_dict(),
    }
    type(model.pipe).save_lora_weights(tmp_path, **parts)
    ours = fresh(folder)
    ours.load_lora(tmp_path)
    torch.testing.assert_close(velocity(ours, latents), velocity(model, latents), rtol=0, atol=1e-6)


def test_training_goes_on_from_a_saved_lora(model: Model, folder: Path, latents: torch.Tensor, tmp_path: Path):
    trainable(model, seed=1)
    model.save_lora(tmp_path)
    second = fresh(folder)
    trainable(second, seed=2)
    load_lora(second.network, tmp_path)
    for trained in (model, second):
        trained.network.eval()
    assert torch.equal(velocity(second, latents), velocity(model, latents))
    third = fresh(folder)
    add_lora(third.network, LoraSettings(rank=3))
    with pytest.raises(ValueError, match="another rank"):
        load_lora(third.network, tmp_path)
