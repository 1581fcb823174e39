import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from cyclorama.models.hub import looks_like_hub_id
from cyclorama.models.loading import read_flux_pipeline


@pytest.fixture
def copied(tiny_flux_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_flux_folder, tmp_path / "model"))


def assert_one_clear_line(path: str | Path, *parts: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        read_flux_pipeline(path, dtype=torch.float32)
    message = str(caught.value)
    assert "\n" not in message
    assert all(part in message for part in parts), message


def test_truncated_weights_are_one_line(copied: Path):
    weights = copied / "transformer" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    assert_one_clear_line(copied, str(copied), "damaged")


@pytest.mark.parametrize("part", ["vae", "transformer", "text_encoder", "tokenizer"])
def test_missing_component_is_one_line(copied: Path, part: str):
    shutil.rmtree(copied / part)
    assert_one_clear_line(copied, str(copied))


@pytest.mark.parametrize("part", ["vae", "text_encoder_2"])
def test_truncated_component_is_one_line(copied: Path, part: str):
    weights = next((copied / part).glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-100])
    assert_one_clear_line(copied, str(copied))


def test_missing_and_misshapen_tensors_are_not_filled_at_random(copied: Path):
    weights = copied / "transformer" / "diffusion_pytorch_model.safetensors"
    state = load_file(weights)
    save_file({**state, "x_embedder.weight": torch.zeros(3, 3)}, weights)
    assert_one_clear_line(copied, str(copied))
    save_file({key: value for key, value in state.items() if key != "x_embedder.weight"}, weights)
    assert_one_clear_line(copied, str(copied), "x_embedder.weight")


@pytest.mark.parametrize("part", ["text_encoder", "text_encoder_2"])
def test_text_encoders_are_not_filled_at_random_either(copied: Path, part: str):
    weights = copied / part / "model.safetensors"
    state = load_file(weights)
    save_file(dict(sorted(state.items())[1:]), weights)
    assert_one_clear_line(copied, part, "lacks")


def test_broken_index_another_class_and_an_empty_folder_are_named(copied: Path, tmp_path: Path):
    (copied / "model_index.json").write_text("{")
    assert_one_clear_line(copied, "model_index.json")
    (copied / "model_index.json").write_text(json.dumps({"_class_name": "StableDiffusionPipeline"}))
    assert_one_clear_line(copied, "StableDiffusionPipeline", "FluxPipeline")
    (tmp_path / "empty").mkdir()
    assert_one_clear_line(tmp_path / "empty", "model_index.json")


def test_a_hub_model_that_is_not_here_is_not_downloaded():
    assert_one_clear_line("nobody/no-such-model", "not on this machine", "hf download nobody/no-such-model")


def test_hub_ids_are_told_from_paths():
    assert looks_like_hub_id("owner/model")
    assert not any(map(looks_like_hub_id, ["model", "/root/model", "./model", "../model", "~/model", "a/b/c"]))
