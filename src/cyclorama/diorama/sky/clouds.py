"""Clouds on a curved shell above the land: no direction is special, neither the zenith nor the horizon.

Distances are in heights of the clouds' base. Puffs are a height field over that base: a ray climbs through it in a few
steps, so that it meets dark bases from below and lit sides toward the horizon.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.noise import Real, smoothstep
from cyclorama.diorama.sky.tile import billow_height, billows

CURVATURE_RADIUS = 55.0
BANDS = ((0.0, 0.2, 11), (0.2, 0.45, 8), (0.45, 2.0, 5))
"""Steps of the climb for rays whose vertical part lies from, to: flat rays go a longer way through the clouds."""
THICKNESS, ROUND, SOFT, SIDE, DETAIL = 0.42, 1.1, 0.28, 0.3, 0.95
VEIL_START, VEIL_END = 3.5, 9.5
CHART_CELLS, CHART_FLATNESS, FINE_SLOPE = 1.7, 0.26, 0.45
CIRRUS_HEIGHT, CIRRUS_CELLS = 2.6, (0.16, 0.85)
LOWEST_Y = 0.002


@dataclass(frozen=True)
class CloudDraw:
    """What differs between skies: how much is covered, the size of puffs, how much cirrus, and where it all is."""

    threshold: Real
    size: Real
    cirrus: Real
    place: tuple[Real, Real]
    wind: tuple[Real, Real]


def shell_distance(y: Float[Tensor, " n"], height: Real | Float[Tensor, " n"]) -> Float[Tensor, " n"]:
    """Distance along unit rays with vertical part y >= 0 to the shell, in heights of the base."""
    rise = CURVATURE_RADIUS * y
    return (rise * rise + 2 * CURVATURE_RADIUS * height + height * height).sqrt() - rise


def puffs(
    sky: Float[Tensor, "n 3"],
    dirs: Float[Tensor, "n 3"],
    draw: CloudDraw,
    seconds: Real,
    *,
    sun: Float[Tensor, "3"],
    lit: Float[Tensor, "3"],
    dark: Float[Tensor, "3"],
) -> Float[Tensor, "n 3"]:
    """The sky's light with cumulus before it; all directions above the horizon."""
    painted = sky.clone()
    for low, high, steps in BANDS:
        chosen = ((dirs[:, 1] >= low) & (dirs[:, 1] < high)).nonzero()[:, 0]
        if len(chosen):
            rays = dirs[chosen]
            met = _climb(rays, draw, seconds, steps)
            lightness = _lightness(met, rays, sun)[:, None]
            cloud = torch.lerp(dark, lit, lightness)
            seen = met.cover * smoothstep(VEIL_END, VEIL_START, shell_distance(rays[:, 1], 1.0))
            painted[chosen] = torch.lerp(sky[chosen], cloud, seen[:, None])
    return painted


@dataclass(frozen=True)
class _Puff:
    """What rays meet: how much of each is covered; height in the cloud 0..1, thickness there, slopes of its side."""

    cover: Tensor
    height: Tensor
    depth: Tensor
    slope_x: Tensor
    slope_z: Tensor


def _climb(dirs: Tensor, draw: CloudDraw, seconds: Real, steps: int) -> _Puff:
    """Follow rays through the layer of broad puffs, then look closely at the one place where they meet it."""
    y, flat = dirs[:, 1], dirs[:, ::2] / draw.size
    place = _moved(draw, seconds, flat)

    def at(level: Tensor | Real) -> Tensor:
        return flat * shell_distance(y, 1 + THICKNESS * level)[:, None] + place

    heights = torch.stack([billow_height(at(k / (steps - 1))) for k in range(steps)])
    levels = torch.linspace(0, 1, steps, device=y.device)
    inside = heights - draw.threshold - ROUND * (levels * levels)[:, None]
    deepest, peak = _peak(inside)
    level = torch.minimum(_first_crossing(inside), peak)
    _, slope_x, slope_z = billows(at(level), "broad")
    chart = dirs[:, ::2] * (CHART_CELLS / (y + CHART_FLATNESS) / draw.size)[:, None] + place
    detail, fine_x, fine_z = billows(chart, "detail")
    depth = deepest + DETAIL * detail
    slopes = slope_x + FINE_SLOPE * fine_x, slope_z + FINE_SLOPE * fine_z
    return _Puff(smoothstep(0.0, SOFT, depth), level, depth.clamp(min=0), *slopes)


def _peak(inside: Float[Tensor, "steps n"]) -> tuple[Tensor, Tensor]:
    """The largest value along each ray, and its level 0..1: the top of a parabola through three steps."""
    steps = len(inside)
    _, top = inside.max(0)
    middle = top.clamp(1, steps - 2)
    a, b, c = (inside.gather(0, (middle + k)[None])[0] for k in (-1, 0, 1))
    bend = (a - 2 * b + c).clamp(max=-1e-3)
    shift = (0.5 * (a - c) / bend).clamp(-1, 1)
    value = b + 0.5 * (c - a) * shift + 0.5 * bend * shift * shift
    return value, (middle + shift) / (steps - 1)


def _first_crossing(inside: Float[Tensor, "steps n"]) -> Tensor:
    """Level 0..1 where each ray enters a cloud, 1 where it never does: a straight line between two steps."""
    steps = len(inside)
    entered = inside > 0
    order = torch.arange(steps, 0, -1, device=inside.device)[:, None]
    left = (entered * order).amax(0)  # steps - first, 0 for rays that meet no cloud; argmax is ten times as slow
    first = (steps - left).clamp(max=steps - 1)
    before = (first - 1).clamp(min=0)
    low, high = inside.gather(0, before[None])[0], inside.gather(0, first[None])[0]
    share = (low / (low - high).clamp(max=-1e-4)).clamp(0, 1)
    level = torch.where(first > 0, before + share, 0.0) / (steps - 1)
    return torch.where(left > 0, level, 1.0)


def _lightness(met: _Puff, dirs: Tensor, sun: Tensor) -> Tensor:
    """0 for the darkest base, 1 for a top in the sun; edges let light through, most of all before the sun."""
    up = 0.35 + 2 * ROUND * met.height
    toward = up * sun[1] - met.slope_x * sun[0] * SIDE - met.slope_z * sun[2] * SIDE
    facing = toward / (up * up + (met.slope_x**2 + met.slope_z**2) * SIDE**2).sqrt()
    on_base = smoothstep(0.12, 0.0, met.height)
    side = 0.42 + 0.38 * facing + 0.30 * met.height
    base = 0.03 + 0.16 * (facing + 0.6).clamp(min=0)
    thin = torch.exp(-met.depth * 3.4)
    lining = (dirs @ sun).clamp(min=0) ** 10 * thin * 0.6
    return (torch.lerp(side, base, on_base) + 0.55 * thin * (1 - 0.5 * met.height) + lining).clamp(0, 1.5)


def cirrus(
    sky: Float[Tensor, "n 3"], dirs: Float[Tensor, "n 3"], draw: CloudDraw, seconds: Real, *, lit: Float[Tensor, "3"]
) -> Float[Tensor, "n 3"]:
    """The sky's light behind high thin streaks along the wind."""
    away = shell_distance(dirs[:, 1], CIRRUS_HEIGHT)
    at = dirs[:, ::2] * away[:, None] + 0.3 * _moved(draw, seconds, dirs)
    wind_x, wind_z = draw.wind
    along, across = at[:, 0] * wind_x + at[:, 1] * wind_z, at[:, 1] * wind_x - at[:, 0] * wind_z
    fine = billow_height(torch.stack([along * CIRRUS_CELLS[0], across * CIRRUS_CELLS[1]], -1), "whole")
    patch = billow_height(at * 0.16 + 5)
    streak = smoothstep(-0.3, 1.6, fine) * smoothstep(-0.1, 0.9, patch)
    seen = streak * draw.cirrus * smoothstep(13.0, 5.0, away)
    return torch.lerp(sky, lit, seen[:, None])


def layers(
    sky: Float[Tensor, "n 3"], dirs: Float[Tensor, "n 3"], draw: CloudDraw, seconds: Real, *, contrast: Real
) -> Float[Tensor, "n 3"]:
    """A covered sky whose light varies with the thickness of its rolls."""
    away = shell_distance(dirs[:, 1], 1.0)
    place = _moved(draw, seconds, dirs)
    at = dirs[:, ::2] * away[:, None] + place
    stretched = torch.stack([at[:, 0] * 0.42 + 0.1 * at[:, 1], at[:, 1] * 0.78 - 0.1 * at[:, 0]], -1)
    broad, slope_x, _ = billows(stretched, "broad")
    chart = dirs[:, ::2] * (CHART_CELLS / (dirs[:, 1] + CHART_FLATNESS))[:, None] * 0.7 + place
    fine, coarse = billow_height(chart, "detail"), billow_height(at * 0.17 + 3.3)
    body = 0.55 * broad + 0.75 * coarse + 0.05 * slope_x + 0.5 * fine
    return sky * (1 - contrast * body * smoothstep(10.0, 4.0, away))[:, None]


def _moved(draw: CloudDraw, seconds: Real, like: Tensor) -> Float[Tensor, "2"]:
    """The place of the clouds' pattern: the wind carries it."""
    (x, z), (wind_x, wind_z) = draw.place, draw.wind
    drift = WIND_SPEED * seconds
    return torch.tensor((x - wind_x * drift, z - wind_z * drift), dtype=like.dtype, device=like.device)


WIND_SPEED = 0.02
"""Heights of the base a second: about 20 m/s under clouds 1000 m high."""
