from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.pipelines.flux.pipeline_flux import FluxPipeline
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file, save_file

from cyclorama.models.families import load_family
from cyclorama.models.flux import FluxModel
from cyclorama.models.pipeline_model import PipelineModel
from cyclorama.training.adapters import LoraSettings, add_lora

FILE = "pytorch_lora_weights.safetensors"


@pytest.fixture
def lora_folder(tiny_flux_folder: Path, tmp_path: Path) -> Path:
    """Random LoRA weights on the attention of all blocks, saved by plain PEFT and diffusers."""
    pipe: Any = FluxPipeline.from_pretrained(tiny_flux_folder, local_files_only=True)
    targets = ["to_q", "to_k", "to_v", "to_out.0"]
    torch.manual_seed(0)
    pipe.transformer.add_adapter(LoraConfig(r=4, lora_alpha=8, init_lora_weights=False, target_modules=targets))
    state: dict[str, Any] = get_peft_model_state_dict(pipe.transformer)
    metadata = pipe.transformer.peft_config["default"].to_dict()
    FluxPipeline.save_lora_weights(
        tmp_path / "lora", transformer_lora_layers=state, transformer_lora_adapter_metadata=metadata
    )
    return tmp_path / "lora"


@pytest.fixture
def model(tiny_flux_folder: Path) -> FluxModel:
    return FluxModel.from_pretrained(tiny_flux_folder, device="cpu")


@torch.no_grad()
def predict(model: FluxModel) -> torch.Tensor:
    latents = torch.randn(1, 16, 8, 16, generator=torch.Generator().manual_seed(1))
    return model.predict(latents, torch.tensor([0.7]), model.encode_text(["a city at night"]), guidance_scale=1.0)


def test_lora_of_plain_diffusers_loads_with_the_same_output(
    model: FluxModel, lora_folder: Path, tiny_flux_folder: Path
):
    plain = FluxModel.from_pretrained(tiny_flux_folder, device="cpu")
    plain.pipe.load_lora_weights(lora_folder, weight_name=FILE)
    base = predict(model)
    model.load_lora(lora_folder)
    assert torch.equal(predict(model), predict(plain))
    assert (predict(model) - base).abs().max() > 1e-3


def test_file_and_folder_are_the_same(model: FluxModel, lora_folder: Path, tiny_flux_folder: Path):
    other = FluxModel.from_pretrained(tiny_flux_folder, device="cpu")
    model.load_lora(lora_folder)
    other.load_lora(lora_folder / FILE)
    assert torch.equal(predict(model), predict(other))


def test_merged_equals_runtime(model: FluxModel, lora_folder: Path):
    model.load_lora(lora_folder, 0.7)
    runtime = predict(model)
    model.merge_lora()
    assert not any("lora" in name for name, _ in model.pipe.transformer.named_parameters())
    torch.testing.assert_close(predict(model), runtime, rtol=0, atol=1e-5)


def test_weight_scales_the_lora_and_zero_is_the_base(model: FluxModel, lora_folder: Path):
    base = predict(model)
    model.load_lora(lora_folder, 0.0)
    torch.testing.assert_close(predict(model), base)


def test_several_loras_add_up(model: FluxModel, lora_folder: Path, tiny_flux_folder: Path):
    model.load_lora(lora_folder, 0.25)
    model.load_lora(lora_folder, 0.5)
    once = FluxModel.from_pretrained(tiny_flux_folder, device="cpu")
    once.load_lora(lora_folder, 0.75)
    torch.testing.assert_close(predict(model), predict(once), rtol=0, atol=1e-5)


def assert_refused(model: FluxModel, source: str | Path, *parts: str) -> None:
    before = predict(model)
    with pytest.raises(ValueError, match=r".") as caught:
        model.load_lora(source)
    assert "\n" not in str(caught.value)
    assert all(part in str(caught.value) for part in parts), str(caught.value)
    assert torch.equal(predict(model), before)


def test_missing_truncated_and_foreign_files_are_refused(model: FluxModel, lora_folder: Path, tmp_path: Path):
    assert_refused(model, tmp_path / "nothing.safetensors", "nothing.safetensors")
    assert_refused(model, "nobody/no-such-lora", "not on this machine")
    assert_refused(model, "some-name", "some-name")
    file = lora_folder / FILE
    state = load_file(file)
    save_file({"a.weight": torch.zeros(1)}, file)
    assert_refused(model, file, "without LoRA weights")
    file.write_bytes(b"not a safetensors file")
    assert_refused(model, file, FILE, "damaged")
    (lora_folder / "second.safetensors").write_bytes(b"")
    file.rename(lora_folder / "first.safetensors")
    assert_refused(model, lora_folder, "2 .safetensors files")
    assert state


def test_lora_of_another_base_is_refused_before_it_changes_anything(model: FluxModel, lora_folder: Path):
    file = lora_folder / FILE
    state = load_file(file)
    wide = {key: torch.zeros(4, 3072) if ".lora_A." in key else tensor for key, tensor in state.items()}
    save_file(wide, file)
    assert_refused(model, file, "does not fit", "3072")
    deep = {key.replace("transformer_blocks.0", "transformer_blocks.18"): tensor for key, tensor in state.items()}
    save_file(deep, file)
    assert_refused(model, file, "transformer_blocks.18", "absent")
    model.load_lora(save_back(state, file))


def save_back(state: dict[str, torch.Tensor], file: Path) -> Path:
    save_file(state, file)
    return file


def test_a_file_of_kohyas_trainer_loads_into_a_unet(tiny_sd_folder: Path, tmp_path: Path):
    """Published Stable Diffusion LoRAs are in that format: flat names, and an alpha for every layer."""
    trained = load_family(tiny_sd_folder, device="cpu")
    settings = LoraSettings(rank=2, alpha=1.0, targets=trained.lora_targets)
    for parameter in add_lora(trained.network, settings):
        torch.nn.init.normal_(parameter, std=0.3, generator=torch.Generator().manual_seed(0))
    state = {}
    for name, tensor in load_file(trained.save_lora(tmp_path)).items():
        layer, _, part = name.removesuffix(".weight").rpartition(".lora_")
        flat = "lora_" + layer.replace(".", "_")
        state[f"{flat}.lora_{'down' if part == 'A' else 'up'}.weight"] = tensor
        state[f"{flat}.alpha"] = torch.tensor(1.0)
    save_file(state, tmp_path / "kohya.safetensors")
    model = load_family(tiny_sd_folder, device="cpu")
    model.load_lora(tmp_path / "kohya.safetensors")
    trained.network.eval()
    torch.testing.assert_close(predict_unet(model), predict_unet(trained), rtol=0, atol=1e-5)


@torch.no_grad()
def predict_unet(model: PipelineModel) -> torch.Tensor:
    latents = torch.randn(1, 4, 8, 16, generator=torch.Generator().manual_seed(1))
    return model.predict(latents, torch.tensor([0.7]), model.encode_text(["a city at night"]), guidance_scale=1.0)


def test_a_lora_of_another_family_is_refused(model: FluxModel, tiny_sd_folder: Path, tmp_path: Path):
    other = load_family(tiny_sd_folder, device="cpu")
    add_lora(other.network, LoraSettings(rank=2))
    assert_refused(model, other.save_lora(tmp_path), "without LoRA weights of this family", "transformer")
