"""Views of a sphere as pictures: latents decoded and blended to a panorama, and a panorama's views encoded."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import interpolate

from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.reprojection import reproject
from cyclorama.methods.fusion import Pictures, Views
from cyclorama.models.protocol import Model


def blend_views(model: Model, views: Views, latents: Pictures, height: int) -> Float[Tensor, "3 height width"]:
    """The decoded views as one panorama, weighted as they were fused; in [0, 1], float32 on the CPU.

    One view after another, so that a large panorama needs little more memory than itself. A latent lies where the
    pixels that it is decoded to lie: centres stay centres.
    """
    panorama = Equirect(height, 2 * height)
    total, share = torch.zeros(3, height, 2 * height), torch.zeros(height, 2 * height)
    for grid, weights, camera, turned in zip(latents, views.weights, views.cameras, views.rotations, strict=True):
        picture = model.decode_latents(grid[None].to(model.device)).float().cpu()[0]
        size = picture.shape[-1]
        weight, finer = _finer(weights, size), Perspective(size, size, camera.fov_deg)
        hung = reproject(torch.cat([picture * weight, weight[None]]), finer, panorama, rotation=turned.T)
        total += hung[:3]
        share += hung[3]
    return total.div_(share.clamp(min=1e-12)).clamp_(0, 1)


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
