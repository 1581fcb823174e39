"""The auto-encoder behind the Fréchet auto-encoder distance (FAED), for panoramas only.

Distance and idea: Oh et al. 2022 (BIPS, ECCV); layers, names and the published weights: PanFusion (Zhang et al. 2024,
arXiv 2404.07949, `models/faed`). Convolutions wrap in x and see zeros beyond the poles; a turn by one column of the
code (2^stages pixels) changes no feature. One class serves the published network and small ones: the configuration
stands in the metadata of the weights file. Images are in [0, 1] for `features` and in [-1, 1] inside.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from einops import rearrange, reduce
from jaxtyping import Float, Float64
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn.functional import interpolate, pad

from cyclorama.evaluation.networks.input_sizes import check_input_size
from cyclorama.evaluation.networks.weights import WeightsFile, freeze, load_state_dict, load_strictly
from cyclorama.media.atomic import atomic_file

WEIGHTS = WeightsFile(
    name="faed",
    file_name="faed.ckpt",
    environment="CYCLORAMA_FAED",
    source="the README of https://github.com/chengzhag/PanFusion",
    num_bytes=62_000_000,
)

METADATA_KEY = "faed"
_CHECKPOINT_PREFIX = "net."


@dataclass(frozen=True)
class FaedConfig:
    """Sizes of the auto-encoder; the defaults are the published ones.

    `widths`: channels at full size and after each halving, the last of them the code's; `kernels`: of the residual
    blocks at full size and after each halving but the last, and of the first and the last convolution (`kernels[0]`).
    """

    input_size: tuple[int, int] = (512, 1024)
    widths: tuple[int, ...] = (32, 64, 128, 128, 128, 128)
    kernels: tuple[int, ...] = (9, 7, 5, 3, 3)

    def __post_init__(self) -> None:
        if len(self.widths) != self.num_stages + 1 or not self.kernels:
            raise ValueError(
                f"got {len(self.widths)} widths and {len(self.kernels)} kernels, wanted one width more than kernels "
                "and at least one kernel"
            )
        if any(kernel < 1 or kernel % 2 == 0 for kernel in self.kernels):
            raise ValueError(f"got the kernels {self.kernels}, wanted odd numbers")
        if any(size < 1 or size % 2**self.num_stages for size in self.input_size):
            raise ValueError(f"got the input size {self.input_size}, wanted multiples of {2**self.num_stages}")

    @property
    def num_stages(self) -> int:
        return len(self.kernels)

    @property
    def code_shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of the code."""
        height, width = (size >> self.num_stages for size in self.input_size)
        return self.widths[-1], height, width


PUBLISHED = FaedConfig()


class CircularConv(nn.Module):
    """A convolution over columns that wrap; zeros lie above and below."""

    def __init__(self, num_in: int, num_out: int, kernel: int, *, stride: int = 1) -> None:
        super().__init__()
        self.margin = (kernel - 1) // 2
        self.conv2d = nn.Conv2d(num_in, num_out, kernel, stride)

    def forward(
        self, images: Float[Tensor, "batch num_in height width"]
    ) -> Float[Tensor, "batch num_out rows columns"]:
        m = self.margin
        wrapped = pad(images, (m, m, 0, 0), mode="circular") if m else images
        return self.conv2d(pad(wrapped, (0, 0, m, m)))


class ConvBlock(nn.Module):
    def __init__(self, num_in: int, num_out: int, kernel: int, *, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = CircularConv(num_in, num_out, kernel, stride=stride)
        self.batchnorm1 = nn.BatchNorm2d(num_out)

    def forward(self, images: Tensor) -> Tensor:
        return self.batchnorm1(self.conv1(images)).relu()


class ResBlock(nn.Module):
    """Two convolutions beside the identity; nothing is rectified after the sum."""

    def __init__(self, width: int, kernel: int) -> None:
        super().__init__()
        self.conv1 = CircularConv(width, width, kernel)
        self.batchnorm1 = nn.BatchNorm2d(width)
        self.conv2 = CircularConv(width, width, kernel)
        self.batchnorm2 = nn.BatchNorm2d(width)

    def forward(self, images: Tensor) -> Tensor:
        inner = self.batchnorm1(self.conv1(images)).relu()
        return images + self.batchnorm2(self.conv2(inner))


class Encoder(nn.Module):
    """A convolution; per stage a residual block and a halving; a last convolution."""

    def __init__(self, config: FaedConfig) -> None:
        super().__init__()
        widths, kernels = config.widths, config.kernels
        self.num_stages = config.num_stages
        self.downconv1_rgb = CircularConv(3, widths[0], kernels[0])
        for stage in range(1, self.num_stages + 1):
            self.add_module(f"downres{stage}_rgb", ResBlock(widths[stage - 1], kernels[stage - 1]))
            self.add_module(f"downconv{stage + 1}_rgb", ConvBlock(widths[stage - 1], widths[stage], 4, stride=2))
        self.fuse = CircularConv(widths[-1], widths[-1], 3)

    def forward(self, images: Tensor) -> Tensor:
        codes = self.downconv1_rgb(images)
        for stage in range(1, self.num_stages + 1):
            codes = self.get_submodule(f"downres{stage}_rgb")(codes)
            codes = self.get_submodule(f"downconv{stage + 1}_rgb")(codes)
        return self.fuse(codes)


class Decoder(nn.Module):
    """Per stage but the last a doubling, a convolution, a residual block; then a doubling, a convolution, tanh."""

    def __init__(self, config: FaedConfig) -> None:
        super().__init__()
        self.num_stages = config.num_stages
        width = config.widths[-1]
        for stage in range(2, self.num_stages + 1):
            next_width, kernel = config.widths[self.num_stages - stage], config.kernels[self.num_stages - stage]
            self.add_module(f"upconv{stage}_rgb", ConvBlock(width, next_width, 3))
            self.add_module(f"upres{stage}_rgb", ResBlock(next_width, kernel))
            width = next_width
        self.outconv_rgb = CircularConv(width, 3, config.kernels[0])

    def forward(self, codes: Tensor) -> Tensor:
        images = _double(codes)
        for stage in range(2, self.num_stages + 1):
            images = self.get_submodule(f"upconv{stage}_rgb")(images)
            images = _double(self.get_submodule(f"upres{stage}_rgb")(images))
        return self.outconv_rgb(images).tanh()


class Faed(nn.Module):
    """The auto-encoder; a fresh one has random weights and is trainable, `load_faed` returns a frozen one."""

    wraps = True

    def __init__(self, config: FaedConfig = PUBLISHED, *, row_weights: str = "published") -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        weights = latitude_weights(config.code_shape[1], row_weights).float()
        self.register_buffer("row_weights", weights, persistent=False)

    @property
    def input_size(self) -> tuple[int, int]:
        return self.config.input_size

    @property
    def num_features(self) -> int:
        return self.config.code_shape[0] * self.config.code_shape[1]

    def encode(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch channels rows columns"]:
        """Codes of panoramas in [-1, 1]."""
        return self.encoder(images)

    def decode(self, codes: Float[Tensor, "batch channels rows columns"]) -> Float[Tensor, "batch 3 height width"]:
        """Panoramas in (-1, 1). Doubling is bilinear and wraps; the published decoder repeats the edge there."""
        return self.decoder(codes)

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch 3 height width"]:
        """The reconstruction of panoramas in [-1, 1]; trained with the mean absolute difference."""
        return self.decode(self.encode(images))

    def features(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch features"]:
        """Mean over longitude of the code, each row weighted by the cosine of its latitude; channels, then rows."""
        check_input_size(images, self.input_size, network="FAED")
        rows = reduce(self.encode(images * 2 - 1), "b c h w -> b c h", "mean")
        return rearrange(rows * self.get_buffer("row_weights"), "b c h -> b (c h)")


def latitude_weights(num_rows: int, kind: str) -> Float64[Tensor, " num_rows"]:
    """Cosine of the latitude of each row of the code.

    "published" places the first and the last row ON the poles (as PanFusion's metric does), where the weight is exactly
    zero; "pixel-centre" takes the latitudes of the rows' centres, so that every row counts.
    """
    if kind == "pixel-centre":
        return ((torch.arange(num_rows, dtype=torch.float64) + 0.5) * (math.pi / num_rows)).sin()
    if kind != "published":
        raise ValueError(f'got the row weights {kind!r}, wanted "published" or "pixel-centre"')
    weights = torch.linspace(0, math.pi, num_rows, dtype=torch.float64).sin()
    weights[[0, -1]] = 0
    return weights


def save_faed(network: Faed, path: Path, *, metadata: Mapping[str, str] | None = None) -> None:
    """Weights and configuration as safetensors; whole or not at all."""
    weights = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    with atomic_file(path) as file:
        file.write(save(weights, {**(metadata or {}), METADATA_KEY: json.dumps(asdict(network.config))}))


def load_faed(path: Path, *, row_weights: str = "published") -> Faed:
    """The frozen auto-encoder of a file by `save_faed`, or of the published checkpoint (any other file).

    Raises:
        ValueError: for a file that cannot be read or does not fit.
    """
    network = Faed(_config_of(path), row_weights=row_weights)
    state = load_state_dict(path)
    if all(name.startswith(_CHECKPOINT_PREFIX) for name in state):
        state = {name.removeprefix(_CHECKPOINT_PREFIX): tensor for name, tensor in state.items()}
    load_strictly(network, {name: tensor.float() for name, tensor in state.items()}, path=path)
    freeze(network)
    return network


def _config_of(path: Path) -> FaedConfig:
    if path.suffix != ".safetensors":
        return PUBLISHED
    try:
        with safe_open(path, "pt") as file:
            text = (file.metadata() or {}).get(METADATA_KEY)
        return PUBLISHED if text is None else _parse_config(json.loads(text))
    except (OSError, SafetensorError, ValueError, TypeError, KeyError) as error:
        raise ValueError(
            f"cannot read the auto-encoder {path} ({type(error).__name__}), wanted a file by `fit-faed`; make it again"
        ) from error


def _parse_config(fields: Mapping[str, list[int]]) -> FaedConfig:
    height, width = fields["input_size"]
    return FaedConfig((height, width), tuple(fields["widths"]), tuple(fields["kernels"]))


def _double(images: Float[Tensor, "batch channels height width"]) -> Tensor:
    wrapped = pad(images, (1, 1, 0, 0), mode="circular")
    return interpolate(wrapped, scale_factor=2, mode="bilinear", align_corners=False)[..., 2:-2]
