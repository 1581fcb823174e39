import hashlib
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from cyclorama.evaluation.networks.weights import (
    MissingWeights,
    WeightsFile,
    find_weights,
    freeze,
    load_state_dict,
    load_strictly,
    sha256_of,
)

WANTED = WeightsFile(
    name="lens",
    file_name="lens-1.pth",
    environment="CYCLORAMA_LENS",
    source="https://example.org/lens",
    num_bytes=12_345_678,
    hub=("someone/lens", "lens.safetensors"),
)


@pytest.fixture(autouse=True)
def nothing_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CYCLORAMA_LENS", raising=False)
    monkeypatch.delenv("CYCLORAMA_WEIGHTS", raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def put_in_hub_cache(tmp_path: Path) -> Path:
    repository = tmp_path / "hub" / "models--someone--lens"
    touch(repository / "refs" / "main").write_text("0" * 40)
    return touch(repository / "snapshots" / ("0" * 40) / "lens.safetensors")


def test_the_argument_wins_then_the_variable_then_the_folder_then_the_hub_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = put_in_hub_cache(tmp_path)
    assert find_weights(WANTED) == cached
    in_folder = touch(tmp_path / "folder" / "lens-1.pth")
    monkeypatch.setenv("CYCLORAMA_WEIGHTS", str(tmp_path / "folder"))
    assert find_weights(WANTED) == in_folder
    by_variable = touch(tmp_path / "variable.pth")
    monkeypatch.setenv("CYCLORAMA_LENS", str(by_variable))
    assert find_weights(WANTED) == by_variable
    argument = touch(tmp_path / "argument.pth")
    assert find_weights(WANTED, path=argument) == argument


def test_a_folder_as_argument_holds_the_published_name(tmp_path: Path) -> None:
    file = touch(tmp_path / "lens-1.pth")
    assert find_weights(WANTED, path=tmp_path) == file


def test_missing_weights_name_file_size_source_and_remedy() -> None:
    with pytest.raises(MissingWeights) as caught:
        find_weights(WANTED)
    message = str(caught.value)
    assert "\n" not in message
    for part in ("lens-1.pth", "12.3 MB", "https://example.org/lens", "CYCLORAMA_LENS", "CYCLORAMA_WEIGHTS"):
        assert part in message
    assert "hf download someone/lens lens.safetensors" in message


def test_a_named_file_that_is_absent_is_missing_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_hub_cache(tmp_path)
    with pytest.raises(MissingWeights, match="from the argument, which is no file"):
        find_weights(WANTED, path=tmp_path / "nowhere.pth")
    monkeypatch.setenv("CYCLORAMA_LENS", str(tmp_path / "nowhere.pth"))
    with pytest.raises(MissingWeights, match="from CYCLORAMA_LENS, which is no file"):
        find_weights(WANTED)


def test_sha256_is_that_of_the_bytes_and_known_digits_are_compared(tmp_path: Path) -> None:
    file = tmp_path / "bytes"
    file.write_bytes(bytes(range(256)) * 10_000)
    digest = sha256_of(file)
    assert digest == hashlib.sha256(file.read_bytes()).hexdigest()
    assert WANTED.is_published(digest)
    assert WeightsFile("a", "b", "C", "d", 1, sha256=digest[:8]).is_published(digest)
    assert not WeightsFile("a", "b", "C", "d", 1, sha256="0123").is_published("f" * 64)


@pytest.mark.parametrize("suffix", [".safetensors", ".pt", ".pth", ".ckpt"])
def test_tensors_come_back_from_a_file(tmp_path: Path, suffix: str) -> None:
    tensors = {"a.weight": torch.arange(6.0).view(2, 3), "a.bias": torch.zeros(2)}
    path = tmp_path / f"weights{suffix}"
    if suffix == ".safetensors":
        save_file(tensors, path)
    else:
        torch.save({"state_dict": tensors, "epoch": 3} if suffix == ".ckpt" else tensors, path)
    loaded = load_state_dict(path)
    assert loaded.keys() == tensors.keys()
    assert all(torch.equal(loaded[name], tensor) for name, tensor in tensors.items())


@pytest.mark.parametrize("name", ["cut.safetensors", "cut.pth", "text.pt", "empty.pt", "absent.pth"])
def test_damaged_files_are_named_in_one_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.startswith("cut"):
        tensors = {"a": torch.rand(100)}
        save_file(tensors, path) if path.suffix == ".safetensors" else torch.save(tensors, path)
        path.write_bytes(path.read_bytes()[:200])
    elif name != "absent.pth":
        path.write_text("not weights\n" * (name == "text.pt"))
    with pytest.raises(ValueError, match="cannot read the weights") as caught:
        load_state_dict(path)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


class Touches:
    """Would make a file when unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_pickled_code_is_refused_not_run(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1), "b": Touches(tmp_path / "ran")}, tmp_path / "bad.pth")
    with pytest.raises(ValueError, match="cannot read the weights"):
        load_state_dict(tmp_path / "bad.pth")
    assert not (tmp_path / "ran").exists()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_torchscript_program_is_refused_not_run(tmp_path: Path) -> None:
    torch.jit.save(torch.jit.trace(nn.Linear(2, 2), torch.zeros(1, 2)), str(tmp_path / "script.pt"))
    with pytest.raises(ValueError, match="TorchScript"):
        load_state_dict(tmp_path / "script.pt")


def test_a_file_without_named_tensors_is_refused(tmp_path: Path) -> None:
    torch.save([torch.zeros(1)], tmp_path / "list.pt")
    with pytest.raises(ValueError, match="holds no tensors by name"):
        load_state_dict(tmp_path / "list.pt")


def small_network() -> nn.Sequential:
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))


def test_strict_loading_fills_everything_and_ignores_only_batch_counts(tmp_path: Path) -> None:
    source, target = small_network(), small_network()
    state = {name: tensor for name, tensor in source.state_dict().items() if "num_batches" not in name}
    load_strictly(target, state, path=tmp_path)
    assert all(torch.equal(target.state_dict()[name], tensor) for name, tensor in state.items())


def test_strict_loading_names_absent_unknown_and_reshaped_tensors(tmp_path: Path) -> None:
    network = small_network()
    state = dict(network.state_dict())
    del state["0.bias"]
    state["2.bias"] = torch.zeros(1)
    state["0.weight"] = torch.zeros(4, 2)
    with pytest.raises(
        ValueError, match=r"lacks 1 tensors, first 0\.bias; has 1 unknown tensors, first 2\.bias; has 0"
    ):
        load_strictly(network, state, path=tmp_path)


def test_frozen_networks_are_in_evaluation_mode_without_gradients() -> None:
    network = small_network()
    freeze(network)
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())
