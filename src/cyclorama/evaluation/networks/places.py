"""Places365 classifiers (Zhou et al. 2018, Places: A 10 million image database for scene recognition).

The published files are ResNets in torchvision's layout, saved from a parallel wrapper (`module.` before every name).
They become transformers' ResNetForImageClassification; depth and width are read from the tensors, so that ResNet-18,
34, 50, 101 and 152 load alike. The inception score over these 365 classes is the IS of DiT360's tables.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cyclorama.evaluation.networks.input_sizes import check_input_size
from cyclorama.evaluation.networks.model_folders import Normalisation
from cyclorama.evaluation.networks.weights import WeightsFile, find_weights, load_state_dict, load_strictly

SOURCE = "http://places2.csail.mit.edu/models_places365/"
PLACES_RESNET18 = WeightsFile(
    "places-resnet18",
    "resnet18_places365.pth.tar",
    "CYCLORAMA_PLACES_RESNET18",
    SOURCE + "resnet18_places365.pth.tar",
    45_493_428,
)
PLACES_RESNET50 = WeightsFile(
    "places-resnet50",
    "resnet50_places365.pth.tar",
    "CYCLORAMA_PLACES_RESNET50",
    SOURCE + "resnet50_places365.pth.tar",
    97_236_148,
)
IMAGE_MEAN, IMAGE_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
STEM = re.compile(r"(conv|bn)1\.(\w+)")
LAYER = re.compile(r"layer([1-4])\.(\d+)\.(conv|bn)([1-3])\.(\w+)")
SHORTCUT = re.compile(r"layer([1-4])\.(\d+)\.downsample\.([01])\.(\w+)")
PARTS = {"conv": "convolution", "bn": "normalization", "0": "convolution", "1": "normalization"}


class PlacesNetwork(nn.Module):
    """Pooled features and scene probabilities of one ResNet, for images of 224x224."""

    wraps = False
    input_size = (224, 224)

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model, self.normalisation = model, Normalisation(mean=IMAGE_MEAN, std=IMAGE_STD)
        self.num_features = int(model.config.hidden_sizes[-1])
        self.num_classes = int(model.config.num_labels)

    @torch.no_grad()
    def features(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch features"]:
        """The last layer's mean over the image; images in [0, 1], already of `input_size`."""
        check_input_size(images, self.input_size, network="Places365")
        return self.model.resnet(self.normalisation(images)).pooler_output.flatten(1)

    @torch.no_grad()
    def probabilities(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch classes"]:
        """Softmax over the scene classes."""
        return self.model.classifier(self.features(images)).softmax(-1)


def to_transformers_name(name: str) -> str:
    """The name that a torchvision ResNet's tensor has in transformers. ValueError for a name of another layout."""
    bare = name.removeprefix("module.")
    if found := STEM.fullmatch(bare):
        return f"resnet.embedder.embedder.{PARTS[found[1]]}.{found[2]}"
    if found := LAYER.fullmatch(bare):
        stage, block, part, index, leaf = found.groups()
        return f"{_block(stage, block)}.layer.{int(index) - 1}.{PARTS[part]}.{leaf}"
    if found := SHORTCUT.fullmatch(bare):
        stage, block, part, leaf = found.groups()
        return f"{_block(stage, block)}.shortcut.{PARTS[part]}.{leaf}"
    if bare in ("fc.weight", "fc.bias"):
        return f"classifier.1.{bare.removeprefix('fc.')}"
    raise ValueError(f"got the tensor {name}, wanted a ResNet in torchvision's layout; name a Places365 ResNet file")


def from_torchvision(state: Mapping[str, Tensor], *, path: Path) -> Any:
    """transformers' ResNet classifier with the tensors of a torchvision state dict; `path` is for the message.

    Raises:
        ValueError: for tensors of another layout, absent, or of shapes that do not fit.
    """
    from transformers import ResNetConfig, ResNetForImageClassification

    tensors = {to_transformers_name(name): tensor for name, tensor in state.items()}
    try:
        model = ResNetForImageClassification(ResNetConfig(**_architecture(tensors)))
    except KeyError as error:
        raise ValueError(f"got no tensor {error.args[0]} in {path}, wanted a whole ResNet; get it again") from error
    load_strictly(model, tensors, path=path)
    return model.eval().requires_grad_(False)


def load_places(path: Path | None = None, *, wanted: WeightsFile = PLACES_RESNET50) -> PlacesNetwork:
    """The Places365 ResNet of a published file, in evaluation mode.

    Raises:
        MissingWeights: where no file is found.
        ValueError: for a damaged file or one of another layout.
    """
    file = find_weights(wanted, path=path)
    return PlacesNetwork(from_torchvision(load_state_dict(file), path=file)).eval()


def _block(stage: str, block: str) -> str:
    return f"resnet.encoder.stages.{int(stage) - 1}.layers.{block}"


def _architecture(tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """The arguments of ResNetConfig that give these tensors. KeyError for the first that is absent."""
    blocks = {tuple(name.split(".")[3:6:2]) for name in tensors if name.startswith("resnet.encoder.")}
    last = 2 if f"{_block('1', '0')}.layer.2.convolution.weight" in tensors else 1
    weights = [tensors[f"{_block(stage, '0')}.layer.{last}.convolution.weight"] for stage in "1234"]
    return {
        "layer_type": "bottleneck" if last == 2 else "basic",
        "depths": [sum(stage == str(index) for stage, _ in blocks) for index in range(4)],
        "embedding_size": len(tensors["resnet.embedder.embedder.convolution.weight"]),
        "hidden_sizes": [len(weight) for weight in weights],
        "num_labels": len(tensors["classifier.1.bias"]),
    }
