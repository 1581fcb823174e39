import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from cyclorama.evaluation.networks.faed import PUBLISHED, Faed, FaedConfig, latitude_weights, load_faed, save_faed

Make = Callable[..., Any]
SMALL = FaedConfig(input_size=(64, 128), widths=(4, 8, 8, 16), kernels=(5, 3, 3))


@pytest.fixture(scope="module")
def state(published_layout: Make, random_weights: Make) -> dict[str, torch.Tensor]:
    return random_weights(published_layout("faed"))


@pytest.fixture(scope="module")
def checkpoint(state: dict[str, torch.Tensor], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("faed") / "faed.ckpt"
    torch.save({"state_dict": state, "epoch": 59, "hyper_parameters": {"lr": 1e-4, "lr_decay": 0.99}}, path)
    return path


@pytest.fixture(scope="module")
def at_small_size(checkpoint: Path) -> Faed:
    """The published network on panoramas of 128x256."""
    small = Faed(replace(PUBLISHED, input_size=(128, 256)))
    small.load_state_dict(load_faed(checkpoint).state_dict())
    return small.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def panoramas() -> torch.Tensor:
    return torch.rand(1, 3, 128, 256, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def codes(at_small_size: Faed, panoramas: torch.Tensor) -> torch.Tensor:
    return at_small_size.encode(panoramas * 2 - 1)


@pytest.fixture(scope="module")
def features(at_small_size: Faed, panoramas: torch.Tensor) -> torch.Tensor:
    return at_small_size.features(panoramas)


def small_network() -> Faed:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Faed(SMALL).eval().requires_grad_(False)


def test_the_published_layout_round_trips(checkpoint: Path, state: dict[str, torch.Tensor]) -> None:
    network = load_faed(checkpoint)
    loaded = network.state_dict()
    assert {f"net.{name}" for name in loaded} == state.keys()
    counted = {name for name in loaded if name.endswith("num_batches_tracked")}
    assert all(torch.equal(loaded[name], state[f"net.{name}"]) for name in loaded.keys() - counted)
    assert network.num_features == 2048
    assert network.config.code_shape == (128, 16, 32)
    assert sum(weights.numel() for weights in network.encoder.parameters()) == 3_086_592


def test_the_file_of_a_small_one_keeps_its_configuration(tmp_path: Path) -> None:
    network = small_network()
    save_faed(network, tmp_path / "small.safetensors", metadata={"steps": "7"})
    loaded = load_faed(tmp_path / "small.safetensors")
    assert loaded.config == SMALL
    assert not loaded.training
    images = torch.rand(1, 3, 64, 128)
    assert torch.equal(loaded.features(images), network.features(images))
    with safe_open(tmp_path / "small.safetensors", "pt") as file:
        assert file.metadata()["steps"] == "7"


def test_one_network_gives_one_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save_faed(small_network(), tmp_path / f"{name}.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def test_half_precision_weights_load_as_float32(tmp_path: Path) -> None:
    network = small_network()
    save_faed(network.half(), tmp_path / "half.safetensors")
    loaded = load_faed(tmp_path / "half.safetensors")
    assert {tensor.dtype for tensor in loaded.parameters()} == {torch.float32}


def test_missing_and_extra_tensors_are_refused_in_one_line(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    damaged = {name: tensor for name, tensor in state.items() if "decoder" not in name}
    torch.save({"state_dict": {**damaged, "net.head.weight": torch.zeros(1)}}, tmp_path / "damaged.ckpt")
    with pytest.raises(ValueError, match=r"lacks .* first decoder.*1 unknown tensors, first head") as caught:
        load_faed(tmp_path / "damaged.ckpt")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["{", '{"widths": [1]}', "[]", '{"input_size": [9, 9], "widths": [4, 4], "kernels": [3]}']
)
def test_a_damaged_configuration_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    save_file({"a": torch.zeros(1)}, tmp_path / "bad.safetensors", {"faed": text})
    with pytest.raises(ValueError, match="cannot read the auto-encoder") as caught:
        load_faed(tmp_path / "bad.safetensors")
    assert "\n" not in str(caught.value)


def test_features_are_deterministic_and_the_originals(
    at_small_size: Faed, panoramas: torch.Tensor, features: torch.Tensor
) -> None:
    """The figures are those of PanFusion's encoder and metric on the same weights, computed once."""
    wanted = torch.tensor([[0, 2.2837744, 3.6861229, 0], [0, -2.6305609, -2.5320835, 0]])
    torch.testing.assert_close(features.view(128, 4)[:2], wanted, rtol=1e-4, atol=1e-4)
    assert features.std().item() == pytest.approx(2.7400403, rel=1e-4)
    assert torch.equal(at_small_size.features(panoramas), features)


@pytest.mark.parametrize("columns", [32, -96])
def test_turns_by_whole_columns_of_the_code_change_no_feature(
    at_small_size: Faed, panoramas: torch.Tensor, features: torch.Tensor, columns: int
) -> None:
    turned = at_small_size.features(panoramas.roll(columns, -1))
    torch.testing.assert_close(turned, features, rtol=1e-4, atol=1e-4)


def test_a_turn_by_half_a_column_changes_features(
    at_small_size: Faed, panoramas: torch.Tensor, features: torch.Tensor
) -> None:
    assert (at_small_size.features(panoramas.roll(16, -1)) - features).norm() > 0.01 * features.norm()


def test_the_reconstruction_turns_with_the_panorama(at_small_size: Faed, codes: torch.Tensor) -> None:
    assert codes.shape[1:] == at_small_size.config.code_shape
    images = at_small_size.decode(codes)
    assert images.shape == (1, 3, 128, 256)
    assert images.abs().max() <= 1
    torch.testing.assert_close(at_small_size.decode(codes.roll(2, -1)), images.roll(64, -1), rtol=1e-3, atol=1e-3)


def test_published_row_weights_are_zero_at_the_ends_and_pixel_centres_nowhere(features: torch.Tensor) -> None:
    published, centred = latitude_weights(16, "published"), latitude_weights(16, "pixel-centre")
    on_poles = torch.linspace(math.pi / 2, -math.pi / 2, 16, dtype=torch.float64).cos()
    torch.testing.assert_close(published, on_poles, rtol=0, atol=1e-15)
    assert published[0] == published[-1] == 0
    assert centred.min() == centred[0] == pytest.approx(math.sin(math.pi / 32))
    assert (features.view(128, 4)[:, [0, -1]] == 0).all()


def test_features_are_the_weighted_row_means_of_the_code(codes: torch.Tensor, features: torch.Tensor) -> None:
    wanted = (codes.mean(3) * latitude_weights(4, "published").float()).flatten(1)
    torch.testing.assert_close(features, wanted, rtol=1e-5, atol=1e-5)


def test_row_weights_are_chosen_at_loading(checkpoint: Path) -> None:
    network = load_faed(checkpoint, row_weights="pixel-centre")
    assert torch.equal(network.get_buffer("row_weights"), latitude_weights(16, "pixel-centre").float())
    with pytest.raises(ValueError, match='wanted "published" or "pixel-centre"'):
        load_faed(checkpoint, row_weights="none")


def test_other_sizes_are_refused(at_small_size: Faed) -> None:
    with pytest.raises(ValueError, match="got pictures of 64x128 for FAED, wanted 128x256"):
        at_small_size.features(torch.zeros(1, 3, 64, 128))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"widths": (4, 8)}, "one width more than kernels"),
        ({"kernels": (4, 3, 3)}, "wanted odd numbers"),
        ({"input_size": (60, 128)}, "wanted multiples of 8"),
    ],
)
def test_impossible_configurations_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(SMALL, **change)


def test_a_fresh_one_learns(panoramas: torch.Tensor) -> None:
    torch.manual_seed(0)
    network = Faed(FaedConfig(input_size=(32, 64), widths=(8, 16, 16), kernels=(3, 3)))
    images = panoramas[..., :32, :64] * 0 + torch.linspace(-0.5, 0.5, 32).view(1, 1, 32, 1)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-2)
    losses = []
    for _ in range(12):
        loss = (network(images) - images).abs().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]
