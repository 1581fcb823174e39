"""Built things outdoors: walls and facades, and what stands in streets and harbours."""

import torch
from torch import Tensor

from cyclorama.diorama.colours import blend, tint
from cyclorama.diorama.materials.facades import FACADES
from cyclorama.diorama.materials.masonry import MASONRY
from cyclorama.diorama.materials.patterns import footprint, line, seams, square
from cyclorama.diorama.materials.surface import Finish, Surface, fade, varied
from cyclorama.diorama.noise import noise, smoothstep

WHITE, RUST, HOOP, ANTIFOULING = (0.78, 0.77, 0.73), (0.22, 0.09, 0.04), (0.06, 0.055, 0.05), (0.20, 0.045, 0.035)
CAR_GLASS = (0.03, 0.038, 0.045)
STRIPE_M, BAND_M = 0.30, 3.2


def _awning(at: Surface) -> Finish:
    """Stripes of the colour and white down a cloth."""
    stripes = 0.5 + 0.5 * square(at.metres[:, 0] / STRIPE_M, footprint(at.distance) / STRIPE_M)
    return Finish(blend(at.base, WHITE, stripes))


def _bands(at: Surface) -> Finish:
    """Broad level bands of the colour and white, as on lighthouses; stained below."""
    bands = 0.5 + 0.5 * square(at.points[:, 1] / BAND_M, footprint(at.distance) / BAND_M)
    streak = noise(torch.stack([torch.atan2(at.local[:, 0], at.local[:, 2]) * 5, at.points[:, 1] * 0.2], -1))
    return Finish(varied(blend(at.base, WHITE, bands), 0.08 * streak))


def _hull(at: Surface) -> Finish:
    """A painted boat: red below the water line, a white line, planks."""
    level = at.metres[:, 1] + at.size[:, 1]
    pixel = footprint(at.distance)
    planks = seams(level, 0.16, 0.012, pixel)
    streak = noise(torch.stack([at.metres[:, 2] * 2.2, level * 0.4], -1) + at.seed[:, None])
    paint = varied(at.base, 0.08 * streak - 0.22 * planks)
    paint = blend(paint, WHITE, line(level - 2 * at.size[:, 1] + 0.17, 0.07, pixel) * (at.normals[:, 1] < 0.5))
    low = smoothstep(0.09, 0.05, at.points[:, 1])
    return Finish(blend(paint, ANTIFOULING, low))


def _crate(at: Surface) -> Finish:
    """Boards in a frame, with a brace."""
    u, v = _on_side(at)
    edge = torch.minimum(1 - u.abs(), 1 - v.abs()) * at.size[:, 0]
    pixel = footprint(at.distance)
    frame = line(edge, 0.10, pixel)
    brace = line((u - v) * at.size[:, 0] * 0.7, 0.05, pixel)
    boards = seams(v * at.size[:, 0] + 9, 0.16, 0.012, pixel)
    grain = noise(torch.stack([u * 3, v * 14], -1) + at.seed[:, None]) * fade(at.distance, 0.15)
    tone = 0.10 * noise(torch.stack([torch.floor(v * at.size[:, 0] / 0.16 + 0.5) * 3.1, 0 * v], -1) + at.seed[:, None])
    shade = 0.22 * torch.maximum(frame, brace) + 0.10 * grain + tone - 0.5 * boards * (1 - frame)
    return Finish(varied(at.base, shade - 0.18 * (line(edge - 0.11, 0.02, pixel))))


def _on_side(at: Surface) -> tuple[Tensor, Tensor]:
    """Two local coordinates on the side of a box, -1 to 1."""
    a = at.local.abs()
    upper = (a[:, 1] > a[:, 0]) & (a[:, 1] > a[:, 2])
    u = torch.where(upper | (a[:, 2] > a[:, 0]), at.local[:, 0], at.local[:, 2])
    return u, torch.where(upper, at.local[:, 2], at.local[:, 1])


def _barrel(at: Surface) -> Finish:
    """Staves and iron hoops."""
    turn = torch.atan2(at.local[:, 0], at.local[:, 2])
    pixel = footprint(at.distance)
    staves = seams(turn * at.size[:, 0], 0.10, 0.008, pixel)
    hoops = line(at.local[:, 1].abs() - 0.45, 0.07, pixel / at.size[:, 1])
    hoops = torch.maximum(hoops, line(at.local[:, 1].abs() - 0.9, 0.07, pixel / at.size[:, 1]))
    lid = smoothstep(0.9, 0.99, at.normals[:, 1])
    wood = varied(at.base, -0.4 * staves * (1 - lid) - 0.15 * lid + 0.1 * noise(at.points[:, ::2] * 9))
    return Finish(blend(wood, HOOP, hoops * (1 - lid)))


def _car_cabin(at: Surface) -> Finish:
    """The glass of a car under a roof of its paint."""
    pixel = footprint(at.distance)
    pillar = line(at.metres[:, 2].abs() - 0.05, 0.06, pixel) * (at.local[:, 0].abs() > 0.4)
    roof = smoothstep(0.66, 0.74, at.local[:, 1])
    sky = smoothstep(-0.1, 0.7, at.normals[:, 1])
    glass = blend(CAR_GLASS, (0.20, 0.25, 0.31), sky)
    return Finish(blend(glass, varied(at.base, 0.12 * at.normals[:, 1]), torch.maximum(roof, pillar)))


def _car_body(at: Surface) -> Finish:
    """Lacquer, with a dark sill and bumpers, handles and lamps."""
    u, v = at.metres[:, 2], at.local[:, 1]
    pixel = footprint(at.distance)
    gloss = 0.22 * smoothstep(0.2, 0.9, v) + 0.20 * at.normals[:, 1]
    paint = blend(varied(at.base, gloss), CAR_GLASS, smoothstep(-0.55, -0.68, v))
    seam = line(u.abs() - 0.5, 0.012, pixel) * (at.local[:, 0].abs() > 0.99)
    ends = (at.local[:, 2].abs() > 0.99).to(v)
    lamps = ends * line(at.local[:, 0].abs() - 0.74, 0.16, pixel) * line(v - 0.25, 0.28, pixel)
    front = (at.local[:, 2] < 0).to(v)
    lens = blend((0.45, 0.03, 0.02), (0.85, 0.85, 0.80), front)
    albedo = blend(blend(paint, CAR_GLASS, 0.7 * seam), lens, lamps)
    light = lens * (lamps * at.glow)[:, None]
    return Finish(albedo, light)


def _rusty(at: Surface) -> Finish:
    """Painted iron with rust that runs down."""
    chart = at.points[:, :2] * 0.9 + at.points[:, 2:] * 0.7 + at.seed[:, None]
    rust = smoothstep(0.15, 0.6, noise(chart * 2.2) + 0.6 * noise(chart * 0.5))
    return Finish(blend(varied(at.base, 0.10 * noise(chart)), RUST, 0.6 * rust))


def _hedge(at: Surface) -> Finish:
    """Clipped leaves."""
    seed = at.seed[:, None]
    leaves = noise(at.points[:, :2] * 7 + seed) + noise(at.points[:, 1:] * 7 - seed)
    coarse = noise(at.points[:, :2] * 1.6 + at.points[:, 2:])
    shade = 0.32 * leaves * fade(at.distance, 0.2) + 0.16 * coarse + 0.22 * at.local[:, 1]
    return Finish(varied(at.base, shade).clamp(min=0.004))


def _rails(at: Surface) -> Finish:
    """A railing of pales: the gaps are dark."""
    u, _ = _on_side(at)
    along = torch.where(at.size[:, 0] > at.size[:, 2], at.metres[:, 0], at.metres[:, 2])
    gap = seams(along + 0.07 + 0 * u, 0.16, 0.032, footprint(at.distance))
    tone = 0.1 * noise(torch.stack([torch.floor(along / 0.16), 0 * along], -1) * 1.7)
    return Finish(blend(varied(at.base, tone), tint((0.10, 0.13, 0.05), at.base).expand_as(at.base), 0.8 * gap))


BUILDING = {
    **MASONRY,
    **FACADES,
    "awning": _awning,
    "bands": _bands,
    "hull": _hull,
    "crate": _crate,
    "barrel": _barrel,
    "car cabin": _car_cabin,
    "car body": _car_body,
    "rusty": _rusty,
    "hedge": _hedge,
    "pales": _rails,
}
