"""Tiny random networks in real files, and an evaluation with them."""

import pytest
import torch

from cyclorama.evaluation.networks.eyes import Eyes, save_eyes
from cyclorama.evaluation.networks.faed import Faed, FaedConfig, save_faed
from cyclorama.evaluation.run.evaluate import evaluate
from tests.evaluation.run.small_sets import DS, FD, KD, SHARP, write_folder, write_protocol

LABELS = {"place": ("beach", "city"), "time": ("noon", "night"), "sky": ("clear", "fog"), "objects": ("palm", "bench")}


def save_seeded(build, save, path, *, seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        save(build(), path)
    return path


def build_faed():
    return Faed(FaedConfig((16, 32), (4, 4, 4), (3, 3)))


@pytest.fixture(scope="session")
def tiny_faed(tmp_path_factory):
    return save_seeded(build_faed, save_faed, tmp_path_factory.mktemp("networks") / "tiny-faed.safetensors")


@pytest.fixture(scope="session")
def other_faed(tmp_path_factory):
    return save_seeded(build_faed, save_faed, tmp_path_factory.mktemp("networks") / "other-faed.safetensors", seed=1)


@pytest.fixture(scope="session")
def tiny_eyes(tmp_path_factory):
    path = tmp_path_factory.mktemp("networks") / "tiny-eyes.safetensors"
    return save_seeded(lambda: Eyes(LABELS, wraps=True, widths=(8, 8, 8)), save_eyes, path)


@pytest.fixture(scope="session")
def tiny_view_eyes(tmp_path_factory):
    path = tmp_path_factory.mktemp("networks") / "tiny-view-eyes.safetensors"
    return save_seeded(lambda: Eyes(LABELS, wraps=False, widths=(8, 8, 8)), save_eyes, path)


@pytest.fixture
def folders(tmp_path):
    """(real, fake) of eight and six panoramas."""
    return write_folder(tmp_path / "real", range(8)), write_folder(tmp_path / "fake", range(20, 26), shift=10)


@pytest.fixture
def run(tmp_path, folders, tiny_faed, tiny_eyes, monkeypatch):
    """An evaluation of the two folders with the tiny networks; its own arguments go before."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    real, fake = folders
    weights = {"faed": tiny_faed, "eyes-panorama": tiny_eyes}

    def call(*measures, **changes):
        protocol = write_protocol(tmp_path / "protocol.json", *(measures or (DS, SHARP, FD, KD)))
        asked = {"real": real, "protocol": protocol, "weights": weights, "cache": tmp_path / "cache", "device": "cpu"}
        return evaluate(changes.pop("fake", fake), **asked | changes)

    return call
