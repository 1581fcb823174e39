"""Snow: what lies on things that face up, and the flakes in the air.

A flake belongs to a cell of the air around the eye, and the cells sink. A layer of flakes is what a sphere around the
eye meets of them; flakes swell and vanish as they fall through that sphere, so nothing jumps.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import blend, tint
from cyclorama.diorama.noise import Real, noise, smoothstep
from cyclorama.diorama.sky.cells import cell_numbers
from cyclorama.diorama.sky.dome import Sky

SNOW, DRIFT_M = (0.84, 0.87, 0.92), 0.7
STEEPEST, FLATTEST = 0.30, 0.72


@dataclass(frozen=True)
class _Layer:
    """Flakes around a sphere: its radius and the edge of its cells in metres, the largest angle of a flake in radians,
    the share of cells that have one."""

    radius: Real
    cell: Real
    angle: Real
    share: Real


LAYERS = (
    _Layer(1.5, 0.30, 0.021, 0.45),
    _Layer(3.0, 0.36, 0.0145, 0.55),
    _Layer(6.0, 0.50, 0.0100, 0.65),
    _Layer(12.0, 0.80, 0.0070, 0.70),
)
FALL_M_S, SWAY_M, SWAY_S, WIND_M_S = 1.1, 0.08, 3.7, 0.35
BRIGHTNESS, OPACITY = 1.8, 0.9
OFF_SPHERE = 0.24  # in cells: farther from the sphere a flake is not seen


def snow_cover(
    sky: Sky,
    albedo: Float[Tensor, "n 3"],
    points: Float[Tensor, "n 3"],
    normals: Float[Tensor, "n 3"],
    distance: Float[Tensor, " n"],
) -> Float[Tensor, "n 3"]:
    """Albedo of surfaces after snow has fallen on them: white where they face up; unchanged in other weather."""
    if sky.weather != "snowfall":
        return albedo
    place = points[:, ::2]
    uneven = 0.16 * noise(place / DRIFT_M) + 0.12 * noise(place / (7 * DRIFT_M) + 3)
    lies = smoothstep(STEEPEST, FLATTEST, normals[:, 1] + uneven) * smoothstep(0.05, 0.25, normals[:, 1])
    grain = 1 + 0.05 * noise(place / (0.2 * DRIFT_M)) * smoothstep(18.0, 4.0, distance)
    return blend(albedo, tint(SNOW, albedo) * grain[:, None], 0.96 * lies)


def falling_snow(
    sky: Sky,
    light: Float[Tensor, "n 3"],
    rays: Float[Tensor, "n 3"],
    distance: Float[Tensor, " n"],
    *,
    eye: Float[Tensor, "3"] | None = None,
) -> Float[Tensor, "n 3"]:
    """Light after the flakes between the eye and what the rays met `distance` metres away, when it snows.

    With the place of the `eye` in metres the flakes stay in the world while the eye moves; else they go with it.
    """
    if sky.weather != "snowfall":
        return light
    eye = tint((0.0, 0.0, 0.0), rays) if eye is None else eye.to(rays)
    hidden = torch.zeros_like(distance)
    for number, layer in enumerate(LAYERS):
        start = (eye - tint(fallen(sky.seconds, number), rays)) / layer.cell
        fresh = _flakes(layer, rays, start, salt=number) * (distance > layer.radius)
        hidden = 1 - (1 - hidden) * (1 - fresh)
    flake = sky.ambient * BRIGHTNESS + sky.direct
    return light + (flake - light) * (OPACITY * hidden)[:, None]


def fallen(seconds: Real, layer: int) -> tuple[float, float, float]:
    """How far the air's cells have moved in metres."""
    sway = SWAY_M * math.sin(2 * math.pi * seconds / SWAY_S + layer)
    return WIND_M_S * seconds + sway, -FALL_M_S * seconds, 0.5 * sway


def _flakes(layer: _Layer, rays: Tensor, start: Tensor, *, salt: int) -> Tensor:
    """How much of each ray the flakes of a layer hide, 0..1; `start` is the eye among the cells."""
    reach = layer.radius / layer.cell
    corner = torch.floor(rays * reach + start)
    x, y, z = corner.long().unbind(-1)
    numbers = cell_numbers(x, y, z, salt=salt)
    toward = corner + 0.25 + 0.5 * numbers[:, :3] - start
    along = (toward * rays).sum(-1).clamp(min=1e-3)
    apart = (toward.square().sum(-1) / (along * along) - 1).clamp(min=0)
    kind = numbers[:, 3] / layer.share
    grown = smoothstep(1.0, 0.6, (along - reach).abs() / OFF_SPHERE)
    size = layer.angle * (0.45 + 0.55 * (kind * 7) % 1) * grown * (kind < 1)
    return smoothstep(1.0, 0.25, apart / (size * size).clamp(min=1e-9)) * (size > 0)
