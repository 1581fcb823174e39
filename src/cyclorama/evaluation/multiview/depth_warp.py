"""Depth-warp consistency: what one view shows, moved through its depth, against what its neighbour shows.

Every view is predicted from the one before and the one after it, and PSNR is taken over the pixels that the neighbour
sees. Exact geometry does not give inf, for a warped texture is sampled twice: the ceiling is 29 to 40 dB on the
diorama, by scene and baseline, so print the figure of the real views beside it. Wrong geometry hides pixels as often
as it makes them differ: read the visible share as well.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from cyclorama.evaluation.fidelity import row_weights
from cyclorama.evaluation.multiview.posed_views import PosedViews
from cyclorama.geometry.warping import backward_warp


@dataclass(frozen=True)
class WarpedPair:
    """The picture of `target` in the colours of `source`: PSNR in dB, NaN where nothing is visible; visible share."""

    target: int
    source: int
    psnr: float
    visible: float


@dataclass(frozen=True)
class DepthWarp:
    """`psnr` is pooled: of the mean squared error over the visible pixels of all pairs; NaN if there are none."""

    psnr: float
    pairs: tuple[WarpedPair, ...]

    @property
    def mean_psnr(self) -> float:
        """The mean over the pairs that see something."""
        return torch.tensor([pair.psnr for pair in self.pairs], dtype=torch.float64).nanmean().item()


def depth_warp(views: PosedViews, *, latitude_weighted: bool = False, tolerance: float = 0.02) -> DepthWarp:
    """The consistency of neighbouring views of known depth, both ways.

    `latitude_weighted` counts the pixels of panoramas by their area on the sphere; `tolerance` is that of
    `backward_warp`. Raises ValueError for views without depth.
    """
    if views.depth is None:
        raise ValueError("got views without depth, wanted distances along the rays; put them into depth/<name>.npy")
    weights = _weights(views, latitude_weighted=latitude_weighted)
    ways = [way for pair in views.neighbours() for way in (pair, pair[::-1])]
    sums = [_sums(views, views.depth, weights, target, source, tolerance) for target, source in ways]
    pairs = tuple(
        WarpedPair(target, source, _psnr(error, seen), (seen / weights.sum()).item())
        for (target, source), (error, seen) in zip(ways, sums, strict=True)
    )
    errors, seen = torch.tensor(sums, dtype=torch.float64).sum(0)
    return DepthWarp(_psnr(errors, seen), pairs)


def _sums(
    views: PosedViews, depth: Tensor, weights: Tensor, target: int, source: int, tolerance: float
) -> tuple[Tensor, Tensor]:
    """The squared error over visible pixels, and their number; both weighted."""
    motion = views.motion(target, source).to(depth)
    camera = views.projection
    predicted, seen = backward_warp(
        views.images[source], depth[source], depth[target], motion, source=camera, target=camera, tolerance=tolerance
    )
    error = (predicted.double() - views.images[target].double()).square().mean(0)
    counted = weights * seen
    return (error * counted).sum().cpu(), counted.sum().cpu()


def _weights(views: PosedViews, *, latitude_weighted: bool) -> Float64[Tensor, "height width"]:
    height, width = views.images.shape[-2:]
    if latitude_weighted and not views.is_panorama:
        raise ValueError("got pinhole views and latitude_weighted=True, wanted panoramas; leave the weights out")
    rows = row_weights(views.images) * height if latitude_weighted else torch.ones(height, dtype=torch.float64)
    return rows.to(views.images.device)[:, None].expand(height, width)


def _psnr(error: Float[Tensor, ""], seen: Float[Tensor, ""]) -> float:
    return (-10 * (error / seen).log10()).item()
