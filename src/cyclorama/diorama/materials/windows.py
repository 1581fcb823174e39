"""Windows on walls: bays and storeys, panes with bars and curtains, shutters, balconies, light at night.

Far away a pattern turns into its own mean, so that it never flickers.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import Rgb, blend
from cyclorama.diorama.materials.masonry import Face, draw, picked
from cyclorama.diorama.materials.patterns import cell, line
from cyclorama.diorama.materials.surface import Surface, fade, varied
from cyclorama.diorama.noise import Real, smoothstep

SHUTTERS: tuple[Rgb, ...] = (
    (0.07, 0.17, 0.10),
    (0.10, 0.20, 0.30),
    (0.22, 0.11, 0.06),
    (0.34, 0.07, 0.05),
    (0.50, 0.50, 0.47),
    (0.13, 0.27, 0.27),
)
WARM: tuple[Rgb, ...] = (
    (1.35, 0.72, 0.26),
    (1.15, 0.62, 0.22),
    (1.25, 0.86, 0.44),
    (0.95, 0.50, 0.16),
    (1.10, 0.92, 0.62),
)
TRIM, PALE_TRIM, IRON = (0.55, 0.52, 0.46), (0.74, 0.72, 0.68), (0.03, 0.03, 0.035)
GLASS_LOW, GLASS_HIGH, CURTAIN = (0.025, 0.030, 0.036), (0.16, 0.22, 0.29), (0.50, 0.46, 0.38)


@dataclass(frozen=True)
class Bays:
    """A wall in equal bays and storeys: metres `u` beside the middle of a bay and `v` above the floor of a storey, the
    numbers of both, the size of one bay, and 1 where there are storeys."""

    u: Float[Tensor, " n"]
    v: Float[Tensor, " n"]
    column: Float[Tensor, " n"]
    storey: Float[Tensor, " n"]
    wide: Float[Tensor, " n"]
    tall: Float[Tensor, " n"]
    there: Float[Tensor, " n"]
    pixel: Float[Tensor, " n"]

    def rectangle(
        self, u: Tensor | Real, v: Tensor | Real, half_u: Tensor | Real, half_v: Tensor | Real
    ) -> Float[Tensor, " n"]:
        """Share of a pixel that a rectangle around (u, v) of each bay covers."""
        return (
            self.there
            * _periodic(self.u - u, half_u, self.wide, self.pixel)
            * _periodic(self.v - v, half_v, self.tall, self.pixel)
        )

    def chance(self, number: int, at: Surface) -> Float[Tensor, " n"]:
        """A draw in [0, 1) for each window."""
        return cell(self.column, self.storey, seed=at.seed + 7.0 * number)


def _periodic(x: Tensor, half: Tensor | Real, period: Tensor, pixel: Tensor) -> Tensor:
    offset = x - torch.round(x / period) * period
    return line(offset, half, torch.minimum(pixel, period))


def bays(face: Face, wide_m: Tensor | Real, storey_m: Tensor | Real, *, low_m: Real, high_m: Real) -> Bays:
    """The bays of a wall above `low_m` and `high_m` below its top: as many as fit sizes of about these."""
    count = (2 * face.half / wide_m).round().clamp(min=1)
    wide = 2 * face.half / count
    tall_all = face.tall - low_m - high_m
    storeys = (tall_all / storey_m).round().clamp(min=1)
    tall = tall_all / storeys
    column = torch.floor((face.along + face.half) / wide).clamp(min=0)
    column = torch.minimum(column, count - 1)
    storey = torch.floor((face.up - low_m) / tall)
    middle = line(face.up - low_m - tall_all / 2, tall_all / 2, face.pixel) * (1 - face.top)
    u, v = face.along + face.half - (column + 0.5) * wide, face.up - low_m - storey * tall
    return Bays(u, v, column, storey, wide, tall, middle, face.pixel)


@dataclass(frozen=True)
class Look:
    """Albedo and light given off, made part by part."""

    albedo: Float[Tensor, "n 3"]
    emission: Float[Tensor, "n 3"]

    def over(self, colour: Rgb | Tensor, share: Tensor) -> "Look":
        """The same with something dark painted on it."""
        return Look(blend(self.albedo, colour, share), self.emission * (1 - share)[:, None])

    def shining(self, colour: Rgb | Tensor, light: Tensor, share: Tensor) -> "Look":
        """The same with glass of that colour and light in it."""
        return Look(blend(self.albedo, colour, share), blend(self.emission, light, share))


def glass(at: Surface, grid: Bays, sill: Tensor | Real, high: Tensor, half: Tensor) -> tuple[Tensor, Tensor]:
    """Colour and light of panes: they mirror a little sky, some have curtains, some a lamp behind them."""
    level = ((grid.v - sill) / high).clamp(0, 1)
    chance = grid.chance(1, at)
    shine = (0.25 + 0.75 * level) * (0.45 + 0.75 * chance)
    colour = blend(GLASS_LOW, GLASS_HIGH, shine.clamp(0, 1))
    drawn = (grid.chance(2, at) < 0.4).to(level)
    aside = smoothstep(0.35, 0.75, grid.u.abs() / half) * drawn
    colour = blend(colour, CURTAIN, 0.55 * aside)
    return colour, lamplit(at, grid, level, aside)


def lamplit(at: Surface, grid: Bays, level: Tensor, aside: Tensor) -> Tensor:
    chance = grid.chance(3, at)
    lit = (chance < at.glow).to(chance)
    # where a pixel covers several windows the light of each is the mean of all
    far = smoothstep(0.6, 1.6, grid.pixel / grid.wide)
    lit = torch.lerp(lit, at.glow.clamp(0, 1), far)
    strength = (0.50 + 0.75 * grid.chance(4, at)) * (1.12 - 0.35 * level) * (1 - 0.35 * aside)
    return picked(WARM, grid.chance(5, at)) * (lit * strength)[:, None]


def windows(at: Surface, look: Look, grid: Bays, *, trim: Rgb | Tensor, shutters: Tensor, balconies: Tensor) -> Look:
    """A window in each bay: surround, shutters, sill, panes with bars, and on some houses a balcony."""
    half = (grid.wide * (0.17 + 0.07 * draw(at, 1))).clamp(max=0.72)
    high = (grid.tall * (0.46 + 0.14 * draw(at, 2))).clamp(max=2.3)
    high = torch.lerp(high, grid.tall * 0.68, (balconies * (high < 2.2)).clamp(0, 1))
    sill = torch.lerp((grid.tall - high) * 0.52, grid.tall * 0.06, balconies)
    middle = sill + high / 2
    leaf = half * 0.48
    look = look.over(trim, 0.85 * grid.rectangle(0.0, middle, half + 0.14, high / 2 + 0.14))
    look = look.over(_louvred(at, grid), shutters * grid.rectangle(half + leaf, middle, leaf, high / 2))
    look = look.over(_louvred(at, grid), shutters * grid.rectangle(-half - leaf, middle, leaf, high / 2))
    shadow = 1 - 0.45 * grid.rectangle(0.0, sill - 0.18, half + 0.2, 0.10)
    look = Look(look.albedo * shadow[:, None], look.emission)
    look = look.over(trim, grid.rectangle(0.0, sill - 0.05, half + 0.2, 0.06))
    colour, light = glass(at, grid, sill, high, half)
    look = look.shining(colour, light, grid.rectangle(0.0, middle, half, high / 2))
    reveal = grid.rectangle(0.0, sill + high - 0.05, half, 0.07)
    look = look.over(GLASS_LOW, 0.7 * reveal)
    bars = grid.rectangle(0.0, middle, 0.035, high / 2) + grid.rectangle(0.0, sill + 0.66 * high, half, 0.03)
    rim = grid.rectangle(0.0, middle, half, high / 2) - grid.rectangle(0.0, middle, half - 0.05, high / 2 - 0.05)
    look = look.over(PALE_TRIM, 0.9 * (bars + rim).clamp(0, 1))
    return _balcony(at, look, grid, half, balconies)


def _louvred(at: Surface, grid: Bays) -> Tensor:
    slats = torch.sin(grid.v * (6.28319 / 0.11)) * fade(at.distance, 0.09)
    return varied(picked(SHUTTERS, draw(at, 3)), 0.22 * slats)


def _balcony(at: Surface, look: Look, grid: Bays, half: Tensor, balconies: Tensor) -> Look:
    """A slab, its shadow and a railing of thin bars before the lower part of a window."""
    chosen = balconies * (torch.remainder(grid.column + torch.floor(3 * draw(at, 4)), 2.0) < 0.5)
    wide = half + 0.42
    rail = torch.sin(grid.u * (6.28319 / 0.16)) * fade(at.distance, 0.14)
    bars = grid.rectangle(0.0, 0.60, wide, 0.46) * (0.42 + 0.42 * rail)
    look = look.over(IRON, chosen * bars.clamp(0, 1))
    look = look.over(IRON, chosen * grid.rectangle(0.0, 1.06, wide, 0.035))
    look = look.over(TRIM, chosen * grid.rectangle(0.0, 0.08, wide, 0.09))
    return look.over(IRON, 0.55 * chosen * grid.rectangle(0.0, grid.tall - 0.2, wide, 0.2))
