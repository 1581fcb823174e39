"""Rays in blocks of neighbours, so that a whole block is compared with a solid before its rays are.

Rays are listed so that neighbours in the list are neighbours in the world: that only makes blocks tight and tracing
fast, never wrong. The last block is filled up with copies of the last ray.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

from cyclorama.diorama.solid_table import SolidTable
from cyclorama.diorama.solids import SHAPES, Triple

BLOCK = 64


@dataclass(frozen=True)
class Meetings:
    """Rays that meet solids of one shape: numbers of both, and the distance."""

    ray: Int[Tensor, " m"]
    solid: Int[Tensor, " m"]
    t: Float[Tensor, " m"]

    def where(self, kept: Bool[Tensor, " m"]) -> "Meetings":
        """Some of them."""
        at = kept.nonzero()[:, 0]
        return Meetings(self.ray[at], self.solid[at], self.t[at])


def in_blocks(vectors: Float[Tensor, "n 3"]) -> Float[Tensor, "3 blocks block"]:
    """Vectors, one for each ray, by component and block."""
    missing = -len(vectors) % BLOCK
    whole = torch.cat([vectors, vectors[-1:].expand(missing, 3)]) if missing else vectors
    return whole.T.contiguous().view(3, -1, BLOCK)


def meetings(
    table: SolidTable,
    near: Bool[Tensor, "solids blocks"],
    origins: Float[Tensor, "3 #blocks #block"],
    dirs: Float[Tensor, "3 #blocks #block"],
    farthest: Float[Tensor, " n"],
) -> Iterator[Meetings]:
    """All rays that meet a solid nearer than `farthest`, of the blocks that are `near` it; one shape after another."""
    num_rays, lane = len(farthest), torch.arange(BLOCK, device=near.device)
    limit = F.pad(farthest, (0, -num_rays % BLOCK), value=-1.0).view(-1, BLOCK)
    for shape, members in table.members.items():
        row, block = near[members].nonzero().unbind(-1)
        if len(block) == 0:
            continue
        solid = members[row]
        t = SHAPES[shape](*_local_rays(table, solid, _of(origins, block), _of(dirs, block)))
        pair, at = (t < limit[block]).nonzero().unbind(-1)
        yield Meetings(block[pair] * BLOCK + lane[at], solid[pair], t[pair, at])


def _of(vectors: Tensor, block: Tensor) -> Tensor:
    return vectors if vectors.shape[1] == 1 else vectors[:, block]


def _local_rays(table: SolidTable, solid: Tensor, origins: Tensor, dirs: Tensor) -> tuple[Triple, Triple]:
    into = table.into[:, :, solid, None]
    offset = origins - table.centre[:, solid, None]
    return turned(into, offset), turned(into, dirs)


def turned(into: Float[Tensor, "3 3 ..."], vectors: Float[Tensor, "3 ..."]) -> Triple:
    """Products of matrices and vectors, one of each for each solid or ray."""
    x, y, z = (torch.addcmul(row[0] * vectors[0], row[1], vectors[1]).addcmul_(row[2], vectors[2]) for row in into)
    return x, y, z


def cones_near(
    table: SolidTable,
    eye: Float[Tensor, "3"],
    dirs: Float[Tensor, "3 blocks block"],
    farthest: Float[Tensor, " n"],
) -> Bool[Tensor, "solids blocks"]:
    """Which solids' spheres are near the cone around each block's rays from one eye, and not behind all they meet."""
    return _near(table, eye[:, None], torch.zeros_like(dirs[0, :, 0]), dirs, farthest)


def tubes_near(
    table: SolidTable,
    origins: Float[Tensor, "3 blocks block"],
    dirs: Float[Tensor, "3 blocks block"],
    farthest: Float[Tensor, " n"],
) -> Bool[Tensor, "solids blocks"]:
    """The same for rays that start at points of their own: cones from the middle of each block's points."""
    low, high = origins.amin(-1), origins.amax(-1)
    return _near(table, (low + high) / 2, (high - low).norm(dim=0) / 2, dirs, farthest)


def _near(table: SolidTable, middle: Tensor, spread: Tensor, dirs: Tensor, farthest: Tensor) -> Tensor:
    """Rays that start within `spread` of `middle` and meet a sphere: parallel ones from there meet a wider one."""
    axis = F.normalize(dirs.mean(-1), dim=0)
    half = (dirs * axis[:, :, None]).sum(0).amin(-1).clamp(-1, 1).acos()
    offset = table.centre[:, :, None] - middle[:, None]
    away = (offset * offset).sum(0).sqrt().clamp(min=1e-6)
    reach = table.reach[:, None] + spread
    along = sum(o * a for o, a in zip(offset, axis[:, None], strict=True)) / away
    limit = F.pad(farthest, (0, -len(farthest) % BLOCK)).view(-1, BLOCK).amax(-1)
    near = (along.clamp(-1, 1).acos() <= half + (reach / away).clamp(max=1).asin() + 1e-3) & (limit > away - reach)
    return near | (away <= reach)
