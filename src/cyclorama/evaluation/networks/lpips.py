"""LPIPS, version 0.1 (Zhang et al. 2018, arXiv 1801.03924, equation 1): a learned distance of two pictures.

Each layer's activations, scaled to unit length over the channels, are subtracted and squared, weighted by a head per
channel and averaged over the places; the layers' figures add up. The backbone is torchvision's AlexNet or VGG16 (its
`features`), the heads are the `lpips` package's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import max_pool2d

from cyclorama.evaluation.networks.weights import WeightsFile, freeze, load_state_dict, load_strictly

Backbone = Literal["alex", "vgg"]

BACKBONE_WEIGHTS: dict[Backbone, WeightsFile] = {
    "alex": WeightsFile(
        name="lpips-alex",
        file_name="alexnet-owt-7be5be79.pth",
        environment="CYCLORAMA_LPIPS_ALEX",
        source="https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
        num_bytes=244_408_911,
        sha256="7be5be79",
    ),
    "vgg": WeightsFile(
        name="lpips-vgg",
        file_name="vgg16-397923af.pth",
        environment="CYCLORAMA_LPIPS_VGG",
        source="https://download.pytorch.org/models/vgg16-397923af.pth",
        num_bytes=553_433_881,
        sha256="397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
    ),
}
HEAD_WEIGHTS: dict[Backbone, WeightsFile] = {
    "alex": WeightsFile(
        name="the heads of lpips-alex",
        file_name="alex.pth",
        environment="CYCLORAMA_LPIPS_ALEX_HEADS",
        source="https://github.com/richzhang/PerceptualSimilarity/tree/master/lpips/weights/v0.1",
        num_bytes=6_009,
        sha256="df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0",
    ),
    "vgg": WeightsFile(
        name="the heads of lpips-vgg",
        file_name="vgg.pth",
        environment="CYCLORAMA_LPIPS_VGG_HEADS",
        source="https://github.com/richzhang/PerceptualSimilarity/tree/master/lpips/weights/v0.1",
        num_bytes=7_289,
        sha256="a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868",
    ),
}

SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
"""Of images in [-1, 1], per channel: `lpips.ScalingLayer`."""
_LENGTH_EPS = 1e-10


@dataclass(frozen=True)
class Layer:
    """A convolution at `index` of torchvision's `features`; `pooled` before it, `tapped` behind its rectifier."""

    index: int
    num_in: int
    num_out: int
    kernel: int = 3
    stride: int = 1
    padding: int = 1
    pooled: bool = False
    tapped: bool = False


@dataclass(frozen=True)
class BackboneLayout:
    layers: tuple[Layer, ...]
    pool_kernel: int
    """The kernel of the maximum, whose stride is 2."""

    @property
    def head_widths(self) -> tuple[int, ...]:
        return tuple(layer.num_out for layer in self.layers if layer.tapped)


def _vgg_layers() -> Iterator[Layer]:
    """VGG16, configuration D of Simonyan and Zisserman 2015 (arXiv 1409.1556)."""
    widths = (3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)
    first, last = (2, 4, 7, 10), (1, 3, 6, 9, 12)
    index = 0
    for number, (num_in, num_out) in enumerate(pairwise(widths)):
        index += number in first  # the pooling's own place
        yield Layer(index, num_in, num_out, pooled=number in first, tapped=number in last)
        index += 2


LAYOUTS: dict[Backbone, BackboneLayout] = {
    "alex": BackboneLayout(
        (
            Layer(0, 3, 64, 11, 4, 2, tapped=True),
            Layer(3, 64, 192, 5, 1, 2, pooled=True, tapped=True),
            Layer(6, 192, 384, pooled=True, tapped=True),
            Layer(8, 384, 256, tapped=True),
            Layer(10, 256, 256, tapped=True),
        ),
        pool_kernel=3,
    ),
    "vgg": BackboneLayout(tuple(_vgg_layers()), pool_kernel=2),
}


class Head(nn.Module):
    """One weight per channel; the name `model.1` is that of the package's convolution behind a dropout."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.model = nn.Sequential(nn.Identity(), nn.Conv2d(width, 1, 1, bias=False))

    def forward(self, maps: Tensor) -> Tensor:
        return self.model(maps)


class Lpips(nn.Module):
    """A distance of pairs, not a feature network: `distance` in place of `features`; any size from 64 up."""

    input_size = None
    wraps = False

    def __init__(self, backbone: Backbone = "alex") -> None:
        super().__init__()
        self.layout = LAYOUTS[backbone]
        self.features = nn.ModuleDict({str(layer.index): _convolution(layer) for layer in self.layout.layers})
        for index, width in enumerate(self.layout.head_widths):
            self.add_module(f"lin{index}", Head(width))
        self.register_buffer("shift", torch.tensor(SHIFT).view(3, 1, 1), persistent=False)
        self.register_buffer("scale", torch.tensor(SCALE).view(3, 1, 1), persistent=False)

    def distance(
        self, images: Float[Tensor, "batch 3 height width"], others: Float[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, " batch"]:
        """The distance of each pair of pictures in [0, 1]; 0 of equal ones."""
        total = images.new_zeros(len(images))
        for index, (ours, theirs) in enumerate(zip(self._taps(images), self._taps(others), strict=True)):
            difference = (_unit_length(ours) - _unit_length(theirs)).square()
            total = total + self.get_submodule(f"lin{index}")(difference).mean((1, 2, 3))
        return total

    def _taps(self, images: Tensor) -> Iterator[Tensor]:
        maps = (images * 2 - 1 - self.get_buffer("shift")) / self.get_buffer("scale")
        for layer in self.layout.layers:
            maps = max_pool2d(maps, self.layout.pool_kernel, 2) if layer.pooled else maps
            maps = self.features[str(layer.index)](maps).relu()
            if layer.tapped:
                yield maps


def load_lpips(path: Path, *, heads: Path | None = None, backbone: Backbone = "alex") -> Lpips:
    """The frozen distance of torchvision's file and the heads' file, or of one file with both.

    One file: `Lpips.state_dict()`, or `lpips.LPIPS.state_dict()` with its `net.slice<k>.<index>` names. Torchvision's
    classifier is left out.

    Raises:
        ValueError: for files that cannot be read or do not fit.
    """
    state = dict(_renamed(load_state_dict(path)))
    if heads is not None:
        state |= _renamed(load_state_dict(heads))
    network = Lpips(backbone)
    load_strictly(network, state, path=path)
    freeze(network)
    return network


def _renamed(state: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Without what is not the distance's own: the classifier, the scaling (constants), the package's second names."""
    for name, tensor in state.items():
        top, _, rest = name.partition(".")
        if top == "net":
            yield f"features.{rest.partition('.')[2]}", tensor
        elif top not in ("classifier", "scaling_layer", "lins"):
            yield name, tensor


def _convolution(layer: Layer) -> nn.Conv2d:
    return nn.Conv2d(layer.num_in, layer.num_out, layer.kernel, layer.stride, layer.padding)


def _unit_length(maps: Float[Tensor, "batch channels height width"]) -> Tensor:
    return maps / (maps.square().sum(1, keepdim=True).sqrt() + _LENGTH_EPS)
