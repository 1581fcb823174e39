"""Fitting the eyes to renders, and what they know of renders that they never saw."""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from cyclorama.evaluation.eyes_training.augmentation import augment
from cyclorama.evaluation.eyes_training.fitting import fit
from cyclorama.evaluation.eyes_training.renders import Renders, Report
from cyclorama.evaluation.networks.eyes import SEVERAL, Eyes

BATCH_SIZE, PEAK_RATE, WEIGHT_DECAY = 64, 3e-3, 0.02
SMOOTHING = 0.05
SMALLEST_SCALE, SMALLEST_VARIANCE = 1e-2, 1e-3
WEIGHTS = {"objects": 4.0, "finish": 2.0}
"""Of the heads that name several labels, whose losses are means over the labels."""


def fit_eyes(
    eyes: Eyes,
    renders: Renders,
    *,
    num_epochs: int,
    num_each_epoch: int | None = None,
    seed: int = 0,
    batch_size: int = BATCH_SIZE,
    report: Report | None = None,
) -> None:
    """Fit the eyes to the renders (AdamW, one cycle), decided by the seed; then whiten their features.

    An epoch goes through so many of the renders, drawn anew (all of them when None); `report` is that of `fit`.
    """
    generator = torch.Generator().manual_seed(seed)
    eyes.train()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        fit(
            lambda rows: _loss(eyes, renders[rows], generator),
            torch.optim.AdamW(eyes.parameters(), weight_decay=WEIGHT_DECAY),
            num=len(renders),
            num_epochs=num_epochs,
            num_each_epoch=num_each_epoch or len(renders),
            batch_size=batch_size,
            peak_rate=PEAK_RATE,
            warm_up=0.15,
            generator=generator,
            report=report,
        )
    eyes.eval()
    whiten_features(eyes, renders)


@torch.no_grad()
def whiten_features(eyes: Eyes, renders: Renders, *, most: int = 4000) -> None:
    """Make the features the first principal components of the means over (about so many of) the renders, whitened.

    The means are brought to standard deviation 1 first. Directions in which the renders hardly differ count by no more
    than a limit.
    """
    chosen = renders.images[:: max(1, len(renders) // most)]
    raw = torch.cat([eyes.raw_features(part.float() / 255) for part in chosen.split(64)]).double()
    mean, scale = raw.mean(0), raw.std(0).clamp(min=SMALLEST_SCALE)
    variances, axes = torch.linalg.eigh(torch.cov(((raw - mean) / scale).T))
    first = slice(-eyes.num_features, None)
    basis = axes[:, first] / variances[first].clamp(min=SMALLEST_VARIANCE).sqrt() / scale[:, None]
    eyes.get_buffer("feature_mean").copy_(mean)
    eyes.get_buffer("feature_basis").copy_(basis.flip(1))


@torch.no_grad()
def accuracy(eyes: Eyes, renders: Renders, *, worsened: bool = False) -> dict[str, float]:
    """Figures of each head on the renders as they are, or `worsened` by the augmentation (seeded).

    The share of right labels; for a head of several labels the mean over its labels of F1, without labels that the
    renders never show.
    """
    generator = torch.Generator().manual_seed(1)
    parts = []
    for rows in torch.arange(len(renders)).split(64):
        images = renders.images[rows].float() / 255
        images = augment(images, wraps=eyes.wraps, generator=generator)[0] if worsened else images
        parts.append(eyes.head_probabilities(images))
    found = {head: torch.cat([part[head] for part in parts]) for head in renders.targets}
    return {head: _figure(head, p, renders.targets[head]) for head, p in found.items()}


def _loss(eyes: Eyes, batch: Renders, generator: torch.Generator) -> Tensor:
    images, finish = augment(batch.images.float() / 255, wraps=eyes.wraps, generator=generator)
    logits, targets = eyes(images), batch.targets | {"finish": finish}
    return torch.stack([_head_loss(head, logits[head], targets[head]) for head in eyes.labels]).sum()


def _head_loss(head: str, logits: Tensor, targets: Tensor) -> Tensor:
    if head in SEVERAL:
        return WEIGHTS[head] * binary_cross_entropy_with_logits(logits, targets)
    return cross_entropy(logits, targets, label_smoothing=SMOOTHING)


def _figure(head: str, probabilities: Tensor, targets: Tensor) -> float:
    if head in SEVERAL:
        return mean_f1(probabilities > 0.5, targets > 0.5)
    return (probabilities.argmax(-1) == targets.argmax(-1)).double().mean().item()


def mean_f1(found: Tensor, shown: Tensor) -> float:
    """Mean over the columns of 2 hits / (found + shown), over those that are shown at all; nan where none is."""
    hits, total = (found & shown).sum(0).double(), (found.sum(0) + shown.sum(0)).double()
    return (2 * hits / total)[shown.any(0)].mean().item()
