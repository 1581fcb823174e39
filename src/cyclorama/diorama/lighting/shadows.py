"""The shadows that solids cast in parallel light."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import tint
from cyclorama.diorama.noise import noise, smoothstep
from cyclorama.diorama.solid_table import SolidTable
from cyclorama.diorama.tracing.blocks import in_blocks, meetings
from cyclorama.diorama.tracing.trace import leaves

THROUGH_LEAVES, THROUGH_SPECKS, SPECKS_PER_M = 0.12, 0.7, 2.6
FRAY = 0.4


def through_solids(table: SolidTable, start: Float[Tensor, "n 3"], sun_dir: Float[Tensor, "3"]) -> Float[Tensor, " n"]:
    """Fraction of the sun's light that passes all solids on its way to each point; foliage lets some through."""
    passed = torch.ones_like(start[:, 0])
    if len(table) == 0 or len(start) == 0:
        return passed
    points, far = in_blocks(start), torch.full_like(passed, torch.inf)
    frame = _frame(sun_dir)
    for met in meetings(table, _in_the_way(table, points, frame), points, sun_dir[:, None, None], far):
        share = torch.zeros_like(met.t)
        at = (table.leafy[met.solid] > 0).nonzero()[:, 0]
        if len(at):
            hit = start[met.ray[at]] + met.t[at, None] * sun_dir
            kept = leaves(table, met.solid[at], hit, sun_dir.expand_as(hit), fray=FRAY)
            share[at] = torch.where(kept, _specks(hit @ frame[:2].T), 1.0)
        passed = passed.scatter_reduce(0, met.ray, share, "amin")
    return passed


def _specks(across: Tensor) -> Tensor:
    """The light that leaves let through, by metres across it: little, with brighter specks."""
    bright = smoothstep(0.3, 0.65, noise(across * SPECKS_PER_M))
    return THROUGH_LEAVES + (THROUGH_SPECKS - THROUGH_LEAVES) * bright


def _frame(sun_dir: Tensor) -> Float[Tensor, "3 3"]:
    """Rows: two axes across the light and one against it."""
    side = F.normalize(torch.linalg.cross(tint((0.3, 1.0, 0.2), sun_dir), sun_dir), dim=0)
    return torch.stack([side, torch.linalg.cross(sun_dir, side), sun_dir])


def _in_the_way(table: SolidTable, points: Tensor, frame: Tensor) -> Tensor:
    """Which solids may be between the sun and some point of each block, [solids, blocks]."""
    u, v, up = torch.einsum("ij,jbl->ibl", frame, points)
    centre = frame @ table.centre
    half = (torch.einsum("ij,jks->iks", frame, table.axes).abs() * table.size).sum(1)
    low, high = (centre - half)[..., None], (centre + half)[..., None]
    beside = (u.amin(-1) < high[0]) & (u.amax(-1) > low[0]) & (v.amin(-1) < high[1]) & (v.amax(-1) > low[1])
    return beside & (up.amin(-1) < high[2])
