"""Rooms seen from inside: walls with windows, doors, pictures and lights, as rectangles on the sides of a box.

The room spans x in [-half_x, half_x], z in [-half_z, half_z], y in [0, height]. Walls are numbered front (-z), right
(+x), back (+z), left (-x); a rectangle on a wall has `u` along the wall (to the right as seen from inside) and `v` up.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from cyclorama.diorama.colours import Rgb, blend, tint
from cyclorama.diorama.noise import Real, fbm, noise, smoothstep

FRONT, RIGHT, BACK, LEFT, FLOOR, CEILING = range(6)
FRAME_M, PLANK_M, BOARD_M = 0.07, 0.16, 1.3
_OUT = torch.tensor([[0.0, 0, -1], [1, 0, 0], [0, 0, 1], [-1, 0, 0], [0, -1, 0], [0, 1, 0]])
_SIDES_AHEAD, _SIDES_BEHIND = torch.tensor([RIGHT, CEILING, BACK]), torch.tensor([LEFT, FLOOR, FRONT])
_RIGHT = torch.tensor([[1.0, 0, 0], [0, 0, 1], [-1, 0, 0], [0, 0, -1]])


@dataclass(frozen=True)
class Panel:
    """A rectangle on a wall: `kind` is window, picture or door; centre (u, v) and half sizes in metres."""

    wall: int
    kind: str
    centre: tuple[Real, Real]
    half: tuple[Real, Real]
    seed: Real = 0.0


@dataclass(frozen=True)
class Rug:
    """A patterned rectangle on the floor; centre (x, z) and half sizes in metres."""

    centre: tuple[Real, Real]
    half: tuple[Real, Real]
    colour: Rgb


@dataclass(frozen=True)
class Room:
    """Shell of a room, sizes in metres."""

    half_x: Real
    half_z: Real
    height: Real
    wall_colour: Rgb
    floor_colour: Rgb
    panels: tuple[Panel, ...]
    rug: Rug | None = None

    @property
    def windows(self) -> tuple[Panel, ...]:
        return tuple(p for p in self.panels if p.kind == "window")

    def exit(
        self, points: Float[Tensor, "n 3"], dirs: Float[Tensor, "n 3"]
    ) -> tuple[Float[Tensor, " n"], Int[Tensor, " n"]]:
        """Distance along each ray to the shell and the side (wall, floor or ceiling) that it meets."""
        low = torch.tensor([-self.half_x, 0.0, -self.half_z], device=points.device)
        high = torch.tensor([self.half_x, self.height, self.half_z], device=points.device)
        safe = torch.where(dirs.abs() < 1e-9, 1e-9, dirs)
        t, axis = torch.where(safe > 0, (high - points) / safe, (low - points) / safe).min(dim=-1)
        positive = torch.gather(safe, 1, axis[:, None])[:, 0] > 0
        side = torch.where(positive, _SIDES_AHEAD.to(axis.device)[axis], _SIDES_BEHIND.to(axis.device)[axis])
        return t, side

    def inward_normal(self, side: Int[Tensor, " n"]) -> Float[Tensor, "n 3"]:
        """Unit normals of sides, into the room."""
        return -_OUT.to(side.device)[side]

    def on_panel(self, panel: Panel, points: Float[Tensor, "n 3"]) -> tuple[Float[Tensor, " n"], Float[Tensor, " n"]]:
        """Coordinates of points relative to the panel in units of its half sizes."""
        u = points @ _RIGHT.to(points.device)[panel.wall]
        return (u - panel.centre[0]) / panel.half[0], (points[:, 1] - panel.centre[1]) / panel.half[1]

    def through_window(self, points: Float[Tensor, "n 3"], side: Int[Tensor, " n"]) -> Bool[Tensor, " n"]:
        """Which points of the shell lie on glass (not on a frame or a bar)."""
        open_ = torch.zeros_like(side, dtype=torch.bool)
        for panel in self.windows:
            u, v = self.on_panel(panel, points)
            bars = (u.abs() < 0.035 / panel.half[0]) | ((v - 0.35).abs() < 0.03 / panel.half[1])
            open_ |= (side == panel.wall) & (u.abs() < 1) & (v.abs() < 1) & ~bars
        return open_

    def panel_centre(self, panel: Panel, device: torch.device) -> Float[Tensor, "3"]:
        """World point in the middle of a panel."""
        along, height = panel.centre
        centre = _OUT[panel.wall] * self.reach(panel.wall) + _RIGHT[panel.wall] * along
        return (centre + torch.tensor([0.0, height, 0.0])).to(device)

    def reach(self, wall: int) -> Real:
        """Distance of a wall from the middle of the room in metres."""
        return self.half_z if wall in (FRONT, BACK) else self.half_x

    def colour(self, points: Float[Tensor, "n 3"], side: Int[Tensor, " n"]) -> Float[Tensor, "n 3"]:
        """Albedo of the shell."""
        plaster = 1 + 0.03 * fbm(points[:, :2] * 1.3 + points[:, 2:], 2)
        colour = tint(self.wall_colour, points) * plaster[:, None]
        skirting = (points[:, 1] < 0.12).to(points)
        colour = blend(colour, (0.72, 0.70, 0.66), skirting)
        colour = torch.where((side == CEILING)[:, None], tint((0.80, 0.79, 0.76), points), colour)
        colour = torch.where((side == FLOOR)[:, None], self._floor(points), colour)
        for panel in self.panels:
            u, v = self.on_panel(panel, points)
            framed = (u.abs() < 1 + FRAME_M / panel.half[0]) & (v.abs() < 1 + FRAME_M / panel.half[1])
            here = (side == panel.wall) & framed
            colour = torch.where(here[:, None], _panel_colour(panel, u, v), colour)
        return colour

    def _floor(self, points: Tensor) -> Tensor:
        floor = _planks(self.floor_colour, points)
        return floor if self.rug is None else _on_rug(self.rug, points, floor)


def _planks(colour: Rgb, points: Tensor) -> Tensor:
    plank = torch.floor(points[:, 0] / PLANK_M)
    board = torch.floor((points[:, 2] + 0.7 * plank) / BOARD_M)
    grain = noise(torch.stack([points[:, 0] * 14, points[:, 2] * 1.2 + plank], -1))
    shade = noise(torch.stack([plank * 1.31, board * 2.77], -1))
    seam = smoothstep(0.46, 0.5, (points[:, 0] / PLANK_M - plank - 0.5).abs())
    return tint(colour, points) * (1 + 0.20 * shade + 0.08 * grain - 0.25 * seam)[:, None]


def _on_rug(rug: Rug, points: Tensor, floor: Tensor) -> Tensor:
    """The floor with a rug on it: a chequer of two shades and a pale border."""
    (x, z), (half_x, half_z) = rug.centre, rug.half
    u, v = (points[:, 0] - x) / half_x, (points[:, 2] - z) / half_z
    rim = torch.maximum(u.abs(), v.abs())
    chequer = 0.5 + 0.5 * torch.sin(u * half_x * 21) * torch.sin(v * half_z * 21)
    red, green, blue = rug.colour
    paler = (0.45 * red + 0.25, 0.45 * green + 0.25, 0.45 * blue + 0.25)
    colour = blend(rug.colour, paler, (chequer > 0.55).to(points) * 0.7)
    colour = blend(colour, (0.70, 0.64, 0.52), ((rim > 0.84) & (rim < 0.92)).to(points))
    return torch.where((rim < 1)[:, None], colour, floor)


def _panel_colour(panel: Panel, u: Tensor, v: Tensor) -> Tensor:
    frame = (u.abs() > 1 - 0.02 / panel.half[0]) | (v.abs() > 1 - 0.02 / panel.half[1])
    if panel.kind == "window":
        return tint((0.82, 0.81, 0.78), u).expand(len(u), 3)
    if panel.kind == "door":
        grooves = ((u.abs() - 0.45).abs() < 0.05) & (v.abs() < 0.8)
        rails = (v.abs() - 0.05).abs() < 0.02
        return blend((0.34, 0.20, 0.11), (0.20, 0.12, 0.07), (grooves | rails | frame).to(u))
    return blend(_painting(panel, u, v), (0.30, 0.20, 0.08), frame.to(u))


def _painting(panel: Panel, u: Tensor, v: Tensor) -> Tensor:
    """An abstract landscape: warped bands in a palette drawn from the panel's seed, a disc above them."""
    hue = [0.5 + 0.5 * torch.sin(torch.tensor(panel.seed * (1.7 + 0.9 * k) + k)).item() for k in range(6)]
    ground = (0.10 + 0.6 * hue[0], 0.08 + 0.4 * hue[1], 0.06 + 0.4 * hue[2])
    air = (0.25 + 0.6 * hue[3], 0.25 + 0.5 * hue[4], 0.20 + 0.6 * hue[5])
    foreground = (ground[2], ground[0], ground[1])
    bands = v + 0.35 * fbm(torch.stack([u * 1.6 + panel.seed, v * 1.6], -1), 4)
    colour = blend(ground, air, smoothstep(-0.3, 0.2, bands))
    colour = blend(colour, foreground, smoothstep(-0.45, -0.55, bands))
    aspect = panel.half[0] / panel.half[1]
    disc = (u - 0.8 * hue[0] + 0.4) ** 2 * aspect**2 + (v - 0.45) ** 2
    return blend(colour, (0.9, 0.75 * hue[1] + 0.1, 0.2), smoothstep(0.06, 0.05, disc))
