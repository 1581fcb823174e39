"""Colours as linear red, green and blue, before exposure and the display's gamma."""

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.noise import Real

Rgb = tuple[Real, Real, Real]


def tint(colour: Rgb, like: Tensor) -> Float[Tensor, "3"]:
    """The colour, or any three numbers, as a tensor of the dtype and device of `like`."""
    return torch.tensor(colour, dtype=like.dtype, device=like.device)


def blend(
    low: Float[Tensor, "... 3"] | Rgb, high: Float[Tensor, "... 3"] | Rgb, weight: Float[Tensor, " n"]
) -> Float[Tensor, "n 3"]:
    """Mix two colours, each one for all points or one per point: `low` where the weight is 0, `high` where it is 1."""
    low, high = (c if isinstance(c, Tensor) else tint(c, weight) for c in (low, high))
    return low + (high - low) * weight[:, None]


def scaled(colour: Rgb, factor: Real) -> Rgb:
    """The colour made `factor` times as bright."""
    red, green, blue = colour
    return factor * red, factor * green, factor * blue
