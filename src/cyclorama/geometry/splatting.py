"""Forward reprojection: every pixel of a picture with depth is thrown onto another camera's picture, the nearest wins.

Depth is that of `warping`: the distance along the ray, inf the sky, 0 or NaN unknown.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from einops import rearrange
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor

from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.footprints import covered_pixels
from cyclorama.geometry.projection import Projection
from cyclorama.geometry.rays import seen_from

_CHUNK = 2**17  # points whose footprints are in memory at a time


def splat(
    image: Shaped[Tensor, "*batch channels height width"],
    depth: Float[Tensor, "*batch height width"],
    source_to_target: Float[Tensor, "*batch 4 4"],
    *,
    source: Projection | None = None,
    target: Projection | None = None,
    footprint: float | int = 0,
    tolerance: float = 0.02,
) -> tuple[
    Shaped[Tensor, "*batch channels rows columns"],
    Float[Tensor, "*batch rows columns"],
    Bool[Tensor, "*batch rows columns"],
]:
    """Picture and depth as the target sees them, and the mask of the pixels that were hit; both are 0 elsewhere.

    `source` is a panorama of the depth's size and `target` the same as it unless told otherwise. Each pixel becomes a
    point, or with `footprint` a disc of that radius in pixels of the source, as large as it looks from the target:
    0.75 closes the gaps between neighbours on a surface that is seen as squarely as before, and the polar rows of a
    panorama, which few points hit. In a pixel the nearest point wins; of those within the relative `tolerance` behind
    it, which lie on the same surface, the one closest to the pixel's centre. So nothing moves if the pose is the
    identity. Differentiable in the image, and the depth in the depth and the pose. The same bits on every run.

    >>> image, depth = torch.rand(3, 8, 16), torch.full((8, 16), 2.0)
    >>> moved, distance, hit = splat(image, depth, torch.eye(4))
    >>> torch.equal(moved, image), bool(hit.all())
    (True, True)
    """
    source = Equirect(*depth.shape[-2:]) if source is None else source
    target = source if target is None else target
    known = depth > 0
    in_source = source.pixel_dirs(like=depth).expand(*depth.shape, 3)
    dirs, distance = seen_from(in_source, torch.where(known, depth, 1), source_to_target)
    angle = footprint * source.pixel_angle * torch.where(distance.isinf(), 1, depth / distance)
    winner = _winners(known, dirs, distance, angle, target=target, tolerance=tolerance)
    hit = winner >= 0
    colours = rearrange(image, "... c h w -> (... h w) c")[winner.clamp(min=0)]
    colours = torch.where(hit.unsqueeze(-1), colours, torch.zeros_like(colours)).movedim(-1, -3)
    far = distance.flatten()[winner.clamp(min=0)]
    return colours, torch.where(hit, far, torch.zeros_like(far)), hit


@dataclass(frozen=True)
class _Fragments:
    """Pixels of the target (indices into all of them) with the points that cover them."""

    pixel: Int[Tensor, " n"]
    point: Int[Tensor, " n"]
    nearness: Float[Tensor, " n"]  # 1 / distance
    offset: Float[Tensor, " n"]  # squared distance, on the unit sphere, of the point from the pixel's centre


@torch.no_grad()
def _winners(
    known: Bool[Tensor, "*batch height width"],
    dirs: Float[Tensor, "*batch height width 3"],
    distance: Float[Tensor, "*batch height width"],
    angle: Float[Tensor, "*batch height width"],
    *,
    target: Projection,
    tolerance: float,
) -> Int[Tensor, "*batch rows columns"]:
    """The point, an index into all of them, that every pixel of the target shows; -1 for none."""
    batch = known.shape[:-2]
    per_picture = known.shape[-2] * known.shape[-1]
    points = (known & (distance > 0)).flatten().nonzero().squeeze(-1)
    all_dirs, all_distances, all_angles = dirs.reshape(-1, 3), distance.flatten(), angle.flatten()

    def fragments() -> Iterator[_Fragments]:
        for chunk in points.split(_CHUNK):
            which, pixel, offset = covered_pixels(all_dirs[chunk], all_angles[chunk], target)
            point = chunk[which]
            first = torch.div(point, per_picture, rounding_mode="floor") * (target.height * target.width)
            yield _Fragments(first + pixel, point, 1 / all_distances[point], offset)

    num_pixels = batch.numel() * target.height * target.width
    return _z_buffer(fragments, num_pixels, tolerance, distance).reshape(*batch, target.height, target.width)


def _z_buffer(
    fragments: Callable[[], Iterator[_Fragments]], num_pixels: int, tolerance: float, like: Tensor
) -> Int[Tensor, " pixels"]:
    front = like.new_full((num_pixels,), -1.0)
    for seen in fragments():
        front.scatter_reduce_(0, seen.pixel, seen.nearness, "amax")
    closest = torch.full_like(front, torch.inf)
    for seen in fragments():
        on_front = seen.nearness >= front[seen.pixel] * (1 - tolerance)
        closest.scatter_reduce_(0, seen.pixel[on_front], seen.offset[on_front], "amin")
    nobody = torch.iinfo(torch.int64).max
    winner = torch.full((num_pixels,), nobody, device=like.device)
    for seen in fragments():
        wins = (seen.nearness >= front[seen.pixel] * (1 - tolerance)) & (seen.offset == closest[seen.pixel])
        winner.scatter_reduce_(0, seen.pixel[wins], seen.point[wins], "amin")
    return torch.where(winner == nobody, -1, winner)
