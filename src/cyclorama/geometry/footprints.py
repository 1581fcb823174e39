"""The pixels of a picture that discs on the sphere cover."""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.projection import Projection

_MAX_ROWS = 16  # the largest radius of a disc in pixels: what is that near is seen at a poor resolution anyway


def covered_pixels(
    dirs: Float[Tensor, "points 3"], angle: Float[Tensor, " points"], target: Projection
) -> tuple[Int[Tensor, " n"], Int[Tensor, " n"], Float[Tensor, " n"]]:
    """Point, pixel (row times width plus column) and squared distance of their directions, of all that is covered.

    A point covers the pixel in which it lies and those whose centre is within its angle (radians, at most 16 pixels),
    round the seam and across the poles.
    """
    which, rows, columns = _own_pixels(dirs, target)
    if angle.any():
        angle = angle.clamp(max=_MAX_ROWS * target.pixel_angle)
        spans = (
            _spherical_spans(dirs, angle, target) if isinstance(target, Equirect) else _flat_spans(dirs, angle, target)
        )
        which, rows, columns = (torch.cat(pair) for pair in zip((which, rows, columns), spans, strict=True))
    pixels = torch.stack([columns, rows], dim=-1).to(dirs) + 0.5
    offset = (target.pixels_to_dirs(pixels) - dirs[which]).square().sum(-1)
    return which, rows * target.width + columns, offset


def _own_pixels(dirs: Tensor, target: Projection) -> tuple[Tensor, Tensor, Tensor]:
    pixels, shown = target.dirs_to_pixels(dirs)
    which = shown.nonzero().squeeze(-1)
    x, y = pixels[which].floor().long().unbind(-1)
    wrapped = x % target.width if target.wrap == "sphere" else x.clamp(0, target.width - 1)
    return which, y.clamp(0, target.height - 1), wrapped


def _spherical_spans(dirs: Tensor, angle: Tensor, target: Equirect) -> tuple[Tensor, Tensor, Tensor]:
    (x, y), rows_per_angle = target.dirs_to_pixels(dirs)[0].unbind(-1), target.height / math.pi
    which, rows = _ranges(y - angle * rows_per_angle, y + angle * rows_per_angle, most=target.height - 1)
    lat = math.pi * (0.5 - y / target.height)[which]
    row_lat = math.pi * (0.5 - (rows + 0.5) / target.height)
    # the haversine formula gives the longitudes between which a parallel lies in the disc
    ratio = (angle[which] / 2).sin() ** 2 - ((lat - row_lat) / 2).sin() ** 2
    ratio = ratio / (lat.cos() * row_lat.cos()).clamp(min=1e-12)
    half = torch.where(ratio < 0, -1.0, ratio.clamp(0, 1).sqrt().asin() * (target.width / math.pi))
    inner, columns = _ranges(x[which] - half, x[which] + half)
    return which[inner], rows[inner], columns % target.width


def _flat_spans(dirs: Tensor, angle: Tensor, target: Projection) -> tuple[Tensor, Tensor, Tensor]:
    """The box round each disc's ellipse, and of its pixels those within the angle."""
    pixels, shown = target.dirs_to_pixels(dirs)
    angle = torch.where(shown, angle, torch.full_like(angle, -1.0))
    half = _half_extents(dirs, angle, pixels, target)
    which, rows = _ranges(pixels[:, 1] - half[:, 1], pixels[:, 1] + half[:, 1], most=target.height - 1)
    x, wide = pixels[which, 0], half[which, 0]
    inner, columns = _ranges(x - wide, x + wide, most=target.width - 1)
    which, rows = which[inner], rows[inner]
    centres = target.pixels_to_dirs(torch.stack([columns, rows], dim=-1).to(dirs) + 0.5)
    inside = (centres - dirs[which]).norm(dim=-1) <= 2 * (angle[which] / 2).sin()
    return which[inside], rows[inside], columns[inside]


def _half_extents(dirs: Tensor, angle: Tensor, pixels: Tensor, target: Projection) -> Tensor:
    axis = torch.nn.functional.one_hot(dirs.abs().argmin(-1), 3).to(dirs)
    e1 = torch.nn.functional.normalize(torch.linalg.cross(dirs, axis), dim=-1)
    e2 = torch.linalg.cross(dirs, e1)
    small = 1e-3  # radians, for the derivative of the projection
    steps = [(target.dirs_to_pixels(dirs + small * e)[0] - pixels) / small for e in (e1, e2)]
    # the projection bends within a wide disc: the box grows a little faster than its radius
    return torch.hypot(*steps) * (angle * (1 + 2 * angle)).unsqueeze(-1)


def _ranges(low: Tensor, high: Tensor, *, most: int | None = None) -> tuple[Tensor, Tensor]:
    """For each interval of coordinates the pixels whose centres are in it: which interval, and the pixel's number."""
    first, last = (low - 0.5).ceil().long(), (high - 0.5).floor().long()
    if most is not None:
        first, last = first.clamp(min=0), last.clamp(max=most)
    count = (last - first + 1).clamp(min=0)
    which = torch.repeat_interleave(torch.arange(len(low), device=low.device), count)
    within = torch.arange(len(which), device=low.device) - (count.cumsum(0) - count)[which]
    return which, first[which] + within
