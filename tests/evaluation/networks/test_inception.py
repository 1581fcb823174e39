from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from cyclorama.evaluation.networks.inception import WEIGHTS, Inception, load_inception

Make = Callable[..., Any]


@pytest.fixture(scope="module")
def state(published_layout: Make, random_weights: Make) -> dict[str, torch.Tensor]:
    return random_weights(published_layout("inception"))


@pytest.fixture(scope="module")
def path(state: dict[str, torch.Tensor], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("inception") / WEIGHTS.file_name
    torch.save(state, path)
    return path


@pytest.fixture(scope="module")
def network(path: Path) -> Inception:
    return load_inception(path)


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    levels = torch.randint(0, 256, (1, 3, 299, 299), generator=torch.Generator().manual_seed(1))
    return levels / 255


def test_the_published_layout_round_trips(network: Inception, state: dict[str, torch.Tensor], path: Path) -> None:
    loaded = network.state_dict()
    assert loaded.keys() == state.keys()
    assert all(torch.equal(loaded[name], state[name]) for name in state if not name.endswith("num_batches_tracked"))
    assert abs(path.stat().st_size - WEIGHTS.num_bytes) < 200_000


def test_safetensors_of_the_layout_load_too(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    save_file(state, tmp_path / "inception.safetensors")
    assert torch.equal(load_inception(tmp_path / "inception.safetensors").fc.weight, state["fc.weight"])


def test_missing_and_extra_tensors_are_refused_in_one_line(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    damaged = {name: tensor for name, tensor in state.items() if not name.startswith("Mixed")}
    save_file({**damaged, "AuxLogits.fc.weight": torch.zeros(1)}, tmp_path / "damaged.safetensors")
    with pytest.raises(ValueError, match=r"lacks .* first Mixed_5b.*unknown tensors, first AuxLogits") as caught:
        load_inception(tmp_path / "damaged.safetensors")
    assert "\n" not in str(caught.value)


def test_features_are_deterministic_and_finite(network: Inception, images: torch.Tensor) -> None:
    features = network.features(images)
    assert features.shape == (1, network.num_features)
    assert features.isfinite().all()
    assert features.std() > 0
    assert torch.equal(features, network.features(images))


def test_probabilities_are_those_of_the_features_without_and_with_bias(
    network: Inception, path: Path, images: torch.Tensor
) -> None:
    logits = network.features(images) @ network.fc.weight.T
    assert torch.equal(network.probabilities(images), logits.softmax(-1))
    biased = load_inception(path, biased_logits=True).probabilities(images)
    assert torch.equal(biased, (logits + network.fc.bias).softmax(-1))
    assert not torch.equal(biased, network.probabilities(images))


def test_other_sizes_and_normalisations_are_refused(network: Inception) -> None:
    with pytest.raises(ValueError, match="got pictures of 64x64 for Inception, wanted 299x299"):
        network.features(torch.zeros(1, 3, 64, 64))
    with pytest.raises(ValueError, match="normalisation"):
        Inception(normalisation="imagenet")


def test_the_originals_figures_on_these_weights(network: Inception, path: Path, images: torch.Tensor) -> None:
    """Computed once with pytorch-fid 0.3.0 and torch-fidelity 0.4.0 on the same weights and picture."""
    by_pytorch_fid = load_inception(path, normalisation="pytorch-fid").features(images)
    by_torch_fidelity = network.features(images)
    assert by_pytorch_fid[0, :4].tolist() == pytest.approx([0, 0.0532378, 0, 0.2451630], rel=1e-3)
    assert by_torch_fidelity[0, :4].tolist() == pytest.approx([0, 0.0537837, 0, 0.2440062], rel=1e-3)
    assert by_pytorch_fid.mean().item() == pytest.approx(0.1520270, rel=1e-4)
    assert network.probabilities(images).max().item() == pytest.approx(0.003105904, rel=1e-4)


@pytest.mark.filterwarnings("ignore")
def test_equals_pytorch_fid(path: Path, images: torch.Tensor, monkeypatch: Any) -> None:
    pytest.importorskip("torchvision")
    original = pytest.importorskip("pytorch_fid.inception")
    monkeypatch.setattr(original, "load_state_dict_from_url", lambda *_, **__: torch.load(path, weights_only=True))
    theirs = original.InceptionV3([3], resize_input=False).eval()(images)[0].flatten(1)
    ours = load_inception(path, normalisation="pytorch-fid").features(images)
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)


@pytest.mark.filterwarnings("ignore")
def test_equals_torch_fidelity(network: Inception, path: Path, images: torch.Tensor) -> None:
    pytest.importorskip("torchvision")
    original = pytest.importorskip("torch_fidelity.feature_extractor_inceptionv3")
    names = ["2048", "logits_unbiased", "logits"]
    theirs = original.FeatureExtractorInceptionV3("ours", names, feature_extractor_weights_path=str(path))
    features, unbiased, biased = theirs((images * 255).round().byte())
    torch.testing.assert_close(network.features(images), features, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(network.probabilities(images), unbiased.softmax(-1), rtol=1e-5, atol=1e-6)
    with_bias = load_inception(path, biased_logits=True).probabilities(images)
    torch.testing.assert_close(with_bias, biased.softmax(-1), rtol=1e-5, atol=1e-6)
