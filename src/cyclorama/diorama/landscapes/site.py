"""Ground points as the rules of grounds see them."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import Rgb
from cyclorama.diorama.noise import Real, length, noise, smoothstep

Shades = tuple[tuple[Rgb, Rgb], ...]
"""Pairs of a darker and a lighter shade."""


@dataclass(frozen=True)
class Site:
    """What the rules know of ground points: (x, z) in metres, the normal's upward part, a slow noise in about [-1, 1],
    metres above the water (or above 0) and metres from the eye; `axis`, `offset` and `relief` are the terrain's."""

    flat: Float[Tensor, "n 2"]
    steep: Float[Tensor, " n"]
    patch: Float[Tensor, " n"]
    height: Float[Tensor, " n"]
    distance: Float[Tensor, " n"]
    axis: Float[Tensor, "2"]
    offset: Float[Tensor, "2"]
    relief: Real

    @property
    def shifted(self) -> Float[Tensor, "n 2"]:
        """`flat` moved far away by the terrain's offset: noise of it differs between terrains."""
        return self.flat + 97.0 * self.offset

    def variety(self, number: Real = 1) -> float:
        """A number in [0, 1) that differs between terrains, and with `number` within one."""
        return float(self.offset[0] * 7.31 * number + self.offset[1] * 3.17) % 1.0

    def pick(self, pairs: Shades, number: Real = 1) -> tuple[Rgb, Rgb]:
        """One of the pairs, by `variety`."""
        return pairs[int(self.variety(number) * len(pairs))]

    @property
    def blown(self) -> Float[Tensor, "n 2"]:
        """`flat` in coordinates that stretch marks along one direction, as the wind does."""
        return self.flat @ torch.tensor([[1.0, 0.1], [0.3, 0.3]], device=self.flat.device)


def specks(points: Float[Tensor, "*n 2"], share: Real) -> Float[Tensor, "*n"]:
    """Crisp spots of winding outline, 1 inside and 0 outside; `share` of the ground is about what they cover."""
    level = 0.62 - 1.1 * share
    return smoothstep(level, level + 0.10, noise(points))


def dots(points: Float[Tensor, "*n 2"], share: Real) -> Float[Tensor, "*n"]:
    """Round spots: 0 outside, inside a shade in (0.4, 1]; a `share` of the unit squares holds one."""
    square = torch.floor(points)
    lot = noise(square * 0.731 + 0.37) * 0.5 + 0.5
    drawn = torch.stack([noise(square * 0.593 + 11.13), noise(square * 0.847 + 23.71)], -1)
    radius = 0.16 + 0.13 * noise(square * 0.677 + 5.3).abs()
    away = length(points - square - 0.5 - 0.24 * drawn)
    return smoothstep(1.0, 0.75, away / radius) * (lot < share) * (0.4 + 0.6 * drawn[..., 0].abs())


def sideways(axis: Float[Tensor, "2"]) -> Float[Tensor, "2"]:
    """The horizontal unit vector a quarter turn from `axis`."""
    return torch.stack([-axis[1], axis[0]])


def along_across(
    flat: Float[Tensor, "*n 2"], axis: Float[Tensor, "2"]
) -> tuple[Float[Tensor, "*n"], Float[Tensor, "*n"]]:
    """Metres along the axis and beside it."""
    return flat @ axis, flat @ sideways(axis)
