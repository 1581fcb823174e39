"""Reprojection with depth: the picture that one posed camera has taken, as another one sees it.

Depth is the Euclidean distance along the ray, in the unit of the poses; inf is the sky, a point at infinity that only
turns; 0, negative or NaN is unknown. `backward_warp` looks up every pixel of the target, whose depth it needs, in the
source; `splatting.splat` throws the pixels of the source, whose depth it needs, onto the target.
"""

import torch
from jaxtyping import Bool, Float, Shaped
from torch import Tensor

from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.projection import Projection
from cyclorama.geometry.rays import seen_from
from cyclorama.geometry.resampling import coordinate_dtype, resample

_UNKNOWN = -1e9  # as 1 / depth: any share of it in an average is no depth


def backward_warp(
    source_image: Shaped[Tensor, "*batch channels height width"],
    source_depth: Float[Tensor, "*batch height width"],
    target_depth: Float[Tensor, "*batch rows columns"],
    target_to_source: Float[Tensor, "*batch 4 4"],
    *,
    source: Projection | None = None,
    target: Projection | None = None,
    tolerance: float = 0.02,
    mode: str = "bilinear",
) -> tuple[Shaped[Tensor, "*batch channels rows columns"], Bool[Tensor, "*batch rows columns"]]:
    """The target's picture in the source's colours, and the mask of the pixels that the source sees; 0 elsewhere.

    `source` and `target` are panoramas of the depths' sizes unless told otherwise. A point is seen where the source
    shows it and its own depth there agrees to the relative `tolerance`; 1 / depth is interpolated, which is exact on
    planes, at the horizon as well, and agrees with nothing across an edge of depth. Differentiable in the image and,
    through the place looked up, in the depth of the target and the pose; the mask is not. `mode` is that of `resample`.

    >>> image, depth = torch.rand(3, 8, 16), torch.full((8, 16), 2.0)
    >>> warped, seen = backward_warp(image, depth, depth, torch.eye(4))
    >>> torch.equal(warped, image), bool(seen.all())
    (True, True)
    """
    source = Equirect(*source_depth.shape[-2:]) if source is None else source
    target = Equirect(*target_depth.shape[-2:]) if target is None else target
    known = target_depth > 0
    depth = torch.where(known, target_depth, torch.ones_like(target_depth))
    dirs, distance = seen_from(target.pixel_dirs(like=depth).expand(*depth.shape, 3), depth, target_to_source)
    pixels, shown = source.dirs_to_pixels(dirs)
    image = resample(source_image, pixels.to(coordinate_dtype(source_image)), mode=mode, wrap=source.wrap)
    seen = known & shown & _agrees(source_depth, pixels, distance, source=source, tolerance=tolerance)
    return torch.where(seen.unsqueeze(-3), image, torch.zeros_like(image)), seen


@torch.no_grad()
def _agrees(
    depth: Float[Tensor, "*batch height width"],
    pixels: Float[Tensor, "*batch rows columns 2"],
    distance: Float[Tensor, "*batch rows columns"],
    *,
    source: Projection,
    tolerance: float,
) -> Bool[Tensor, "*batch rows columns"]:
    """Whether the source's depth at some pixels is the distance of the points that project there."""
    nearness = torch.where(depth > 0, 1 / depth, torch.full_like(depth, _UNKNOWN))
    nearness = resample(nearness.unsqueeze(-3), pixels.detach().to(depth.dtype), wrap=source.wrap).squeeze(-3)
    at_distance = (nearness * distance - 1).abs() <= tolerance
    return torch.where(distance.isinf(), nearness == 0, at_distance)
