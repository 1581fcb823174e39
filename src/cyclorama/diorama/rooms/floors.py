"""Floors: planks, herringbone, tiles, chequered marble, carpet and concrete."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import Rgb, blend, scaled, tint
from cyclorama.diorama.materials.patterns import cell, edge, line, seams, square
from cyclorama.diorama.noise import Real, fbm, noise, smoothstep

PLANK_M, BOARD_M, BLOCK_M, BLOCK_RATIO = 0.15, 1.4, 0.09, 5


@dataclass(frozen=True)
class Floor:
    """`kind` is one of FLOORS; `second` the other colour of a chequer or a tile's joint; `tile_m` a tile's width."""

    kind: str
    colour: Rgb
    second: Rgb = (0.05, 0.05, 0.05)
    tile_m: Real = 0.5

    def colour_at(self, points: Float[Tensor, "n 3"], pixel: Float[Tensor, " n"]) -> Float[Tensor, "n 3"]:
        """Albedo at points of the floor."""
        return FLOORS[self.kind](self, points[:, 0], points[:, 2], pixel)


def _grain(along: Tensor, across: Tensor, board: Tensor, pixel: Tensor) -> Tensor:
    """Streaks of wood, different on every board; gone where they would be finer than a pixel."""
    fine = noise(torch.stack([across * 55 + 7 * board, along * 2.2], -1)) * smoothstep(0.06, 0.01, pixel)
    return fine + 0.8 * fbm(torch.stack([across * 12 + 5 * board, along * 0.9 + 3 * board], -1), 2)


def _planks(floor: Floor, x: Tensor, z: Tensor, pixel: Tensor) -> Tensor:
    plank = torch.floor(x / PLANK_M)
    shifted = z + BOARD_M * cell(plank)
    board = torch.floor(shifted / BOARD_M)
    tone = cell(plank, board) - 0.5
    seam = torch.maximum(seams(x, PLANK_M, 0.0025, pixel), seams(shifted, BOARD_M, 0.0025, pixel))
    shade = 1 + 0.34 * tone + 0.09 * _grain(z, x, tone * 9, pixel)
    return blend(tint(floor.colour, x) * shade[:, None], scaled(floor.colour, 0.35), seam * 0.9)


def _herringbone(floor: Floor, x: Tensor, z: Tensor, pixel: Tensor) -> Tensor:
    """Blocks laid at right angles: along each diagonal row the cell's phase says which block covers it."""
    a, b = (x + z) * 0.70711 / BLOCK_M, (z - x) * 0.70711 / BLOCK_M
    i, j = torch.floor(a), torch.floor(b)
    phase = torch.remainder(i - j, 2.0 * BLOCK_RATIO)
    lying = phase < BLOCK_RATIO
    start_i, start_j = i - phase, j - (2 * BLOCK_RATIO - 1 - phase)
    along = torch.where(lying, a - start_i, b - start_j)
    across = torch.where(lying, b - j, a - i)
    tone = cell(torch.where(lying, start_i, i), torch.where(lying, j, start_j), seed=0.3) - 0.5
    joints = torch.minimum(torch.minimum(along, BLOCK_RATIO - along), torch.minimum(across, 1 - across)) * BLOCK_M
    seam = line(joints, 0.0016, pixel) * smoothstep(0.16, 0.02, pixel)
    light = torch.where(lying, 0.07, -0.07) * smoothstep(0.3, 0.05, pixel)
    shade = 1 + light + 0.30 * tone * smoothstep(0.2, 0.03, pixel)
    shade = shade + 0.06 * _grain(along * BLOCK_M, across * BLOCK_M, tone * 30, pixel)
    return blend(tint(floor.colour, x) * shade[:, None], scaled(floor.colour, 0.4), seam * 0.8)


def _tiles(floor: Floor, x: Tensor, z: Tensor, pixel: Tensor) -> Tensor:
    """Square tiles of one colour, each a little different, with joints."""
    i, j = torch.floor(x / floor.tile_m), torch.floor(z / floor.tile_m)
    joint = torch.maximum(seams(x, floor.tile_m, 0.005, pixel), seams(z, floor.tile_m, 0.005, pixel))
    shade = 1 + 0.12 * (cell(i, j) - 0.5) + 0.07 * fbm(torch.stack([x * 2.3 + 3 * i, z * 2.3 + 5 * j], -1), 3)
    return blend(tint(floor.colour, x) * shade[:, None], floor.second, joint * 0.8)


def _veins(x: Tensor, z: Tensor, shift: Tensor | Real, pixel: Tensor) -> Tensor:
    """Thin wandering lines of marble, in [0, 1]."""
    chart = torch.stack([x * 0.9 + shift, z * 0.9 - shift], -1)
    warped = fbm(chart * 1.3, 3)
    vein = (fbm(chart + 0.5 * warped[:, None], 3)).abs()
    return smoothstep(0.10, 0.0, vein) * smoothstep(0.25, 0.03, pixel)


def _chequer(floor: Floor, x: Tensor, z: Tensor, pixel: Tensor) -> Tensor:
    """Two marbles by turns."""
    sharp = pixel / floor.tile_m
    mixed = 0.5 + 0.5 * square(x / floor.tile_m, sharp) * square(z / floor.tile_m, sharp)
    i, j = torch.floor(x / floor.tile_m), torch.floor(z / floor.tile_m)
    shift = 6 * cell(i, j)
    vein, shade = _veins(x, z, shift, pixel), 1 + 0.10 * (cell(i, j, seed=0.4) - 0.5)
    pale = blend(tint(floor.colour, x) * shade[:, None], scaled(floor.colour, 0.62), vein * 0.6)
    dark = blend(tint(floor.second, x) * shade[:, None], (0.30, 0.29, 0.27), vein * 0.35)
    joint = torch.maximum(seams(x, floor.tile_m, 0.003, pixel), seams(z, floor.tile_m, 0.003, pixel))
    return blend(dark, pale, mixed) * (1 - 0.35 * joint)[:, None]


def _marble(floor: Floor, x: Tensor, z: Tensor, pixel: Tensor) -> Tensor:
    """Large slabs with small dark squares where their corners meet."""
    i, j = torch.floor(x / floor.tile_m), torch.floor(z / floor.tile_m)
    vein = _veins(x, z, 5 * cell(i, j), pixel)
    slab = tint(floor.colour, x) * (1 + 0.08 * (cell(i, j) - 0.5))[:, None]
    slab = blend(slab, scaled(floor.colour, 0.6), vein * 0.55)
    u, v = (w - torch.round(w / floor.tile_m) * floor.tile_m for w in (x, z))
    corner = edge(u.abs() + v.abs(), 0.22 * floor.tile_m, pixel * 1.4)
    joint = torch.maximum(seams(x, floor.tile_m, 0.002, pixel), seams(z, floor.tile_m, 0.002, pixel))
    return blend(slab * (1 - 0.3 * joint)[:, None], floor.second, corner * smoothstep(0.5, 0.1, pixel))


def _carpet(floor: Floor, x: Tensor, z: Tensor, pixel: Tensor) -> Tensor:
    """Carpet tiles, laid with the pile by turns along and across."""
    near = smoothstep(0.06, 0.012, pixel)
    i, j = torch.floor(x / floor.tile_m), torch.floor(z / floor.tile_m)
    turned = square(x / floor.tile_m, pixel / floor.tile_m) * square(z / floor.tile_m, pixel / floor.tile_m)
    pile = noise(torch.stack([x * 60, z * 60], -1)) * near + 0.6 * fbm(torch.stack([x, z], -1) * 1.1, 2)
    shade = 1 + 0.05 * turned + 0.08 * pile + 0.05 * (cell(i, j) - 0.5)
    return tint(floor.colour, x) * shade[:, None]


def _concrete(floor: Floor, x: Tensor, z: Tensor, pixel: Tensor) -> Tensor:
    cloudy = fbm(torch.stack([x * 0.8, z * 0.8], -1), 4)
    joint = torch.maximum(seams(x, 2.4, 0.004, pixel), seams(z, 2.4, 0.004, pixel))
    return tint(floor.colour, x) * (1 + 0.14 * cloudy - 0.4 * joint)[:, None]


FLOORS: dict[str, Callable[[Floor, Tensor, Tensor, Tensor], Tensor]] = {
    "planks": _planks,
    "herringbone": _herringbone,
    "tiles": _tiles,
    "chequer": _chequer,
    "marble": _marble,
    "carpet": _carpet,
    "concrete": _concrete,
}
