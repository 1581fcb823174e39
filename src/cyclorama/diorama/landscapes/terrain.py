"""Landscapes as height fields.

Points are (x, z) and heights y, in metres. `axis` is a horizontal unit vector that a landscape uses as its main
direction (a valley's, the way to the sea), `offset` moves it through the noise, `relief` scales its hills.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.landscapes.built import BUILT_HEIGHTS
from cyclorama.diorama.landscapes.drylands import DRY_HEIGHTS
from cyclorama.diorama.landscapes.grounds import ground_colour
from cyclorama.diorama.landscapes.shores import SHORE_HEIGHTS
from cyclorama.diorama.landscapes.uplands import UPLAND_HEIGHTS
from cyclorama.diorama.noise import Real


@dataclass(frozen=True)
class Terrain:
    """A height field: `kind` is a key of LANDSCAPES, `water` the level of its water in metres or -inf."""

    kind: str
    axis: tuple[Real, Real]
    offset: tuple[Real, Real]
    relief: Real = 1.0
    water: Real = -math.inf

    def height(self, points: Float[Tensor, "*n 2"]) -> Float[Tensor, "*n"]:
        """Height in metres at world points (x, z)."""
        offset = torch.tensor(self.offset, device=points.device)
        axis = torch.tensor(self.axis, device=points.device)
        return LANDSCAPES[self.kind](points, offset, axis, self.relief)

    def normal(self, points: Float[Tensor, "n 2"], spacing: Float[Tensor, " n"]) -> Float[Tensor, "n 3"]:
        """Unit normals by central differences over `spacing` metres (wider far away, which anti-aliases)."""
        step = torch.tensor([[1.0, 0.0], [0.0, 1.0]], device=points.device)
        probes = points[:, None] + spacing[:, None, None] * torch.cat([step, -step])
        east, south, west, north = self.height(probes).unbind(-1)
        slope = torch.stack([west - east, 2 * spacing, north - south], -1)
        return F.normalize(slope, dim=-1)

    def colour(
        self, points: Float[Tensor, "n 3"], normals: Float[Tensor, "n 3"], distance: Float[Tensor, " n"]
    ) -> Float[Tensor, "n 3"]:
        """Albedo of the ground at world points seen from `distance` metres."""
        return ground_colour(
            self.kind, points, normals, distance, self.water, axis=self.axis, offset=self.offset, relief=self.relief
        )


def _plain(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    return torch.zeros(points.shape[:-1], device=points.device)


LANDSCAPES: dict[str, Callable[[Tensor, Tensor, Tensor, Real], Tensor]] = {
    "plain": _plain,
    **SHORE_HEIGHTS,
    **UPLAND_HEIGHTS,
    **DRY_HEIGHTS,
    **BUILT_HEIGHTS,
}
