"""What walls are built of: plaster, brick, ashlar, timber frames, old stone, tiles on roofs.

Lengths are in metres. Patterns average themselves over a pixel, see `patterns`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from cyclorama.diorama.colours import Rgb, blend, tint
from cyclorama.diorama.materials.patterns import cell, footprint, line, seams
from cyclorama.diorama.materials.surface import Finish, Surface, fade, varied
from cyclorama.diorama.noise import Real, fbm, noise, smoothstep

BRICK_M, BLOCK_M, TILE_M = (0.24, 0.085), (1.05, 0.46), (0.27, 0.34)
MORTAR, MOSS, LICHEN = (0.42, 0.39, 0.34), (0.13, 0.17, 0.06), (0.44, 0.40, 0.25)
WEED, FLAT_ROOF = (0.035, 0.055, 0.025), (0.20, 0.19, 0.18)


@dataclass(frozen=True)
class Face:
    """Points on the sides of boxes: metres `along` the side from its middle, metres `up` from the foot, half the
    length of the side, its height, and the width of a pixel there. `front` are the sides at local -z."""

    along: Float[Tensor, " n"]
    up: Float[Tensor, " n"]
    half: Float[Tensor, " n"]
    tall: Float[Tensor, " n"]
    pixel: Float[Tensor, " n"]
    front: Bool[Tensor, " n"]
    top: Float[Tensor, " n"]


Build = Callable[[Surface, Face], Tensor]
"""What a wall is built of: its albedo [n, 3]."""


def face_of(at: Surface) -> Face:
    """Where points lie on their sides; `top` is 1 on faces that look up."""
    aside = at.local[:, 0].abs() > at.local[:, 2].abs()
    along = torch.where(aside, at.metres[:, 2], at.metres[:, 0])
    half = torch.where(aside, at.size[:, 2], at.size[:, 0])
    up = at.metres[:, 1] + at.size[:, 1]
    front = ~aside & (at.local[:, 2] < 0)
    top = smoothstep(0.5, 0.9, at.normals[:, 1])
    return Face(along, up, half, 2 * at.size[:, 1], footprint(at.distance), front, top)


def draw(at: Surface, number: int) -> Float[Tensor, " n"]:
    """A number in [0, 1) that is one and the same all over a solid."""
    return cell(torch.full_like(at.seed, float(number)), seed=at.seed)


def picked(colours: tuple[Rgb, ...], share: Float[Tensor, " n"]) -> Float[Tensor, "n 3"]:
    """The colour of a list that a number in [0, 1) falls on."""
    which = (share * len(colours)).long().clamp(0, len(colours) - 1)
    return torch.tensor(colours, dtype=share.dtype, device=share.device)[which]


def courses(
    along: Tensor, up: Tensor, size: tuple[Real, Real], joint_m: Real, pixel: Tensor, seed: Tensor
) -> tuple[Tensor, Tensor]:
    """Blocks in courses that are shifted by half a block: how much of a pixel is joint, and a draw for each block."""
    wide, tall = size
    row = torch.floor(up / tall)
    shifted = along + 0.5 * wide * torch.remainder(row, 2.0)
    joint = torch.maximum(seams(up, tall, joint_m / 2, pixel), seams(shifted, wide, joint_m / 2, pixel))
    return joint, cell(torch.floor(shifted / wide), row, seed=seed)


def plaster(at: Surface, face: Face) -> Tensor:
    """Lime wash with stains under the eaves and damp above the ground."""
    stain = noise(torch.stack([face.along * 0.55, face.up * 0.22], -1) + at.seed[:, None])
    cloud = fbm(torch.stack([face.along, face.up], -1) * 1.3 - at.seed[:, None], 3) * fade(at.distance, 0.5)
    streak = noise(torch.stack([face.along * 2.6, face.up * 0.16], -1) + at.seed[:, None]) * fade(at.distance, 0.5)
    weathered = varied(at.base, 0.07 * stain + 0.07 * cloud + 0.05 * streak)
    damp = smoothstep(0.8, 0.0, face.up + 0.35 * stain)
    return blend(weathered, at.base * 0.55 + 0.05, 0.55 * damp)


def brick(at: Surface, face: Face) -> Tensor:
    """Bricks in courses, each a little different."""
    joint, tone = courses(face.along, face.up, BRICK_M, 0.012, face.pixel, at.seed)
    _, tone_big = courses(face.along, face.up, (1.2, 0.34), 0.0, face.pixel, at.seed)
    cloud = fbm(torch.stack([face.along, face.up], -1) * 0.6 + at.seed[:, None], 3)
    shade = 0.30 * (tone - 0.5) * fade(at.distance, 0.16) + 0.12 * (tone_big - 0.5) * fade(at.distance, 0.6)
    return blend(varied(at.base, shade + 0.14 * cloud), MORTAR, 0.55 * joint)


def ashlar(at: Surface, face: Face) -> Tensor:
    """Dressed stone in large blocks."""
    joint, tone = courses(face.along, face.up, BLOCK_M, 0.022, face.pixel, at.seed)
    rough = fbm(torch.stack([face.along, face.up], -1) * 2.2 + at.seed[:, None], 3) * fade(at.distance, 0.3)
    streak = noise(torch.stack([face.along * 1.7, face.up * 0.12], -1) - at.seed[:, None])
    return varied(at.base, 0.20 * (tone - 0.5) * fade(at.distance, 0.8) + 0.07 * rough + 0.07 * streak - 0.45 * joint)


def rubble(at: Surface, face: Face) -> Tensor:
    """Field stones of all sizes in mortar."""
    bent = 0.10 * noise(torch.stack([face.along, face.up], -1) * 1.9)
    joint, tone = courses(face.along + bent, face.up + bent, (0.52, 0.27), 0.05, face.pixel, at.seed)
    rough = noise(torch.stack([face.along, face.up], -1) * 4.1) * fade(at.distance, 0.2)
    stones = varied(at.base, 0.5 * (tone - 0.5) * fade(at.distance, 0.4) + 0.08 * rough)
    return blend(stones, at.base * 0.62, 0.6 * joint)


def _wall(build: Build) -> Callable[[Surface], Finish]:
    def rule(at: Surface) -> Finish:
        face = face_of(at)
        return Finish(blend(build(at, face), at.base * 0.9, face.top).clamp(min=0.004))

    return rule


def _quay_stone(at: Surface) -> Finish:
    """Granite blocks beside water, dark and green where they are wet; flags on top."""
    face = face_of(at)
    side = ashlar(at, face)
    wet = smoothstep(0.75, 0.25, at.points[:, 1] + 0.12 * noise(at.points[:, ::2] * 1.3))
    side = blend(side * (1 - 0.4 * wet)[:, None], WEED, 0.75 * smoothstep(0.5, 0.05, at.points[:, 1]))
    joint, tone = courses(at.metres[:, 0], at.metres[:, 2], (1.3, 0.85), 0.03, face.pixel, at.seed)
    rough = noise(at.points[:, ::2] * 3.1) * fade(at.distance, 0.3)
    flags = varied(at.base, 0.22 * (tone - 0.5) * fade(at.distance, 0.8) + 0.06 * rough - 0.45 * joint)
    return Finish(blend(side, flags, face.top))


def _old_stone(at: Surface) -> Finish:
    """Weathered blocks: worn joints, dark streaks from above, lichen and moss."""
    face = face_of(at)
    flat = torch.stack([face.along, face.up], -1)
    bent = 0.05 * noise(flat * 1.7 + at.seed[:, None])
    joint, tone = courses(face.along + bent, face.up + bent, (0.95, 0.48), 0.035, face.pixel, at.seed)
    worn = fbm(at.points[:, :2] * 1.6 + at.points[:, 2:] * 1.1 + at.seed[:, None], 4)
    shade = 0.26 * worn * fade(at.distance, 0.6) + 0.20 * (tone - 0.5) * fade(at.distance, 0.7) - 0.35 * joint
    streak = smoothstep(0.1, 0.7, noise(torch.stack([face.along * 1.5, face.up * 0.2], -1) - at.seed[:, None]))
    stone = blend(varied(at.base, shade), at.base * tint((0.42, 0.40, 0.38), at.base), 0.55 * streak * (1 - face.top))
    lichen = smoothstep(0.2, 0.6, noise(at.points[:, ::2] * 2.1 + at.points[:, 1:2]))
    stone = blend(stone, LICHEN, 0.30 * lichen)
    moss = smoothstep(0.0, 0.5, worn + 0.35) * face.top + smoothstep(0.7, 0.0, face.up) * 0.5
    return Finish(blend(stone, MOSS, (0.42 * moss).clamp(0, 0.8)).clamp(min=0.004))


def _old_column(at: Surface) -> Finish:
    """A drum with worn flutes and stains."""
    turn = torch.atan2(at.local[:, 0], at.local[:, 2])
    worn = fbm(at.points[:, :2] * 1.4 + at.points[:, 2:] * 1.2 + at.seed[:, None], 4)
    flute = torch.sin(turn * 18) * fade(at.distance, 0.14) * smoothstep(-0.5, 0.2, worn)
    drums = seams(at.metres[:, 1] + 50.3, 1.15, 0.022, footprint(at.distance))
    streak = smoothstep(0.1, 0.8, noise(torch.stack([turn * 2.2, at.points[:, 1] * 0.25], -1) + at.seed[:, None]))
    stone = varied(at.base, 0.17 * flute + 0.22 * worn - 0.45 * drums - 0.22 * streak)
    lichen = smoothstep(0.25, 0.6, noise(at.points[:, :2] * 2.3 + at.points[:, 2:]))
    return Finish(blend(stone, LICHEN, 0.25 * lichen).clamp(min=0.004))


def _roof_tiles(at: Surface) -> Finish:
    """Rows of tiles down the slopes of a gable, patchy with age."""
    slope = torch.sqrt(1 + (2 * at.size[:, 1] / at.size[:, 0]).square())
    down, along = at.metres[:, 0].abs() * slope, at.metres[:, 2]
    return Finish(_tiled(at, along, down))


def _hip_tiles(at: Surface) -> Finish:
    """Tiles on any other roof: rows by height, columns along the side."""
    aside = at.normals[:, 0].abs() > at.normals[:, 2].abs()
    return Finish(_tiled(at, torch.where(aside, at.points[:, 2], at.points[:, 0]), -at.points[:, 1] * 1.25 + 60))


def _tiled(at: Surface, along: Tensor, down: Tensor) -> Tensor:
    wide, tall = TILE_M
    pixel = footprint(at.distance) * 1.4
    lip = seams(down, tall, 0.035, pixel)
    wave = torch.cos(along * (6.28319 / wide)) * fade(at.distance, 0.20)
    tone = cell(torch.floor(along / wide + 500), torch.floor(down / tall + 500), seed=at.seed)
    patch = fbm(torch.stack([along, down], -1) * 0.45 + at.seed[:, None], 3)
    shade = 0.36 * (tone - 0.5) * fade(at.distance, 0.42) + 0.10 * wave + 0.22 * patch - 0.38 * lip
    tiles = varied(at.base, shade)
    moss = smoothstep(0.15, 0.7, fbm(torch.stack([along, down], -1) * 0.8 - at.seed[:, None], 3))
    return blend(tiles, MOSS, 0.35 * moss).clamp(min=0.004)


def _spire(at: Surface) -> Finish:
    """Slates around a spire, with ridges where its sides meet."""
    turn = torch.atan2(at.local[:, 0], at.local[:, 2])
    rows = seams(at.points[:, 1], 0.42, 0.035, footprint(at.distance))
    side = torch.cos(turn * 8)
    return Finish(varied(at.base, 0.16 * torch.cos(turn - 0.6) - 0.3 * rows + 0.18 * smoothstep(0.9, 1.0, side)))


def timber(at: Surface, face: Face) -> Tensor:
    """Plaster between a frame of dark beams."""
    bay, tall = 1.25, 1.4
    between = plaster(at, face)
    column, row = torch.floor(face.along / bay + 40), torch.floor(face.up / tall)
    u, v = face.along / bay + 40 - column - 0.5, face.up / tall - row - 0.5
    pixel = face.pixel
    frame = torch.maximum(seams(face.along, bay, 0.075, pixel), seams(face.up, tall, 0.085, pixel))
    frame = torch.maximum(frame, line(face.half - face.along.abs(), 0.16, pixel))
    lean = torch.where(cell(column, row, seed=at.seed) < 0.5, u - v, u + v) * 0.70 * bay
    brace = line(lean, 0.065, pixel) * (cell(column, row, seed=at.seed + 3) < 0.35)
    grain = 0.2 * noise(torch.stack([face.along * 6, face.up * 6], -1)) * fade(at.distance, 0.2)
    beams = tint((0.085, 0.052, 0.032), at.base) * (1 + grain)[:, None]
    return blend(between, beams, torch.maximum(frame, brace).clamp(0, 1))


MASONRY = {
    "plaster": _wall(plaster),
    "brick": _wall(brick),
    "ashlar": _wall(ashlar),
    "rubble": _wall(rubble),
    "quay stone": _quay_stone,
    "old stone": _old_stone,
    "old column": _old_column,
    "roof tiles": _roof_tiles,
    "hip tiles": _hip_tiles,
    "spire": _spire,
}
