"""Gaussian windows over pictures, with the border that they need added by the caller."""

import torch
from jaxtyping import Float
from torch import Tensor


def gaussian_mean(
    padded: Float[Tensor, "*batch rows columns"], *, radius: int, sigma: float
) -> Float[Tensor, "*batch height width"]:
    """The mean under a window of 2 `radius` + 1 pixels squared at every place where it fits into `padded`."""
    offsets = torch.arange(-radius, radius + 1, dtype=torch.float64)
    weights = (-offsets.square() / (2 * sigma**2)).exp()
    weights = (weights / weights.sum()).tolist()
    for axis in (-2, -1):
        size = padded.shape[axis] - 2 * radius
        mean = weights[0] * padded.narrow(axis, 0, size)
        for start, weight in enumerate(weights[1:], 1):
            mean.add_(padded.narrow(axis, start, size), alpha=weight)
        padded = mean
    return padded
