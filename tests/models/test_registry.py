from pathlib import Path

import pytest

from cyclorama.models import registry
from cyclorama.models.registry import load_model
from cyclorama.models.seams import WRAPS
from cyclorama.models.table import MINIATURE, find_row, list_models, photographic_hint


def test_every_row_is_complete():
    rows = list_models()
    assert len({row.name for row in rows}) == len(rows)
    for row in rows:
        assert row.licence
        assert row.note
        assert row.wrap in WRAPS
        assert row.kind == "base" or find_row(row.base, "base")
        assert not row.default_lora or find_row(row.default_lora, "lora")


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
