"""The Inception v3 of the Fréchet inception distance: 2048 features of `pool_3`, 1008 logits for the inception score.

Layers: Szegedy et al. 2016 (arXiv 1512.00567). Names and weights: pytorch-fid's port of TensorFlow's graph of
2015-12-05, in torchvision's naming; torch-fidelity publishes the same file. That graph differs from torchvision's in
three places: averages leave the padding out, the last block takes a maximum in place of the average, 1008 classes.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, max_pool2d

from cyclorama.evaluation.networks.input_sizes import check_input_size
from cyclorama.evaluation.networks.weights import WeightsFile, freeze, load_state_dict, load_strictly

WEIGHTS = WeightsFile(
    name="inception",
    file_name="pt_inception-2015-12-05-6726825d.pth",
    environment="CYCLORAMA_INCEPTION",
    source="https://github.com/mseitzer/pytorch-fid/releases/tag/fid_weights",
    num_bytes=95_628_359,
    sha256="6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
)

NORMALISATIONS = ("torch-fidelity", "pytorch-fid")
"""Of levels x in [0, 1]: torch-fidelity (and torchmetrics) (255 x - 128) / 128, pytorch-fid 2 x - 1."""

Pool = Literal["average", "maximum", "halving maximum"]


class Kernel(NamedTuple):
    """One convolution: its output channels, its size; stride 2 goes without padding."""

    num_out: int
    height: int = 1
    width: int = 1
    stride: int = 1


Step = Kernel | tuple[Kernel, Kernel]
"""A pair is two convolutions side by side on the same input."""
Branches = Mapping[str, Sequence[Step]]


class ConvUnit(nn.Module):
    def __init__(self, num_in: int, kernel: Kernel, *, padded: bool = True) -> None:
        super().__init__()
        size = (kernel.height, kernel.width)
        padding = (kernel.height // 2, kernel.width // 2) if padded and kernel.stride == 1 else (0, 0)
        self.conv = nn.Conv2d(num_in, kernel.num_out, size, kernel.stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(kernel.num_out, eps=0.001)

    def forward(self, images: Tensor) -> Tensor:
        return self.bn(self.conv(images)).relu()


class Mixed(nn.Module):
    """Branches side by side, concatenated, the pooled one last; unit i of branch b is `b_i`, a lone one `b`."""

    def __init__(self, num_in: int, branches: Branches, pool: Pool) -> None:
        super().__init__()
        self.pool: Pool = pool
        self.names = [self._add_branch(name, num_in, steps) for name, steps in branches.items()]

    def _add_branch(self, name: str, num_in: int, steps: Sequence[Step]) -> list[list[str]]:
        """The names of the units, step by step."""
        names = []
        for index, step in enumerate(steps, 1):
            kernels = {"": step} if isinstance(step, Kernel) else dict(zip("ab", step, strict=True))
            stem = name if len(steps) == 1 else f"{name}_{index}"
            for suffix, kernel in kernels.items():
                self.add_module(stem + suffix, ConvUnit(num_in, kernel))
            names.append([stem + suffix for suffix in kernels])
            num_in = sum(kernel.num_out for kernel in kernels.values())
        return names

    def forward(self, images: Tensor) -> Tensor:
        pooled = _pool(images, self.pool)
        outputs = [self._run(branch, pooled if branch == [["branch_pool"]] else images) for branch in self.names]
        return torch.cat([*outputs, pooled] if self.pool == "halving maximum" else outputs, 1)

    def _run(self, branch: Sequence[Sequence[str]], images: Tensor) -> Tensor:
        for step in branch:
            images = torch.cat([self.get_submodule(name)(images) for name in step], 1)
        return images


class Inception(nn.Module):
    """`features` are those of FID and KID, `probabilities` those of the inception score."""

    input_size = (299, 299)
    num_features = 2048
    wraps = False

    def __init__(self, *, normalisation: str = "torch-fidelity", biased_logits: bool = False) -> None:
        super().__init__()
        if normalisation not in NORMALISATIONS:
            raise ValueError(f"got the normalisation {normalisation!r}, wanted one of {', '.join(NORMALISATIONS)}")
        self.normalisation = normalisation
        self.biased_logits = biased_logits
        for name, num_in, kernel, padded in STEM:
            self.add_module(name, ConvUnit(num_in, kernel, padded=padded))
        for name, num_in, branches, pool in MIXED:
            self.add_module(name, Mixed(num_in, branches, pool))
        self.fc = nn.Linear(2048, 1008)

    def features(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch 2048"]:
        """The mean over the last block's 8x8 places, for images in [0, 1]."""
        check_input_size(images, self.input_size, network="Inception")
        maps = 2 * images - 1 if self.normalisation == "pytorch-fid" else (images * 255 - 128) / 128
        for name, *_ in STEM:
            maps = self.get_submodule(name)(maps)
            if name in POOLED_AFTER:
                maps = max_pool2d(maps, 3, 2)
        for name, *_ in MIXED:
            maps = self.get_submodule(name)(maps)
        return maps.mean((-2, -1))

    def probabilities(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch 1008"]:
        """Softmax of the logits; without their bias unless `biased_logits`, as in the score's first code.

        Salimans et al. 2016 (arXiv 1606.03498) multiply by the weights alone; torch-fidelity: `logits_unbiased`.
        """
        logits = self.features(images) @ self.fc.weight.T
        return (logits + self.fc.bias if self.biased_logits else logits).softmax(-1)


def load_inception(path: Path, *, normalisation: str = "torch-fidelity", biased_logits: bool = False) -> Inception:
    """The frozen network of pytorch-fid's or torch-fidelity's file. ValueError for one that does not fit."""
    network = Inception(normalisation=normalisation, biased_logits=biased_logits)
    load_strictly(network, load_state_dict(path), path=path)
    freeze(network)
    return network


def _pool(images: Tensor, pool: Pool) -> Tensor:
    if pool == "average":
        return avg_pool2d(images, 3, 1, 1, count_include_pad=False)
    return max_pool2d(images, 3, 1, 1) if pool == "maximum" else max_pool2d(images, 3, 2)


def _block_a(num_pooled: int) -> Branches:
    return {
        "branch1x1": [Kernel(64)],
        "branch5x5": [Kernel(48), Kernel(64, 5, 5)],
        "branch3x3dbl": [Kernel(64), Kernel(96, 3, 3), Kernel(96, 3, 3)],
        "branch_pool": [Kernel(num_pooled)],
    }


def _block_c(width: int) -> Branches:
    high, wide = Kernel(width, 7, 1), Kernel(width, 1, 7)
    return {
        "branch1x1": [Kernel(192)],
        "branch7x7": [Kernel(width), wide, Kernel(192, 7, 1)],
        "branch7x7dbl": [Kernel(width), high, wide, high, Kernel(192, 1, 7)],
        "branch_pool": [Kernel(192)],
    }


_BLOCK_B: Branches = {
    "branch3x3": [Kernel(384, 3, 3, 2)],
    "branch3x3dbl": [Kernel(64), Kernel(96, 3, 3), Kernel(96, 3, 3, 2)],
}
_BLOCK_D: Branches = {
    "branch3x3": [Kernel(192), Kernel(320, 3, 3, 2)],
    "branch7x7x3": [Kernel(192), Kernel(192, 1, 7), Kernel(192, 7, 1), Kernel(192, 3, 3, 2)],
}
_CROSS = (Kernel(384, 1, 3), Kernel(384, 3, 1))
_BLOCK_E: Branches = {
    "branch1x1": [Kernel(320)],
    "branch3x3": [Kernel(384), _CROSS],
    "branch3x3dbl": [Kernel(448), Kernel(384, 3, 3), _CROSS],
    "branch_pool": [Kernel(192)],
}

STEM: tuple[tuple[str, int, Kernel, bool], ...] = (
    ("Conv2d_1a_3x3", 3, Kernel(32, 3, 3, 2), False),
    ("Conv2d_2a_3x3", 32, Kernel(32, 3, 3), False),
    ("Conv2d_2b_3x3", 32, Kernel(64, 3, 3), True),
    ("Conv2d_3b_1x1", 64, Kernel(80), False),
    ("Conv2d_4a_3x3", 80, Kernel(192, 3, 3), False),
)
"""Name, input channels, kernel, padded."""
POOLED_AFTER = ("Conv2d_2b_3x3", "Conv2d_4a_3x3")

MIXED: tuple[tuple[str, int, Branches, Pool], ...] = (
    ("Mixed_5b", 192, _block_a(32), "average"),
    ("Mixed_5c", 256, _block_a(64), "average"),
    ("Mixed_5d", 288, _block_a(64), "average"),
    ("Mixed_6a", 288, _BLOCK_B, "halving maximum"),
    ("Mixed_6b", 768, _block_c(128), "average"),
    ("Mixed_6c", 768, _block_c(160), "average"),
    ("Mixed_6d", 768, _block_c(160), "average"),
    ("Mixed_6e", 768, _block_c(192), "average"),
    ("Mixed_7a", 768, _BLOCK_D, "halving maximum"),
    ("Mixed_7b", 1280, _BLOCK_E, "average"),
    ("Mixed_7c", 2048, _BLOCK_E, "maximum"),
)
"""Name, input channels, branches, pool."""
