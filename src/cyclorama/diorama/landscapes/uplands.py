"""Heights of green and snowy places: mountains, hills, a forest's floor, fields.

Points are (x, z) and heights in metres; at most six noise look-ups a point.
"""

import torch
from torch import Tensor

from cyclorama.diorama.landscapes.shores import woods
from cyclorama.diorama.landscapes.site import along_across
from cyclorama.diorama.noise import Real, fbm, length, noise, ridged, smoothstep

COPSE_M = 130.0


def mountains(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    """A valley along the axis between ridges."""
    along, across = along_across(points, axis)
    from_valley = torch.sqrt(across**2 + (0.42 * along) ** 2 + 1)
    crests = ridged(points / 620 + offset, 5)
    near = smoothstep(2, 35, length(points))
    return relief * 1150 * smoothstep(25, 800, from_valley) * crests + near * 2.6 * noise(points / 27 + offset)


def hills(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    """Rolling hills with copses far from the eye."""
    radius = length(points)
    rolling = fbm(points / 230 + offset, 3, 0.40)
    bumps = smoothstep(1, 20, radius) * 0.7 * noise(points / 24 - offset)
    ground = relief * 74 * smoothstep(8, 260, radius) * (rolling + 0.3) + bumps
    return ground + woods(points, copse(points, offset), 9.0)


def copse(points: Tensor, offset: Tensor) -> Tensor:
    """About how many metres a point lies inside a copse of the hills, negative outside."""
    inside = 60 * (noise(points / COPSE_M + offset) - 0.36)
    return torch.where(length(points) > 75, inside, -1.0)


def forest(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    """Uneven ground under trees; from 45 metres on their crowns close the view."""
    radius = length(points)
    ground = smoothstep(1, 16, radius) * relief * (1.5 * noise(points / 19 + offset) + 0.5 * noise(points / 6.1))
    slope = relief * 60 * smoothstep(40, 700, radius) * (noise(points / 330 - offset) + 0.4)
    tops = 0.55 + 0.45 * (1 - noise(points / 3.1).abs())
    return ground + slope + smoothstep(40, 58, radius) * 17 * tops


def farmland(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    """Nearly flat fields, low hills and woods at the horizon."""
    radius = length(points)
    waves = smoothstep(6, 120, radius) * relief * 3.5 * noise(points / 95 + offset)
    ridge = relief * 52 * smoothstep(350, 1500, radius) * (fbm(points / 540 + offset, 2) + 0.45)
    return waves + ridge + woods(points, 60 * (noise(points / 260 - offset) - 0.42) - (radius < 150) * 100.0, 11.0)


UPLAND_HEIGHTS = {"mountains": mountains, "hills": hills, "forest": forest, "farmland": farmland}
