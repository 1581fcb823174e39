"""Landscapes as height fields, and exact visibility of one from a point by a polar table.

All rays of one azimuth share a profile of heights over log-spaced distances. The running maximum of the profile's
elevation tangent is monotonic, so the first hit of any ray is a binary search: no ray marching.
Coordinates are (x, z) in metres; `axis` is a horizontal unit vector that each landscape uses as its main direction.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.noise import Real, fbm, length, noise, ridged, smoothstep

NUM_AZIMUTHS, NUM_DISTANCES = 2048, 176
NUM_SHADOW_STEPS = 9
NEAREST_M, FARTHEST_M = 0.35, 6000.0


@dataclass(frozen=True)
class Terrain:
    """A height field of one landscape; `offset` moves it through the noise, `water` is the water level or -inf."""

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
        return torch.nn.functional.normalize(slope, dim=-1)


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
    return relief * 80 * smoothstep(8, 420, radius) * (rolling + 0.26) + smoothstep(1, 20, radius) * 0.9 * fbm(
        points / 26 - offset, 3
    )


def _dunes(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    radius = length(points)
    bent = points + 26 * torch.stack([fbm(points / 160 + offset, 2), fbm(points / 160 - offset, 2)], -1)
    stretched = torch.stack([bent @ axis / 56, bent @ torch.stack([-axis[1], axis[0]]) / 130], -1)
    crest = (1 - noise(stretched + offset).abs() * 1.15).clamp(min=0) ** 1.6
    mesa = smoothstep(0.16, 0.24, fbm(points / 900 - offset, 4)) * smoothstep(600, 1100, radius)
    return relief * 34 * smoothstep(5, 120, radius) * (crest - 0.2) + 170 * mesa * (1 + 0.12 * fbm(points / 60, 3))


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
    return (
        shore
        + relief
        * 520
        * smoothstep(165, 1300, rho)
        * (0.35 * fbm(points / 300 + offset, 4) + 0.75 * ridged(points / 700 + offset, 5))
        + 0.15 * fbm(points / 5, 2)
    )


LANDSCAPES: dict[str, Callable[[Tensor, Tensor, Tensor, float], Tensor]] = {
    "plain": _plain,
    "mountains": _mountains,
    "hills": _hills,
    "dunes": _dunes,
    "coast": _coast,
    "lake": _lake,
}


class Skyline:
    """Visibility of a terrain from one origin: the polar table of the module's docstring."""

    def __init__(self, terrain: Terrain, origin: Float[Tensor, "3"]) -> None:
        device = origin.device
        self.origin = origin
        self.distances = torch.logspace(math.log10(NEAREST_M), math.log10(FARTHEST_M), NUM_DISTANCES, device=device)
        lon = ((torch.arange(NUM_AZIMUTHS, device=device) + 0.5) / NUM_AZIMUTHS - 0.5) * 2 * math.pi
        flat = torch.stack([torch.sin(lon), -torch.cos(lon)], -1)
        self.points = origin[[0, 2]] + self.distances[None, :, None] * flat[:, None]
        self.heights = terrain.height(self.points)
        self.rising = torch.cummax((self.heights - origin[1]) / self.distances, dim=1).values

    def mirrored(self, level: Real) -> "Skyline":
        """The same table seen from the origin's mirror image in a water surface at `level`."""
        twin = object.__new__(Skyline)
        twin.origin = self.origin * torch.tensor([1.0, -1.0, 1.0], device=self.origin.device)
        twin.origin[1] += 2 * level
        twin.distances, twin.points, twin.heights = self.distances, self.points, self.heights
        twin.rising = torch.cummax((twin.heights - twin.origin[1]) / twin.distances, dim=1).values
        return twin

    def hit(self, dirs: Float[Tensor, "n 3"]) -> Float[Tensor, " n"]:
        """Distance along unit rays from the table's origin to the ground, inf for the sky."""
        flat = length(dirs[:, ::2]).clamp(min=1e-6)
        tangent = dirs[:, 1] / flat
        row = self._azimuth(dirs)
        index = self._first_at_least(row, tangent)
        inside = index.clamp(1, NUM_DISTANCES - 1)
        base = row * NUM_DISTANCES
        heights = self.heights.reshape(-1)
        near, far = self.distances[inside - 1], self.distances[inside]
        above = self.origin[1] + tangent * near - heights[base + inside - 1]
        below = heights[base + inside] - self.origin[1] - tangent * far
        between = near + (far - near) * (above / (above + below).clamp(min=1e-6)).clamp(0, 1)
        under_feet = (self.origin[1] - heights[base]) / (-tangent).clamp(min=1e-6)
        radius = torch.where(index == 0, under_feet.minimum(self.distances[0]), between)
        return torch.where(index >= NUM_DISTANCES, torch.inf, radius / flat)

    def _azimuth(self, dirs: Tensor) -> Tensor:
        turns = torch.atan2(dirs[:, 0], -dirs[:, 2]) / (2 * math.pi) + 0.5
        return (turns * NUM_AZIMUTHS).long().clamp(0, NUM_AZIMUTHS - 1)

    def _first_at_least(self, row: Tensor, tangent: Tensor) -> Tensor:
        """Binary search: the first distance index whose running maximum reaches each ray's tangent."""
        rising, base = self.rising.reshape(-1), row * NUM_DISTANCES
        low = torch.zeros_like(row)
        for shift in range(NUM_DISTANCES.bit_length() - 1, -1, -1):
            probe = low + (1 << shift)
            reaches = (probe > NUM_DISTANCES) | (rising[base + (probe - 1).clamp(max=NUM_DISTANCES - 1)] >= tangent)
            low = torch.where(reaches, low, probe)
        return low

    def sunlit(
        self, terrain: Terrain, sun_dir: Float[Tensor, "3"], points: Float[Tensor, "n 3"]
    ) -> Float[Tensor, " n"]:
        """Soft shadow of the landscape on itself at ground points, in [0, 1].

        The clearance of sun rays is marched on a coarse polar grid once and looked up bilinearly.
        """
        coarse = self.points[::8, ::2]
        steps = torch.logspace(0.6, 3.1, NUM_SHADOW_STEPS, device=points.device)
        along = coarse[..., None, :] + steps[:, None] * sun_dir[[0, 2]]
        ray = self.heights[::8, ::2, None] + steps * sun_dir[1]
        lit = smoothstep(-0.012, 0.03, ((ray - terrain.height(along)) / steps).amin(-1))
        offset = points - self.origin
        azimuth = torch.atan2(offset[:, 0], -offset[:, 2]) / math.pi
        radius = length(offset[:, ::2]).clamp(NEAREST_M, FARTHEST_M)
        ring = torch.log(radius / NEAREST_M) / math.log(FARTHEST_M / NEAREST_M) * 2 - 1
        # rows are the azimuths (k * 8 + 0.5) / NUM_AZIMUTHS of a turn; one row is wrapped on each side
        rows = (azimuth * 0.5 + 0.5) * len(lit) - 0.5 / 8
        wrapped = torch.cat([lit[-1:], lit, lit[:1]])
        grid = torch.stack([ring, (rows + 1) / (len(lit) + 1) * 2 - 1], -1)
        return torch.nn.functional.grid_sample(wrapped[None, None], grid[None, None], align_corners=True)[0, 0, 0]
