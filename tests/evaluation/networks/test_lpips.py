from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch

from cyclorama.evaluation.networks.lpips import HEAD_WEIGHTS, Backbone, Lpips, load_lpips
from cyclorama.evaluation.networks.weights import sha256_of

Make = Callable[..., Any]
State = dict[str, torch.Tensor]
BACKBONES: tuple[Backbone, ...] = ("alex", "vgg")
ORIGINALS = {"alex": (0.1966692, 0.2011191), "vgg": (0.1493244, 0.1484488)}
"""Distances of the same pairs by lpips 0.1.4 on the same weights, computed once."""


@pytest.fixture(scope="module", params=BACKBONES)
def backbone(request: pytest.FixtureRequest) -> Backbone:
    return request.param


@pytest.fixture(scope="module")
def package_state(backbone: Backbone, published_layout: Make, random_weights: Make) -> State:
    """As `lpips.LPIPS.state_dict()`: heads are positive and stand there twice."""
    state = random_weights(published_layout(f"lpips-{backbone}"))
    for index in range(5):
        head = state[f"lin{index}.model.1.weight"].abs()
        state[f"lin{index}.model.1.weight"] = state[f"lins.{index}.model.1.weight"] = head
    shift, scale = torch.tensor([-0.030, -0.088, -0.188]), torch.tensor([0.458, 0.448, 0.450])
    return {**state, "scaling_layer.shift": shift.view(1, 3, 1, 1), "scaling_layer.scale": scale.view(1, 3, 1, 1)}


@pytest.fixture(scope="module")
def merged(package_state: State, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lpips") / "merged.pth"
    torch.save(package_state, path)
    return path


@pytest.fixture(scope="module")
def network(merged: Path, backbone: Backbone) -> Lpips:
    return load_lpips(merged, backbone=backbone)


@pytest.fixture(scope="module")
def pair() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    return torch.rand(2, 3, 64, 64, generator=generator), torch.rand(2, 3, 64, 64, generator=generator)


def torchvision_state(package_state: State) -> State:
    """Names as torchvision's: `features.<index>`, and a classifier (here a small one)."""
    trunk = {name: tensor for name, tensor in package_state.items() if name.startswith("net.")}
    renamed = {"features." + name.split(".", 2)[2]: tensor for name, tensor in trunk.items()}
    return {**renamed, "classifier.6.weight": torch.zeros(10, 4), "classifier.6.bias": torch.zeros(10)}


def test_two_files_and_one_file_and_our_own_give_one_distance(
    network: Lpips,
    package_state: State,
    backbone: Backbone,
    pair: tuple[torch.Tensor, torch.Tensor],
    tmp_path: Path,
) -> None:
    heads = {name: tensor for name, tensor in package_state.items() if name.startswith("lin") and name[3] != "s"}
    torch.save(torchvision_state(package_state), tmp_path / "trunk.pth")
    torch.save(heads, tmp_path / "heads.pth")
    two_files = load_lpips(tmp_path / "trunk.pth", heads=tmp_path / "heads.pth", backbone=backbone)
    torch.save(network.state_dict(), tmp_path / "own.pth")
    own = load_lpips(tmp_path / "own.pth", backbone=backbone)
    wanted = network.distance(*pair)
    assert wanted.shape == (2,)
    assert torch.equal(two_files.distance(*pair), wanted)
    assert torch.equal(own.distance(*pair), wanted)


def test_the_originals_figures_on_these_weights(
    network: Lpips, backbone: Backbone, pair: tuple[torch.Tensor, torch.Tensor]
) -> None:
    torch.testing.assert_close(network.distance(*pair), torch.tensor(ORIGINALS[backbone]), rtol=1e-4, atol=0)


def test_a_distance_is_zero_of_equals_symmetric_and_positive(
    network: Lpips, pair: tuple[torch.Tensor, torch.Tensor]
) -> None:
    a, b = pair
    assert torch.equal(network.distance(a, a), torch.zeros(2))
    assert torch.equal(network.distance(a, b), network.distance(b, a))
    assert (network.distance(a, b) > 0).all()
    assert network.distance(a, (a + 0.02 * (b - a))).max() < network.distance(a, b).min()


def test_a_pair_alone_has_its_distance_in_the_batch(network: Lpips, pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    a, b = pair
    torch.testing.assert_close(network.distance(a[:1], b[:1]), network.distance(a, b)[:1], rtol=1e-5, atol=0)


def test_the_distance_is_linear_in_the_heads(
    network: Lpips,
    package_state: State,
    backbone: Backbone,
    pair: tuple[torch.Tensor, torch.Tensor],
    tmp_path: Path,
) -> None:
    doubled = {name: tensor * 2 if name.startswith("lin") else tensor for name, tensor in package_state.items()}
    torch.save(doubled, tmp_path / "doubled.pth")
    twice = load_lpips(tmp_path / "doubled.pth", backbone=backbone).distance(*pair)
    torch.testing.assert_close(twice, 2 * network.distance(*pair))


def test_missing_heads_and_the_other_backbone_are_refused_in_one_line(
    package_state: State, backbone: Backbone, merged: Path, tmp_path: Path
) -> None:
    torch.save(torchvision_state(package_state), tmp_path / "trunk.pth")
    with pytest.raises(ValueError, match=r"lacks 5 tensors, first lin0\.model\.1\.weight"):
        load_lpips(tmp_path / "trunk.pth", backbone=backbone)
    other: Backbone = next(name for name in BACKBONES if name != backbone)
    with pytest.raises(ValueError, match="do not fit") as caught:
        load_lpips(merged, backbone=other)
    assert "\n" not in str(caught.value)


def published_heads(backbone: Backbone) -> Path:
    """torchmetrics carries the published heads."""
    found = find_spec("torchmetrics")
    if found is None or found.origin is None:
        pytest.skip("torchmetrics is not installed")
    return Path(found.origin).parent / "functional" / "image" / "lpips_models" / f"{backbone}.pth"


def test_the_published_heads_load_and_are_the_listed_file(
    package_state: State, backbone: Backbone, pair: tuple[torch.Tensor, torch.Tensor], tmp_path: Path
) -> None:
    heads = published_heads(backbone)
    listed = HEAD_WEIGHTS[backbone]
    assert heads.stat().st_size == listed.num_bytes
    assert sha256_of(heads) == listed.sha256
    torch.save(torchvision_state(package_state), tmp_path / "trunk.pth")
    network = load_lpips(tmp_path / "trunk.pth", heads=heads, backbone=backbone)
    assert (network.distance(*pair) > 0).all()


@pytest.mark.filterwarnings("ignore")
def test_equals_the_lpips_package(
    network: Lpips, merged: Path, backbone: Backbone, pair: tuple[torch.Tensor, torch.Tensor]
) -> None:
    pytest.importorskip("torchvision")
    original = pytest.importorskip("lpips").LPIPS(net=backbone, pretrained=False, pnet_rand=True, verbose=False)
    original.load_state_dict(torch.load(merged, weights_only=True))
    theirs = original(*pair, normalize=True).flatten()
    torch.testing.assert_close(network.distance(*pair), theirs, rtol=1e-5, atol=1e-7)
