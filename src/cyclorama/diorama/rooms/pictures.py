"""What paintings show: landscapes, seas, abstract fields, portraits and still lifes, all drawn from a number.

Coordinates u (to the right) and v (up) are in [-1, 1]; `aspect` is width over height.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import Rgb, blend, tint
from cyclorama.diorama.noise import Real, fbm, noise, smoothstep

Chart = Float[Tensor, " n"]


class Palette:
    """Colours that belong to a number: `hue(k)` is the k-th, in [0, 1]; `colour(k)` a muted one."""

    def __init__(self, seed: Real) -> None:
        self.seed = seed

    def hue(self, k: int) -> float:
        return math.sin(self.seed * (1.7 + 0.9 * k) + 2.3 * k) * 43.37 % 1.0

    def colour(self, k: int, strength: float = 0.6) -> Rgb:
        turn = 2 * math.pi * self.hue(k)
        red, green, blue = (0.5 + 0.5 * math.cos(turn + phase) for phase in (0.0, 2.1, 4.2))
        light = 0.12 + 0.4 * self.hue(k + 7)
        return (
            light * (1 - strength + 1.5 * strength * red) * 1.1,
            light * (1 - strength + 1.4 * strength * green),
            light * (1 - strength + 1.3 * strength * blue) * 0.9,
        )


def painting(u: Chart, v: Chart, aspect: Real, seed: Real) -> Float[Tensor, "n 3"]:
    """The albedo of a canvas; tall ones are portraits more often."""
    palette = Palette(seed)
    kinds = (_portrait, _portrait, _abstract, _still_life) if aspect < 0.95 else WIDE
    colour = kinds[int(palette.hue(11) * len(kinds)) % len(kinds)](palette, u, v, aspect)
    strokes = fbm(torch.stack([u * aspect * 7 + seed, v * 9], -1), 2)
    return (colour * (1 + 0.10 * strokes)[:, None]).clamp(0.01, 0.9)


def _landscape(palette: Palette, u: Chart, v: Chart, aspect: Real) -> Tensor:
    """Hills in three depths under a sky, with a low sun and trees."""
    warm = palette.hue(1)
    sky = blend((0.75, 0.55 + 0.1 * warm, 0.36), (0.24 + 0.2 * warm, 0.40, 0.62), smoothstep(-0.1, 0.9, v))
    puffs = smoothstep(0.1, 0.5, fbm(torch.stack([u * aspect * 1.5 + palette.seed, v * 3], -1), 3))
    colour = blend(sky, (0.82, 0.76, 0.68), puffs * 0.7)
    green = (0.10 + 0.22 * warm, 0.22, 0.07)
    for k in range(3):
        ridge = (
            0.25 - 0.35 * k + 0.22 * noise(torch.stack([u * aspect * (1.1 + k) + 9.1 * k + palette.seed, u * 0], -1))
        )
        far = 1 - k / 2.5
        hill = (green[0] + 0.22 * far, green[1] + 0.15 * far, green[2] + 0.32 * far)
        colour = blend(colour, hill, smoothstep(0.02, -0.02, v - ridge))
    for k in range(5):
        x, y = 2 * palette.hue(20 + k) - 1, -0.45 - 0.3 * palette.hue(30 + k)
        crown = ((u - x) * aspect) ** 2 * 3 + (v - y - 0.16) ** 2
        ragged = 0.02 * noise(torch.stack([u * 9, v * 9], -1))
        colour = blend(colour, (0.05, 0.10, 0.04), smoothstep(0.045, 0.03, crown + ragged))
    return colour


def _sea(palette: Palette, u: Chart, v: Chart, aspect: Real) -> Tensor:
    """A ship on the sea under a big sky."""
    horizon = -0.25 + 0.2 * palette.hue(2)
    glow = torch.exp(-((u - palette.hue(3) + 0.5) ** 2) * 2 - (v - horizon).abs() * 2.5)
    sky = blend((0.32, 0.42, 0.52), (0.92, 0.62, 0.32), glow)
    clouds = smoothstep(0.0, 0.6, fbm(torch.stack([u * aspect * 1.6 + palette.seed, v * 3.3], -1), 3))
    sky = blend(sky, (0.66, 0.58, 0.56), clouds * 0.6)
    waves = fbm(torch.stack([u * aspect * 5, (v - horizon) * 16 + palette.seed], -1), 2)
    water = blend((0.05, 0.15, 0.20), (0.42, 0.42, 0.38), (0.45 + 0.5 * waves).clamp(0, 1) * (0.3 + glow))
    colour = blend(sky, water, smoothstep(0.01, -0.01, v - horizon))
    x = (u - palette.hue(4) + 0.4) * aspect
    hull = smoothstep(0.05, 0.04, (v - horizon + 0.02).abs()) * smoothstep(
        0.22, 0.20, x.abs() + 0.3 * (v - horizon).abs()
    )
    height = (v - horizon - 0.05) / 0.55
    sail = smoothstep(0.0, 0.03, height) * smoothstep(0.02, 0.0, x.abs() - 0.20 * (1 - height))
    return blend(blend(colour, (0.80, 0.74, 0.60), sail * (height < 1)), (0.10, 0.06, 0.04), hull)


def _abstract(palette: Palette, u: Chart, v: Chart, aspect: Real) -> Tensor:
    """Fields of colour with soft borders, or discs and bars on a pale ground."""
    if palette.hue(5) < 0.45:
        colour = tint(palette.colour(0, 0.8), u).expand(len(u), 3)
        edges = (-0.5 + 0.3 * palette.hue(6), 0.1 + 0.3 * palette.hue(8))
        wobble = 0.03 * fbm(torch.stack([u * 6, v * 6 + palette.seed], -1), 2)
        for k, low in enumerate(edges):
            inside = smoothstep(0.90, 0.84, u.abs() + wobble) * smoothstep(low, low + 0.05, v + wobble)
            colour = blend(colour, palette.colour(k + 1, 0.95), inside * smoothstep(0.92, 0.86, v + wobble))
        return colour
    colour = tint((0.72, 0.68, 0.60), u).expand(len(u), 3)
    for k in range(6):
        x, y, size = (2 * palette.hue(10 + 3 * k + j) - 1 for j in range(3))
        out = (((u - x * 0.7) * aspect) ** 2 + (v - y * 0.7) ** 2).sqrt()
        turned = (u - x * 0.6) * aspect * math.cos(3 * size) + (v - y * 0.6) * math.sin(3 * size)
        shape = smoothstep(0.02, -0.02, out - 0.2 - 0.15 * abs(size)) if k % 2 else smoothstep(0.05, 0.04, turned.abs())
        colour = blend(colour, palette.colour(k, 1.0), shape * 0.92)
    return colour


def _portrait(palette: Palette, u: Chart, v: Chart, aspect: Real) -> Tensor:
    """A head and shoulders before a dark ground, lit from one side."""
    x, side = u * min(aspect, 1.2), 1 if palette.hue(1) > 0.5 else -1
    vignette = (u * u + (v - 0.1) ** 2).clamp(max=2)
    colour = blend(palette.colour(2, 0.35), (0.04, 0.035, 0.03), (0.35 + 0.4 * vignette).clamp(0, 1))
    coat = smoothstep(0.02, -0.02, v + 0.28 + 0.9 * (x.abs() - 0.12).clamp(min=0) ** 1.4)
    colour = blend(colour, palette.colour(3, 0.7), coat)
    colour = blend(
        colour, (0.78, 0.74, 0.66), smoothstep(0.03, 0.0, x.abs() - 0.12 - 0.3 * (v + 0.5)) * (v < -0.28) * coat
    )
    hair = smoothstep(0.02, -0.02, ((x / 0.30) ** 2 + ((v - 0.24) / 0.40) ** 2).sqrt() - 1)
    tone = (0.10 + 0.3 * palette.hue(6), 0.06 + 0.14 * palette.hue(6), 0.03)
    colour = blend(colour, tone, hair)
    skin = 0.35 + 0.6 * palette.hue(9)
    light = (0.75 + 0.9 * side * x).clamp(0.35, 1.1)
    face = tint((0.68 * skin, 0.44 * skin, 0.31 * skin), u) * light[:, None]
    neck = smoothstep(0.02, -0.02, x.abs() - 0.11) * smoothstep(-0.42, -0.36, v) * (v < 0.1)
    head = smoothstep(0.02, -0.02, ((x / 0.23) ** 2 + ((v - 0.14) / 0.33) ** 2).sqrt() - 1)
    colour = blend(colour, face, torch.maximum(head, neck * 0.8))
    eyes = smoothstep(0.035, 0.02, (((x.abs() - 0.085) / 1.4) ** 2 + (v - 0.19) ** 2).sqrt())
    mouth = smoothstep(0.025, 0.01, (v + 0.02).abs()) * smoothstep(0.07, 0.05, x.abs())
    return blend(blend(colour, (0.06, 0.04, 0.03), eyes), (0.36, 0.10, 0.08), mouth * 0.8)


def _still_life(palette: Palette, u: Chart, v: Chart, aspect: Real) -> Tensor:
    """A vase of flowers on a table before a wall."""
    colour = blend(palette.colour(1, 0.4), palette.colour(2, 0.4), (0.5 + 0.5 * u).clamp(0, 1))
    colour = blend(colour, (0.34, 0.20, 0.10), smoothstep(-0.53, -0.57, v))
    x = u * aspect
    vase = smoothstep(0.02, -0.02, x.abs() - 0.17 - 0.07 * torch.cos((v + 0.45) * 6)) * (v > -0.78) * (v < -0.12)
    shine = tint(palette.colour(3, 0.9), u) * (1 + 0.6 * torch.exp(-((x + 0.07) ** 2) * 200))[:, None]
    colour = blend(colour, shine, vase)
    for k in range(11):
        turn, out = 2.4 * k, 0.12 + 0.42 * palette.hue(40 + k)
        dx, dy = x - out * math.cos(turn), v - 0.28 - out * 0.8 * math.sin(turn)
        petals = 0.11 + 0.03 * torch.cos(5 * torch.atan2(dy, dx) + k)
        bloom = smoothstep(0.02, -0.01, (dx * dx + dy * dy).sqrt() - petals)
        colour = blend(colour, (0.08, 0.18, 0.06) if k % 3 == 0 else palette.colour(k % 4, 1.0), bloom)
    return colour


WIDE = (_landscape, _landscape, _sea, _abstract, _abstract, _still_life)
