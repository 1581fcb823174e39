"""Soft ambient occlusion: how much of the light from all around is left beside solids, under them and above ground."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.landscapes.skyline import Skyline
from cyclorama.diorama.noise import smoothstep
from cyclorama.diorama.scene import World
from cyclorama.diorama.solid_table import SolidTable
from cyclorama.diorama.tracing.blocks import BLOCK, in_blocks, turned
from cyclorama.diorama.tracing.hits import Hits

DARKEST, BESIDE = 0.8, 0.35  # what a solid straight ahead of a point takes away, and the part of it for one beside
REACH, LEAST_REACH_M, MOST_REACH_M = 2.2, 0.15, 3.5  # of the solid's middle half size
LEAFY = 0.5
FARTHEST_M = 90.0
FOOT, FOOT_M = 0.42, 0.45  # the lowest parts of what stands on the ground
EXACT = 2**20  # sums of whole numbers do not depend on their order


def openness(world: World, skyline: Skyline | None, hits: Hits, normals: Float[Tensor, "n 3"]) -> Float[Tensor, " n"]:
    """Part of the ambient light that reaches each hit, in (0, 1]."""
    table = world.table
    if len(table) == 0:
        return torch.ones_like(hits.distance)
    left = _beside_solids(table, hits, normals)
    if skyline is None:
        return left
    solid = (hits.what >= 0).nonzero()[:, 0]
    ground = skyline.terrain.height(table.centre[[0, 2]].T.contiguous())
    above = (hits.points[solid, 1] - ground[hits.what[solid]]).clamp(min=0)
    left[solid] = left[solid] * (1 - FOOT * torch.exp(-above / FOOT_M))
    return left


def _beside_solids(table: SolidTable, hits: Hits, normals: Tensor) -> Tensor:
    reach = (REACH * table.size.median(0).values).clamp(LEAST_REACH_M, MOST_REACH_M)
    points = in_blocks(hits.points)
    solid, block = _near(table, reach, points, hits.distance).nonzero().unbind(-1)
    local = turned(table.axes.transpose(0, 1)[:, :, solid, None], points[:, block] - table.centre[:, solid, None])
    gap = [p.abs().sub_(s).clamp_(min=0) for p, s in zip(local, table.size[:, solid, None], strict=True)]
    squared = torch.addcmul(gap[0] * gap[0], gap[1], gap[1]).addcmul_(gap[2], gap[2])
    pair, lane = (squared < reach[solid, None] ** 2).nonzero().unbind(-1)
    point, solid = block[pair] * BLOCK + lane, solid[pair]
    real = (point < len(hits.what)).nonzero()[:, 0]
    own = hits.what[point[real]] == solid[real]
    real = real[(~own).nonzero()[:, 0]]
    pair, lane, point, solid = pair[real], lane[real], point[real], solid[real]
    distance = squared[pair, lane].sqrt()
    # toward the nearest point of the solid's box, in its axes
    toward = [-p[pair, lane].sign() * g[pair, lane] for p, g in zip(local, gap, strict=True)]
    faces = turned(table.axes.transpose(0, 1)[:, :, solid], normals[point].T)
    cosine = sum(t * n for t, n in zip(toward, faces, strict=True)) / distance.clamp(min=1e-3)
    near = (1 - distance / reach[solid]).clamp(min=0) ** 2
    taken = DARKEST * near * (BESIDE + (1 - BESIDE) * cosine).clamp(min=0)
    taken = taken * smoothstep(FARTHEST_M, 0.6 * FARTHEST_M, hits.distance[point])
    taken = torch.where(table.leafy[solid] > 0, LEAFY * taken, taken)
    return _product(1 - taken, point, len(hits.what))


def _near(table: SolidTable, reach: Tensor, points: Tensor, distance: Tensor) -> Tensor:
    """Which solids are within reach of some point of each block that is not far from the eye, [solids, blocks]."""
    low, high = points.amin(-1)[:, None], points.amax(-1)[:, None]
    first, last = (table.low - reach)[..., None], (table.high + reach)[..., None]
    within = ((low < last) & (high > first)).all(0)
    nearest = F.pad(distance, (0, -len(distance) % BLOCK), value=torch.inf).view(-1, BLOCK).amin(-1)
    return within & (nearest < FARTHEST_M)


def _product(factors: Tensor, index: Tensor, size: int) -> Tensor:
    """Product of the factors of each index; as a sum of rounded logarithms, so that the order does not matter."""
    total = torch.zeros(size, dtype=torch.long, device=factors.device)
    total.index_add_(0, index, (factors.log() * EXACT).round().long())
    return (total / EXACT).exp()
