"""The smoothest continuation of a picture over a part that is missing, and a paste whose border does not show.

The missing part is a membrane hung from the pixels around it: it solves Laplace's equation. A 2:1 picture is a panorama
and the membrane lies on the sphere, wrapped and without poles; other pictures end at their border (no force there).
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

TOLERANCE = 5e-5  # of the last correction, in units of the picture: what is left is below half a grey level
MAX_ITERATIONS = 100
DAMPING = 0.6


def harmonic_fill(
    image: Float[Tensor, "channels height width"], known: Bool[Tensor, "height width"]
) -> Float[Tensor, "channels height width"]:
    """The image where it is `known`, unchanged, and the membrane everywhere else; what was there is not looked at.

    Raises:
        ValueError: when nothing is known.
    """
    if known.all():
        return image
    if not known.any():
        raise ValueError("got a picture without a known pixel; wanted some to continue: generate a picture instead")
    mean = (image * known).sum((-2, -1), keepdim=True) / known.sum()
    start = torch.where(known, image, mean)
    return start + _conjugate_gradients(Membrane.over(known, panorama=known.shape[1] == 2 * known.shape[0]), start)


def paste(
    original: Float[Tensor, "3 height width"],
    painted: Float[Tensor, "3 height width"],
    mask: Float[Tensor, "height width"],
) -> Float[Tensor, "3 height width"]:
    """The painted picture where the mask is above 0 (blended below 1), lifted to meet the original at the border.

    Kept pixels (mask 0) are the original's, bit by bit. The lift is a membrane of the differences along the border, so
    painted brightness and colour continue the kept ones (Perez et al., "Poisson image editing", 2003, eq. 7); they are
    taken across it, because a step that was painted there is the very border that must not show.
    """
    kept = mask == 0
    lift = harmonic_fill(original - _seen_from_inside(painted, kept), kept)
    return torch.where(kept, original, torch.lerp(original, (painted + lift).clamp(0, 1), mask))


def _seen_from_inside(
    painted: Float[Tensor, "3 height width"], kept: Bool[Tensor, "height width"]
) -> Float[Tensor, "3 height width"]:
    """The painted picture, but kept pixels at the border have the mean of their neighbours that are not kept."""
    sides = "circular" if kept.shape[1] == 2 * kept.shape[0] else "constant"
    layers = torch.cat([painted * ~kept, ~kept[None]])
    beside, above = functional.pad(layers, (1, 1, 0, 0), mode=sides), functional.pad(layers, (0, 0, 1, 1))
    total = beside[..., :-2] + beside[..., 2:] + above[:, :-2] + above[:, 2:]
    return torch.where(kept & (total[3] > 0), total[:3] / total[3].clamp(min=1), painted)


@dataclass(frozen=True)
class Membrane:
    """Laplace's equation on the unknown pixels of a grid, as forces between neighbours, and the coarser grids below it.

    On the sphere, where pixels of latitude phi are cos(phi) wide, a pixel pulls at its row with 1 / cos(phi) and at its
    column with cos(phi) (finite volumes); the edge at a pole has no length.
    """

    unknown: Bool[Tensor, "height width"]
    across: Float[Tensor, "height width"]  # the weight of each pixel and the next in its row, around the full turn
    along: Float[Tensor, "edges 1"]  # of each row and the next
    whole_rows: Bool[Tensor, "height 1"]  # of a panorama, without a known pixel
    coarser: "Membrane | None"

    @classmethod
    def over(cls, known: Bool[Tensor, "height width"], *, panorama: bool) -> "Membrane":
        height, width = known.shape
        across, along = _sphere_weights(height, width) if panorama else _plane_weights(height, width)
        whole = panorama & ~known.any(1, keepdim=True)
        coarser = None
        if min(height, width) > 2 and not known.all():
            blocks = functional.pad(known[None].float(), (0, width % 2, 0, height % 2), value=1.0)
            coarser = cls.over(functional.max_pool2d(blocks, 2)[0] > 0, panorama=panorama)
        return cls(~known, across.to(known.device), along.to(known.device), whole, coarser)

    def force(self, heights: Float[Tensor, "channels height width"]) -> Float[Tensor, "channels height width"]:
        """The sum over the four neighbours of weight times difference, at the unknown pixels; 0 at the known."""
        right = self.across * (heights - heights.roll(-1, -1))
        down = functional.pad(self.along * (heights[:, :-1] - heights[:, 1:]), (0, 0, 1, 1))
        return (right - right.roll(1, -1) + down[:, 1:] - down[:, :-1]) * self.unknown

    def relax(self, force: Float[Tensor, "channels height width"]) -> Float[Tensor, "channels height width"]:
        """Heights that answer a force row by row where a row is whole (near the poles it is stiff), else one by one."""
        down = functional.pad(self.along, (0, 0, 1, 1))
        column = down[1:] + down[:-1]
        heights = force / (self.across + self.across.roll(1, -1) + column)
        if self.whole_rows.any():
            width = force.shape[-1]
            waves = 2 - 2 * torch.cos(2 * math.pi * torch.arange(width // 2 + 1, device=force.device) / width)
            rows = torch.fft.irfft(torch.fft.rfft(force) / (self.across[:, :1] * waves + column), n=width)
            heights = torch.where(self.whole_rows, rows, heights)
        return DAMPING * heights * self.unknown

    def cycle(self, force: Float[Tensor, "channels height width"]) -> Float[Tensor, "channels height width"]:
        """One symmetric V-cycle of multigrid: heights whose force is about `force` (Briggs et al. 2000, chapter 3)."""
        heights = self.relax(force)
        if self.coarser is not None:
            height, width = self.unknown.shape
            left = functional.pad(force - self.force(heights), (0, width % 2, 0, height % 2))
            coarse = self.coarser.cycle(4 * functional.avg_pool2d(left, 2) * self.coarser.unknown)
            blocks = coarse.repeat_interleave(2, -1).repeat_interleave(2, -2)
            heights = heights + blocks[:, :height, :width] * self.unknown
        return heights + self.relax(force - self.force(heights))


def _sphere_weights(height: int, width: int) -> tuple[Float[Tensor, "height width"], Float[Tensor, "edges 1"]]:
    wide = width / (2 * height)  # 1, or nearly so on the coarser grids
    lat = math.pi * (torch.arange(0.5, height, 0.5) / height - 0.5)[:, None]
    return (wide / lat[::2].cos()).expand(height, width), lat[1::2].cos() / wide


def _plane_weights(height: int, width: int) -> tuple[Float[Tensor, "height width"], Float[Tensor, "edges 1"]]:
    across = torch.ones(height, width)
    across[:, -1] = 0
    return across, torch.ones(height - 1, 1)


def _conjugate_gradients(
    membrane: Membrane, start: Float[Tensor, "channels height width"]
) -> Float[Tensor, "channels height width"]:
    """What takes the force out of `start`, every channel for itself (Saad, "Iterative methods" 2003, algorithm 9.1)."""
    residual = -membrane.force(start)
    solution, direction = torch.zeros_like(start), membrane.cycle(residual)
    answer, energy = direction, _dot(residual, direction)
    for _ in range(MAX_ITERATIONS):
        if answer.abs().max() < TOLERANCE:
            break
        pulled = membrane.force(direction)
        step = _ratio(energy, _dot(direction, pulled))
        solution, residual = solution + step * direction, residual - step * pulled
        answer = membrane.cycle(residual)
        before, energy = energy, _dot(residual, answer)
        direction = answer + _ratio(energy, before) * direction
    return solution


def _dot(a: Tensor, b: Tensor) -> Float[Tensor, "channels 1 1"]:
    return (a * b).sum((-2, -1), keepdim=True)


def _ratio(a: Tensor, b: Tensor) -> Float[Tensor, "channels 1 1"]:
    """a / b, and 0 for a channel that is already at rest."""
    return torch.where(b > 0, a / b.clamp(min=torch.finfo(b.dtype).tiny), 0.0)
