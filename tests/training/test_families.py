"""Every family of models trains with the one recipe, samples, and is loaded again with its LoRA."""

import json
from typing import Any

import pytest
import torch
from huggingface_hub import ModelCard
from safetensors.torch import load_file

from cyclorama.models.registry import load_model
from cyclorama.training.panorama import exact_wrap
from cyclorama.training.recipes import run_recipe
from tests.training.hybrid_data import tiny_recipe

WEIGHTS = "pytorch_lora_weights.safetensors"
SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "family",
    ["flux", "sd", "sd3", "sana", pytest.param("sd_v", marks=SLOW), pytest.param("sdxl", marks=SLOW)],
)
def test_a_family_trains_samples_and_comes_back(tmp_path, request, family):
    folder, run = request.getfixturevalue(f"tiny_{family}_folder"), tmp_path / "run"
    facts = load_model(folder, device="cpu", dtype=torch.float32).capabilities
    recipe = tiny_recipe(tmp_path, folder, height=8 * facts.token_multiple, gradient_checkpointing="true")
    assert run_recipe(recipe, run, device="cpu", progress=False).finished
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert all(0 < line["loss"] < 100 for line in lines)
    assert lines[-1]["seam_ratio"] > 0
    assert any(value.abs().max() > 0 for key, value in load_file(run / WEIGHTS).items() if "lora_B" in key)
    model = load_model(folder, lora=run, device="cpu", dtype=torch.float32)
    assert (model.wrap, model.prompt_prefix) == (exact_wrap(facts), recipe.prompt_prefix)
    card: Any = ModelCard.load(run / "README.md")
    assert (card.data.base_model, card.data.library_name) == (str(folder), "diffusers")
    assert f"| panoramas | {3} |" in card.text


def test_a_wrap_that_a_family_cannot_do_is_refused_in_one_line(tmp_path, tiny_sd3_folder):
    with pytest.raises(ValueError, match="wrap") as told:
        tiny_recipe(tmp_path, tiny_sd3_folder, wrap="convolutions").prepare(tmp_path / "run", device="cpu")
    assert "\n" not in str(told.value)


def test_eight_bits_without_bitsandbytes_are_one_line(tmp_path, tiny_flux_folder):
    try:
        import bitsandbytes  # noqa: F401  # pyright: ignore[reportMissingImports]
    except ImportError:
        recipe = tiny_recipe(tmp_path, tiny_flux_folder, optimizer="adamw8bit")
        with pytest.raises(ValueError, match="pip install bitsandbytes"):
            run_recipe(recipe, tmp_path / "run", device="cpu", progress=False)
