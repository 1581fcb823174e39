"""Heights of places by the water: a coast, islets in a sea, a lake between woods. The water stands at 0.

Points are (x, z) and heights in metres; at most six noise look-ups a point.
"""

import torch
from torch import Tensor

from cyclorama.diorama.landscapes.site import along_across
from cyclorama.diorama.noise import Real, fbm, length, noise, smoothstep

SEA_FLOOR_M = -6.0
SHORE_M, CAPE_M = 9.0, 150.0
ISLET_M, ISLETS_APART_M, FAR_ISLES_APART_M = 12.5, 105.0, 640.0
LAKE_RADIUS_M, LAKE_CENTRE_M = 140.0, 144.5


def coast(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    """The sea along +axis; a cape runs out into it on one side, green hills rise behind the beach."""
    seaward, beside = along_across(points, axis)
    bend = fbm(points / 60 + offset, 2) - fbm(offset, 2)
    cape = smoothstep(70, 260, beside + 30 * bend)
    line = seaward - SHORE_M + 9 * bend - CAPE_M * cape
    sand = torch.where(line < 0, (-line * 0.075).clamp(max=2.4), -line * 0.06)
    swell = fbm(points / 230 + offset, 3, 0.42)
    hills = smoothstep(30, 300, -line) * 130 * relief * (swell + 0.5).clamp(min=0)
    cliff = smoothstep(6, 26, -line) * cape * 34 * relief * (0.8 + 0.5 * swell)
    isle = smoothstep(0.34, 0.75, noise(points / 620 - offset)) * smoothstep(350, 900, seaward) * 170
    return sand.clamp(min=SEA_FLOOR_M) + hills + cliff + isle * relief


def isles(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    """A sea of islets: low ones of sand for a small relief, steep rocks for a large one; one is under the eye."""
    radius = length(points)
    bend = fbm(points / 17 + offset, 2)
    own = ((ISLET_M * (1 + 0.3 * bend) - radius) * 0.2).clamp(SEA_FLOOR_M, 1.3)
    near = noise(points / ISLETS_APART_M + offset) + 0.10 * bend
    open_sea = smoothstep(34, 62, radius)
    low = (near - 0.40) * 14
    steep = smoothstep(0.44, 0.62, near) * 27 * (0.75 + 0.5 * bend)
    islets = SEA_FLOOR_M + (low - SEA_FLOOR_M + steep * relief).clamp(min=0) * open_sea
    peaks = fbm(points / FAR_ISLES_APART_M - offset, 3, 0.4)
    far = smoothstep(0.16, 0.75, peaks) * smoothstep(300, 700, radius) * 330 * relief
    return torch.maximum(own, islets.clamp(max=40)) + far


def lake(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    """A lake along +axis whose far shore is a line of trees, under wooded mountains."""
    wobble = fbm(points / 80 + offset, 2) - fbm(offset, 2)
    rho = length(points - axis * LAKE_CENTRE_M) * (1 + 0.22 * wobble.clamp(-0.8, 0.8))
    shore = ((rho - LAKE_RADIUS_M) * 0.11).clamp(-4, 3.2)
    swell = fbm(points / 520 + offset, 3, 0.45)
    crests = 0.25 + 0.9 * (1 - swell.abs()) * smoothstep(-0.9, 0.5, swell)
    mountains = relief * 620 * smoothstep(175, 1200, rho) * crests
    return shore + mountains + woods(points, rho - LAKE_RADIUS_M - 9, 11.0)


def woods(points: Tensor, inside: Tensor, height_m: Real) -> Tensor:
    """Tops of a far wood: a bumpy canopy where `inside` metres into the wood is positive, never near the eye."""
    tops = 1 - noise(points / 3.7).abs()
    return smoothstep(0, 7, inside) * smoothstep(48, 75, length(points)) * height_m * (0.45 + 0.55 * tops)


SHORE_HEIGHTS = {"coast": coast, "isles": isles, "lake": lake}
