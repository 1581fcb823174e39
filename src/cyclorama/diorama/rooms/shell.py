"""The shape of a room: a box, whose ceiling may rise to a gable or a vault, as an intersection of half-spaces.

The room spans x in [-half_x, half_x], z in [-half_z, half_z], y in [0, height]. Sides are numbered front (-z), right
(+x), back (+z), left (-x), floor, ceiling; the slopes of a gable or a vault, from the left to the right, follow.
"""

import math
from functools import lru_cache
from itertools import pairwise

import torch
from jaxtyping import Float, Int
from torch import Tensor

from cyclorama.diorama.noise import Real

FRONT, RIGHT, BACK, LEFT, FLOOR, CEILING = range(6)
WALLS = (FRONT, RIGHT, BACK, LEFT)
OUTWARD = torch.tensor([[0.0, 0, -1], [1, 0, 0], [0, 0, 1], [-1, 0, 0], [0, -1, 0], [0, 1, 0]])
ALONG = torch.tensor([[1.0, 0, 0], [0, 0, 1], [-1, 0, 0], [0, 0, -1], [1, 0, 0], [1, 0, 0]])
UPWARD = torch.tensor([[0.0, 1, 0], [0, 1, 0], [0, 1, 0], [0, 1, 0], [0, 0, -1], [0, 0, -1]])
_AHEAD, _BEHIND = torch.tensor([RIGHT, CEILING, BACK]), torch.tensor([LEFT, FLOOR, FRONT])


def exit_box(
    half: tuple[Real, Real], height: Real, points: Float[Tensor, "n 3"], dirs: Float[Tensor, "n 3"]
) -> tuple[Float[Tensor, " n"], Int[Tensor, " n"]]:
    """Distance along each ray to the box and the side that it meets."""
    low = torch.tensor([-half[0], 0.0, -half[1]], device=points.device)
    high = torch.tensor([half[0], height, half[1]], device=points.device)
    safe = torch.where(dirs.abs() < 1e-9, 1e-9, dirs)
    t, axis = torch.where(safe > 0, (high - points) / safe, (low - points) / safe).min(dim=-1)
    positive = torch.gather(safe, 1, axis[:, None])[:, 0] > 0
    return t, torch.where(positive, _AHEAD.to(axis.device)[axis], _BEHIND.to(axis.device)[axis])


@lru_cache(maxsize=64)
def slopes(half_x: Real, spring: Real, height: Real, facets: int) -> tuple[tuple[float, float, float], ...]:
    """Half-spaces x * a + y * b <= c under an elliptic arch from the springing to the apex; two facets are a gable."""
    if facets == 0:
        return ()
    angles = [math.pi * (1 - k / facets) for k in range(facets + 1)]
    corners = [(half_x * math.cos(a), spring + (height - spring) * math.sin(a)) for a in angles]
    return tuple(_half_space(*one, *two) for one, two in pairwise(corners))


def _half_space(x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float]:
    span = math.hypot(x1 - x0, y1 - y0)
    a, b = -(y1 - y0) / span, (x1 - x0) / span
    return a, b, a * x0 + b * y0


def exit_slopes(
    planes: tuple[tuple[float, float, float], ...], points: Float[Tensor, "n 3"], dirs: Float[Tensor, "n 3"]
) -> tuple[Float[Tensor, " n"], Int[Tensor, " n"]]:
    """Distance along each ray to the first slope that it meets (inf for none) and which one, from 0."""
    table = torch.tensor(planes, device=points.device)
    a, b, c = table.unbind(-1)
    rising = dirs[:, :1] * a + dirs[:, 1:2] * b
    room = (c - points[:, :1] * a - points[:, 1:2] * b).clamp(min=0)
    return torch.where(rising > 1e-7, room / rising.clamp(min=1e-7), torch.inf).min(dim=-1)


def normals_of(planes: tuple[tuple[float, float, float], ...], device: torch.device) -> Float[Tensor, "sides 3"]:
    """Unit normals of all sides, into the room: the box's six, then the slopes'."""
    inward = [[-a, -b, 0.0] for a, b, _ in planes]
    return torch.cat([-OUTWARD, torch.tensor(inward).reshape(-1, 3)]).to(device)
