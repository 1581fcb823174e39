"""Facades: walls with storeys of windows, doors, shops and balconies.

All of a facade follows from the size and the seed of its box; `glow` is the share of its windows that are lit.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from cyclorama.diorama.colours import Rgb, blend, tint
from cyclorama.diorama.materials.masonry import (
    FLAT_ROOF,
    Build,
    Face,
    ashlar,
    brick,
    draw,
    face_of,
    picked,
    plaster,
    rubble,
    timber,
)
from cyclorama.diorama.materials.patterns import cell, line
from cyclorama.diorama.materials.surface import Finish, Surface, fade, varied
from cyclorama.diorama.materials.windows import (
    GLASS_HIGH,
    GLASS_LOW,
    IRON,
    PALE_TRIM,
    TRIM,
    WARM,
    Bays,
    Look,
    bays,
    glass,
    lamplit,
    windows,
)
from cyclorama.diorama.noise import Real, noise

DOORS: tuple[Rgb, ...] = ((0.16, 0.08, 0.04), (0.05, 0.14, 0.09), (0.33, 0.05, 0.04), (0.05, 0.10, 0.22))
SIGNS: tuple[Rgb, ...] = (
    (0.05, 0.10, 0.07),
    (0.30, 0.04, 0.05),
    (0.04, 0.07, 0.17),
    (0.50, 0.36, 0.10),
    (0.06, 0.06, 0.06),
    (0.42, 0.40, 0.36),
)
GROUND_STOREY_M = 4.2


def _shops(at: Surface, face: Face, look: Look) -> Look:
    """Shop windows, doors and signs on the ground floor."""
    grid = bays(face, 3.6, GROUND_STOREY_M, low_m=0.0, high_m=0.0)
    ground = line(face.up - GROUND_STOREY_M / 2, GROUND_STOREY_M / 2, face.pixel) * (1 - face.top)
    grid = Bays(grid.u, face.up, grid.column, 0 * grid.storey, grid.wide, grid.tall, ground, face.pixel)
    kind = grid.chance(6, at)
    look = look.over(picked(SIGNS, kind) * 0.8, grid.rectangle(0.0, 1.75, grid.wide / 2 - 0.22, 1.75))
    sign = picked(SIGNS, grid.chance(7, at))
    letters = noise(torch.stack([grid.u * 4.2 + 9 * kind, 0 * kind + 3.5], -1)) > 0.05
    written = grid.rectangle(0.0, 3.22, grid.wide * 0.30, 0.13) * letters * fade(at.distance, 0.5)
    look = look.over(sign, grid.rectangle(0.0, 3.22, grid.wide / 2 - 0.26, 0.30)).over(PALE_TRIM, 0.75 * written)
    lit = (grid.chance(8, at) < at.glow * 1.5).to(kind)
    wares = noise(torch.stack([grid.u * 2.3 + 20 * kind, grid.v * 2.8], -1))
    colour = varied(blend(GLASS_LOW, GLASS_HIGH, (0.2 + 0.2 * grid.v).clamp(0, 1)), 0.45 * wares)
    light = picked(WARM, grid.chance(9, at)) * (lit * (0.75 + 0.30 * wares * fade(at.distance, 0.4)))[:, None]
    pane = grid.rectangle(0.0, 1.65, grid.wide / 2 - 0.42, 1.12)
    look = look.shining(colour, light, pane)
    door = grid.rectangle(grid.wide * 0.22, 1.30, 0.52, 1.30)
    look = look.shining(colour * 0.8, light * 0.8, door)
    bars = grid.rectangle(grid.wide * 0.22 - 0.56, 1.4, 0.05, 1.4) + grid.rectangle(
        grid.wide * 0.22 + 0.56, 1.4, 0.05, 1.4
    )
    bars = bars + grid.rectangle(-grid.wide * 0.16, 1.65, 0.035, 1.12)
    return look.over(IRON, bars.clamp(0, 1))


def _door(at: Surface, face: Face, look: Look) -> Look:
    """A door with a light over it, in the middle of the front."""
    across, low = face.front * 1.0, 1.08
    leaf = across * line(face.along, 0.52, face.pixel) * line(face.up - low, 1.08, face.pixel)
    around = across * line(face.along, 0.72, face.pixel) * line(face.up - low, 1.32, face.pixel)
    wall = across * line(face.along, 1.0, face.pixel) * line(face.up - low, 1.5, face.pixel)
    look = look.over(at.base, wall).over(PALE_TRIM, around)
    panel = torch.sin(face.along * 18) * fade(at.distance, 0.3)
    look = look.over(varied(picked(DOORS, draw(at, 5)), 0.12 * panel), leaf)
    light = across * line(face.along, 0.42, face.pixel) * line(face.up - 1.93, 0.15, face.pixel)
    return look.shining(GLASS_HIGH, tint(WARM[0], at.base) * (0.8 * (at.glow > 0))[:, None], light)


def _cornices(at: Surface, face: Face, look: Look, grid: Bays, trim: Tensor) -> Look:
    """A cornice under the eaves, bands between the storeys, a plinth."""
    top = line(face.tall - face.up, 0.34, face.pixel) * (1 - face.top)
    under = line(face.tall - face.up - 0.44, 0.10, face.pixel) * (1 - face.top)
    band = grid.rectangle(0.0, 0.02, grid.wide, 0.07) * (draw(at, 6) < 0.6)
    look = look.over(trim, 0.7 * band).over(trim, top)
    look = Look(look.albedo * (1 - 0.4 * under)[:, None], look.emission)
    return look.over(tint((0.36, 0.34, 0.31), at.base).expand_as(at.base), 0.7 * line(face.up, 0.5, face.pixel))


def _town_house(build: Build, *, shops: bool, balconied: Real) -> Callable[[Surface], Finish]:
    """A house of several storeys; with `shops` on its ground floor, or a door."""
    low = GROUND_STOREY_M if shops else 0.35

    def rule(at: Surface) -> Finish:
        face = face_of(at)
        grid = bays(face, 2.1 + 0.9 * draw(at, 7), 3.2, low_m=low, high_m=0.55)
        pale = (at.base * 0.55 + tint((0.30, 0.29, 0.27), at.base)).clamp(max=0.82)
        look = Look(build(at, face), torch.zeros_like(at.base))
        look = _cornices(at, face, look, grid, pale)
        balconies = (draw(at, 8) < balconied).to(pale) * (grid.storey > 0.5 - shops)
        shutters = (draw(at, 9) < 0.5).to(pale) * (1 - balconies)
        look = windows(at, look, grid, trim=pale, shutters=shutters, balconies=balconies)
        look = _shops(at, face, look) if shops else _door(at, face, look)
        return _under_roof(look, face)

    return rule


def _under_roof(look: Look, face: Face) -> Finish:
    look = look.over(FLAT_ROOF, face.top)
    return Finish(look.albedo.clamp(0.004, 0.95), look.emission)


def _cottage(build: Build) -> Callable[[Surface], Finish]:
    """A house of one or two low storeys with a door in its front."""

    def rule(at: Surface) -> Finish:
        face = face_of(at)
        grid = bays(face, 2.7, 2.65, low_m=0.15, high_m=0.1)
        look = Look(build(at, face), torch.zeros_like(at.base))
        shutters = (draw(at, 9) < 0.62).to(at.base)
        trim = picked((PALE_TRIM, TRIM, (0.30, 0.20, 0.12)), draw(at, 6))
        look = windows(at, look, grid, trim=trim, shutters=shutters, balconies=0 * shutters)
        look = _flower_boxes(at, look, grid)
        return _under_roof(_door(at, face, look), face)

    return rule


def _flower_boxes(at: Surface, look: Look, grid: Bays) -> Look:
    """Boxes of flowers on the sills of some houses."""
    some = (draw(at, 10) < 0.5).to(at.seed)
    high = (grid.tall * (0.46 + 0.14 * draw(at, 2))).clamp(max=2.3)
    sill = (grid.tall - high) * 0.52
    half = (grid.wide * (0.17 + 0.07 * draw(at, 1))).clamp(max=0.72)
    petals = noise(torch.stack([grid.u * 9 + grid.column * 7, grid.v * 9], -1)) * fade(at.distance, 0.15)
    bloom = picked(((0.55, 0.05, 0.07), (0.62, 0.16, 0.30), (0.70, 0.45, 0.06)), draw(at, 11))
    colour = blend((0.07, 0.15, 0.04), bloom, (0.5 + 0.9 * petals).clamp(0, 1))
    look = look.over(colour, some * grid.rectangle(0.0, sill + 0.10, half + 0.08, 0.13))
    return look.over((0.20, 0.11, 0.06), some * grid.rectangle(0.0, sill - 0.08, half + 0.1, 0.07))


def _tower(at: Surface) -> Finish:
    """A tall block of offices: a grid of windows between piers."""
    face = face_of(at)
    grid = bays(face, 1.7 + 1.4 * draw(at, 1), 3.5, low_m=1.0, high_m=1.2)
    look = Look(plaster(at, face), torch.zeros_like(at.base))
    half, high = grid.wide * (0.32 + 0.12 * draw(at, 2)), grid.tall * (0.46 + 0.22 * draw(at, 3))
    colour, light = glass(at, grid, 0.9, high, half)
    look = look.shining(colour, light * 0.9, grid.rectangle(0.0, 0.9 + high / 2, half, high / 2))
    look = look.over(at.base * 0.6, 0.6 * grid.rectangle(0.0, 0.05, grid.wide, 0.09))
    return _under_roof(look, face)


def _glass_tower(at: Surface) -> Finish:
    """A tower all of glass: it mirrors the sky, more of it higher up, in panes that differ a little."""
    face = face_of(at)
    grid = bays(face, 1.5 + 0.5 * draw(at, 1), 3.6, low_m=0.5, high_m=0.3)
    level = (face.up / face.tall).clamp(0, 1)
    cloud = noise(torch.stack([face.along / 11, face.up / 17], -1) + at.seed[:, None])
    pane = 0.16 * (grid.chance(1, at) - 0.5) * fade(at.distance, 2.0)
    mirrored = varied(at.base, 0.30 * cloud + pane) * (0.55 + 0.75 * level)[:, None]
    light = lamplit(at, grid, 0 * level + 0.5, 0 * level) * 0.85
    look = Look(blend(mirrored, GLASS_LOW, 0.25 * (1 - level)), torch.zeros_like(at.base))
    look = look.shining(mirrored, light, grid.rectangle(0.0, grid.tall / 2, grid.wide * 0.46, grid.tall * 0.36))
    bars = grid.rectangle(grid.wide / 2, grid.tall / 2, 0.06, grid.tall) + grid.rectangle(0.0, 0.0, grid.wide, 0.20)
    return _under_roof(look.over(at.base * 0.35, 0.75 * bars.clamp(0, 1)), face)


def _warehouse(at: Surface) -> Finish:
    """Brick piers, arched gates below and small windows with iron bars above."""
    face = face_of(at)
    grid = bays(face, 4.2, 3.4, low_m=0.1, high_m=0.5)
    look = Look(brick(at, face), torch.zeros_like(at.base))
    pier = grid.rectangle(grid.wide / 2, grid.tall / 2, 0.32, grid.tall)
    look = Look(look.albedo * (1 + 0.16 * pier)[:, None], look.emission)
    look = look.over((0.52, 0.47, 0.40), 0.8 * grid.rectangle(0.0, 0.02, grid.wide, 0.10))
    low = (grid.storey < 0.5).to(at.seed) * face.front
    gate = low * _arched(grid, 1.25, 2.0)
    look = look.over((0.50, 0.45, 0.38), low * _arched(grid, 1.45, 2.1))
    boards = torch.sin(grid.u * (6.28319 / 0.24)) * fade(at.distance, 0.2)
    look = look.over(varied(picked(DOORS, draw(at, 5)), 0.18 * boards), gate)
    window = (1 - low) * _arched(grid, 0.62, 1.7) * (grid.v > 0.9)
    colour, light = glass(at, grid, 0.9, 0 * grid.u + 1.4, 0 * grid.u + 0.62)
    look = look.over((0.50, 0.45, 0.38), (1 - low) * _arched(grid, 0.76, 1.8) * (grid.v > 0.78))
    look = look.shining(colour, light, window)
    bars = grid.rectangle(0.0, 1.6, 0.03, 0.9) + grid.rectangle(0.0, 1.7, 0.62, 0.03)
    return _under_roof(look.over(IRON, window * bars.clamp(0, 1)), face)


def _arched(grid: Bays, half: Real, springing: Real) -> Tensor:
    """Share of a pixel that an opening with a round arch covers."""
    rise = (grid.v - springing).clamp(min=0)
    away = torch.sqrt(grid.u.square() + rise.square())
    return grid.there * ((half - away) / grid.pixel + 0.5).clamp(0, 1) * (grid.v > 0)


def _church(at: Surface) -> Finish:
    """Tall windows with round arches; at night coloured glass shines."""
    face = face_of(at)
    stone = torch.where((draw(at, 1) < 0.5)[:, None], plaster(at, face), ashlar(at, face))
    grid = bays(face, 3.3, 30.0, low_m=0.6, high_m=0.5)
    look = Look(stone, torch.zeros_like(at.base))
    spring = (grid.tall * 0.66).clamp(max=4.6)
    rise = (grid.v - spring).clamp(min=0)
    away = torch.sqrt(grid.u.square() + rise.square())
    above = line(grid.v - 1.3 - grid.tall, grid.tall, grid.pixel) * grid.there
    pane = ((0.55 - away) / grid.pixel + 0.5).clamp(0, 1) * above
    around = ((0.76 - away) / grid.pixel + 0.5).clamp(0, 1) * grid.there * (grid.v > 1.1)
    look = look.over((0.56, 0.53, 0.47), around)
    hue = cell(torch.floor(grid.u / 0.28), torch.floor(grid.v / 0.42), grid.column, seed=at.seed)
    stained = picked(((1.0, 0.62, 0.18), (0.9, 0.22, 0.10), (0.22, 0.40, 0.95), (1.1, 0.80, 0.40)), hue)
    lit = 0.75 * (at.glow > 0).to(hue)
    look = look.shining(0.10 * stained, stained * lit[:, None], pane)
    return _under_roof(_door(at, face, look), face)


def _gable(build: Build) -> Callable[[Surface], Finish]:
    """The wall under a roof's end, with a window in it where there is room."""

    def rule(at: Surface) -> Finish:
        face = face_of(at)
        room = ((face.tall > 2.2) & (at.local[:, 2].abs() > 0.98)).to(at.seed)
        middle, colour = face.up - 0.36 * face.tall, blend(GLASS_LOW, GLASS_HIGH, 0.4 + 0.4 * draw(at, 1))
        look = Look(build(at, face), torch.zeros_like(at.base))
        around = room * line(face.along, 0.62, face.pixel) * line(middle, 0.78, face.pixel)
        pane = room * line(face.along, 0.46, face.pixel) * line(middle, 0.62, face.pixel)
        lit = (draw(at, 2) < at.glow).to(room)
        look = look.over(PALE_TRIM, around).shining(colour, tint(WARM[1], room) * lit[:, None], pane)
        bars = line(face.along, 0.035, face.pixel) + line(middle - 0.15, 0.03, face.pixel)
        look = look.over(PALE_TRIM, 0.9 * pane * bars.clamp(0, 1))
        return Finish(look.albedo.clamp(0.004, 0.95), look.emission)

    return rule


FACADES = {
    "plaster gable": _gable(plaster),
    "brick gable": _gable(brick),
    "rubble gable": _gable(rubble),
    "timber gable": _gable(timber),
    "facade": _town_house(plaster, shops=True, balconied=0.35),
    "brick facade": _town_house(brick, shops=True, balconied=0.15),
    "stone facade": _town_house(ashlar, shops=True, balconied=0.5),
    "town house": _town_house(plaster, shops=False, balconied=0.25),
    "cottage": _cottage(plaster),
    "brick cottage": _cottage(brick),
    "stone cottage": _cottage(rubble),
    "timber cottage": _cottage(timber),
    "tower": _tower,
    "glass tower": _glass_tower,
    "warehouse": _warehouse,
    "church": _church,
}
