"""Colours as linear red, green and blue, before exposure and the display's gamma."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.noise import Real

Rgb = tuple[Real, Real, Real]


class Paint(NamedTuple):
    """A colour that captions can name."""

    word: str
    rgb: Rgb


PAINTS = {
    word: Paint(word, rgb)
    for word, rgb in {
        "red": (0.50, 0.06, 0.05),
        "orange": (0.72, 0.28, 0.05),
        "yellow": (0.78, 0.58, 0.10),
        "green": (0.10, 0.30, 0.10),
        "turquoise": (0.08, 0.42, 0.42),
        "blue": (0.07, 0.17, 0.48),
        "purple": (0.28, 0.09, 0.40),
        "pink": (0.75, 0.30, 0.38),
        "brown": (0.24, 0.13, 0.06),
        "beige": (0.66, 0.54, 0.38),
        "white": (0.80, 0.79, 0.76),
        "grey": (0.34, 0.34, 0.35),
        "black": (0.03, 0.03, 0.035),
    }.items()
}


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
