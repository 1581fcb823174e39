import pytest
import torch

from cyclorama.evaluation.run.feature_cache import FeatureCache, default_cache, extractor_key

DIGEST = "ab" * 32


def test_what_was_written_comes_back(tmp_path):
    cache = FeatureCache(tmp_path / "new" / "cache")
    entry = {"features": torch.randn(3, 4).T, "heads": torch.tensor([1.5], dtype=torch.float64)}
    assert cache.read(DIGEST, "key") is None
    cache.write(DIGEST, "key", entry)
    found = cache.read(DIGEST, "key")
    assert found is not None
    assert {name: tensor.tolist() for name, tensor in found.items()} == {n: t.tolist() for n, t in entry.items()}
    assert cache.read(DIGEST, "other") is None
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith(".part")]


def test_the_key_follows_every_part_and_the_source_of_the_formula(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "formula_one.py").write_text("x = 1\n")
    (tmp_path / "formula_two.py").write_text("x = 2\n")
    keys = {
        extractor_key("a", ("formula_one",), views="poles"),
        extractor_key("a", ("formula_one",), views="sides"),
        extractor_key("a", ("formula_two",), views="poles"),
        extractor_key("a", (), views="poles"),
    }
    assert len(keys) == 4
    assert extractor_key("a", ("formula_one",), views="poles") in keys


def test_the_folder_is_the_users_choice(tmp_path, monkeypatch):
    monkeypatch.setenv("CYCLORAMA_CACHE", str(tmp_path / "mine"))
    assert default_cache() == tmp_path / "mine"
    monkeypatch.delenv("CYCLORAMA_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_cache() == tmp_path / ".cache" / "cyclorama"


def test_a_cache_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="name another with --cache"):
        FeatureCache(tmp_path / "file" / "cache")
