"""Views of a sphere as pictures: latents decoded and blended to a panorama, and a panorama's views encoded."""

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import interpolate

from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.reprojection import reproject
from cyclorama.geometry.resampling import resample
from cyclorama.geometry.rotations import rotate_dirs
from cyclorama.methods.fusion import Pictures, Views
from cyclorama.models.protocol import Model


def blend_views(model: Model, views: Views, latents: Pictures, height: int) -> Float[Tensor, "3 height width"]:
    """The decoded views as one panorama, weighted as they were fused; in [0, 1], float32 on the CPU.

    One view after another, so that a large panorama needs little more memory than itself twice. A latent lies where the
    pixels that it is decoded to lie: centres stay centres.
    """
    dirs = torch.from_numpy(Equirect(height, 2 * height).pixel_dirs()).flatten(0, 1)
    total, share = torch.zeros(3, len(dirs)), torch.zeros(len(dirs))
    for grid, weights, camera, turned in zip(latents, views.weights, views.cameras, views.rotations, strict=True):
        picture = model.decode_latents(grid[None].to(model.device)).float().cpu()[0]
        weight = _finer(weights, picture.shape[-1])
        shown, values = _hang(
            torch.cat([picture * weight, weight[None]]), camera, torch.from_numpy(turned).float(), dirs
        )
        total.index_add_(1, shown, values[:3])
        share.index_add_(0, shown, values[3])
    return total.div_(share.clamp(min=1e-12)).clamp_(0, 1).unflatten(1, (height, 2 * height))


def _hang(
    picture: Float[Tensor, "channels size size"],
    camera: Perspective,
    rotation: Float[Tensor, "3 3"],
    dirs: Float[Tensor, "pixels 3"],
) -> tuple[Int[Tensor, " shown"], Float[Tensor, "channels shown"]]:
    """The directions that a view shows, and what it shows there."""
    corner = camera.pixels_to_dirs(np.zeros(2))
    near = (dirs @ -rotation[:, 2] > -0.999 * float(corner[2])).nonzero()[:, 0]
    finer = Perspective(picture.shape[-1], picture.shape[-1], camera.fov_deg)
    pixels, seen = finer.dirs_to_pixels(rotate_dirs(dirs[near], rotation.mT))
    return near[seen], resample(picture, pixels[seen][None], wrap="edge")[:, 0]


def look_in_pixels(
    model: Model, panorama: Float[Tensor, "channels height width"], views: Views
) -> Float[Tensor, "views channels pixels pixels"]:
    """What the views show of a panorama, as fine as the model's pictures of them."""
    whole, size = Equirect(*panorama.shape[-2:]), views.size * model.capabilities.spatial_compression
    pairs = [
        (Perspective(size, size, camera.fov_deg), turned)
        for camera, turned in zip(views.cameras, views.rotations, strict=True)
    ]
    return torch.stack([reproject(panorama, whole, camera, rotation=turned) for camera, turned in pairs])


def encode_views(model: Model, panorama: Float[Tensor, "3 height width"], views: Views) -> Pictures:
    """The same as latents, in float32 on the CPU."""
    seen = look_in_pixels(model, panorama, views)
    return torch.cat([model.encode_images(one[None].to(model.device)).float().cpu() for one in seen])


def _finer(weights: Float[np.ndarray, "size size"], size: int) -> Float[Tensor, "pixels pixels"]:
    coarse = torch.from_numpy(weights)[None, None]
    return interpolate(coarse, (size, size), mode="bilinear", align_corners=False)[0, 0]
