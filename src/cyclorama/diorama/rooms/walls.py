"""Walls and ceilings: plaster, wallpaper, wood panelling, tiles and stone; beams, coffers and cornices."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import Rgb, blend, scaled, tint
from cyclorama.diorama.materials.patterns import band, cell, line, seams, square
from cyclorama.diorama.noise import Real, fbm, noise, smoothstep

WHITE = (0.78, 0.77, 0.73)


@dataclass(frozen=True)
class Walls:
    """`kind` is one of WALLS. Below `dado_m` the wall is `lower` (0: not divided); `trim` is the skirting's colour.

    A `feature` wall, numbered as in shell.py, has the colour `accent`.
    """

    kind: str
    colour: Rgb
    second: Rgb = WHITE
    lower: Rgb = WHITE
    dado_m: Real = 0.0
    dado: str = "panels"
    trim: Rgb = WHITE
    feature: int = -1
    accent: Rgb = WHITE
    cornice_m: Real = 0.0

    def colour_at(self, along: Tensor, up: Tensor, side: Tensor, pixel: Tensor, top: Real) -> Float[Tensor, "n 3"]:
        """Albedo at points of walls, metres along them and above the floor; the wall ends at `top`."""
        base = tint(self.colour, up).expand(len(up), 3)
        if self.feature >= 0:
            base = torch.where((side == self.feature)[:, None], tint(self.accent, up), base)
        colour = WALLS[self.kind](self, base, along, up, pixel)
        if self.dado_m:
            low = DADOS[self.dado](self, along, up, pixel)
            colour = blend(colour, low, line(up, self.dado_m, pixel))
            colour = blend(colour, scaled(self.lower, 1.1), line(up - self.dado_m, 0.025, pixel))
            colour = blend(colour, scaled(self.lower, 0.55), line(up - self.dado_m + 0.035, 0.008, pixel))
        skirting = blend(self.trim, scaled(self.trim, 0.6), line(up - 0.12, 0.006, pixel))
        colour = blend(colour, skirting, line(up, 0.125, pixel))
        return self._cornice(colour, top - up, pixel) if self.cornice_m else colour

    def _cornice(self, colour: Tensor, below: Tensor, pixel: Tensor) -> Tensor:
        """Mouldings under the ceiling."""
        steps = 1 - 0.16 * torch.sin(below / self.cornice_m * 15).clamp(-0.4, 1)
        return blend(colour, tint(self.trim, below) * steps[:, None], line(below, self.cornice_m, pixel))


@dataclass(frozen=True)
class Ceiling:
    """`kind` is one of CEILINGS; `second` is the colour of beams, ribs or the grid, `pitch_m` their distance."""

    kind: str = "plain"
    colour: Rgb = WHITE
    second: Rgb = WHITE
    pitch_m: Real = 1.2

    def colour_at(self, x: Tensor, z: Tensor, pixel: Tensor) -> Float[Tensor, "n 3"]:
        """Albedo at points of the ceiling: x across and z along, metres on its surface."""
        return CEILINGS[self.kind](self, x, z, pixel)


def _plaster(walls: Walls, base: Tensor, along: Tensor, up: Tensor, pixel: Tensor) -> Tensor:
    return base * (1 + 0.035 * fbm(torch.stack([along * 1.1, up * 1.1], -1), 3))[:, None]


def _striped(walls: Walls, base: Tensor, along: Tensor, up: Tensor, pixel: Tensor) -> Tensor:
    """Wallpaper in wide stripes with thin lines beside them."""
    stripe = 0.5 + 0.5 * square(along / 0.14, pixel / 0.14)
    thin = seams(along + 0.03, 0.28, 0.006, pixel) + seams(along - 0.17, 0.28, 0.006, pixel)
    return blend(blend(base, walls.second, stripe * 0.8), scaled(walls.second, 0.7), thin * 0.5)


def _damask(walls: Walls, base: Tensor, along: Tensor, up: Tensor, pixel: Tensor) -> Tensor:
    """Wallpaper with leafy medallions in staggered rows."""
    column = torch.floor(along / 0.36)
    u = along / 0.36 - column - 0.5
    v = torch.remainder(up / 0.54 + 0.5 * torch.remainder(column, 2.0), 1.0) - 0.5
    turn, out = torch.atan2(v, u), (u * u * 1.6 + v * v).sqrt()
    leaf = out - 0.26 - 0.09 * torch.cos(6 * turn) * torch.cos(2 * turn)
    ring = (out - 0.12).abs() - 0.025
    shape = torch.maximum(smoothstep(0.02, -0.02, leaf) * smoothstep(-0.01, 0.02, ring), smoothstep(0.05, 0.03, out))
    return blend(base, walls.second, shape * 0.75 * smoothstep(0.18, 0.05, pixel))


def _floral(walls: Walls, base: Tensor, along: Tensor, up: Tensor, pixel: Tensor) -> Tensor:
    """Small sprigs scattered over the paper."""
    i, j = torch.floor(along / 0.22), torch.floor(up / 0.22)
    u = along / 0.22 - i - 0.5 - 0.3 * (cell(i, j) - 0.5)
    v = up / 0.22 - j - 0.5 - 0.3 * (cell(i, j, seed=0.5) - 0.5)
    out, turn = (u * u + v * v).sqrt(), torch.atan2(v, u) + 6 * cell(i, j, seed=0.8)
    petals = smoothstep(0.03, -0.02, out - 0.17 - 0.07 * torch.cos(5 * turn))
    return blend(base, walls.second, petals * 0.8 * smoothstep(0.12, 0.03, pixel))


def _panelled(walls: Walls, base: Tensor, along: Tensor, up: Tensor, pixel: Tensor) -> Tensor:
    """Wood panelling up to the ceiling."""
    return _fields(base, along, up, pixel, across=0.8, high=1.15, wood=True)


def _boarded(walls: Walls, base: Tensor, along: Tensor, up: Tensor, pixel: Tensor) -> Tensor:
    """Upright boards with grooves."""
    board = torch.floor(along / 0.13)
    grain = noise(torch.stack([along * 40, up * 1.6 + 5 * board], -1)) * smoothstep(0.05, 0.01, pixel)
    shade = 1 + 0.12 * (cell(board) - 0.5) + 0.05 * grain - 0.5 * seams(along, 0.13, 0.005, pixel)
    return base * shade[:, None]


def _fields(
    base: Tensor, along: Tensor, up: Tensor, pixel: Tensor, *, across: Real, high: Real, wood: bool = False
) -> Tensor:
    """Sunken fields with bevelled rims: bright below, dark above."""
    i, j = torch.floor(along / across), torch.floor(up / high)
    u, v = (along / across - i - 0.5) * across, (up / high - j - 0.5) * high
    inner = torch.minimum(0.5 * across - 0.09 - u.abs(), 0.5 * high - 0.11 - v.abs())
    rim = line(inner, 0.014, pixel)
    shade = 1 - rim * torch.where(v > 0, 0.42, 0.12) + 0.18 * line(inner - 0.026, 0.010, pixel) * (v < 0)
    if wood:
        streak = noise(torch.stack([along * 34 + 9 * i, up * 1.7 + 3 * j], -1)) * smoothstep(0.05, 0.01, pixel)
        shade = shade + 0.10 * streak + 0.10 * (cell(i, j) - 0.5) + 0.06 * (inner > 0)
    return base * shade[:, None]


def _brick(walls: Walls, base: Tensor, along: Tensor, up: Tensor, pixel: Tensor) -> Tensor:
    row = torch.floor(up / 0.075)
    shifted = along + 0.12 * torch.remainder(row, 2.0)
    stone = cell(torch.floor(shifted / 0.24), row)
    joint = torch.maximum(seams(shifted, 0.24, 0.006, pixel), seams(up, 0.075, 0.006, pixel))
    shade = 1 + 0.4 * (stone - 0.5) * smoothstep(0.12, 0.02, pixel) + 0.06 * fbm(torch.stack([along, up], -1) * 3, 2)
    return blend(base * shade[:, None], walls.second, joint * 0.8)


def _ashlar(walls: Walls, base: Tensor, along: Tensor, up: Tensor, pixel: Tensor) -> Tensor:
    """Large dressed stones in courses."""
    row = torch.floor(up / 0.52)
    shifted = along + 0.55 * torch.remainder(row, 2.0)
    stone = cell(torch.floor(shifted / 1.1), row) - 0.5
    joint = torch.maximum(seams(shifted, 1.1, 0.007, pixel), seams(up, 0.52, 0.007, pixel))
    shade = 1 + 0.10 * stone + 0.07 * fbm(torch.stack([along * 1.7, up * 1.7], -1) + stone[:, None], 3)
    return base * (shade - 0.35 * joint)[:, None]


def _pilasters(walls: Walls, base: Tensor, along: Tensor, up: Tensor, pixel: Tensor) -> Tensor:
    """Marble fields between pale upright strips."""
    veins = fbm(torch.stack([along * 1.6, up * 0.8], -1), 4)
    colour = base * (1 + 0.22 * veins)[:, None]
    frame = _fields(colour, along, up, pixel, across=1.6, high=2.4)
    strip = seams(along, 1.6, 0.13, pixel)
    fluted = 1 - 0.12 * torch.sin((along / 0.0325).clamp(-9999, 9999) * 3.14159) * smoothstep(0.04, 0.008, pixel)
    return blend(frame, tint(walls.second, up) * fluted[:, None], strip)


def _dado_panels(walls: Walls, along: Tensor, up: Tensor, pixel: Tensor) -> Tensor:
    base = tint(walls.lower, up).expand(len(up), 3)
    return _fields(base, along, up, pixel, across=0.7, high=walls.dado_m, wood=walls.lower[2] < 0.3)


def _dado_tiles(walls: Walls, along: Tensor, up: Tensor, pixel: Tensor) -> Tensor:
    """Small glazed tiles in staggered rows."""
    row = torch.floor(up / 0.1)
    shifted = along + 0.1 * torch.remainder(row, 2.0)
    joint = torch.maximum(seams(shifted, 0.2, 0.003, pixel), seams(up, 0.1, 0.003, pixel))
    shade = 1 + 0.14 * (cell(torch.floor(shifted / 0.2), row) - 0.5) * smoothstep(0.15, 0.03, pixel)
    return blend(tint(walls.lower, up) * shade[:, None], WHITE, joint * 0.8)


def _even(ceiling: Ceiling, x: Tensor, z: Tensor, pixel: Tensor) -> Tensor:
    return tint(ceiling.colour, x) * (1 + 0.02 * fbm(torch.stack([x, z], -1), 2))[:, None]


def _boards(ceiling: Ceiling, x: Tensor, z: Tensor, pixel: Tensor) -> Tensor:
    board = torch.floor(x / 0.14)
    shade = 1 + 0.18 * (cell(board) - 0.5) - 0.5 * seams(x, 0.14, 0.005, pixel)
    streak = noise(torch.stack([x * 40, z * 1.5], -1)) * smoothstep(0.05, 0.01, pixel)
    return tint(ceiling.colour, x) * (shade + 0.07 * streak)[:, None]


def _coffers(ceiling: Ceiling, x: Tensor, z: Tensor, pixel: Tensor) -> Tensor:
    """Sunken squares between ribs: shaded at their rims, a rosette in the middle."""
    u, v = ((w / ceiling.pitch_m - torch.floor(w / ceiling.pitch_m) - 0.5) * ceiling.pitch_m for w in (x, z))
    inner = 0.38 * ceiling.pitch_m - torch.maximum(u.abs(), v.abs())
    field = (inner / pixel + 0.5).clamp(0, 1)
    deep = 1 - 0.40 * torch.exp(-inner.clamp(min=0) * 9) + 0.10 * (v > 0)
    rosette = line((u * u + v * v).sqrt(), 0.07 * ceiling.pitch_m, pixel)
    sunken = blend(tint(ceiling.colour, x) * deep[:, None], ceiling.second, rosette * 0.7)
    rib = tint(ceiling.second, x) * (1 - 0.25 * line(inner + 0.05, 0.012, pixel))[:, None]
    return blend(rib, sunken, field)


def _grid(ceiling: Ceiling, x: Tensor, z: Tensor, pixel: Tensor) -> Tensor:
    """Hung panels in a metal grid, finely holed."""
    holes = noise(torch.stack([x * 60, z * 60], -1)) * smoothstep(0.05, 0.01, pixel)
    joint = torch.maximum(seams(x, ceiling.pitch_m, 0.011, pixel), seams(z, ceiling.pitch_m, 0.011, pixel))
    return blend(tint(ceiling.colour, x) * (1 + 0.04 * holes)[:, None], ceiling.second, joint * 0.8)


def _medallion(ceiling: Ceiling, x: Tensor, z: Tensor, pixel: Tensor) -> Tensor:
    """A stucco rose in the middle."""
    out, turn = (x * x + z * z).sqrt(), torch.atan2(x, z)
    relief = torch.cos(turn * 12) * band(out, 0.15, 0.42, pixel) + 1.5 * torch.cos(out * 60) * band(
        out, 0.42, 0.55, pixel
    )
    return tint(ceiling.colour, x) * (1 + 0.06 * relief)[:, None]


WALLS: dict[str, Callable[[Walls, Tensor, Tensor, Tensor, Tensor], Tensor]] = {
    "plaster": _plaster,
    "stripes": _striped,
    "damask": _damask,
    "floral": _floral,
    "panelling": _panelled,
    "boards": _boarded,
    "brick": _brick,
    "ashlar": _ashlar,
    "pilasters": _pilasters,
}
DADOS = {"panels": _dado_panels, "tiles": _dado_tiles}
CEILINGS: dict[str, Callable[[Ceiling, Tensor, Tensor, Tensor], Tensor]] = {
    "plain": _even,
    "boards": _boards,
    "coffers": _coffers,
    "grid": _grid,
    "medallion": _medallion,
}
