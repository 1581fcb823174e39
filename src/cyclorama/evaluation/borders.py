"""The border between the kept and the painted part of a picture: can it be told?

A 2:1 picture wraps in x. A natural picture differs from pixel to pixel, so the step across the border is compared with
the steps beside it, on both sides; an untouched picture gives about 1, whatever the mask.
"""

import torch
from jaxtyping import Bool, Float, Float64
from torch import Tensor
from torch.nn.functional import max_pool2d, pad

BAND = 4


def border_ratio(
    images: Float[Tensor, "batch channels height width"], kept: Bool[Tensor, "height width"], *, band: int = BAND
) -> Float64[Tensor, " batch"]:
    """Mean |step| between neighbours of which one is kept, over that of other neighbours within `band` pixels of it.

    Above 1 a line shows, below 1 the border is blurred. nan for a flat picture.

    Raises:
        ValueError: for a mask without a border.
    """
    wraps = kept.shape[1] == 2 * kept.shape[0]
    changes = [_steps(kept[None, None].double(), dim, wraps)[0] > 0 for dim in (-1, -2)]
    if not any(change.any() for change in changes):
        raise ValueError("got a mask that keeps all or nothing; wanted a border between a kept and a painted part")
    near = _near(changes, band, wraps)
    crossing, beside = torch.zeros(2, 2, len(images), dtype=torch.float64)
    for dim, change in zip((-1, -2), changes, strict=True):
        steps = _steps(images.double(), dim, wraps)
        inside = near & near.roll(-1, dim) & ~change & _has_next(near, dim, wraps)
        crossing += _sum_and_count(steps, change)
        beside += _sum_and_count(steps, inside)
    return (crossing[0] / crossing[1]) / (beside[0] / beside[1])


def _steps(images: Tensor, dim: int, wraps: bool) -> Float64[Tensor, "batch height width"]:
    """Mean |pixel - next pixel|, 0 beyond a border that does not wrap."""
    steps = (images - images.roll(-1, dim)).abs().mean(1)
    return steps * _has_next(steps[0], dim, wraps)


def _has_next(like: Tensor, dim: int, wraps: bool) -> Bool[Tensor, "height width"]:
    has_next = torch.ones_like(like, dtype=torch.bool)
    if dim == -2 or not wraps:
        has_next.select(dim, -1).fill_(False)
    return has_next


def _near(changes: list[Tensor], band: int, wraps: bool) -> Bool[Tensor, "height width"]:
    """The pixels at most `band` away from one whose neighbour is on the other side."""
    touching = changes[0] | changes[0].roll(1, -1) | changes[1] | changes[1].roll(1, -2)
    grid = touching[None, None].float()
    padded = pad(grid, (band, band, 0, 0), mode="circular") if wraps else grid
    return max_pool2d(padded, 2 * band + 1, stride=1, padding=(band, 0 if wraps else band))[0, 0] > 0


def _sum_and_count(steps: Tensor, where: Tensor) -> Float64[Tensor, "2 batch"]:
    total = (steps * where).sum((-2, -1))
    return torch.stack([total, where.sum().to(total).expand_as(total)])
