"""Natural scene statistics: what the contrast-normalised grey levels of a picture and their products are distributed
like (Mittal, Moorthy, Bovik, "No-Reference Image Quality Assessment in the Spatial Domain", TIP 2012, section III).

As in the published software, grey levels are whole numbers of 0 to 255, and the same asymmetric distribution is fitted
to the coefficients as to their products. Computes in float64.
"""

from functools import lru_cache
from typing import NamedTuple

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from cyclorama.evaluation.windows import gaussian_mean

GREY = (0.299, 0.587, 0.114)
NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Rows and columns to the neighbours whose products are taken: right, below, and the two diagonals."""

HALVINGS = {
    "antialiased": (-0.01171875, -0.03515625, 0.11328125, 0.43359375),
    "sharp": (-0.09375, 0.59375),
}
"""Outer half of the symmetric filters that halve a picture: bicubic with antialiasing and a = -1/2 (MATLAB's imresize),
and bicubic without it and a = -3/4 (OpenCV's resize)."""

_RADIUS, _SIGMA = 3, 7 / 6
_FAINTEST = 1e-6  # levels; below is rounding, for one level at the window's corner moves its mean by 2e-4


class Aggd(NamedTuple):
    """Asymmetric generalised Gaussians: their shape and the deviations left and right of 0, each `[*groups]`."""

    shape: Float64[Tensor, "*groups"]
    left: Float64[Tensor, "*groups"]
    right: Float64[Tensor, "*groups"]

    @property
    def scale(self) -> Float64[Tensor, "*groups"]:
        """What turns the deviations into the widths beta of the density."""
        return ((1 / self.shape).lgamma() / 2 - (3 / self.shape).lgamma() / 2).exp()

    @property
    def mean(self) -> Float64[Tensor, "*groups"]:
        """The mean of the distribution."""
        ratio = ((2 / self.shape).lgamma() - (1 / self.shape).lgamma()).exp()
        return (self.right - self.left) * self.scale * ratio


def grey_levels(images: Float[Tensor, "*batch 3 height width"]) -> Float64[Tensor, "*batch height width"]:
    """Luma of BT.601 in whole levels of 0 to 255."""
    weights = torch.tensor(GREY, dtype=torch.float64, device=images.device)
    return (255 * torch.einsum("...chw,c->...hw", images.double(), weights)).round().clamp(0, 255)


def contrast_normalised(
    grey: Float64[Tensor, "*batch height width"],
) -> tuple[Float64[Tensor, "*batch height width"], Float64[Tensor, "*batch height width"]]:
    """Mean-subtracted contrast-normalised coefficients and local deviations (equations 1 to 3; borders repeated)."""
    mean = _smooth(grey)
    deviation = (_smooth(grey.square()) - mean.square()).clamp(min=0).sqrt()
    difference = grey - mean
    return difference.masked_fill_(difference.abs() < _FAINTEST, 0) / (deviation + 1), deviation


def halve(grey: Float64[Tensor, "*batch height width"], *, halving: str) -> Float64[Tensor, "*batch rows columns"]:
    """The picture at half the size by a filter of `HALVINGS`, mirrored at its borders; the odd last row is left out."""
    height, width = grey.shape[-2:]
    half = HALVINGS[halving]
    for axis, size in ((-2, height // 2 * 2), (-1, width // 2 * 2)):
        grey = _halve_along(grey.narrow(axis, 0, size).movedim(axis, -1), (*half, *half[::-1])).movedim(-1, axis)
    return grey


def fit_neighbours(coefficients: Float64[Tensor, "*blocks rows columns"], *, circular: bool) -> Aggd:
    """Fits `[*blocks, 5]` to the coefficients of every block and to their products with the four `NEIGHBOURS`.

    Beyond its border a block begins again (`circular`) or is 0.
    """
    fits = [fit_aggd(coefficients.flatten(-2))]
    for step in NEIGHBOURS:
        products = coefficients * coefficients.roll(step, (-2, -1))
        if not circular:
            products[..., 0, :] *= 1 - step[0]
            products[..., :, (0 if step[1] > 0 else -1)] *= 1 - abs(step[1])
        fits.append(fit_aggd(products.flatten(-2)))
    return Aggd(*(torch.stack(parts, -1) for parts in zip(*fits, strict=True)))


def fit_aggd(samples: Float64[Tensor, "*groups num"]) -> Aggd:
    """The distribution with the samples' moments (Lasmar, Stitou, Berthoumieu, ICIP 2009), shape 0.2 to 10 by 0.001.

    Equal deviations are the generalised Gaussian. Samples that are all 0 give shape 0.2 and deviations 0.
    """
    right, left = samples.clamp(min=0), samples.clamp(max=0)
    right_sum, left_sum = right.square().sum(-1), left.square().sum(-1)
    right_std = (right_sum / (right > 0).sum(-1).clamp(min=1)).sqrt()
    left_std = (left_sum / (left < 0).sum(-1).clamp(min=1)).sqrt()
    num, tiny = samples.shape[-1], torch.finfo(torch.float64).tiny
    ratio = ((right.sum(-1) - left.sum(-1)) / num).square() / ((right_sum + left_sum) / num).clamp(min=tiny)
    skew = (left_std**3 + right_std**3) * (left_std + right_std)
    skewed = ratio * skew / (left_std.square() + right_std.square()).square().clamp(min=tiny)
    return Aggd(_shape_of(skewed), left_std, right_std)


def arrange_features(of_coefficients: list[Tensor], of_products: list[Tensor]) -> Float64[Tensor, "*blocks 18"]:
    """The two figures of the coefficients, then four of each product; entries are `[*blocks, 5]` as of the fits."""
    first = torch.stack([values[..., 0] for values in of_coefficients], -1)
    return torch.cat([first, torch.stack(of_products, -1)[..., 1:, :].flatten(-2)], -1)


def _smooth(grey: Tensor) -> Tensor:
    for axis in (-2, -1):
        size = grey.shape[axis]
        repeated = torch.arange(-_RADIUS, size + _RADIUS, device=grey.device).clamp(0, size - 1)
        grey = grey.index_select(axis, repeated)
    return gaussian_mean(grey, radius=_RADIUS, sigma=_SIGMA)


def _halve_along(rows: Tensor, taps: tuple[float, ...]) -> Tensor:
    margin, size = len(taps) // 2 - 1, rows.shape[-1]
    index = torch.arange(-margin, size + margin, device=rows.device)
    index = torch.where(index < 0, -1 - index, torch.where(index >= size, 2 * size - 1 - index, index))
    padded = rows[..., index.clamp(0, size - 1)]
    return torch.stack([weight * padded[..., start : start + size : 2] for start, weight in enumerate(taps)]).sum(0)


def _shape_of(ratio: Tensor) -> Tensor:
    """The shape of the grid whose E|x|^2 / E x^2 is nearest; it grows with the shape."""
    shapes, ratios = (part.to(ratio.device) for part in _shape_table())
    above = torch.searchsorted(ratios, ratio).clamp(1, len(ratios) - 1)
    nearer = above - (ratio - ratios[above - 1] < ratios[above] - ratio).long()
    return shapes[nearer]


@lru_cache(maxsize=1)
def _shape_table() -> tuple[Tensor, Tensor]:
    shapes = torch.arange(200, 10_001, dtype=torch.float64) / 1000
    logs = 2 * (2 / shapes).lgamma() - (1 / shapes).lgamma() - (3 / shapes).lgamma()
    return shapes, logs.exp()
