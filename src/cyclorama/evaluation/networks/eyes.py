"""The miniature's eyes: small networks, trained only on renders, that say what a picture shows and how it looks.

One class sees whole panoramas at 64x128, which wrap in x and get the sine of the latitude as a channel, and one sees
90-degree views at 64x64, which do neither. The networks know no world: their heads and labels stand in the metadata of
their weights file. A head answers with one label of several (softmax) or with any number of them (sigmoid).
`eyes_training` trains both.

`features` are for Fréchet distances: means over the picture of the first two layers (colour, fine detail) and of the
last (content and finish), projected on their 48 principal components over the renders of training and whitened there.
So few dimensions make 200 pictures enough, and a change counts by how far it leads away from what renders are like.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import torch
from einops import rearrange, reduce
from jaxtyping import Float
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn.functional import conv2d, interpolate, pad

from cyclorama.evaluation.networks.weights import freeze, load_state_dict, load_strictly
from cyclorama.media.atomic import atomic_file

WEIGHTS_FOLDER = Path(__file__).parents[1] / "weights"
PANORAMA_WEIGHTS = WEIGHTS_FOLDER / "eyes-panorama.safetensors"
VIEW_WEIGHTS = WEIGHTS_FOLDER / "eyes-view.safetensors"
PANORAMA_SIZE, VIEW_SIZE = (64, 128), (64, 64)
WIDTHS = (16, 32, 64, 96, 128)
NUM_FEATURES = 48
SEVERAL = ("objects", "finish")
"""Heads that name any number of their labels; every other head names exactly one."""
BINOMIAL = (0.125, 0.375, 0.375, 0.125)


class Eyes(nn.Module):
    """Convolutions with a halving before all but the first, then mean and maximum over each row, then linear heads.

    `labels` gives each head its names. `input_size` is (height, width) in pixels.
    """

    def __init__(self, labels: Mapping[str, Sequence[str]], *, wraps: bool, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        self.labels = {head: tuple(names) for head, names in labels.items()}
        self.wraps, self.widths = wraps, tuple(widths)
        self.input_size: tuple[int, int] = PANORAMA_SIZE if wraps else VIEW_SIZE
        num_raw = widths[0] + widths[1] + widths[-1]
        self.num_features = min(NUM_FEATURES, num_raw)
        channels = pairwise([4 if wraps else 3, *widths])
        self.convolutions = nn.ModuleList(nn.Conv2d(a, b, 3, bias=False) for a, b in channels)
        self.norms = nn.ModuleList(nn.GroupNorm(8, width) for width in widths)
        num_rows = self.input_size[0] >> (len(widths) - 1)
        self.dropout = nn.Dropout(0.2)
        self.heads = nn.ModuleDict(
            {head: nn.Linear(2 * num_rows * widths[-1], len(names)) for head, names in self.labels.items()}
        )
        self.register_buffer("feature_mean", torch.zeros(num_raw))
        self.register_buffer("feature_basis", torch.eye(num_raw, self.num_features))

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> dict[str, Float[Tensor, "batch _"]]:
        """Logits of each head; images in [0, 1], already of the input size."""
        last = self.layers(images)[-1]
        pooled = torch.cat([reduce(last, "b c h w -> b (c h)", how) for how in ("mean", "max")], 1)
        return {head: linear(self.dropout(pooled)) for head, linear in self.heads.items()}

    def layers(self, images: Float[Tensor, "batch 3 height width"]) -> list[Float[Tensor, "batch _ _ _"]]:
        """What every layer answers, from the finest to the coarsest; images in [0, 1]."""
        images = images * 4 - 2
        answers = [torch.cat([images, _sine_of_latitude(images)], 1) if self.wraps else images]
        for depth, (convolution, norm) in enumerate(zip(self.convolutions, self.norms, strict=True)):
            finer = halve(answers[-1], wraps=self.wraps) if depth else answers[-1]
            answers.append(nn.functional.silu(norm(convolution(pad_picture(finer, 1, wraps=self.wraps)))))
        return answers[1:]

    @torch.no_grad()
    def features(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch features"]:
        """Descriptors for Fréchet distances; a panorama's rows count by their solid angle."""
        return (self.raw_features(images) - self.get_buffer("feature_mean")) @ self.get_buffer("feature_basis")

    def raw_features(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch means"]:
        """The means before they are projected."""
        layers = self.layers(images)
        return torch.cat([self._mean(layer) for layer in (layers[0], layers[1], layers[-1])], 1)

    @torch.no_grad()
    def head_probabilities(self, images: Float[Tensor, "batch 3 height width"]) -> dict[str, Float[Tensor, "batch _"]]:
        """For each head the probability of its labels; images in [0, 1], already of the input size."""
        logits = self(images)
        return {head: x.sigmoid() if head in SEVERAL else x.softmax(-1) for head, x in logits.items()}

    def _mean(self, layer: Tensor) -> Tensor:
        height = layer.shape[-2]
        rows = torch.arange(height, dtype=layer.dtype, device=layer.device)
        weights = torch.sin(torch.pi * (rows + 0.5) / height) if self.wraps else torch.ones_like(rows)
        return reduce(layer, "b c h w -> b c h", "mean") @ (weights / weights.sum())


def pad_picture(
    images: Float[Tensor, "batch channels height width"], num: int, *, wraps: bool
) -> Float[Tensor, "batch channels _ _"]:
    """`num` wrapped (or repeated) columns on the left and right, `num` copies of the end rows above and below."""
    columns = pad(images, (num, num, 0, 0), mode="circular" if wraps else "replicate")
    return pad(columns, (0, 0, num, num), mode="replicate")


def halve(
    images: Float[Tensor, "batch channels height width"], *, wraps: bool
) -> Float[Tensor, "batch channels half_height half_width"]:
    """Half the size after a 4x4 binomial low-pass (Zhang 2019, Making convolutional networks shift-invariant)."""
    taps = images.new_tensor(BINOMIAL)
    kernel = rearrange(torch.outer(taps, taps), "h w -> 1 1 h w").expand(images.shape[1], 1, 4, 4)
    return conv2d(pad_picture(images, 1, wraps=wraps), kernel, stride=2, groups=images.shape[1])


def shrink(images: Float[Tensor, "batch 3 height width"], eyes: Eyes) -> Float[Tensor, "batch 3 _ _"]:
    """Pictures of any size of the right shape, reduced (or enlarged) by area to the eyes' input, in float32.

    Raises ValueError for a picture whose sides have another ratio than the input's.
    """
    (height, width), (wanted_height, wanted_width) = images.shape[-2:], eyes.input_size
    if width * wanted_height != height * wanted_width:
        shape = "panoramas twice as wide as high" if eyes.wraps else "square views"
        raise ValueError(f"got images of {height}x{width}, wanted {shape}; crop or convert them first")
    return interpolate(images.float(), eyes.input_size, mode="area")


@torch.no_grad()
def classify(
    images: Float[Tensor, "batch 3 height width"], eyes: Eyes, *, batch_size: int = 64
) -> dict[str, Float[Tensor, "batch _"]]:
    """Probabilities of each head's labels for pictures in [0, 1] of any size."""
    device = next(eyes.parameters()).device
    parts = [eyes.head_probabilities(shrink(part, eyes).to(device)) for part in images.split(batch_size)]
    return {head: torch.cat([part[head] for part in parts]).cpu() for head in eyes.labels}


def save_eyes(eyes: Eyes, path: Path, *, metadata: Mapping[str, str] | None = None) -> None:
    """Weights as float16, with what the network is in the metadata; complete or not there."""
    weights = {name: tensor.half().contiguous() for name, tensor in eyes.state_dict().items()}
    facts = {"labels": json.dumps(eyes.labels), "widths": json.dumps(eyes.widths), "wraps": json.dumps(eyes.wraps)}
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as file:
        file.write(save(weights, {**(metadata or {}), **facts}))


def load_eyes(path: Path) -> Eyes:
    """The eyes of a weights file, in evaluation mode. ValueError when it cannot be used."""
    try:
        with safe_open(path, "pt") as file:
            facts = file.metadata() or {}
        eyes = Eyes(json.loads(facts["labels"]), wraps=json.loads(facts["wraps"]), widths=json.loads(facts["widths"]))
        load_strictly(eyes, load_state_dict(path), path=path)
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise ValueError(
            f"got no eyes from {path} ({type(error).__name__}), wanted weights with labels; "
            "train them with `cyclorama evaluate train-eyes`"
        ) from error
    freeze(eyes)
    return eyes


def load_eyes_panorama(path: Path = PANORAMA_WEIGHTS) -> Eyes:
    """The eyes for whole panoramas (the packaged ones), in evaluation mode."""
    return _of_kind(load_eyes(path), path, wraps=True)


def load_eyes_view(path: Path = VIEW_WEIGHTS) -> Eyes:
    """The eyes for 90-degree views (the packaged ones), in evaluation mode."""
    return _of_kind(load_eyes(path), path, wraps=False)


def _of_kind(eyes: Eyes, path: Path, *, wraps: bool) -> Eyes:
    if eyes.wraps != wraps:
        kinds = {True: "panoramas", False: "views"}
        raise ValueError(f"got eyes for {kinds[eyes.wraps]} from {path}, wanted those for {kinds[wraps]}")
    return eyes


def _sine_of_latitude(images: Tensor) -> Tensor:
    batch, _, height, width = images.shape
    rows = torch.arange(height, dtype=images.dtype, device=images.device)
    sine = torch.cos(torch.pi * (rows + 0.5) / height)
    return rearrange(sine, "h -> 1 1 h 1").expand(batch, 1, height, width)
