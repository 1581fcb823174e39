"""Built places: heights and ground colours of a village street, a city square, a quay and a hill of ruins.

Points are (x, z) and heights in metres. The layouts of the places count on the distances named here: the street runs
along the axis, the square lies SQUARE_AHEAD_M along it, the quay ends before water at level 0.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from cyclorama.diorama.colours import Rgb, blend
from cyclorama.diorama.landscapes.shores import woods
from cyclorama.diorama.landscapes.site import Shades, Site, along_across
from cyclorama.diorama.materials.patterns import cell, footprint, line, seams
from cyclorama.diorama.materials.surface import fade
from cyclorama.diorama.noise import Real, fbm, length, noise, smoothstep

ROAD_M, VERGE_M = 2.5, 3.5
SQUARE_AHEAD_M, SQUARE_M, KERB_M, FRONTS_M = 5.2, 11.5, 17.0, 19.5
FLOWER_M = 0.17
ROAD_BENDS_M, BEND_PER_M = 44.0, 0.006
QUAY_M, MOLE_M, MOLE_HALF_M = 1.3, 38.0, 2.6
EDGE_M = {"quay": 2.9, "mole": -13.0}
"""Where the quay ends before the water, in metres along the axis; the mole runs on for MOLE_M under the eye."""


COBBLES: Shades = (
    ((0.20, 0.19, 0.185), (0.36, 0.345, 0.33)),
    ((0.25, 0.20, 0.165), (0.43, 0.36, 0.29)),
    ((0.17, 0.175, 0.19), (0.31, 0.32, 0.34)),
    ((0.30, 0.24, 0.17), (0.50, 0.42, 0.31)),
)
FLAGS: Shades = (
    ((0.34, 0.31, 0.28), (0.48, 0.44, 0.39)),
    ((0.46, 0.40, 0.32), (0.60, 0.53, 0.43)),
    ((0.28, 0.285, 0.29), (0.42, 0.42, 0.42)),
    ((0.38, 0.28, 0.22), (0.52, 0.41, 0.33)),
)
LAWNS: Shades = (
    ((0.10, 0.18, 0.04), (0.20, 0.29, 0.07)),
    ((0.13, 0.19, 0.05), (0.26, 0.31, 0.09)),
    ((0.09, 0.17, 0.06), (0.18, 0.27, 0.09)),
)
DRY: Shades = (
    ((0.22, 0.22, 0.08), (0.42, 0.38, 0.17)),
    ((0.12, 0.19, 0.05), (0.24, 0.29, 0.09)),
    ((0.30, 0.24, 0.11), (0.50, 0.42, 0.22)),
)
ASPHALT, PAINT, SOIL, JOINT = (0.10, 0.10, 0.105), (0.62, 0.61, 0.58), (0.36, 0.28, 0.19), (0.09, 0.085, 0.08)
CROWNS: tuple[Rgb, Rgb] = ((0.035, 0.085, 0.025), (0.10, 0.17, 0.045))
SEA_BED, SEA_ROCK = (0.16, 0.17, 0.12), (0.24, 0.22, 0.20)


def street(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    """Level ground for the houses, meadows that roll beyond them, woods on hills."""
    radius = length(points)
    rolling = fbm(points / 260 + offset, 3, 0.4)
    bumps = smoothstep(7, 20, along_across(points, axis)[1].abs()) * 0.25 * noise(points / 13 - offset)
    hills = relief * 74 * smoothstep(52, 480, radius) * (rolling + 0.42)
    return bumps * smoothstep(60, 30, radius) + hills + woods(points, _copse(points, offset), 9.0)


def _copse(points: Tensor, offset: Tensor) -> Tensor:
    return torch.where(length(points) > 62, 60 * (noise(points / 120 + offset) - 0.22), -1.0)


def quay(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    """A quay before deep water, a hill behind its houses, a headland across the bay."""
    seaward, beside = along_across(points, axis)
    return _harbour(points, offset, relief, seaward - EDGE_M["quay"], beside, torch.zeros_like(seaward))


def mole(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    """The same with a mole from the quay under the eye and on into the water."""
    seaward, beside = along_across(points, axis)
    out = seaward - EDGE_M["mole"]
    dry = smoothstep(MOLE_HALF_M + 0.15, MOLE_HALF_M - 0.15, beside.abs()) * (out < MOLE_M)
    return _harbour(points, offset, relief, out, beside, dry)


def _harbour(points: Tensor, offset: Tensor, relief: Real, out: Tensor, beside: Tensor, dry: Tensor) -> Tensor:
    """Heights `out` metres before the edge of the quay; where `dry` is 1 the ground stays at the quay's height."""
    floor = -6.0 * smoothstep(-0.9, -0.5, out) * (1 - dry)
    swell = fbm(points / 230 + offset, 3, 0.42)
    hill = relief * 62 * smoothstep(22, 290, -out) * (swell + 0.75)
    bend = 90 * noise(beside[..., None] / 160 + offset)
    shore = smoothstep(330, 560, out + bend - 0.55 * beside.abs() + 260 * (offset[0] % 1.0))
    headland = relief * 75 * shore * (0.55 + fbm(points / 170 - offset, 3, 0.42)).clamp(min=0.1)
    return QUAY_M + floor + hill + headland + 5.4 * shore * (out > 100)


def knoll(points: Tensor, offset: Tensor, axis: Tensor, relief: Real) -> Tensor:
    """The top of a hill over a plain, mountains far away."""
    radius = length(points)
    top = 0.55 * smoothstep(3, 16, radius) * noise(points / 9.5 + offset)
    shoulder = relief * 3.2 * smoothstep(9, 40, radius) * (noise(points / 38 - offset) + 0.1)
    fall = -relief * 26 * smoothstep(24, 190, radius) * (0.75 + 0.5 * noise(points / 120 + offset))
    ranges = relief * 190 * smoothstep(260, 1700, radius) * (fbm(points / 640 + offset, 3, 0.45) + 0.35).clamp(min=0)
    return top + shoulder + fall + ranges


def _setts(site: Site, chart: Tensor, size_m: Real, pair: tuple[Rgb, Rgb]) -> Tensor:
    """Cobbles in rows that are shifted by half a stone, round and each a little different."""
    row = torch.floor(chart[:, 1] / size_m)
    across = chart[:, 0] / (1.25 * size_m) + 0.5 * torch.remainder(row, 2.0)
    column = torch.floor(across)
    u, v = across - column - 0.5, chart[:, 1] / size_m - row - 0.5
    near = fade(site.distance, 2.2 * size_m)
    gap = smoothstep(0.34, 0.50, torch.maximum(u.abs(), v.abs()) + 0.05 * noise(chart * 3.7)) * near
    tone = cell(column, row) * near + 0.5 * (1 - near)
    stone = blend(*pair, (0.22 + 0.48 * tone + 0.30 * fbm(chart / 2.7, 3)).clamp(0, 1))
    return stone * (1.06 - 0.06 * (1 - near) - 0.46 * gap)[:, None]


def _lawn(site: Site, pairs: Shades) -> Tensor:
    """Grass with blades near the eye, and flowers here and there."""
    blades = noise(site.flat * 7.3) * fade(site.distance, 0.15) + 0.7 * noise(site.flat * 1.6) * fade(
        site.distance, 0.7
    )
    return blend(*site.pick(pairs, 3), (0.5 + 0.5 * site.patch + 0.26 * blades).clamp(0, 1))


def _petals(site: Site) -> Tensor:
    """Where small flowers stand in the grass: at most one in each cell, in patches."""
    chart = site.flat / FLOWER_M
    column, row = torch.floor(chart[:, 0]), torch.floor(chart[:, 1])
    u = chart[:, 0] - column - 0.25 - 0.5 * cell(column, row, seed=3.0)
    v = chart[:, 1] - row - 0.25 - 0.5 * cell(column, row, seed=7.0)
    size = 0.08 + 0.12 * cell(column, row, seed=5.0)
    pixel = footprint(site.distance) / FLOWER_M
    dot = ((size - torch.sqrt(u * u + v * v)) / pixel + 0.5).clamp(0, 1) * fade(site.distance, FLOWER_M)
    return dot * smoothstep(0.0, 0.4, noise(site.flat / 2.3 + site.offset))


def _street(site: Site) -> Tensor:
    """A cobbled or sandy road between verges, gardens and meadows."""
    along, across = along_across(site.flat, site.axis)
    far = (along.abs() - ROAD_BENDS_M).clamp(min=0)
    across = across + BEND_PER_M * far.square() * (1.0 if site.variety(6) < 0.5 else -1.0)
    bent = across + 0.25 * noise(torch.stack([along / 7, 0 * along], -1))
    lawn = _lawn(site, LAWNS)
    petals = _petals(site)
    ground = blend(lawn, ((0.72, 0.66, 0.30), (0.74, 0.72, 0.70))[int(site.variety(5) * 2)], 0.8 * petals)
    field = cell(torch.floor(across / 60 + 9), torch.floor(along / 85 + 9), seed=float(site.offset[0]))
    crops = blend((0.42, 0.36, 0.14), (0.15, 0.24, 0.06), smoothstep(0.3, 0.5, field))
    ground = blend(ground, crops, smoothstep(48, 60, length(site.flat)) * ((field < 0.65) * 0.85))
    inside = 60 * (noise(site.flat / 120 + site.offset) - 0.22)
    tops = blend(*CROWNS, (0.5 + 0.5 * noise(site.flat / 4.1)).clamp(0, 1))
    ground = blend(ground, tops, smoothstep(-1, 2, inside) * (length(site.flat) > 60))
    gravel = blend(
        (0.36, 0.33, 0.28), (0.52, 0.48, 0.41), (0.5 + 0.5 * noise(site.flat * 5.1) * fade(site.distance, 0.2))
    )
    ground = blend(
        ground, gravel, smoothstep(VERGE_M + 0.25, VERGE_M - 0.1, across.abs() + 0.2 * noise(site.flat * 0.9))
    )
    road = _road(site, along, bent)
    return blend(ground, road, line(across, ROAD_M, footprint(site.distance)))


def _road(site: Site, along: Tensor, across: Tensor) -> Tensor:
    """Cobbles with a gutter at both sides, or trodden sand with two tracks."""
    if site.variety(2) < 0.72:
        arched = torch.stack([across, along + 0.16 * across.square()], -1)
        road = _setts(site, arched, 0.15, site.pick(COBBLES))
        gutter = line(across.abs() - ROAD_M + 0.28, 0.22, footprint(site.distance))
        return blend(
            road, blend((0.22, 0.21, 0.20), (0.34, 0.33, 0.31), (0.5 + 0.5 * noise(site.flat)).clamp(0, 1)), gutter
        )
    tracks = smoothstep(0.5, 0.2, (across.abs() - 0.85).abs()) * fade(site.distance, 1.0)
    middle = smoothstep(0.45, 0.1, across.abs()) * smoothstep(-0.1, 0.4, noise(site.flat * 1.3))
    sand = blend((0.40, 0.31, 0.21), (0.56, 0.46, 0.33), (0.5 + 0.4 * site.patch + 0.35 * tracks).clamp(0, 1))
    return blend(sand, (0.18, 0.23, 0.07), 0.7 * middle)


def _square(site: Site) -> Tensor:
    """A paved square around a monument, a road with lines around it, pavements before the houses."""
    along, across = along_across(site.flat, site.axis)
    along = along - SQUARE_AHEAD_M
    pixel = footprint(site.distance)
    out = torch.maximum(along.abs(), across.abs())
    paved = _paving(site, along, across)
    tar = blend(ASPHALT, (0.17, 0.17, 0.175), (0.5 + 0.5 * site.patch).clamp(0, 1))
    middle = (SQUARE_M + KERB_M) / 2
    run = torch.where(along.abs() > across.abs(), across, along)
    dashes = line(out - middle, 0.09, pixel) * seams(run, 4.0, 1.0, pixel) * (out < KERB_M)
    crossing = seams(across, 1.1, 0.28, pixel) * line(along - middle, 2.3, pixel) * (across.abs() < 2.6)
    tar = blend(tar, PAINT, 0.85 * torch.maximum(dashes * (across.abs() > 4), crossing))
    walk = _flags(site, along, across, 0.7, FLAGS[2])
    kerb = line(out - SQUARE_M, 0.14, pixel) + line(out - KERB_M, 0.14, pixel)
    ground = blend(paved, tar, (out > SQUARE_M).to(out))
    beyond = (out > KERB_M) & (torch.minimum(along.abs(), across.abs()) < KERB_M + 60)
    ground = blend(ground, walk, beyond.to(out))
    return blend(ground, (0.44, 0.43, 0.41), kerb.clamp(0, 1))


def _flags(site: Site, along: Tensor, across: Tensor, size_m: Real, pair: tuple[Rgb, Rgb]) -> Tensor:
    pixel = footprint(site.distance)
    row = torch.floor(along / size_m)
    shifted = across + 0.5 * size_m * torch.remainder(row, 2.0)
    tone = cell(torch.floor(shifted / size_m), row)
    joint = torch.maximum(seams(along, size_m, 0.02, pixel), seams(shifted, size_m, 0.02, pixel))
    rough = noise(torch.stack([along, across], -1) * 2.7) * fade(site.distance, 0.4)
    return blend(blend(*pair, (0.3 + 0.4 * tone + 0.2 * site.patch + 0.12 * rough).clamp(0, 1)), JOINT, 0.45 * joint)


def _paving(site: Site, along: Tensor, across: Tensor) -> Tensor:
    """The square's own stones: flags with rings, a chequer, setts with bands, or a star around the middle."""
    kind, pixel = int(site.variety(2) * 4), footprint(site.distance)
    pair, other = site.pick(FLAGS), site.pick(COBBLES, 5)
    radius = torch.sqrt(along.square() + across.square())
    if kind == 0:
        rings = line(radius - 5.2, 0.35, pixel) + line(radius - 9.0, 0.35, pixel) + line(radius - 12.6, 0.35, pixel)
        return blend(_flags(site, along, across, 0.9, pair), other[0], 0.85 * rings.clamp(0, 1))
    if kind == 1:
        u, v = torch.floor((along + across) / 2.0), torch.floor((along - across) / 2.0)
        odd = torch.remainder(u + v, 2.0)
        near = fade(site.distance, 2.2)
        mixed = odd * near + 0.5 * (1 - near)
        joints = torch.maximum(seams(along + across, 2.0, 0.02, pixel), seams(along - across, 2.0, 0.02, pixel))
        return blend(blend(pair[1], blend(pair[0], other[0], 0.6 * torch.ones_like(odd)), mixed), JOINT, 0.5 * joints)
    if kind == 2:
        bands = torch.maximum(seams(along, 4.4, 0.24, pixel), seams(across, 4.4, 0.24, pixel))
        chart = torch.stack([across, along], -1)
        return blend(_setts(site, chart, 0.15, other), pair[1], bands)
    turn = torch.atan2(across, along)
    rays = smoothstep(-0.10, 0.10, torch.sin(turn * 8) - 0.1) * smoothstep(13.4, 13.0, radius)
    setts = _setts(site, torch.stack([turn * 9, radius], -1), 0.22, other)
    return blend(setts, blend(*pair, (0.5 + 0.5 * noise(site.flat * 2)).clamp(0, 1)), 0.75 * rays)


def _quayside(kind: str) -> Callable[[Site], Tensor]:
    """Setts on the quay and flags along its edge and on the mole; gardens on the hill; rocks and weed under water."""

    def rule(site: Site) -> Tensor:
        seaward, beside = along_across(site.flat, site.axis)
        out = seaward - EDGE_M[kind]
        setts = _setts(site, torch.stack([beside, seaward], -1), 0.17, site.pick(COBBLES))
        flags = _flags(site, seaward, beside, 1.1, site.pick(FLAGS, 5))
        stains = smoothstep(0.25, 0.6, fbm(site.flat / 2.3, 3)) * 0.35
        ground = blend(blend(setts, flags, (out > -2.1).to(out)), (0.12, 0.11, 0.10), stains)
        green = blend(*CROWNS, (0.5 + 0.5 * noise(site.flat / 4)).clamp(0, 1))
        green = blend(_lawn(site, DRY), green, smoothstep(-0.05, 0.25, fbm(site.flat / 37 + site.offset, 2)))
        ground = blend(ground, green, smoothstep(18, 23, -out + 1.5 * noise(site.flat / 5)))
        rock = blend(SEA_ROCK, (0.40, 0.36, 0.31), (0.5 + 0.5 * fbm(site.flat / 9, 3)).clamp(0, 1))
        bare = smoothstep(0.86, 0.66, site.steep) + smoothstep(3.0, 1.0, site.height) * 0.8
        ground = blend(ground, blend(green, rock, bare.clamp(0, 1)), (out > 60).to(out))
        return blend(ground, SEA_BED, smoothstep(0.0, -0.4, site.height))

    return rule


def _knoll(site: Site) -> Tensor:
    """Dry or green grass over what is left of a paved floor; groves in the plain below."""
    grass = _lawn(site, DRY)
    petals = _petals(site)
    grass = blend(grass, ((0.62, 0.07, 0.05), (0.74, 0.64, 0.12), (0.45, 0.28, 0.55))[int(site.variety(5) * 3)], petals)
    along, across = along_across(site.flat, site.axis)
    floor = _flags(site, along, across, 0.85, site.pick(FLAGS, 2))
    joints = torch.maximum(*(seams(m, 0.85, 0.05, footprint(site.distance)) for m in (along, across)))
    weeds = smoothstep(-0.1, 0.5, noise(site.flat * 2.1)) * joints
    cracked = smoothstep(0.06, 0.0, noise(site.flat / 1.3).abs()) * fade(site.distance, 0.35)
    worn = 1 + 0.14 * fbm(site.flat * 1.9, 3) * fade(site.distance, 0.4) - 0.35 * cracked
    floor = blend(floor * worn[:, None], grass * 0.8, 0.8 * weeds)
    rough = noise(site.flat * 1.1) * 0.5 + noise(site.flat / 3.7 + site.offset)
    left = smoothstep(0.05, 0.25, rough + 0.04 - 0.03 * length(site.flat))
    soil = blend(grass, SOIL, 0.6 * smoothstep(-0.25, 0.05, rough + 0.02 - 0.03 * length(site.flat)))
    ground = blend(soil, floor, left * smoothstep(22, 14, length(site.flat)))
    rock = blend((0.34, 0.31, 0.27), (0.52, 0.48, 0.42), (0.5 + 0.5 * fbm(site.flat / 5, 3)).clamp(0, 1))
    ground = blend(ground, rock, smoothstep(0.84, 0.64, site.steep + 0.1 * rough))
    grove = smoothstep(0.15, 0.45, noise(site.flat / 7.3)) * smoothstep(-0.1, 0.25, fbm(site.shifted / 130, 2))
    return blend(ground, (0.09, 0.13, 0.06), 0.85 * grove * smoothstep(60, 110, length(site.flat)))


BUILT_HEIGHTS = {"street": street, "quay": quay, "mole": mole, "knoll": knoll}
BUILT_GROUNDS = {
    "plain": _square,
    "street": _street,
    "quay": _quayside("quay"),
    "mole": _quayside("mole"),
    "knoll": _knoll,
}
