"""Cloth, leather, joinery, books, metal, stone and screens: what rooms are furnished with.

Boxes have their front at local -z and their width along x. Patterns average themselves over a pixel (patterns.py).
"""

import torch
from torch import Tensor

from cyclorama.diorama.colours import blend, tint
from cyclorama.diorama.materials.appliances import APPLIANCES
from cyclorama.diorama.materials.patterns import cell, footprint, line, seams, square
from cyclorama.diorama.materials.rugs import RUGS
from cyclorama.diorama.materials.surface import Finish, Surface, fade, varied
from cyclorama.diorama.noise import fbm, noise, smoothstep
from cyclorama.diorama.rooms.pictures import painting

SHELF_M, SPINE_M, BOARD_M = 0.33, 0.042, 0.026
COVERS = (
    (0.32, 0.07, 0.05),
    (0.08, 0.14, 0.26),
    (0.09, 0.18, 0.10),
    (0.40, 0.28, 0.14),
    (0.16, 0.09, 0.06),
    (0.55, 0.47, 0.34),
    (0.10, 0.10, 0.11),
    (0.36, 0.16, 0.07),
    (0.20, 0.26, 0.30),
    (0.50, 0.36, 0.10),
)


def _from_edge(at: Surface) -> Tensor:
    """Metres to the nearest edge of a box, along the face that the point is on."""
    return (at.size - at.metres.abs()).abs().sort(dim=-1).values[:, 1]


def _chart(at: Surface) -> Tensor:
    """Two coordinates in metres on the face of a box that the point is on."""
    face = at.local.abs().argmax(-1)
    x, y, z = at.metres.unbind(-1)
    return torch.stack([torch.where(face == 0, z, x), torch.where(face == 1, z, y)], -1)


def _soft(at: Surface) -> Tensor:
    """Shade of something stuffed: darker in its seams, worn brighter a little inside of them."""
    inside = _from_edge(at)
    return 0.07 * smoothstep(0.06, 0.02, inside) - 0.30 * smoothstep(0.018, 0.0, inside)


def _fabric(at: Surface) -> Finish:
    chart = _chart(at)
    weave = noise(chart * 130) * fade(at.distance, 0.03) * 0.10
    folds = 0.09 * fbm(chart * 2.6 + at.seed[:, None], 3)
    return Finish(varied(at.base, weave + folds + _soft(at)))


def _striped(at: Surface) -> Finish:
    chart = _chart(at)
    stripe = 0.5 + 0.5 * square(chart[:, 0] / 0.05, footprint(at.distance) / 0.05)
    colour = blend(at.base, at.base * 0.35 + 0.42, stripe * 0.8)
    return Finish(varied(colour, 0.06 * fbm(chart * 3 + at.seed[:, None], 2) + _soft(at)))


def _plaid(at: Surface) -> Finish:
    """Crossing bands of a blanket."""
    chart, pixel = _chart(at), footprint(at.distance)
    bands = [0.5 + 0.5 * square(chart[:, k] / 0.11 + 0.3, pixel / 0.11) for k in range(2)]
    lines = [seams(chart[:, k] + 0.02, 0.22, 0.008, pixel) for k in range(2)]
    colour = varied(at.base, 0.45 * (bands[0] + bands[1] - 1))
    colour = blend(colour, at.base * 0.2 + 0.55, torch.maximum(*lines) * 0.7)
    return Finish(varied(colour, 0.08 * fbm(chart * 4, 2) + _soft(at)))


def _quilt(at: Surface) -> Finish:
    """Stitched diamonds that bulge."""
    chart, pixel = _chart(at), footprint(at.distance)
    u, v = (chart[:, 0] + chart[:, 1]) / 0.24, (chart[:, 0] - chart[:, 1]) / 0.24
    bulge = (torch.sin(u * torch.pi).abs() * torch.sin(v * torch.pi).abs()).sqrt() - 0.6
    stitch = torch.maximum(seams(u, 1.0, 0.02, pixel / 0.17), seams(v, 1.0, 0.02, pixel / 0.17))
    near = smoothstep(0.2, 0.04, pixel)
    return Finish(varied(at.base, 0.22 * bulge * near - 0.22 * stitch * near + 0.06 * fbm(chart * 2.2, 2)))


def _leather(at: Surface) -> Finish:
    """Creased, worn on the edges, with rows of buttons."""
    chart = _chart(at)
    creases = 0.16 * (fbm(chart * 5 + at.seed[:, None], 3).abs() - 0.3)
    staggered = chart[:, 0] / 0.2 + 0.5 * torch.remainder(torch.floor(chart[:, 1] / 0.16), 2.0)
    u = (staggered - torch.floor(staggered) - 0.5) * 0.2
    v = torch.remainder(chart[:, 1], 0.16) - 0.08
    button = smoothstep(0.06, 0.0, (u * u + v * v).sqrt()) * (at.local[:, 2] < -0.98) * fade(at.distance, 0.16)
    upper = 0.14 * smoothstep(0.2, 1.0, at.normals[:, 1])
    return Finish(varied(at.base, creases - 0.4 * button + upper + 1.4 * _soft(at)))


def _down(at: Surface) -> Finish:
    """A stuffed pillow: creases that run to its seam, which is a fine dark line."""
    turn = torch.atan2(at.local[:, 1], at.local[:, 0])
    rim = (at.local[:, 0] ** 2 + at.local[:, 1] ** 2).sqrt()
    creases = noise(torch.stack([turn * 4 + at.seed * 3, rim * 1.5 + at.seed], -1)) * smoothstep(0.3, 1.0, rim)
    seam = smoothstep(0.05, 0.0, at.local[:, 2].abs()) * fade(at.distance, 0.03)
    return Finish(varied(at.base, 0.13 * creases - 0.12 * seam + 0.06 * fbm(at.metres[:, :2] * 7, 2)))


def _curtain(at: Surface) -> Finish:
    """Folds that hang from the rail, wider toward the hem."""
    along = torch.where(at.size[:, 0] > at.size[:, 2], at.metres[:, 0], at.metres[:, 2])
    sway = 0.12 * noise(torch.stack([at.metres[:, 1] * 0.9 + at.seed, at.seed], -1))
    phase = (along * (1 + 0.1 * at.local[:, 1]) + sway) / 0.11 + at.seed
    fold = torch.sin(phase * 6.2832) + 0.4 * torch.sin(phase * 2.9 + 1.0)
    hem = line(at.metres[:, 1] + at.size[:, 1] - 0.08, 0.006, footprint(at.distance))
    heading = smoothstep(0.10, 0.0, at.size[:, 1] - at.metres[:, 1])
    return Finish(varied(at.base, 0.26 * fold * fade(at.distance, 0.11) - 0.2 * hem - 0.25 * heading))


def _joinery(at: Surface) -> Finish:
    """Planed wood: grain along the longest side of the piece, edges a little rounded."""
    longest = at.size.argmax(-1, keepdim=True)
    along = torch.gather(at.metres, 1, longest)[:, 0]
    others = at.metres.sum(-1) - along
    seed = at.seed + 3 * at.size[:, 0] + 7 * at.size[:, 2]
    near = fade(at.distance, 0.05)
    streak = noise(torch.stack([others * 46 + seed, along * 2.0 + seed], -1)) * near
    figure = fbm(torch.stack([others * 8 - seed, along * 0.8], -1), 3)
    rim = smoothstep(0.012, 0.0, _from_edge(at)) * near
    return Finish(varied(at.base, 0.09 * streak + 0.16 * figure + 0.10 * rim * at.normals[:, 1]))


def _spines(along: Tensor, row: Tensor, seed: Tensor) -> tuple[Tensor, Tensor]:
    """The number of the book at a place in a row, and how far across its spine, in [-0.5, 0.5], the place is."""
    place = along / SPINE_M + 64
    base = torch.floor(place)

    def left(k: Tensor) -> Tensor:
        return k + 0.7 * (cell(k, row, seed=seed) - 0.5)

    number = torch.where(place < left(base), base - 1, torch.where(place >= left(base + 1), base + 1, base))
    start, end = left(number), left(number + 1)
    return number, (place - (start + end) / 2) / (end - start).clamp(min=0.1)


def _books(at: Surface) -> Finish:
    """Shelves full of spines of many heights, widths and bindings; here and there a gap."""
    x, y, _ = at.metres.unbind(-1)
    pixel = footprint(at.distance)
    rows = (2 * at.size[:, 1] / SHELF_M).round().clamp(min=1)
    shelf = 2 * at.size[:, 1] / rows
    up = y + at.size[:, 1]
    row = torch.floor(up / shelf)
    height = up - row * shelf
    number, across = _spines(x, row, at.seed)
    series = torch.floor(number / 4 + 3 * cell(row, seed=at.seed))
    set_ = cell(series, row, seed=at.seed + 0.2) < 0.4
    draw = torch.where(set_, cell(series, row, seed=at.seed + 0.6), cell(number, row, seed=at.seed + 0.6))
    tall = shelf * (0.62 + 0.28 * torch.where(set_, cell(series, row, seed=0.9), cell(number, row, seed=at.seed)))
    colour = _covers(draw, at)
    round_ = 1 - 0.55 * (2 * across).abs() ** 3
    ribs = torch.zeros_like(height)
    for part in (0.2, 0.8):
        ribs = ribs + line(height - part * tall, 0.007, pixel)
    gilt = ribs * (draw * 7 % 1 < 0.6) + 0.8 * line(height - 0.55 * tall, 0.022, pixel) * (draw * 11 % 1 < 0.35)
    colour = blend(varied(colour, (round_ - 0.8) * fade(at.distance, 0.06)), (0.55, 0.42, 0.18), gilt * 0.7)
    gap = (cell(torch.floor(number / 5), row, seed=at.seed + 0.4) < 0.07).to(x)
    hollow = torch.maximum(((height - tall) / pixel + 0.5).clamp(0, 1), gap)
    colour = blend(colour, at.base * 0.22, hollow)
    frame = _shelf_frame(at, up, shelf, pixel)
    colour = blend(colour, _joinery(at).albedo, frame)
    front = (at.local[:, 2] < -0.98)[:, None]
    return Finish(torch.where(front, colour, _joinery(at).albedo))


def _covers(draw: Tensor, at: Surface) -> Tensor:
    covers = torch.tensor(COVERS, device=at.points.device)
    return covers[(draw * len(covers)).long().clamp(0, len(covers) - 1)] * (0.75 + 0.6 * (draw * 23 % 1))[:, None]


def _shelf_frame(at: Surface, up: Tensor, shelf: Tensor, pixel: Tensor) -> Tensor:
    """1 on the boards: between the rows, at the sides, and uprights every 0.9 m or so."""
    offset = up - torch.round(up / shelf) * shelf
    board = line(offset, BOARD_M / 2, pixel)
    side = line(at.size[:, 0] - at.metres[:, 0].abs(), BOARD_M * 1.2, pixel)
    parts = (2 * at.size[:, 0] / 0.95).round().clamp(min=1)
    width = 2 * at.size[:, 0] / parts
    place = at.metres[:, 0] + at.size[:, 0]
    upright = line(place - torch.round(place / width) * width, BOARD_M * 0.8, pixel)
    return torch.maximum(torch.maximum(board, side), upright)


def _marble(at: Surface) -> Finish:
    """Veins that run through the stone, so that they meet at its edges."""
    chart = at.points[:, :2] * 1.4 + at.points[:, 2:] * 0.8 + at.seed[:, None]
    warped = fbm(chart, 3)
    vein = fbm(chart * 1.1 + 0.7 * warped[:, None] + 5, 3).abs()
    shade = 0.08 * warped - 0.38 * smoothstep(0.09, 0.0, vein) * fade(at.distance, 0.2)
    return Finish(varied(at.base, shade))


def _fluted(at: Surface) -> Finish:
    """A column's shaft with sixteen flutes."""
    turn = torch.atan2(at.local[:, 0], at.local[:, 2])
    flute = torch.sin(turn * 16) * fade(at.distance, 0.12)
    cloudy = fbm(at.points[:, :2] * 0.9 + at.points[:, 2:] * 0.9, 3)
    return Finish(varied(at.base, 0.15 * flute + 0.07 * cloudy))


def _bronze(at: Surface) -> Finish:
    """Cast metal: bright where it faces up, green in its hollows."""
    patina = smoothstep(0.1, 0.7, fbm(at.points[:, :2] * 6 + at.points[:, 2:] * 4 + at.seed[:, None], 3))
    colour = blend(varied(at.base, 0.35 * at.normals[:, 1]), (0.12, 0.24, 0.19), patina * 0.55)
    return Finish(colour)


def _steel(at: Surface) -> Finish:
    """Brushed metal that mirrors a bright window and a dark floor in soft bands."""
    streak = noise(torch.stack([at.metres[:, 0] * 3, at.metres[:, 1] * 90 + at.metres[:, 2] * 90], -1))
    turn = torch.atan2(at.normals[:, 0], at.normals[:, 2])
    sheen = 0.22 * torch.sin(3 * turn + 2.5 * at.local[:, 1]) + 0.18 * at.local[:, 1]
    return Finish(varied(at.base, sheen + 0.05 * streak * fade(at.distance, 0.04)))


def _ceramic(at: Surface) -> Finish:
    """Glaze with a highlight high on its side and a dark foot."""
    shine = smoothstep(0.90, 1.0, (at.normals * tint((0.45, 0.7, 0.55), at.points)).sum(-1))
    return Finish(blend(varied(at.base, 0.12 * at.local[:, 1]), (0.85, 0.85, 0.83), 0.5 * shine))


def _shade(at: Surface) -> Finish:
    """A lampshade: brightest around the bulb, with darker rims."""
    middle = torch.exp(-((at.local[:, 1] + 0.15) ** 2) * 1.2)
    rim = smoothstep(0.88, 0.97, at.local[:, 1].abs())
    return Finish(varied(at.base, -0.25 * rim), at.base * (at.glow * (0.45 + 0.75 * middle) * (1 - 0.3 * rim))[:, None])


def _globe(at: Surface) -> Finish:
    """Seas, lands and a graticule."""
    lon, lat = torch.atan2(at.local[:, 0], at.local[:, 2]), torch.asin(at.local[:, 1].clamp(-1, 1))
    chart = torch.stack([at.local[:, 0] * 1.5 + at.local[:, 2], at.local[:, 1] * 1.6 - at.local[:, 2]], -1)
    land = smoothstep(0.0, 0.1, fbm(chart + at.seed[:, None], 4))
    colour = blend((0.10, 0.24, 0.32), (0.52, 0.42, 0.20), land)
    pixel = footprint(at.distance) / at.size[:, 0]
    grid = torch.maximum(seams(lon, 0.5236, 0.008, pixel * 1.5), seams(lat, 0.5236, 0.008, pixel))
    return Finish(varied(colour, -0.4 * grid))


def _canvas(at: Surface) -> Finish:
    """A painting on the front of a box, in a thin gilt frame; `seed` says which."""
    colour = at.base.clone()
    u, v = at.metres[:, 0] / (at.size[:, 0] - 0.04), at.metres[:, 1] / (at.size[:, 1] - 0.04)
    inside = (u.abs() < 1) & (v.abs() < 1) & (at.local[:, 2] < -0.9)
    for seed in at.seed[inside].unique().tolist():
        here = (inside & (at.seed == seed)).nonzero()[:, 0]
        aspect = float(at.size[here[0], 0] / at.size[here[0], 1])
        colour[here] = painting(-u[here], v[here], aspect, seed)
    return Finish(colour)


FURNISHING = {
    "fabric": _fabric,
    "striped": _striped,
    "plaid": _plaid,
    "quilt": _quilt,
    "down": _down,
    "leather": _leather,
    "curtain": _curtain,
    "joinery": _joinery,
    "books": _books,
    "veined": _marble,
    "fluted": _fluted,
    "bronze": _bronze,
    "steel": _steel,
    "ceramic": _ceramic,
    "shade": _shade,
    "globe": _globe,
    "canvas": _canvas,
    **APPLIANCES,
    **RUGS,
}
