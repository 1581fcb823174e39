"""Training of the prompt-agreement classifier, on renders alone.

    python -m cyclorama.evaluation.classifier_training runs/panoramas

The folder holds panoramas of the diorama with place, time and sky in its metadata, as `cyclorama render` writes them.
Augmentation makes the classifier judge content and not finish: it sees renders blurred, noisy, blocky, compressed,
tinted, mirrored and turned. The last tenth of the folder is held out.
"""

import argparse
import io
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float, Int64, UInt8
from PIL import Image
from torch import Tensor
from torch.nn.functional import cross_entropy, interpolate

from cyclorama import diorama
from cyclorama.data.folder import ImageFolder
from cyclorama.evaluation.classifier import (
    PACKAGED_WEIGHTS,
    PanoramaClassifier,
    halve,
    save_classifier,
    shrink,
)

HELD_OUT = 0.1


@dataclass(frozen=True)
class Renders:
    """Pictures of the classifier's input size as uint8, and the index of each one's label for every head."""

    images: UInt8[Tensor, "num 3 height width"]
    targets: dict[str, Int64[Tensor, " num"]]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, rows: slice | Tensor) -> "Renders":
        return Renders(self.images[rows], {head: target[rows] for head, target in self.targets.items()})


def read_renders(folder: Path, labels: Mapping[str, Sequence[str]]) -> Renders:
    """The panoramas of an image folder at the classifier's input size, with the labels of its `metadata.jsonl`.

    Raises:
        ValueError: for a folder that cannot be read, or an image without one of the labels.
    """
    items = ImageFolder(folder)
    for item in items:
        missing = [head for head, names in labels.items() if item.labels.get(head) not in names]
        if missing:
            raise ValueError(f"{item.path} has no known {missing[0]} in the metadata; make it with `cyclorama render`")
    images = torch.stack([(shrink(item.read()[None])[0] * 255).round().byte() for item in items])
    targets = {head: torch.tensor([names.index(item.labels[head]) for item in items]) for head, names in labels.items()}
    return Renders(images, targets)


def augment(
    images: Float[Tensor, "batch 3 height width"], *, generator: torch.Generator
) -> Float[Tensor, "batch 3 height width"]:
    """Each picture turned, mirrored and finished worse, by amounts of its own; still in [0, 1]."""

    def amounts(largest: float, smallest: float = 0.0) -> Tensor:
        return smallest + (largest - smallest) * torch.rand(len(images), 1, 1, 1, generator=generator)

    images = _turn(images, generator)
    images = torch.lerp(images, _blur(images), amounts(1.6, -0.6).clamp(0, 1))
    images = amounts(1.15, 0.85) * (images - 0.5) + 0.5 + amounts(0.05, -0.05)
    images = torch.lerp(images.mean(1, keepdim=True), images, amounts(1.25, 0.6))
    blocks = torch.randn(len(images), 3, images.shape[2] // 4, images.shape[3] // 4, generator=generator)
    images = images + amounts(0.06, -0.03).clamp(0) * interpolate(blocks, scale_factor=4.0, mode="nearest")
    images = images + amounts(0.12, -0.06).clamp(0) * torch.randn(images.shape, generator=generator)
    qualities = torch.randint(20, 180, (len(images),), generator=generator).tolist()
    return torch.stack([_compress(i, q) if q < 95 else i for i, q in zip(images.clamp(0, 1), qualities, strict=True)])


def train_classifier(
    renders: Renders,
    labels: Mapping[str, Sequence[str]],
    *,
    num_epochs: int = 15,
    batch_size: int = 64,
    peak_rate: float = 3e-3,
    seed: int = 0,
    report: Callable[[int, float], None] | None = None,
) -> PanoramaClassifier:
    """A classifier of `labels` fitted to `renders` (AdamW, one cycle), decided by the seed.

    `report` gets each epoch and its mean loss.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        classifier = PanoramaClassifier(labels).train()
        num_steps = num_epochs * -(-len(renders) // batch_size)
        optimiser = torch.optim.AdamW(classifier.parameters(), weight_decay=0.02)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, peak_rate, total_steps=num_steps + 1, pct_start=0.15)
        for epoch in range(num_epochs):
            losses = []
            for rows in torch.randperm(len(renders), generator=generator).split(batch_size):
                batch = renders[rows]
                logits = classifier(augment(batch.images.float() / 255, generator=generator))
                loss = torch.stack([_loss(logits[head], batch.targets[head]) for head in labels]).sum()
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
                losses.append(loss.item())
            if report:
                report(epoch, sum(losses) / len(losses))
    return classifier.eval().requires_grad_(False)


@torch.no_grad()
def accuracy(classifier: PanoramaClassifier, renders: Renders, *, worsened: bool = False) -> dict[str, float]:
    """Share of right labels per head, on the renders as they are or `worsened` by the augmentation (seeded)."""
    generator = torch.Generator().manual_seed(1)
    hits = dict.fromkeys(classifier.labels, 0)
    for rows in torch.arange(len(renders)).split(64):
        batch = renders[rows]
        images = batch.images.float() / 255
        logits = classifier(augment(images, generator=generator) if worsened else images)
        for head, target in batch.targets.items():
            hits[head] += int((logits[head].argmax(-1) == target).sum())
    return {head: num / len(renders) for head, num in hits.items()}


def diorama_labels() -> dict[str, tuple[str, ...]]:
    """The three questions that the diorama's captions answer."""
    return {"place": tuple(diorama.PLACES), "time": tuple(diorama.TIMES), "sky": tuple(diorama.SKIES)}


def _turn(images: Tensor, generator: torch.Generator) -> Tensor:
    batch, channels, height, width = images.shape
    turns = torch.randint(width, (batch, 1), generator=generator)
    directions = 2 * torch.randint(2, (batch, 1), generator=generator) - 1
    columns = (directions * torch.arange(width) + turns) % width
    return images.gather(3, rearrange(columns, "b w -> b 1 1 w").expand(batch, channels, height, width))


def _blur(images: Tensor) -> Tensor:
    return interpolate(halve(images), scale_factor=2.0, mode="bilinear")


def _compress(image: Tensor, quality: int) -> Tensor:
    buffer = io.BytesIO()
    Image.fromarray(rearrange(image * 255, "c h w -> h w c").byte().numpy()).save(buffer, "JPEG", quality=quality)
    return rearrange(torch.from_numpy(np.array(Image.open(buffer))), "h w c -> c h w").float() / 255


def _loss(logits: Tensor, targets: Tensor) -> Tensor:
    return cross_entropy(logits, targets, label_smoothing=0.05)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train the prompt-agreement classifier on renders of the diorama.")
    parser.add_argument("images", type=Path, help="image folder of diorama panoramas, made by `cyclorama render`")
    parser.add_argument("--out", type=Path, default=PACKAGED_WEIGHTS, help="weights file to write")
    parser.add_argument("--num-epochs", type=int, default=15)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def main() -> None:
    """Train on nine tenths of the folder, print the accuracy on the last tenth, write the weights."""
    arguments, labels = _arguments(), diorama_labels()
    renders = read_renders(arguments.images, labels)
    num_held_out = max(1, round(HELD_OUT * len(renders)))
    classifier = train_classifier(
        renders[: len(renders) - num_held_out],
        labels,
        num_epochs=arguments.num_epochs,
        seed=arguments.seed,
        report=lambda epoch, loss: print(f"epoch {epoch + 1}: loss {loss:.3f}", file=sys.stderr, flush=True),
    )
    held_out = renders[len(renders) - num_held_out :]
    figures = {"held_out": accuracy(classifier, held_out), "worsened": accuracy(classifier, held_out, worsened=True)}
    facts = {"num_scenes": len(renders), "num_held_out": num_held_out, "num_epochs": arguments.num_epochs, **figures}
    save_classifier(classifier, arguments.out, metadata={"training": json.dumps(facts)})
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
