"""The I3D of the Fréchet video distance: 400 logits of a clip.

Layers: Carreira and Zisserman 2017 (arXiv 1705.07750); the distance: Unterthiner et al. 2018 (arXiv 1812.01717); names:
piergiaj's pytorch-i3d. TensorFlow's "SAME" padding, which depends on the size. Two files have this layout and differ in
the epsilon of the batch norms, which no file holds: VideoGPT's `i3d_pretrained_400.pt` (1e-5, the usual one for this
distance) and pytorch-i3d's `rgb_imagenet.pt` (1e-3).
"""

from pathlib import Path

import torch
from einops import reduce
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import avg_pool3d, max_pool3d, pad

from cyclorama.evaluation.networks.input_sizes import check_input_size
from cyclorama.evaluation.networks.weights import WeightsFile, freeze, load_state_dict, load_strictly

WEIGHTS = WeightsFile(
    name="i3d",
    file_name="i3d_pretrained_400.pt",
    environment="CYCLORAMA_I3D",
    source="https://github.com/wilson1yan/VideoGPT (videogpt/fvd)",
    num_bytes=51_000_000,
)

FEWEST_FRAMES = 9
"""The last pooling spans two of the frames that are left after three halvings."""

Size = tuple[int, int, int]
"""(frames, height, width)."""

STEM: dict[str, tuple[int, int, int, int]] = {
    "Conv3d_1a_7x7": (3, 64, 7, 2),
    "Conv3d_2b_1x1": (64, 64, 1, 1),
    "Conv3d_2c_3x3": (64, 192, 3, 1),
}
"""Channels in and out, kernel, stride."""

MIXED: dict[str, tuple[int, tuple[int, int, int, int, int, int]]] = {
    "Mixed_3b": (192, (64, 96, 128, 16, 32, 32)),
    "Mixed_3c": (256, (128, 128, 192, 32, 96, 64)),
    "Mixed_4b": (480, (192, 96, 208, 16, 48, 64)),
    "Mixed_4c": (512, (160, 112, 224, 24, 64, 64)),
    "Mixed_4d": (512, (128, 128, 256, 24, 64, 64)),
    "Mixed_4e": (512, (112, 144, 288, 32, 64, 64)),
    "Mixed_4f": (528, (256, 160, 320, 32, 128, 128)),
    "Mixed_5b": (832, (256, 160, 320, 32, 128, 128)),
    "Mixed_5c": (832, (384, 192, 384, 48, 128, 128)),
}
"""Channels in, and out of b0, b1a, b1b, b2a, b2b, b3b."""

POOLS: dict[str, tuple[Size, Size]] = {
    "Conv3d_1a_7x7": ((1, 3, 3), (1, 2, 2)),
    "Conv3d_2c_3x3": ((1, 3, 3), (1, 2, 2)),
    "Mixed_3c": ((3, 3, 3), (2, 2, 2)),
    "Mixed_4f": ((2, 2, 2), (2, 2, 2)),
}
"""Kernel and stride of the maximum after a layer."""


class Unit(nn.Module):
    def __init__(self, num_in: int, num_out: int, kernel: int = 1, *, stride: int = 1, eps: float) -> None:
        super().__init__()
        self.conv3d = nn.Conv3d(num_in, num_out, kernel, stride, bias=False)
        self.bn = nn.BatchNorm3d(num_out, eps=eps)

    def forward(self, clips: Tensor) -> Tensor:
        kernel, stride = self.conv3d.kernel_size[0], self.conv3d.stride[0]
        padded = pad_same(clips, (kernel, kernel, kernel), (stride, stride, stride))
        return self.bn(self.conv3d(padded)).relu()


class Mixed(nn.Module):
    def __init__(self, num_in: int, widths: tuple[int, int, int, int, int, int], *, eps: float) -> None:
        super().__init__()
        self.b0 = Unit(num_in, widths[0], eps=eps)
        self.b1a = Unit(num_in, widths[1], eps=eps)
        self.b1b = Unit(widths[1], widths[2], 3, eps=eps)
        self.b2a = Unit(num_in, widths[3], eps=eps)
        self.b2b = Unit(widths[3], widths[4], 3, eps=eps)
        self.b3b = Unit(num_in, widths[5], eps=eps)

    def forward(self, clips: Tensor) -> Tensor:
        pooled = pool_same(clips, (3, 3, 3), (1, 1, 1))
        branches = [self.b0(clips), self.b1b(self.b1a(clips)), self.b2b(self.b2a(clips)), self.b3b(pooled)]
        return torch.cat(branches, 1)


class Logits(nn.Module):
    def __init__(self, num_in: int, num_out: int) -> None:
        super().__init__()
        self.conv3d = nn.Conv3d(num_in, num_out, 1)

    def forward(self, clips: Tensor) -> Tensor:
        return self.conv3d(clips)


class I3d(nn.Module):
    """Features are the mean logits of the clip's moments."""

    input_size = (224, 224)
    num_features = 400
    wraps = False

    def __init__(self, *, batch_norm_eps: float = 1e-5) -> None:
        super().__init__()
        for name, (num_in, num_out, kernel, stride) in STEM.items():
            self.add_module(name, Unit(num_in, num_out, kernel, stride=stride, eps=batch_norm_eps))
        for name, (num_in, widths) in MIXED.items():
            self.add_module(name, Mixed(num_in, widths, eps=batch_norm_eps))
        self.logits = Logits(1024, self.num_features)

    def features(self, clips: Float[Tensor, "batch 3 frames height width"]) -> Float[Tensor, "batch 400"]:
        """Logits before the softmax, for clips in [0, 1] of at least `FEWEST_FRAMES` frames."""
        check_input_size(clips, self.input_size, network="I3D")
        if clips.shape[2] < FEWEST_FRAMES:
            raise ValueError(
                f"got clips of {clips.shape[2]} frames for I3D, wanted at least {FEWEST_FRAMES}; take longer clips"
            )
        maps = clips * 2 - 1
        for name in (*STEM, *MIXED):
            maps = self.get_submodule(name)(maps)
            if name in POOLS:
                maps = pool_same(maps, *POOLS[name])
        logits = self.logits(avg_pool3d(maps, (2, 7, 7), 1))
        return reduce(logits, "b c t 1 1 -> b c", "mean")


def pad_same(clips: Float[Tensor, "batch channels t h w"], kernel: Size, stride: Size) -> Tensor:
    """Zeros so that every dimension leaves ceil(size / stride) places; an odd one goes behind."""
    margins: list[int] = []
    for size, k, s in zip(reversed(clips.shape[2:]), reversed(kernel), reversed(stride), strict=True):
        total = max(k - (size % s or s), 0)
        margins += [total // 2, total - total // 2]
    return pad(clips, margins) if any(margins) else clips


def pool_same(clips: Float[Tensor, "batch channels t h w"], kernel: Size, stride: Size) -> Tensor:
    """The maximum after `pad_same`; the zeros count, and change nothing behind a rectifier."""
    return max_pool3d(pad_same(clips, kernel, stride), kernel, stride)


def load_i3d(path: Path, *, batch_norm_eps: float = 1e-5) -> I3d:
    """The frozen network of a state dict (of a TorchScript file none can be read). ValueError if it does not fit."""
    network = I3d(batch_norm_eps=batch_norm_eps)
    load_strictly(network, load_state_dict(path), path=path)
    freeze(network)
    return network
