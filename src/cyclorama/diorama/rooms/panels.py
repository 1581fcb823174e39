"""Rectangles on the sides of a room: windows, doors, paintings, mirrors, clocks and boards.

A panel on a wall has `u` along the wall (to the right as seen from inside) and `v` up; on the ceiling u is x, v is -z.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from cyclorama.diorama.colours import Rgb, blend, tint
from cyclorama.diorama.materials.patterns import band, line
from cyclorama.diorama.noise import Real, fbm, smoothstep
from cyclorama.diorama.rooms.pictures import painting
from cyclorama.diorama.rooms.shell import ALONG, UPWARD

BAR_M, CLOCK_HANDS = 0.022, ((0.52, 1.1, 0.045), (0.78, 4.4, 0.03))
RISE = 1.0  # of half the height, at most, is an arch
FRAMES_M = {"window": 0.08, "door": 0.10, "painting": 0.07, "mirror": 0.06, "whiteboard": 0.03, "clock": 0.0}
DARK_FRAME = (0.06, 0.04, 0.03)


@dataclass(frozen=True)
class Panel:
    """A rectangle on a side of the room: centre (u, v) and half sizes in metres; `kind` is the thing that it shows.

    `arched` rounds the top; `bars` are the panes of a window, across and up; `colour` is that of the frame or the door.
    """

    wall: int
    kind: str
    centre: tuple[Real, Real]
    half: tuple[Real, Real]
    seed: Real = 0.0
    arched: bool = False
    bars: tuple[int, int] = (2, 2)
    colour: Rgb = (0.80, 0.79, 0.76)
    colour_word: str = ""

    @property
    def frame(self) -> Real:
        """Width in metres of the frame around it."""
        return FRAMES_M.get(self.kind, 0.0)

    def coordinates(self, points: Float[Tensor, "n 3"]) -> tuple[Float[Tensor, " n"], Float[Tensor, " n"]]:
        """Metres to the right of and above the middle of the panel."""
        u, v = points @ ALONG.to(points)[self.wall], points @ UPWARD.to(points)[self.wall]
        return u - self.centre[0], v - self.centre[1]

    def inside(self, u: Float[Tensor, " n"], v: Float[Tensor, " n"], margin: Real = 0.0) -> Float[Tensor, " n"]:
        """Metres to the outline of the panel grown by `margin`, positive inside."""
        half_u, half_v = self.half[0] + margin, self.half[1] + margin
        if self.kind == "clock":
            return half_u - (u * u + v * v).sqrt()
        straight = torch.minimum(half_u - u.abs(), half_v - v.abs())
        if not self.arched:
            return straight
        rise = min(half_u, RISE * half_v)
        above = v - (half_v - rise)
        round_ = (1 - ((u / half_u) ** 2 + (above / rise) ** 2).sqrt()) * rise
        return torch.where(above > 0, torch.minimum(straight, round_), straight)

    def glass(self, u: Float[Tensor, " n"], v: Float[Tensor, " n"]) -> Bool[Tensor, " n"]:
        """Which points lie on the glass of a window, not on its bars."""
        across, up = self.bars
        open_ = self.inside(u, v) > 0
        if across > 1:
            open_ &= _from_lines(u, self.half[0], across) > BAR_M
        if up > 1:
            open_ &= _from_lines(v, self.half[1], up) > BAR_M
        return open_

    def colour_at(self, u: Tensor, v: Tensor, pixel: Tensor) -> tuple[Tensor, Tensor]:
        """Albedo at points given in metres, and how much of each point is the panel or its frame."""
        share = (self.inside(u, v, self.frame) / pixel + 0.5).clamp(0, 1)
        face = LOOKS[self.kind](self, u, v, pixel)
        return face, share


def _from_lines(x: Tensor, half: Real, count: int) -> Tensor:
    """Distance to the nearest of the lines that cut [-half, half] into `count` equal parts."""
    step = 2 * half / count
    place = ((x + half) / step).round().clamp(1, count - 1)
    return (x + half - place * step).abs()


def _frame_shade(panel: Panel, u: Tensor, v: Tensor) -> Tensor:
    """A bevel: light from above on the lower part of a frame, shade in its inner edge."""
    depth = (-panel.inside(u, v)).clamp(min=0) / max(panel.frame, 1e-3)
    slant = torch.where(v > panel.half[1], 0.86, torch.where(v < -panel.half[1], 1.12, 1.0))
    return slant * (1 - 0.35 * torch.exp(-depth * 8)) * (0.94 + 0.12 * torch.sin(depth * 9).abs())


def _framed(panel: Panel, face: Tensor, frame: Rgb, u: Tensor, v: Tensor, pixel: Tensor) -> Tensor:
    """A face in a bevelled frame."""
    on_face = (panel.inside(u, v) / pixel + 0.5).clamp(0, 1)
    return blend(tint(frame, u) * _frame_shade(panel, u, v)[:, None], face, on_face)


def _window(panel: Panel, u: Tensor, v: Tensor, pixel: Tensor) -> Tensor:
    return tint(panel.colour, u) * (_frame_shade(panel, u, v) * 0.97)[:, None]


def _door(panel: Panel, u: Tensor, v: Tensor, pixel: Tensor) -> Tensor:
    """A leaf of six or four sunken fields, or two leaves of a wide door, with a handle."""
    leaf = torch.remainder(u + panel.half[0], panel.half[0]) - panel.half[0] / 2 if panel.half[0] > 0.6 else u
    half = panel.half[0] / 2 if panel.half[0] > 0.6 else panel.half[0]
    fields = torch.zeros_like(u)
    for low, high in ((-0.90, -0.20), (-0.08, 0.86)):
        middle, tall = (low + high) / 2 * panel.half[1], (high - low) / 2 * panel.half[1]
        for side in (-1, 1):
            inner = torch.minimum(half * 0.33 - (leaf - side * half * 0.44).abs(), tall - (v - middle).abs())
            fields = fields + line(inner - 0.012, 0.014, pixel) * torch.where(v > middle + tall * 0.9, 1.3, 0.9)
    grain = fbm(torch.stack([u * 16 + panel.seed, v * 1.3], -1), 2)
    face = tint(panel.colour, u) * (1 + 0.07 * grain - 0.38 * fields)[:, None]
    between = line(u, 0.006, pixel) if panel.half[0] > 0.6 else torch.zeros_like(u)
    face = blend(face, face * 0.4, between)
    knob_u = 0.07 if panel.half[0] > 0.6 else panel.half[0] - 0.07
    knob = ((0.03 - ((u - knob_u) ** 2 + (v + 0.03) ** 2).sqrt()) / pixel + 0.5).clamp(0, 1)
    return _framed(panel, blend(face, (0.55, 0.42, 0.18), knob), panel.colour, u, v, pixel)


def _painting(panel: Panel, u: Tensor, v: Tensor, pixel: Tensor) -> Tensor:
    face = painting(u / panel.half[0], v / panel.half[1], panel.half[0] / panel.half[1], panel.seed)
    mount = 0.035 * (int(panel.seed * 7) % 3 == 0)
    face = blend(face, (0.80, 0.78, 0.73), (0.5 - (panel.inside(u, v) - mount) / pixel).clamp(0, 1) * (mount > 0))
    return _framed(panel, face, panel.colour, u, v, pixel)


def _mirror(panel: Panel, u: Tensor, v: Tensor, pixel: Tensor) -> Tensor:
    sheen = smoothstep(0.9, 0.0, (u * 0.8 + v - 0.1).abs() / panel.half[1])
    face = blend((0.42, 0.46, 0.49), (0.78, 0.82, 0.84), 0.25 + 0.6 * sheen)
    return _framed(panel, face, panel.colour, u, v, pixel)


def _clock(panel: Panel, u: Tensor, v: Tensor, pixel: Tensor) -> Tensor:
    """A white dial with twelve marks, two hands and a rim."""
    radius = panel.half[0]
    out, angle = (u * u + v * v).sqrt(), torch.atan2(u, v)
    hour = (angle * 6 / torch.pi).round() * torch.pi / 6
    beside = (u * torch.cos(hour) - v * torch.sin(hour)).abs()
    mark = line(beside, 0.03 * radius, pixel) * band(out, 0.74 * radius, 0.88 * radius, pixel)
    for reach, turn, width in CLOCK_HANDS:
        turn = torch.tensor(turn + panel.seed)
        along, off = u * torch.sin(turn) + v * torch.cos(turn), u * torch.cos(turn) - v * torch.sin(turn)
        hand = line(off, width * radius, pixel) * band(along, -0.1 * radius, reach * radius, pixel)
        mark = torch.maximum(mark, hand)
    face = blend((0.85, 0.84, 0.80), DARK_FRAME, mark)
    return blend(face, tint(panel.colour, u), smoothstep(0.90, 0.93, out / radius))


def _whiteboard(panel: Panel, u: Tensor, v: Tensor, pixel: Tensor) -> Tensor:
    """Lines of handwriting, a box and a curve in two inks."""
    row = torch.floor(v / 0.11)
    ragged = fbm(torch.stack([u * 38 + row * 7.7 + panel.seed, row * 3.1 + v * 12], -1), 2)
    length = (0.35 + 0.55 * torch.sin(row * 2.4 + panel.seed).abs()) * panel.half[0]
    text = line(v - (row + 0.5) * 0.11 - 0.03 * ragged, 0.008, pixel) * (ragged > -0.35)
    text = text * (u > -panel.half[0] * 0.88) * (u < -panel.half[0] * 0.9 + length)
    curve = v - 0.3 * panel.half[1] * torch.sin(u * 4 + panel.seed) - 0.1 * panel.half[1]
    curve = line(curve, 0.012, pixel) * (u > panel.half[0] * 0.2) * (u < panel.half[0] * 0.86)
    axes = line(u - panel.half[0] * 0.18, 0.006, pixel) * (v.abs() < 0.6 * panel.half[1])
    axes = torch.maximum(axes, line(v + 0.6 * panel.half[1], 0.006, pixel) * (u > panel.half[0] * 0.18))
    inside = band(u, -0.9 * panel.half[0], 0.9 * panel.half[0], pixel) * (v.abs() < 0.85 * panel.half[1])
    face = blend((0.83, 0.84, 0.85), (0.06, 0.10, 0.30), torch.maximum(text, axes) * inside * 0.85)
    face = blend(face, (0.55, 0.08, 0.06), curve * inside)
    return _framed(panel, face, (0.50, 0.51, 0.52), u, v, pixel)


LOOKS = {
    "window": _window,
    "door": _door,
    "painting": _painting,
    "mirror": _mirror,
    "clock": _clock,
    "whiteboard": _whiteboard,
}
