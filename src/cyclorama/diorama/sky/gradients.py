"""Gradients of the sky as a small picture: one look-up gives the colour of any direction.

Rows are the square root of the direction's y in [0, 1], columns the cosine between its azimuth and the sun's.
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.noise import Real
from cyclorama.diorama.sky.palettes import Gradient, Stops, light_of_paint

LEVELS, SIDES = 96, 32
SUNWARD_POWER = 1.4
GREYED = 0.3
"""Share of the colour that the light from the sky loses on its way around: the ground sends some of it back."""

Table = Float[Tensor, "1 3 levels sides"]


def gradient_table(gradient: Gradient) -> Table:
    """The picture of a gradient, on the CPU."""
    levels = torch.linspace(0, 1, LEVELS)
    elevation = torch.rad2deg(torch.asin(levels**2))
    sunward, away = (_column(side, elevation) for side in (gradient.sunward, gradient.away))
    weight = torch.linspace(0, 1, SIDES) ** SUNWARD_POWER
    table = away[:, :, None] + (sunward - away)[:, :, None] * weight
    # near the zenith the azimuth means little: both sides are one
    blend = (1 - levels**2)[:, None].clamp(0, 1) ** 0.5
    table = table.mean(-1, keepdim=True) * (1 - blend) + table * blend
    return table[None].contiguous()


def _column(stops: Stops, elevation: Tensor) -> Float[Tensor, "3 levels"]:
    """Colours at elevations in degrees: straight lines between the stops, their corners rounded."""
    knots = torch.tensor([float(degrees) for degrees, _ in stops])
    colours = torch.tensor([light_of_paint(paint) for _, paint in stops])
    upper = torch.searchsorted(knots, elevation.contiguous()).clamp(1, len(stops) - 1)
    share = ((elevation - knots[upper - 1]) / (knots[upper] - knots[upper - 1])).clamp(0, 1)
    column = torch.lerp(colours[upper - 1], colours[upper], share[:, None]).T
    return F.avg_pool1d(F.pad(column[None], (3, 3), mode="replicate"), 7, 1)[0]


def gradient_colour(
    table: Table, dirs: Float[Tensor, "n 3"], sun_dir: Float[Tensor, "3"], *, lift: Real = 0.0
) -> Float[Tensor, "n 3"]:
    """Colour of unit directions; below y = `lift` that of y = `lift`."""
    x, y, z = dirs.unbind(-1)
    across = (x * x + z * z).clamp(min=1e-9).rsqrt()
    sun_x, _, sun_z = sun_dir.tolist()
    level = math.hypot(sun_x, sun_z)
    facing = (x * (sun_x / level) + z * (sun_z / level)) * across
    rows = y.clamp(lift, 1).sqrt() * 2 - 1
    grid = torch.stack([facing, rows], -1)
    return F.grid_sample(table, grid[None, None], align_corners=True, padding_mode="border")[0, :, 0].T


def mean_light(table: Table) -> Float[Tensor, "3"]:
    """Irradiance / pi on level ground, a little greyed by what the land sends back."""
    levels = torch.linspace(0, 1, LEVELS)
    weight = levels**3 / (levels**3).sum()  # y dy with y = level^2: level^2 * 2 level d(level)
    mean = (table[0].mean(-1) * weight).sum(-1)
    return mean * (1 - GREYED) + mean.mean() * GREYED
