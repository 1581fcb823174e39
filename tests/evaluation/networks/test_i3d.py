import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from cyclorama.evaluation.networks.i3d import FEWEST_FRAMES, WEIGHTS, I3d, load_i3d, pad_same, pool_same

Make = Callable[..., Any]


@pytest.fixture(scope="module")
def state(published_layout: Make, random_weights: Make) -> dict[str, torch.Tensor]:
    return random_weights(published_layout("i3d"))


@pytest.fixture(scope="module")
def path(state: dict[str, torch.Tensor], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("i3d") / WEIGHTS.file_name
    torch.save(state, path)
    return path


@pytest.fixture(scope="module")
def network(path: Path) -> I3d:
    return load_i3d(path)


def test_the_published_layout_round_trips(network: I3d, state: dict[str, torch.Tensor], path: Path) -> None:
    loaded = network.state_dict()
    assert loaded.keys() == state.keys()
    assert all(torch.equal(loaded[name], state[name]) for name in state if not name.endswith("num_batches_tracked"))
    assert abs(path.stat().st_size / WEIGHTS.num_bytes - 1) < 0.01


def test_missing_and_extra_tensors_are_refused_in_one_line(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    damaged = {name: tensor for name, tensor in state.items() if not name.startswith("logits")}
    torch.save({**damaged, "head.weight": torch.zeros(1)}, tmp_path / "damaged.pt")
    with pytest.raises(ValueError, match=r"lacks 2 tensors, first logits.*1 unknown tensors, first head") as caught:
        load_i3d(tmp_path / "damaged.pt")
    assert "\n" not in str(caught.value)


def test_features_are_deterministic_and_the_originals(network: I3d) -> None:
    """The figures are those of pytorch-i3d's InceptionI3d (epsilon 1e-5, time average), computed once."""
    clips = torch.rand(1, 3, FEWEST_FRAMES, 224, 224, generator=torch.Generator().manual_seed(0))
    features = network.features(clips)
    assert features.shape == (1, network.num_features)
    assert torch.equal(features, network.features(clips))
    wanted = torch.tensor([0.8243074, 0.3584216, -1.2279940, -0.5115990])
    torch.testing.assert_close(features[0, :4], wanted, rtol=1e-3, atol=1e-4)
    assert features.std().item() == pytest.approx(0.9302204, rel=1e-4)


def test_the_epsilon_reaches_every_norm() -> None:
    norms = [module for module in I3d(batch_norm_eps=1e-3).modules() if isinstance(module, torch.nn.BatchNorm3d)]
    assert len(norms) == 57
    assert {norm.eps for norm in norms} == {1e-3}


def test_short_clips_and_other_sizes_are_refused(network: I3d) -> None:
    with pytest.raises(ValueError, match="got clips of 8 frames for I3D, wanted at least 9"):
        network.features(torch.zeros(1, 3, 8, 224, 224))
    with pytest.raises(ValueError, match="wanted 224x224"):
        network.features(torch.zeros(1, 3, 9, 64, 64))


@pytest.mark.parametrize("size", [5, 6, 7, 8])
@pytest.mark.parametrize(("kernel", "stride"), [(7, 2), (3, 2), (3, 1), (2, 2), (1, 1), (1, 2)])
def test_same_padding_is_tensorflows(size: int, kernel: int, stride: int) -> None:
    """tf.nn's SAME: out = ceil(size / stride), total = max((out - 1) stride + kernel - size, 0), the odd one behind."""
    num_out = math.ceil(size / stride)
    total = max((num_out - 1) * stride + kernel - size, 0)
    clips = torch.arange(1.0, size + 1).view(1, 1, size, 1, 1)
    padded = pad_same(clips, (kernel, 1, 1), (stride, 1, 1)).flatten()
    assert padded.tolist() == [0.0] * (total // 2) + clips.flatten().tolist() + [0.0] * (total - total // 2)
    assert pool_same(clips, (kernel, 1, 1), (stride, 1, 1)).shape[2] == num_out
