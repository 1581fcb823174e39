"""What the statistics take: sets of vectors as float64 on the CPU, checked once."""

from collections.abc import Iterator

import torch
from jaxtyping import Float, Float64
from torch import Tensor

BLOCK_ELEMENTS = 2**24
"""Entries of a pairwise matrix that are held at a time: 128 MiB of float64."""


def to_vectors(features: Float[Tensor, "num features"], *, smallest: int = 2) -> Float64[Tensor, "num features"]:
    """The set as float64 on the CPU. `ValueError`: fewer than `smallest` vectors, or one that is not finite."""
    vectors = features.detach().cpu().double()
    if len(vectors) < smallest:
        raise ValueError(f"got {len(vectors)} feature vectors, wanted {smallest} or more; add pictures")
    if not vectors.isfinite().all():
        bad = int((~vectors.isfinite()).any(1).sum())
        raise ValueError(f"got {bad} of {len(vectors)} feature vectors not finite; look at the pictures behind them")
    return vectors


def to_pair(
    real: Float[Tensor, "num features"], fake: Float[Tensor, "num_fake fake_features"], *, smallest: int = 2
) -> tuple[Float64[Tensor, "num features"], Float64[Tensor, "num_fake features"]]:
    """Both sets by `to_vectors`. `ValueError` too where their vectors differ in length."""
    if real.shape[1] != fake.shape[1]:
        raise ValueError(
            f"got vectors of {real.shape[1]} and {fake.shape[1]} features, wanted one length; use one network for both"
        )
    return to_vectors(real, smallest=smallest), to_vectors(fake, smallest=smallest)


def row_blocks(num_rows: int, num_columns: int) -> Iterator[slice]:
    """Slices of the rows of a [num_rows, num_columns] matrix, each of at most `BLOCK_ELEMENTS` entries or one row."""
    step = max(1, BLOCK_ELEMENTS // max(1, num_columns))
    return (slice(first, min(first + step, num_rows)) for first in range(0, num_rows, step))


def squared_distances(
    rows: Float64[Tensor, "num features"], columns: Float64[Tensor, "num_columns features"]
) -> Float64[Tensor, "num num_columns"]:
    """|x - y|^2 of all pairs by |x|^2 + |y|^2 - 2 x.y, never negative; centre the vectors first."""
    norms = rows.square().sum(1)[:, None] + columns.square().sum(1)
    return torch.addmm(norms, rows, columns.T, alpha=-2).clamp_(min=0)
