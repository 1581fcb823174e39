"""Where a walker may stand: dry ground that is not too steep, with room around the body and the head.

A walker is a vertical line from STEP_M above the ground up to the eye. Nothing but ground lies within CLEARANCE_M of
it; what is lower than STEP_M is stepped over. Solids count as they are at the moment of the world that is asked.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import EYE_HEIGHT_M, World
from cyclorama.diorama.solids import Solid, first_hit

CLEARANCE_M = 0.35
STEP_M = 0.3
STEEPEST = math.tan(math.radians(35))
DRY_M = 0.05  # of ground above the water
OUTDOOR_CELL_M, INDOOR_CELL_M = 0.25, 0.125
NUM_BODY_HEIGHTS = 5
NUM_WALL_RAYS = 12
NUM_FEELERS = 192  # rays around the head, for what has no simple distance


@dataclass(frozen=True, eq=False)
class FreeSpace:
    """A square grid of cells: rows along z, columns along x, `corner` the middle (x, z) of the first, in metres."""

    free: Bool[Tensor, "rows columns"]
    ground: Float[Tensor, "rows columns"]
    corner: tuple[Real, Real]
    cell_m: Real

    @cached_property
    def _rows(self) -> list[list[bool]]:
        return self.free.tolist()

    def __contains__(self, point: tuple[Real, Real]) -> bool:
        """Whether a walker may stand at (x, z)."""
        column = round((point[0] - self.corner[0]) / self.cell_m)
        row = round((point[1] - self.corner[1]) / self.cell_m)
        return 0 <= row < len(self._rows) and 0 <= column < len(self._rows[0]) and self._rows[row][column]

    def nearest(self, x: Real, z: Real, count: int) -> list[tuple[float, float]]:
        """Up to `count` free places (x, z), nearest to a point first."""
        row, column = self.free.nonzero().unbind(-1)
        points = torch.stack([column, row], -1) * self.cell_m + torch.tensor(self.corner)
        order = (points - torch.tensor([float(x), float(z)])).norm(dim=-1).argsort(stable=True)[:count]
        return [(found[0], found[1]) for found in points[order].tolist()]


def free_space(world: World, *, reach_m: Real) -> FreeSpace:
    """The free space of a world on the CPU, up to `reach_m` from its eye along each axis."""
    cell_m = OUTDOOR_CELL_M if world.room is None else INDOOR_CELL_M
    count = math.ceil(reach_m / cell_m)
    steps = torch.arange(-count, count + 1) * cell_m
    z, x = torch.meshgrid(steps + world.eye[2], steps + world.eye[0], indexing="ij")
    points = torch.stack([x, z], -1).flatten(0, 1)
    ground = ground_under(world, points)
    margin = CLEARANCE_M + cell_m * math.sqrt(0.5)  # so that all of a free cell is free
    blocked = _near_walls(world, points, margin) if world.room is not None else _unwalkable(world, ground, cell_m)
    inside = (~blocked).nonzero()[:, 0]
    blocked[inside] = near_solids(world.solids, points[inside], ground[inside], margin)
    corner = (float(x[0, 0]), float(z[0, 0]))
    return FreeSpace(~blocked.reshape(x.shape), ground.reshape(x.shape), corner, cell_m)


def ground_under(world: World, points: Float[Tensor, "n 2"]) -> Float[Tensor, " n"]:
    """Height of the ground or the floor, metres, at (x, z)."""
    return torch.zeros(len(points)) if world.terrain is None else world.terrain.height(points)


def near_solids(
    solids: tuple[Solid, ...], points: Float[Tensor, "n 2"], ground: Float[Tensor, " n"], margin_m: Real
) -> Bool[Tensor, " n"]:
    """Whether a body that stands at (x, z) comes nearer than the margin to a solid.

    Each solid is blown up by the margin; cones and gables count as the cylinder and the box around them. Flat or long
    spheres are kept a little closer than the margin at their rims: `feels_free` is exact there.
    """
    near = torch.zeros(len(points), dtype=torch.bool)
    heights = torch.linspace(STEP_M + margin_m, EYE_HEIGHT_M, NUM_BODY_HEIGHTS)
    for solid in solids:
        middle = torch.tensor([float(solid.centre[0]), float(solid.centre[2])])
        around = ((points - middle).abs().amax(-1) < solid.reach + margin_m).nonzero()[:, 0]
        if len(around):
            levels = ground[around, None] + heights
            flat = points[around, None].expand(-1, len(heights), 2)
            body = torch.stack([flat[..., 0], levels, flat[..., 1]], -1)
            near[around] |= _inside(solid, body, margin_m).any(-1)
    return near


def _inside(solid: Solid, points: Float[Tensor, "*n 3"], margin_m: Real) -> Bool[Tensor, "*n"]:
    size = torch.tensor([float(half) + margin_m for half in solid.size])
    centre = torch.tensor([float(along) for along in solid.centre])
    local = ((points - centre) @ solid.to_world()) / size
    if solid.shape == "sphere":
        return local.square().sum(-1) < 1
    if solid.shape in ("cylinder", "cone"):
        return (local[..., ::2].square().sum(-1) < 1) & (local[..., 1].abs() < 1)
    return local.abs().amax(-1) < 1


def feels_free(world: World, eyes: Float[Tensor, "n 3"]) -> bool:
    """Whether no solid is nearer to any of the eyes than CLEARANCE_M along evenly spread rays."""
    feelers = _even_directions(NUM_FEELERS)
    for solid in world.solids:
        centre = torch.tensor([float(along) for along in solid.centre])
        close = eyes[(eyes - centre).norm(dim=-1) < solid.reach + CLEARANCE_M]
        if len(close):
            origins = close.repeat_interleave(len(feelers), dim=0)
            met, _ = first_hit(solid, origins, feelers.repeat(len(close), 1))
            if float(met.min()) < CLEARANCE_M:
                return False
    return True


def _even_directions(count: int) -> Float[Tensor, "count 3"]:
    """A Fibonacci lattice on the sphere."""
    k = torch.arange(count, dtype=torch.float64) + 0.5
    up, turn = 1 - 2 * k / count, math.pi * (3 - math.sqrt(5)) * k
    around = (1 - up * up).sqrt()
    return torch.stack([around * turn.cos(), up, around * turn.sin()], -1).float()


def _near_walls(world: World, points: Float[Tensor, "n 2"], margin_m: Real) -> Bool[Tensor, " n"]:
    assert world.room is not None
    turn = torch.arange(NUM_WALL_RAYS) * (2 * math.pi / NUM_WALL_RAYS)
    dirs = torch.stack([turn.sin(), torch.zeros_like(turn), -turn.cos()], -1)
    eyes = torch.stack([points[:, 0], torch.full((len(points),), EYE_HEIGHT_M), points[:, 1]], -1)
    distance, _ = world.room.exit(eyes.repeat_interleave(len(dirs), dim=0), dirs.repeat(len(eyes), 1))
    return distance.reshape(len(points), -1).amin(-1) < margin_m


def _unwalkable(world: World, ground: Float[Tensor, " n"], cell_m: Real) -> Bool[Tensor, " n"]:
    """What is too steep or wet, and what is nearer to it than the clearance."""
    assert world.terrain is not None
    side = math.isqrt(len(ground))
    heights = ground.reshape(1, 1, side, side)
    padded = F.pad(heights, (1, 1, 1, 1), mode="replicate")[0, 0]
    slope_x = (padded[1:-1, 2:] - padded[1:-1, :-2]) / (2 * cell_m)
    slope_z = (padded[2:, 1:-1] - padded[:-2, 1:-1]) / (2 * cell_m)
    bad = (torch.hypot(slope_x, slope_z) > STEEPEST) | (heights[0, 0] < world.terrain.water + DRY_M)
    radius = math.ceil(CLEARANCE_M / cell_m)
    return F.max_pool2d(bad.float()[None, None], 2 * radius + 1, stride=1, padding=radius)[0, 0].flatten() > 0
