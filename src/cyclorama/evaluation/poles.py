"""The poles: the first and the last row of a panorama are each almost one point of the sphere, so they should hardly
vary.

Figures compute in float64. The variance runs along the row and is averaged over the channels; a set is compared with a
reference set (renders, photographs) of the same size, because a row half a pixel from the pole still sees a small
circle of the world.
"""

from typing import NamedTuple

import torch
from einops import reduce
from jaxtyping import Float, Float64
from torch import Tensor

from cyclorama.evaluation.statistics import Interval, ratio_interval


class Poles(NamedTuple):
    """One figure for the first row (zenith) and one for the last (nadir)."""

    up: Interval
    down: Interval


def pole_variance(images: Float[Tensor, "batch channels height width"]) -> Float64[Tensor, "batch 2"]:
    """Variance along the first and along the last row, mean over the channels, of values in [0, 1]."""
    rows = torch.stack([images[..., 0, :], images[..., -1, :]], 1).double()
    return reduce(rows.var(-1, correction=0), "b pole c -> b pole", "mean")


def pole_variance_ratio(
    images: Float[Tensor, "batch channels height width"],
    reference: Float[Tensor, "num_reference channels height width"],
) -> Poles:
    """Mean pole variance of `images` over that of `reference`, with bootstrap intervals; 1 for equally calm poles."""
    ours, theirs = pole_variance(images), pole_variance(reference)
    return Poles(ratio_interval(ours[:, 0], theirs[:, 0]), ratio_interval(ours[:, 1], theirs[:, 1]))
