"""Rooms seen from inside: a shell of floor, walls and ceiling, with windows, doors and pictures on it.

Sides are numbered as in shell.py; a rectangle on a wall has `u` along the wall (to the right as seen from inside) and
`v` up. A room without slopes is a box; slopes make its ceiling a gable (2) or a barrel vault (more) along z.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from cyclorama.diorama.materials.patterns import footprint
from cyclorama.diorama.noise import Real
from cyclorama.diorama.rooms.floors import Floor
from cyclorama.diorama.rooms.panels import Panel
from cyclorama.diorama.rooms.shell import (
    ALONG,
    BACK,
    CEILING,
    FLOOR,
    FRONT,
    LEFT,
    OUTWARD,
    RIGHT,
    UPWARD,
    exit_box,
    exit_slopes,
    normals_of,
    slopes,
)
from cyclorama.diorama.rooms.walls import Ceiling, Walls

USUAL_DISTANCE_M = 3.0


@dataclass(frozen=True)
class Room:
    """Shell of a room, sizes in metres. Slopes rise from `spring` on the side walls to `height` above the middle."""

    half_x: Real
    half_z: Real
    height: Real
    walls: Walls
    floor: Floor
    ceiling: Ceiling = field(default_factory=Ceiling)
    panels: tuple[Panel, ...] = ()
    spring: Real = 0.0
    facets: int = 0

    @property
    def windows(self) -> tuple[Panel, ...]:
        return tuple(p for p in self.panels if p.kind == "window")

    @property
    def slopes(self) -> tuple[tuple[float, float, float], ...]:
        return slopes(self.half_x, self.spring, self.height, self.facets)

    def exit(
        self, points: Float[Tensor, "n 3"], dirs: Float[Tensor, "n 3"]
    ) -> tuple[Float[Tensor, " n"], Int[Tensor, " n"]]:
        """Distance along each ray to the shell and the side (wall, floor, ceiling or slope) that it meets."""
        t, side = exit_box((self.half_x, self.half_z), self.height, points, dirs)
        if not self.facets:
            return t, side
        above, which = exit_slopes(self.slopes, points, dirs)
        return torch.minimum(t, above), torch.where(above < t, which + len(OUTWARD), side)

    def inward_normal(self, side: Int[Tensor, " n"]) -> Float[Tensor, "n 3"]:
        """Unit normals of sides, into the room."""
        return normals_of(self.slopes, side.device)[side]

    def through_window(self, points: Float[Tensor, "n 3"], side: Int[Tensor, " n"]) -> Bool[Tensor, " n"]:
        """Which points of the shell lie on glass (not on a frame or a bar)."""
        open_ = torch.zeros_like(side, dtype=torch.bool)
        for wall in {window.wall for window in self.windows}:
            at = (side == wall).nonzero()[:, 0]
            here = points[at]
            for window in self.windows:
                if window.wall == wall:
                    open_[at] |= window.glass(*window.coordinates(here))
        return open_

    def panel_centre(self, panel: Panel, device: torch.device) -> Float[Tensor, "3"]:
        """World point in the middle of a panel."""
        along, height = panel.centre
        centre = OUTWARD[panel.wall] * self.reach(panel.wall) + ALONG[panel.wall] * along + UPWARD[panel.wall] * height
        return centre.to(device)

    def reach(self, wall: int) -> Real:
        """Distance of a side from the middle of the floor in metres."""
        return {CEILING: self.height, FLOOR: 0.0}.get(wall, self.half_z if wall in (FRONT, BACK) else self.half_x)

    def width(self, wall: int) -> Real:
        """Length of a wall in metres."""
        return 2 * (self.half_x if wall in (FRONT, BACK) else self.half_z)

    def colour(
        self, points: Float[Tensor, "n 3"], side: Int[Tensor, " n"], distance: Float[Tensor, " n"] | None = None
    ) -> Float[Tensor, "n 3"]:
        """Albedo of the shell; `distance` from the eye in metres says how fine a pattern may be."""
        pixel = footprint(torch.full_like(points[:, 0], USUAL_DISTANCE_M) if distance is None else distance)
        colour = torch.zeros_like(points)
        for at, shade in (
            ((side == FLOOR), self._floor_colour),
            ((side >= CEILING), self._ceiling_colour),
            ((side < FLOOR), self._wall_colour),
        ):
            chosen = at.nonzero()[:, 0]
            if len(chosen):
                colour[chosen] = shade(points[chosen], side[chosen], pixel[chosen])
        return colour

    def _floor_colour(self, points: Tensor, side: Tensor, pixel: Tensor) -> Tensor:
        return self.floor.colour_at(points, pixel)

    def _ceiling_colour(self, points: Tensor, side: Tensor, pixel: Tensor) -> Tensor:
        """A vault's coffers follow its facets."""
        if not self.facets:
            colour = self.ceiling.colour_at(points[:, 0], points[:, 2], pixel)
            return self._with_panels(colour, points, side, pixel)
        planes = torch.tensor(self.slopes, device=points.device)[(side - len(OUTWARD)).clamp(min=0)]
        around = points[:, 1] * planes[:, 0] - points[:, 0] * planes[:, 1]
        facet = side - len(OUTWARD)
        corner = torch.tensor(self._corners(), device=points.device)[facet.clamp(min=0)]
        start = corner[:, 1] * planes[:, 0] - corner[:, 0] * planes[:, 1]
        pitch = self.ceiling.pitch_m
        across = (around - start).abs() / corner[:, 2] * pitch if self.facets > 2 else (around - start).abs()
        return self.ceiling.colour_at(across, points[:, 2], pixel)

    def _corners(self) -> list[tuple[float, float, float]]:
        """Where each slope begins (x, y), and its width in metres."""
        planes = self.slopes
        starts = [(-float(self.half_x), float(self.spring))]
        for (a, b, c), (d, e, f) in pairwise(planes):
            det = a * e - b * d
            starts.append(((c * e - b * f) / det, (a * f - c * d) / det))
        ends = [*starts[1:], (float(self.half_x), float(self.spring))]
        pairs = zip(starts, ends, strict=True)
        return [(x, y, ((x - p) ** 2 + (y - q) ** 2) ** 0.5) for (x, y), (p, q) in pairs]

    def _wall_colour(self, points: Tensor, side: Tensor, pixel: Tensor) -> Tensor:
        along = (points * ALONG.to(points)[side]).sum(-1)
        top = self.spring if self.facets else self.height
        colour = self.walls.colour_at(along, points[:, 1], side, pixel, top)
        return self._with_panels(colour, points, side, pixel)

    def _with_panels(self, colour: Tensor, points: Tensor, side: Tensor, pixel: Tensor) -> Tensor:
        """Panels over the shell, with their soft shadow below and beside them."""
        for panel in self.panels:
            u, v = panel.coordinates(points)
            inside = panel.inside(u, v, panel.frame)
            at = ((side == panel.wall) & (inside > -0.15)).nonzero()[:, 0]
            if len(at) == 0:
                continue
            face, share = panel.colour_at(u[at], v[at], pixel[at])
            below = panel.inside(u[at], v[at] + 0.03, panel.frame)
            shadow = 1 - 0.35 * (1 + below / 0.06).clamp(0, 1)
            colour[at] = colour[at] * (shadow * (1 - share))[:, None] + face * share[:, None]
        return colour


__all__ = ["BACK", "CEILING", "FLOOR", "FRONT", "LEFT", "RIGHT", "Ceiling", "Floor", "Panel", "Room", "Walls"]
