"""Inception score (Salimans et al. 2016): exp of the mean divergence of each picture's classes from those of all."""

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from cyclorama.evaluation.distributions.vectors import to_vectors

SUM_TOLERANCE = 1e-3


def inception_score(probabilities: Float[Tensor, "num classes"], *, num_splits: int = 1) -> float:
    """exp(mean KL(p(y|x) || p(y))), from 1 to the number of classes; the mean over `num_splits` runs of the set.

    Published scores take 10 splits, of pictures in random order; with few pictures splits lower the score.
    `ValueError`: rows that do not sum to 1, or more splits than pictures.
    """
    probabilities = to_vectors(probabilities, smallest=1)
    sums = probabilities.sum(1)
    if probabilities.min() < 0 or (sums - 1).abs().max() > SUM_TOLERANCE:
        raise ValueError(
            f"got rows that sum to {sums.min():.3g} to {sums.max():.3g}, wanted probabilities; apply a softmax first"
        )
    if not 1 <= num_splits <= len(probabilities):
        raise ValueError(f"got {num_splits} splits of {len(probabilities)} pictures, wanted 1 up to as many; use 1")
    parts = probabilities.tensor_split(num_splits)
    return sum(_score(part) for part in parts) / num_splits


def _score(probabilities: Float64[Tensor, "num classes"]) -> float:
    own = torch.special.xlogy(probabilities, probabilities).sum(1).mean()
    mean = probabilities.mean(0)
    return (own - torch.special.xlogy(mean, mean).sum()).exp().item()
