"""Heights of dry places: dunes under mesas, a river's canyon, the savanna's plain.

Points are (x, z) and heights in metres; at most six noise look-ups a point.
"""

import torch
from torch import Tensor

from cyclorama.diorama.landscapes.site import along_across
from cyclorama.diorama.noise import Real, fbm, length, noise, smoothstep

MESA_M = 120.0
RIVER_AWAY_M, HALF_FLOOR_M, BANK_M = 17.0, 26.0, 13.5
TERRACE_HIGH_M, TERRACE_DEEP_M, TERRACES = 21.0, 11.0, 4


def dunes(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    """Long crests of sand; mesas stand on the horizon."""
    radius = length(points)
    warp = torch.stack([noise(points / 120 + offset), noise(points / 120 - offset)], -1)
    along, across = along_across(points + 26 * warp, axis)
    fold = noise(torch.stack([along / 56, across / 130], -1) + offset)
    blunt = 0.03 + 0.22 * smoothstep(50, 240, radius)  # a far crest is wider than the steps of the skyline's table
    crest = (1 - 1.15 * (torch.sqrt(fold**2 + blunt**2) - 0.7 * blunt)).clamp(min=0) ** 1.6
    table = smoothstep(-0.02, 0.28, fbm(points / 520 - offset, 2)) * smoothstep(300, 480, radius)
    sand = relief * 38 * smoothstep(4, 75, radius) * (crest - 0.2)
    return sand * (1 - table) + MESA_M * relief * table * (1 + 0.10 * noise(points / 60))


def canyon(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    """A river that winds along the axis (water at 0) between terraced walls; the eye stands on its bank."""
    wall = canyon_wall(points, offset, axis)
    bank = 0.9 * smoothstep(-BANK_M, -4, wall) - 1.6 * smoothstep(-BANK_M, -BANK_M - 5, wall)
    talus = smoothstep(-4, 16, wall) * 5
    # every terrace is a gentle slope and then a cliff
    step = (wall / TERRACE_DEEP_M).clamp(0, TERRACES)
    cliffs = torch.floor(step) + smoothstep(0.14, 0.98, step - torch.floor(step))
    butte = smoothstep(0.20, 0.42, noise(points / 210 - offset)) * smoothstep(46, 80, wall) * 60
    return bank + talus + relief * (TERRACE_HIGH_M * cliffs + butte)


def canyon_wall(points: Tensor, offset: Tensor, axis: Tensor) -> Tensor:
    """Metres from the foot of the nearer wall, negative on the floor; the middle of the river is about -30."""
    along, across = along_across(points, axis)
    line = torch.stack([along / 105, torch.zeros_like(along)], -1) + offset
    bend = 62 * (noise(line) - noise(offset))
    spurs = 13 * fbm(points / 40 + offset, 3, 0.45).clamp(-0.9, 0.9) * smoothstep(7, 22, length(points))
    return (across - bend - RIVER_AWAY_M).abs() - HALF_FLOOR_M - spurs


def savanna(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    """A wide plain; low hills and rocky heads far away."""
    radius = length(points)
    waves = smoothstep(3, 60, radius) * relief * 2.2 * noise(points / 60 + offset)
    ridge = relief * 120 * smoothstep(600, 2400, radius) * (fbm(points / 800 + offset, 2) + 0.25).clamp(min=0)
    fold = noise(points / 31 - offset)
    head = smoothstep(0.46, 0.62, noise(points / 170 - offset)) * smoothstep(130, 210, radius)
    bush = smoothstep(0.30, 0.42, fold) * smoothstep(90, 140, radius) * 4.5
    return waves + ridge + bush + 34 * relief * head * (0.8 + 0.35 * noise(points / 19))


DRY_HEIGHTS = {"dunes": dunes, "canyon": canyon, "savanna": savanna}
