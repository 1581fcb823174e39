"""The torch half of `reproject`: tensors on any device, with gradients; plain CPU tensors are lent to the kernel."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Bool, Float, Shaped
from torch import Tensor

from cyclorama.geometry.cubemap import FACE_ROTATIONS, Cubemap, dirs_to_cubemap_pixels
from cyclorama.geometry.minification import Group
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.projection import Projection
from cyclorama.geometry.reprojection import average_blocks, reproject_compiled
from cyclorama.geometry.resampling import as_array, coordinate_dtype, from_array, is_plain, pixel_centres, resample
from cyclorama.geometry.rotations import require_rotation, rotate_dirs
from cyclorama.geometry.stitching import kept_stitch, view_shares

_MARGIN = 2  # pixels that the widest kernel, bicubic, reads beyond a face


def reproject_tensor(
    image: Shaped[Tensor, "*picture"],
    source: Projection,
    target: Projection,
    rotation: Float[Any, "3 3"] | None,
    *,
    mode: str,
    groups: Sequence[Group],
    fill: float,
) -> Shaped[Tensor, "*out"]:
    """`reproject` of a tensor."""
    if is_plain(image, rotation):
        matrix = None if rotation is None else require_rotation(rotation)
        array, layout = as_array(image)
        how = {"mode": mode, "groups": groups, "fill": fill, "layout": layout}
        return from_array(reproject_compiled(array, source, target, matrix, **how), layout)
    if not torch.is_tensor(rotation) and rotation is not None:
        require_rotation(rotation)
    floats = image if image.is_floating_point() or mode == "nearest" else image.float()
    out = _assemble([_average(floats, source, target, rotation, group, mode, fill) for group in groups], groups)
    out = out if out.dtype == image.dtype else out.round().clamp(0, 255).to(image.dtype)
    return rearrange(out, "... c (f h) w -> ... f c h w", f=6) if isinstance(target, Cubemap) else out


def stitch_tensor(
    views: Shaped[Tensor, "*batch views channels height width"],
    camera: Projection,
    rotations: Float[np.ndarray, "views 3 3"],
    target: Projection,
    *,
    blend: str | Float[np.ndarray, "rows columns"],
    mode: str,
) -> tuple[Shaped[Tensor, "*out"], Float[np.ndarray, "out_rows out_columns"]]:
    """`stitch` of a tensor."""
    if is_plain(views):
        array, layout = as_array(views)
        kept = kept_stitch(camera, rotations, target, blend, mode)
        return from_array(kept.sum(array, layout=layout), layout), kept.weight
    shares, weight = view_shares(camera, rotations, target, blend)
    total = torch.zeros((), device=views.device)
    for view, (pixels, share) in zip(views.unbind(-4), shares, strict=True):
        floats = view if view.is_floating_point() else view.float()
        where = torch.from_numpy(pixels).to(view.device, coordinate_dtype(floats))
        looked_up = resample(floats, where, mode=mode, wrap="edge")
        total = total + looked_up * torch.from_numpy(share).to(looked_up)
    return (total if views.is_floating_point() else total.round().clamp(0, 255).to(views.dtype)), weight


def _assemble(parts: Sequence[Tensor], groups: Sequence[Group]) -> Tensor:
    """The picture of which each group has computed its pixels."""
    if groups[0].mask is None:
        return parts[0]
    masks = [torch.from_numpy(group.mask) for group in groups if group.mask is not None]
    order = torch.cat([mask.flatten().nonzero().squeeze(1) for mask in masks]).argsort().to(parts[0].device)
    pixels = torch.cat([part.flatten(-2) for part in parts], dim=-1)[..., order]
    return pixels.unflatten(-1, masks[0].shape)


def _average(
    image: Tensor,
    source: Projection,
    target: Projection,
    rotation: Float[Any, "3 3"] | None,
    group: Group,
    mode: str,
    fill: float,
) -> Tensor:
    total = None
    image, source = average_blocks(image, source, group.block, layout="channels_first")
    for x, y, weight in group.looks:
        pixels, seen = _locate(image, source, target, rotation, group.mask, (x, y))
        values = resample_any(image, pixels, source, mode=mode).masked_fill(~seen, fill)
        values = values if group.is_single else values * weight
        total = values if total is None else total + values
    assert total is not None
    return total


def _locate(
    image: Tensor,
    source: Projection,
    target: Projection,
    rotation: Float[Any, "3 3"] | None,
    mask: Bool[np.ndarray, "height width"] | None,
    look: tuple[float, float],
) -> tuple[Float[Tensor, "rows columns 2"], Bool[Tensor, "rows columns"]]:
    dtype = coordinate_dtype(image)
    if torch.is_tensor(rotation):
        dtype = torch.promote_types(dtype, rotation.dtype)
    dirs = target.pixel_dirs(offset=look, like=torch.empty((), dtype=dtype, device=image.device))
    if mask is not None:
        dirs = dirs[torch.from_numpy(mask).to(image.device)].unsqueeze(0)
    turned = dirs if rotation is None else rotate_dirs(dirs, rotation)
    pixels, seen = source.dirs_to_pixels(turned)
    return pixels, seen & (dirs != 0).any(-1)


def resample_any(
    image: Tensor, pixels: Float[Tensor, "rows columns 2"], source: Projection, *, mode: str
) -> Shaped[Tensor, "*out"]:
    """`resample` of a picture of any projection; the faces of a cube map are continued by their neighbours."""
    if not isinstance(source, Cubemap):
        return resample(image, pixels, mode=mode, wrap=source.wrap)
    margin = 0 if mode == "nearest" else _MARGIN
    face = (pixels[..., 1] / source.size).floor().clamp(0, 5)
    shift = torch.stack([torch.full_like(face, margin), margin * (2 * face + 1)], dim=-1)
    return _resample_strip(pad_faces(image, margin), pixels + shift, mode=mode)


def pad_faces(
    faces: Shaped[Tensor, "*batch 6 channels size size"], margin: int
) -> Shaped[Tensor, "*batch 6 channels rows columns"]:
    """The faces with `margin` pixels around each, on its own plane, of what the neighbouring faces show there."""
    if margin == 0:
        return faces
    size = faces.shape[-1]
    face, pixels = dirs_to_cubemap_pixels(_dirs_with_margin(faces, margin), size)
    below = torch.stack([torch.zeros_like(face), face * size], dim=-1)
    tall = rearrange(pixels.clamp(0.5, size - 0.5) + below, "f h w d -> (f h) w d")
    around = rearrange(_resample_strip(faces, tall, mode="bilinear"), "... c (f h) w -> ... f c h w", f=6).clone()
    around[..., margin:-margin, margin:-margin] = faces
    return around


def _dirs_with_margin(
    faces: Shaped[Tensor, "*batch 6 channels size size"], margin: int
) -> Float[Tensor, "6 rows columns 3"]:
    """Directions of the pixels of every face and of `margin` pixels around it on the face's plane."""
    size, side = faces.shape[-1], faces.shape[-1] + 2 * margin
    pixels = pixel_centres(side, side, dtype=coordinate_dtype(faces), device=faces.device) - margin
    plane = Perspective(size, size, 90).pixels_to_dirs(pixels)
    return torch.stack([rotate_dirs(plane, turned) for turned in FACE_ROTATIONS])


def _resample_strip(
    faces: Shaped[Tensor, "*batch 6 channels size size"], pixels: Float[Tensor, "rows columns 2"], *, mode: str
) -> Shaped[Tensor, "*out"]:
    tall = rearrange(faces, "... f c h w -> ... c (f h) w")
    return resample(tall, pixels, mode=mode, wrap="edge")
