"""Point lamps: pools of light on ground and walls."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import tint
from cyclorama.diorama.scene import Lamp
from cyclorama.diorama.tracing.blocks import in_blocks

FAINTEST = 0.006
SOFTENED_M2, AROUND = 1.0, 0.2
"""The first keeps a lamp's neighbourhood from burning out, the second is what reaches surfaces that face away."""


def lamplight(
    lamps: Sequence[Lamp], points: Float[Tensor, "n 3"], normals: Float[Tensor, "n 3"]
) -> Float[Tensor, "n 3"]:
    """Irradiance of all lamps, with inverse-square fall-off; each is followed as far as it gives more than FAINTEST."""
    places, faces = in_blocks(points), in_blocks(normals)
    total = torch.zeros_like(places)
    low, high = places.amin(-1), places.amax(-1)
    for lamp in lamps:
        centre, reach = tint(lamp.place, points)[:, None], (max(lamp.light) / FAINTEST) ** 0.5
        gap = (low - centre).clamp(min=0) + (centre - high).clamp(min=0)
        at = (gap.square().sum(0) < reach**2).nonzero()[:, 0]
        arriving = _arriving(centre[..., None] - places[:, at], faces[:, at], reach)
        total[:, at] += tint(lamp.light, points)[:, None, None] * arriving
    return total.view(3, -1)[:, : len(points)].T


def _arriving(toward: Tensor, faces: Tensor, reach: float) -> Tensor:
    squared = (toward * toward).sum(0)
    cosine = (faces * toward).sum(0) * squared.clamp(min=1e-6).rsqrt()
    fading = (1 - (squared / reach**2) ** 2).clamp(min=0)
    return ((1 - AROUND) * cosine + AROUND).clamp(min=0) * fading / (squared + SOFTENED_M2)
