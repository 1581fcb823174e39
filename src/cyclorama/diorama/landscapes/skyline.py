"""Exact visibility of a terrain from one point by a polar table.

All rays of one azimuth share a profile of heights over log-spaced distances. The running maximum of the profile's
elevation tangent is monotonic, so the first hit of any ray is a binary search: no ray marching.
"""

import math
from dataclasses import dataclass, field, replace
from functools import cached_property

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import tint
from cyclorama.diorama.landscapes.terrain import Terrain
from cyclorama.diorama.noise import Real, length, smoothstep

NUM_AZIMUTHS, NUM_DISTANCES = 2048, 176
AZIMUTHS_PER_PIXEL, FEWEST_AZIMUTHS, MOST_AZIMUTHS = 2, 256, 8192
FLAT_M = 0.5
NUM_SHADOW_STEPS = 9
NO_LAND_M = -1e4
NEAREST_M, FARTHEST_M = 0.35, 6000.0
SHADOW_ROWS, SHADOW_COLUMNS = 256, 2  # the shadow table has that many azimuths and keeps every 2nd distance


@dataclass(frozen=True)
class Skyline:
    """A terrain seen from `origin`: heights and points over azimuth and distance, and how high they stand in the view.

    `rising` is the largest (height - origin's height) / distance up to each distance.
    """

    terrain: Terrain
    origin: Float[Tensor, "3"]
    distances: Float[Tensor, " distances"]
    points: Float[Tensor, "azimuths distances 2"]
    heights: Float[Tensor, "azimuths distances"]
    rising: Float[Tensor, "azimuths distances"]
    clearances: dict[tuple[float, ...], Tensor] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def is_flat(self) -> bool:
        """Whether the whole landscape is nearly level, so that it casts no shadow on itself."""
        return bool(self.heights.max() - self.heights.min() < FLAT_M)

    @classmethod
    def of(
        cls,
        terrain: Terrain,
        origin: Float[Tensor, "3"],
        *,
        num_azimuths: int | None = None,
        pixel_angle: Real | None = None,
    ) -> "Skyline":
        """The table of a terrain as seen from a point in metres.

        It has `num_azimuths`, or as many as rays `pixel_angle` radians apart need, or NUM_AZIMUTHS.
        """
        if num_azimuths is None:
            num_azimuths = NUM_AZIMUTHS if pixel_angle is None else _enough(pixel_angle)
        device = origin.device
        distances = torch.logspace(math.log10(NEAREST_M), math.log10(FARTHEST_M), NUM_DISTANCES, device=device)
        lon = (torch.arange(num_azimuths, device=device) / num_azimuths - 0.5) * 2 * math.pi
        flat = torch.stack([torch.sin(lon), -torch.cos(lon)], -1)
        points = origin[[0, 2]] + distances[None, :, None] * flat[:, None]
        heights = terrain.height(points)
        return cls(terrain, origin, distances, points, heights, _rising(heights, distances, origin))

    def mirrored(self) -> "Skyline":
        """The same table seen from the origin's mirror image in the terrain's water surface.

        Land this side of the water hides nothing from it: the eye looks over it, its mirror image lies below it.
        """
        flip, lift = tint((1.0, -1.0, 1.0), self.origin), tint((0.0, 2 * self.terrain.water, 0.0), self.origin)
        origin = self.origin * flip + lift
        wet = self.heights < self.terrain.water
        beyond = (wet.cumsum(1) > 0) & ~wet
        heights = torch.where(beyond, self.heights, NO_LAND_M)
        return replace(self, origin=origin, rising=_rising(heights, self.distances, origin))

    def hit(self, dirs: Float[Tensor, "n 3"]) -> Float[Tensor, " n"]:
        """Distance along unit rays from the table's origin to the ground in metres, inf for the sky."""
        flat = length(dirs[:, ::2]).clamp(min=1e-6)
        tangent = dirs[:, 1] / flat
        row = _azimuth_row(dirs, len(self.heights))
        index = self._first_at_least(row, tangent)
        radius = torch.where(index == 0, self._under_feet(row, tangent), self._crossing(row, index, tangent))
        return torch.where(index >= NUM_DISTANCES, torch.inf, radius / flat)

    def _first_at_least(self, row: Tensor, tangent: Tensor) -> Tensor:
        """Binary search: the first distance index whose running maximum reaches each ray's tangent."""
        rising, base = self.rising.reshape(-1), row * NUM_DISTANCES
        low = torch.zeros_like(row)
        for shift in range(NUM_DISTANCES.bit_length() - 1, -1, -1):
            probe = low + (1 << shift)
            reaches = (probe > NUM_DISTANCES) | (rising[base + (probe - 1).clamp(max=NUM_DISTANCES - 1)] >= tangent)
            low = torch.where(reaches, low, probe)
        return low

    def _crossing(self, row: Tensor, index: Tensor, tangent: Tensor) -> Tensor:
        """Horizontal distance where a ray meets the chord of the ground between two entries of the table."""
        inside = index.clamp(1, NUM_DISTANCES - 1)
        heights, base = self.heights.reshape(-1), row * NUM_DISTANCES
        near, far = self.distances[inside - 1], self.distances[inside]
        above = self.origin[1] + tangent * near - heights[base + inside - 1]
        below = heights[base + inside] - self.origin[1] - tangent * far
        return near + (far - near) * (above / (above + below).clamp(min=1e-6)).clamp(0, 1)

    def _under_feet(self, row: Tensor, tangent: Tensor) -> Tensor:
        """Horizontal distance where a ray meets level ground nearer than the table begins."""
        drop = self.origin[1] - self.heights.reshape(-1)[row * NUM_DISTANCES]
        return (drop / (-tangent).clamp(min=1e-6)).minimum(self.distances[0])

    def sunlit(self, sun_dir: Float[Tensor, "3"], points: Float[Tensor, "n 3"]) -> Float[Tensor, " n"]:
        """Soft shadow of the landscape on itself at ground points, in [0, 1], looked up in a coarse polar table.

        The table is kept for the next look-up; its first row comes again at its end.
        """
        sun = tuple(sun_dir.tolist())
        if sun not in self.clearances:
            self.clearances[sun] = self._clearance(sun_dir)
        lit = self.clearances[sun]
        offset = points - self.origin
        turns = torch.atan2(offset[:, 0], -offset[:, 2]) / math.pi * 0.5 + 0.5
        row = turns * len(lit)
        radius = length(offset[:, ::2]).clamp(NEAREST_M, FARTHEST_M)
        column = torch.log(radius / NEAREST_M) / math.log(FARTHEST_M / NEAREST_M) * 2 - 1
        grid = torch.stack([column, row / len(lit) * 2 - 1], -1)
        wrapped = torch.cat([lit, lit[:1]])
        return F.grid_sample(wrapped[None, None], grid[None, None], align_corners=True)[0, 0, 0]

    def _clearance(self, sun_dir: Tensor) -> Tensor:
        """How freely rays toward the sun pass over the ground, in [0, 1], on the coarse table."""
        coarse = slice(None, None, max(1, len(self.heights) // SHADOW_ROWS)), slice(None, None, SHADOW_COLUMNS)
        steps = torch.logspace(0.6, 3.1, NUM_SHADOW_STEPS, device=sun_dir.device)
        along = self.points[coarse][..., None, :] + steps[:, None] * sun_dir[[0, 2]]
        ray = self.heights[coarse][..., None] + steps * sun_dir[1]
        clearance = (ray - self.terrain.height(along)) / steps
        return smoothstep(-0.012, 0.03, clearance.amin(-1))


def _enough(pixel_angle: Real) -> int:
    """Azimuths for a pixel, a power of two."""
    turns = 2 * math.pi * AZIMUTHS_PER_PIXEL / pixel_angle
    return min(max(2 ** math.ceil(math.log2(turns)), FEWEST_AZIMUTHS), MOST_AZIMUTHS)


def _rising(heights: Tensor, distances: Tensor, origin: Tensor) -> Tensor:
    return torch.cummax((heights - origin[1]) / distances, dim=1).values


def _azimuth_row(dirs: Tensor, num_azimuths: int) -> Tensor:
    """The nearest azimuth; the centres of a panorama's pixels lie on azimuths of the table, not between two."""
    turns = torch.atan2(dirs[:, 0], -dirs[:, 2]) / (2 * math.pi) + 0.5
    return (turns * num_azimuths + 0.5).long() % num_azimuths
