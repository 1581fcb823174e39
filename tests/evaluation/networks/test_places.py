from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn.functional import batch_norm, conv2d, linear, max_pool2d, relu

from cyclorama.evaluation.networks.places import (
    PLACES_RESNET18,
    PlacesNetwork,
    from_torchvision,
    load_places,
    to_transformers_name,
)
from cyclorama.evaluation.networks.weights import MissingWeights

DEPTHS = {18: (2, 2, 2, 2), 50: (3, 4, 6, 3)}
PREFIX = "module."


def published_layout(depth: int) -> dict[str, Tensor]:
    """Random tensors under the names and shapes of a ResNet of He et al. 2015 as torchvision stores it."""
    random = torch.Generator().manual_seed(depth)
    state: dict[str, Tensor] = {}

    def convolution(name: str, num_out: int, num_in: int, side: int) -> None:
        scale = (num_in * side**2) ** -0.5
        state[f"{name}.weight"] = scale * torch.randn(num_out, num_in, side, side, generator=random)

    def norm(name: str, num: int) -> None:
        for leaf in ("weight", "bias", "running_mean", "running_var"):
            state[f"{name}.{leaf}"] = 0.5 + torch.rand(num, generator=random)

    convolution("conv1", 64, 3, 7)
    norm("bn1", 64)
    num_in = 64
    for stage, num_blocks in enumerate(DEPTHS[depth], 1):
        width = 32 * 2**stage
        for block in range(num_blocks):
            at, num_out = f"layer{stage}.{block}", width if depth == 18 else 4 * width
            sizes = [(width, num_in, 3), (width, width, 3)]
            if depth == 50:
                sizes = [(width, num_in, 1), (width, width, 3), (num_out, width, 1)]
            for index, (outs, ins, side) in enumerate(sizes, 1):
                convolution(f"{at}.conv{index}", outs, ins, side)
                norm(f"{at}.bn{index}", outs)
            if block == 0 and (stage > 1 or num_in != num_out):
                convolution(f"{at}.downsample.0", num_out, num_in, 1)
                norm(f"{at}.downsample.1", num_out)
            num_in = num_out
    state["fc.weight"] = torch.randn(365, num_in, generator=random) / num_in**0.5
    state["fc.bias"] = torch.randn(365, generator=random)
    return {PREFIX + name: tensor for name, tensor in state.items()}


def forward(state: dict[str, Tensor], images: Tensor, depth: int) -> Tensor:
    """Logits by He et al. 2015 from the published names; the stride of a bottleneck is in its 3x3 convolution."""

    def normalised(images: Tensor, name: str) -> Tensor:
        mean, var, weight, bias = (
            state[f"{PREFIX}{name}.{leaf}"] for leaf in ("running_mean", "running_var", "weight", "bias")
        )
        return batch_norm(images, mean, var, weight, bias)

    def convolved(images: Tensor, name: str, norm: str, stride: int = 1) -> Tensor:
        weight = state[f"{PREFIX}{name}.weight"]
        return normalised(conv2d(images, weight, stride=stride, padding=weight.shape[-1] // 2), norm)

    images = max_pool2d(relu(convolved(images, "conv1", "bn1", 2)), 3, 2, 1)
    for stage, num_blocks in enumerate(DEPTHS[depth], 1):
        for block in range(num_blocks):
            at, stride = f"layer{stage}.{block}", 2 if stage > 1 and block == 0 else 1
            direct = images
            if f"{PREFIX}{at}.downsample.0.weight" in state:
                direct = convolved(images, f"{at}.downsample.0", f"{at}.downsample.1", stride)
            strides = {18: (stride, 1), 50: (1, stride, 1)}[depth]
            for index, each in enumerate(strides, 1):
                images = convolved(images, f"{at}.conv{index}", f"{at}.bn{index}", each)
                images = relu(images) if index < len(strides) else relu(images + direct)
    return linear(images.mean((-2, -1)), state[PREFIX + "fc.weight"], state[PREFIX + "fc.bias"])


@pytest.fixture(scope="module", params=[18, 50])
def layout(request) -> tuple[int, dict[str, Tensor]]:
    return request.param, published_layout(request.param)


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("places") / "resnet18_places365.pth.tar"
    torch.save({"epoch": 90, "arch": "resnet18", "state_dict": published_layout(18), "best_prec1": 54.0}, file)
    return file


def test_every_tensor_of_the_published_layout_has_one_place(layout):
    depth, state = layout
    assert len(state) == {18: 102, 50: 267}[depth]
    model = from_torchvision(state, path=Path("file"))
    held = {name: tensor for name, tensor in model.state_dict().items() if "num_batches" not in name}
    assert {to_transformers_name(name) for name in state} == held.keys()
    for name, tensor in state.items():
        assert torch.equal(held[to_transformers_name(name)], tensor)


def test_the_converted_network_computes_what_the_published_names_mean(layout):
    depth, state = layout
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    model = from_torchvision(state, path=Path("file"))
    with torch.no_grad():
        torch.testing.assert_close(model(images).logits, forward(state, images, depth), rtol=1e-4, atol=1e-4)


def test_the_converted_network_equals_torchvisions(layout):
    models = pytest.importorskip("torchvision.models")
    depth, state = layout
    theirs = getattr(models, f"resnet{depth}")(num_classes=365)
    theirs.load_state_dict({name.removeprefix(PREFIX): tensor for name, tensor in state.items()})
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = theirs.eval()(images)
        torch.testing.assert_close(from_torchvision(state, path=Path("file"))(images).logits, expected)


def test_images_are_normalised_once_and_probabilities_are_the_softmax(small):
    network = load_places(small, wanted=PLACES_RESNET18)
    images = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    expected = forward(published_layout(18), (images - mean[:, None, None]) / std[:, None, None], 18).softmax(-1)
    probabilities = network.probabilities(images)
    torch.testing.assert_close(probabilities, expected, rtol=1e-3, atol=1e-5)
    torch.testing.assert_close(probabilities.sum(-1), torch.ones(2))
    assert probabilities.shape == (2, network.num_classes)
    assert network.features(images).shape == (2, network.num_features)
    alone = torch.cat([network.probabilities(image[None]) for image in images])
    torch.testing.assert_close(probabilities, alone, rtol=0, atol=1e-6)


def test_other_sizes_are_refused(small):
    with pytest.raises(ValueError, match="wanted 224x224"):
        load_places(small, wanted=PLACES_RESNET18).features(torch.rand(1, 3, 256, 256))


def test_weights_of_another_layout_or_incomplete_ones_are_refused_in_one_line(tmp_path):
    file = tmp_path / "places.pth"
    state = published_layout(18)
    for missing, message in ((PREFIX + "bn1.bias", "lacks 1 tensors"), (PREFIX + "fc.bias", "got no tensor")):
        torch.save({name: tensor for name, tensor in state.items() if name != missing}, file)
        with pytest.raises(ValueError, match=message) as refused:
            load_places(file)
        assert "\n" not in str(refused.value)
    torch.save({"features.0.weight": torch.zeros(3)}, file)
    with pytest.raises(ValueError, match=r"got the tensor features.0.weight"):
        load_places(file)


def test_a_missing_file_is_named(monkeypatch):
    for name in ("CYCLORAMA_PLACES_RESNET50", "CYCLORAMA_WEIGHTS"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(MissingWeights, match=r"resnet50_places365.pth.tar \(97.2 MB\)"):
        load_places()
    assert PlacesNetwork.input_size == (224, 224)
