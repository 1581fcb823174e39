"""Does a panorama show what its prompt asked for? A small classifier, trained only on renders, answers with one
distribution per head.

The network knows no world: the heads and their labels stand in the metadata of its weights file. It sees an image
reduced by area to 64x128, wraps in x (a turn by 45 degrees, one whole cell of its last layer, changes nothing) and gets
the latitude as a channel. `classifier_training` trains it.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from einops import rearrange, reduce
from jaxtyping import Bool, Float
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import conv2d, interpolate, pad

PACKAGED_WEIGHTS = Path(__file__).parent / "weights" / "classifier.safetensors"
INPUT_SIZE = (64, 128)
BINOMIAL = (0.125, 0.375, 0.375, 0.125)


def pad_panorama(images: Float[Tensor, "batch channels height width"], num: int) -> Tensor:
    """`num` wrapped columns on the left and right, `num` copies of the end rows above and below."""
    images = torch.cat([images[..., -num:], images, images[..., :num]], -1)
    return pad(images, (0, 0, num, num), mode="replicate")


class CircularConv(nn.Conv2d):
    """A 3x3 convolution that wraps in x."""

    def __init__(self, num_in: int, num_out: int) -> None:
        super().__init__(num_in, num_out, 3, bias=False)

    def forward(self, input: Float[Tensor, "batch num_in height width"]) -> Float[Tensor, "batch num_out height width"]:
        return super().forward(pad_panorama(input, 1))


def halve(
    images: Float[Tensor, "batch channels height width"],
) -> Float[Tensor, "batch channels half_height half_width"]:
    """Half the size after a 4x4 binomial low-pass (Zhang 2019, Making convolutional networks shift-invariant)."""
    taps = images.new_tensor(BINOMIAL)
    kernel = rearrange(torch.outer(taps, taps), "h w -> 1 1 h w").expand(images.shape[1], 1, 4, 4)
    return conv2d(pad_panorama(images, 1), kernel, stride=2, groups=images.shape[1])


class PanoramaClassifier(nn.Module):
    """Convolutions, four halvings, mean and maximum over longitude, a linear head per question; < 150,000 weights."""

    def __init__(self, labels: Mapping[str, Sequence[str]], *, widths: Sequence[int] = (16, 32, 64, 64, 96)) -> None:
        super().__init__()
        self.labels = {head: tuple(names) for head, names in labels.items()}
        self.widths = tuple(widths)
        self.convolutions = nn.ModuleList(CircularConv(a, b) for a, b in pairwise([4, *widths]))
        self.norms = nn.ModuleList(nn.GroupNorm(8, width) for width in widths)
        num_rows = INPUT_SIZE[0] >> (len(widths) - 1)
        self.dropout = nn.Dropout(0.2)
        self.heads = nn.ModuleDict(
            {head: nn.Linear(2 * num_rows * widths[-1], len(names)) for head, names in self.labels.items()}
        )

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> dict[str, Float[Tensor, "batch _"]]:
        """Logits of each head; images in [0, 1], already of INPUT_SIZE."""
        features = torch.cat([images * 4 - 2, _row_coordinate(images)], 1)
        for depth, (convolution, norm) in enumerate(zip(self.convolutions, self.norms, strict=True)):
            features = nn.functional.silu(norm(convolution(halve(features) if depth else features)))
        pooled = torch.cat([reduce(features, "b c h w -> b (c h)", how) for how in ("mean", "max")], 1)
        return {head: linear(self.dropout(pooled)) for head, linear in self.heads.items()}


def shrink(images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch 3 64 128"]:
    """Panoramas of any 2:1 size, reduced (or enlarged) by area to the classifier's input, in float32."""
    height, width = images.shape[-2:]
    if width != 2 * height:
        raise ValueError(
            f"got images of {height}x{width}, wanted panoramas twice as wide as high; crop or convert them first"
        )
    return interpolate(images.float(), INPUT_SIZE, mode="area")


def save_classifier(classifier: PanoramaClassifier, path: Path, *, metadata: Mapping[str, str] | None = None) -> None:
    """Weights as float16 with the labels in the metadata; complete or not there."""
    weights = {name: tensor.half().contiguous() for name, tensor in classifier.state_dict().items()}
    labels = {"labels": json.dumps(classifier.labels), "widths": json.dumps(classifier.widths)}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    save_file(weights, part, {**(metadata or {}), **labels})
    part.replace(path)


@cache
def load_classifier(path: Path = PACKAGED_WEIGHTS) -> PanoramaClassifier:
    """The classifier of a weights file (the packaged one), in evaluation mode. ValueError when it cannot be used."""
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
        classifier = PanoramaClassifier(json.loads(metadata["labels"]), widths=json.loads(metadata["widths"]))
        classifier.load_state_dict(load_file(path))
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        raise ValueError(
            f"got no classifier from {path} ({type(error).__name__}), wanted weights with labels; "
            "train one with `python -m cyclorama.evaluation.classifier_training`"
        ) from error
    return classifier.eval().requires_grad_(False)


@torch.no_grad()
def classify(
    images: Float[Tensor, "batch 3 height width"], *, classifier: PanoramaClassifier | None = None, batch_size: int = 64
) -> dict[str, Float[Tensor, "batch _"]]:
    """Probabilities of each head's labels for panoramas in [0, 1]; the packaged classifier unless another is given."""
    classifier = classifier or load_classifier()
    device = next(classifier.parameters()).device
    parts = [classifier(shrink(part).to(device)) for part in images.split(batch_size)]
    return {head: torch.cat([part[head] for part in parts]).softmax(-1) for head in classifier.labels}


def agreement(
    images: Float[Tensor, "batch 3 height width"],
    scenes: Sequence[Any],
    *,
    classifier: PanoramaClassifier | None = None,
) -> dict[str, Bool[Tensor, " batch"]]:
    """For each head, whether the likeliest label of each image is its scene's (the attribute of the head's name)."""
    classifier = classifier or load_classifier()
    if len(images) != len(scenes):
        raise ValueError(
            f"got {len(images)} images and {len(scenes)} scenes, wanted one scene per image; pass the scenes asked for"
        )
    likeliest = {head: p.argmax(-1) for head, p in classify(images, classifier=classifier).items()}
    return {head: likeliest[head] == label_indices(scenes, head, names) for head, names in classifier.labels.items()}


def label_indices(scenes: Sequence[Any], head: str, names: Sequence[str]) -> Tensor:
    """Index in `names` of each scene's attribute `head`; ValueError for a label that the classifier does not know."""
    wanted = [getattr(scene, head) for scene in scenes]
    if unknown := sorted(set(wanted) - set(names)):
        raise ValueError(
            f"got the {head} {', '.join(unknown)}, wanted one of {', '.join(names)}; train the classifier anew"
        )
    return torch.tensor([names.index(name) for name in wanted], dtype=torch.long)


def _row_coordinate(images: Tensor) -> Tensor:
    batch, _, height, width = images.shape
    rows = torch.linspace(1 - 1 / height, 1 / height - 1, height, dtype=images.dtype, device=images.device)
    return rearrange(rows, "h -> 1 1 h 1").expand(batch, 1, height, width)
