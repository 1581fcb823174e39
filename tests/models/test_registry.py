import json
from pathlib import Path

import pytest

from cyclorama.models import registry
from cyclorama.models.families import FAMILIES
from cyclorama.models.registry import load_model
from cyclorama.models.table import MINIATURE, find_row, list_models, photographic_hint
from cyclorama.training.adapters import LoraSettings, add_lora


def test_every_row_is_complete():
    rows = list_models()
    wraps = {family.family: family.wraps for family in FAMILIES}
    assert len({row.name for row in rows}) == len(rows)
    for row in rows:
        assert row.licence
        assert row.note
        assert row.wrap in wraps[row.family]
        assert row.num_steps >= 1
        assert row.guidance_scale == 1 or not row.distilled
        base, lora = find_row(row.base, "base"), find_row(row.default_lora, "lora")
        assert row.kind == "base" or (base and base.family == row.family)
        assert not row.default_lora or (lora and lora.base == row.name)


def test_rows_are_found_by_name_and_hub_id_in_any_case():
    assert find_row("flux.1-DEV", "base") is find_row("black-forest-labs/FLUX.1-dev", "base")
    assert find_row("flux.1-dev", "lora") is None
    dit360 = find_row("dit360", "lora")
    assert dit360
    assert dit360.prompt_prefix == "This is a panorama. The image shows "


@pytest.mark.parametrize("name", ["flux9", ""])
def test_unknown_model_lists_the_known_ones(name: str):
    with pytest.raises(ValueError, match=r"miniature.*FLUX\.1-dev"):
        load_model(name)


def test_unknown_lora_lists_the_known_ones(tiny_flux_folder: Path):
    with pytest.raises(ValueError, match="dit360"):
        load_model(tiny_flux_folder, lora="dit720")


def test_a_model_that_is_not_here_names_size_licence_and_command(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(registry, "is_cached", lambda *_: False)
    with pytest.raises(ValueError, match=r"34 GB.*Non-Commercial.*huggingface\.co.*hf download black-forest-labs"):
        load_model("FLUX.1-dev")


def test_every_family_has_a_base_and_gated_files_are_left_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(registry, "is_cached", lambda *_: False)
    assert {row.family for row in list_models("base")} == {family.family for family in FAMILIES}
    with pytest.raises(ValueError, match=r'RAIL\+\+.*hf download stabilityai/.*--exclude "\*\.bin".*--exclude "sd_xl'):
        load_model("stable-diffusion-xl")


def test_a_lora_with_a_file_name_of_its_own_is_looked_for_under_it(
    tiny_sd_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    asked = []
    monkeypatch.setattr(registry, "is_cached", lambda *wanted: asked.append(wanted))
    with pytest.raises(ValueError, match="hf download ProGamerGov/360-Diffusion-LoRA-sd-v1-5"):
        load_model(tiny_sd_folder, lora="360-diffusion")
    assert asked == [("ProGamerGov/360-Diffusion-LoRA-sd-v1-5", "360Diffusion_v1.safetensors")]


def test_what_a_training_wrote_beside_its_lora_is_used(tiny_sd_folder: Path, tmp_path: Path):
    trained = load_model(tiny_sd_folder, device="cpu")
    add_lora(trained.network, LoraSettings(rank=2))
    trained.save_lora(tmp_path)
    (tmp_path / "adapter.json").write_text(json.dumps({"wrap": "none", "prompt_prefix": "this is panorama . "}))
    model = load_model(tiny_sd_folder, lora=tmp_path, device="cpu")
    assert (model.wrap, model.prompt_prefix) == ("none", "this is panorama . ")
    assert load_model(tiny_sd_folder, lora=tmp_path, device="cpu", wrap="convolutions").wrap == "convolutions"
    (tmp_path / "adapter.json").write_text('{"wrap": "integer", "prompt_prefix": ""}')
    with pytest.raises(ValueError, match=r"adapter\.json.*integer"):
        load_model(tiny_sd_folder, lora=tmp_path, device="cpu")


def test_a_lora_fetched_by_hand_names_its_page(tiny_flux_folder: Path):
    with pytest.raises(ValueError, match=r"civitai\.com/models/735980"):
        load_model(tiny_flux_folder, lora="equirectangular-360")


def test_missing_folder_is_named(tmp_path: Path):
    with pytest.raises(ValueError, match="nowhere"):
        load_model(tmp_path / "nowhere")


def test_folder_loads_without_a_lora(tiny_flux_folder: Path):
    model = load_model(tiny_flux_folder, wrap="integer", device="cpu")
    assert model.wrap == "integer"
    assert model.capabilities.trained_on == "perspective"


def test_photographic_hint_is_one_line_with_memory_and_licence():
    hint = photographic_hint()
    assert "\n" not in hint
    assert "37 GB" in hint
    assert "Non-Commercial" in hint


@pytest.mark.skipif(not (MINIATURE / "model_index.json").is_file(), reason="the miniature is not trained yet")
def test_the_miniature_loads_with_its_panorama_lora():
    model = load_model(device="cpu")
    assert model.capabilities.trained_on == "panorama"
    assert model.wrap == "integer"
    assert model.unknown_words("a snowy mountain valley at sunset with xylophones") == {"xylophones": None}
