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

from cyclorama.diorama.noise import Real, fbm, length, noise, ridged, smoothstep


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


def _plain(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    return torch.zeros(points.shape[:-1], device=points.device)


def _mountains(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    along, across = points @ axis, points @ torch.stack([-axis[1], axis[0]])
    from_valley = torch.sqrt(across**2 + (0.42 * along) ** 2 + 1)
    crests = ridged(points / 620 + offset, 6)
    near = smoothstep(2, 35, length(points))
    return relief * 980 * smoothstep(25, 950, from_valley) * crests + near * 3.2 * fbm(points / 42 + offset, 4)


def _hills(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    radius = length(points)
    rolling = fbm(points / 230 + offset, 4, 0.42)
    bumps = smoothstep(1, 20, radius) * 0.9 * fbm(points / 26 - offset, 3)
    return relief * 80 * smoothstep(8, 420, radius) * (rolling + 0.26) + bumps


def _dunes(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    radius = length(points)
    bent = points + 26 * torch.stack([fbm(points / 160 + offset, 2), fbm(points / 160 - offset, 2)], -1)
    stretched = torch.stack([bent @ axis / 56, bent @ torch.stack([-axis[1], axis[0]]) / 130], -1)
    crest = (1 - noise(stretched + offset).abs() * 1.15).clamp(min=0) ** 1.6
    mesa = smoothstep(0.16, 0.24, fbm(points / 900 - offset, 4)) * smoothstep(600, 1100, radius)
    sand = relief * 34 * smoothstep(5, 120, radius) * (crest - 0.2)
    return sand + 170 * mesa * (1 + 0.12 * fbm(points / 60, 3))


def _coast(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    seaward = points @ axis - 16 + 9 * fbm(points / 60 + offset, 3)
    sand = torch.where(seaward < 0, (-seaward * 0.075).clamp(max=2.4), -seaward * 0.06)
    hills = smoothstep(30, 330, -seaward) * 120 * relief * (fbm(points / 260 + offset, 5) + 0.45).clamp(min=0)
    isle = smoothstep(0.12, 0.5, fbm(points / 620 - offset, 5)) * smoothstep(350, 900, seaward) * 150
    return sand.clamp(min=-6) + hills + isle + 0.10 * fbm(points / 3.0, 2) * (seaward < 0)


def _lake(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    centre = axis * 146
    rho = length(points - centre) * (1 + 0.16 * fbm(points / 95 + offset, 3))
    shore = ((rho - 140) * 0.11).clamp(-4, 3.2)
    crests = 0.35 * fbm(points / 300 + offset, 4) + 0.75 * ridged(points / 700 + offset, 5)
    return shore + relief * 520 * smoothstep(165, 1300, rho) * crests + 0.15 * fbm(points / 5, 2)


LANDSCAPES: dict[str, Callable[[Tensor, Tensor, Tensor, Real], Tensor]] = {
    "plain": _plain,
    "mountains": _mountains,
    "hills": _hills,
    "dunes": _dunes,
    "coast": _coast,
    "lake": _lake,
}
