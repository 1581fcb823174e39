"""How far a panorama is from its reference, with every part of the sphere counted by its size.

WS-PSNR, S-PSNR and WS-SSIM of pairs of `[batch, channels, height, width]` in [0, 1], of one shape; one float64 per
pair, over all channels. Published figures are often of the luma alone, which differs.
"""

import math
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor

from cyclorama.evaluation.windows import gaussian_mean
from cyclorama.geometry.equirect import dirs_to_pixels, pad_sphere, solid_angles
from cyclorama.geometry.resampling import resample

NUM_POINTS = 655_362
"""Of the lattice of S-PSNR, as many as in the published one."""

_RADIUS, _SIGMA = 5, 1.5
_C1, _C2 = 0.01**2, 0.03**2


def ws_psnr(
    images: Float[Tensor, "batch channels height width"], reference: Float[Tensor, "*reference"]
) -> Float64[Tensor, " batch"]:
    """PSNR in dB with weights cos((j + 1/2 - H/2) pi / H) of row j (Sun, Lu, Yu, SPL 2017); inf for equal pictures.

    Raises ValueError for pairs of different shapes.
    """
    error = _difference(images, reference).square().mean((1, 3))
    return -10 * (error @ row_weights(images)).log10()


def s_psnr(
    images: Float[Tensor, "batch channels height width"],
    reference: Float[Tensor, "*reference"],
    *,
    num_points: int = NUM_POINTS,
    mode: str = "nearest",
) -> Float64[Tensor, " batch"]:
    """PSNR in dB at points spread evenly over the sphere (Yu, Lakshman, Girod, ISMAR 2015); inf for equal pictures.

    The points are a Fibonacci lattice. `mode` is how a picture is read there: "nearest" (the S-PSNR-NN of the video
    coding tests) or "bilinear", which smooths both pictures and so gives noise more dB. Raises as `ws_psnr`.
    """
    difference = _difference(images, reference)
    pixels = _lattice_pixels(num_points, *images.shape[-2:]).to(images.device)
    return -10 * resample(difference, pixels, mode=mode).square().mean((1, 2, 3)).log10()


def ws_ssim(
    images: Float[Tensor, "batch channels height width"], reference: Float[Tensor, "*reference"]
) -> Float64[Tensor, " batch"]:
    """SSIM averaged with the weights of `ws_psnr` (Zhou, Yu, Ma, Shao, Jiang, ICSP 2018); raises as `ws_psnr`.

    Every pixel counts, with the weight of its own row, for windows continue across the seam and the poles. Public code
    that evaluates only windows inside the picture leaves five rows and columns out and often spreads the weights anew.
    """
    return ssim_map(images, reference).mean((1, 3)) @ row_weights(images)


def ssim_map(
    images: Float[Tensor, "batch channels height width"], reference: Float[Tensor, "*reference"]
) -> Float64[Tensor, "batch channels height width"]:
    """SSIM at every pixel (Wang, Bovik, Sheikh, Simoncelli, TIP 2004, equation 13): Gaussian window of 11 x 11 pixels,
    sigma 1.5, K1 0.01, K2 0.03, covariances divided by n."""
    _difference(images, reference)
    ours, theirs = images.double(), reference.double()
    our_mean, their_mean = _smooth(ours), _smooth(theirs)
    our_variance, their_variance = (
        _smooth(ours.square()) - our_mean.square(),
        _smooth(theirs.square()) - their_mean.square(),
    )
    covariance = _smooth(ours * theirs) - our_mean * their_mean
    means = (2 * our_mean * their_mean + _C1) / (our_mean.square() + their_mean.square() + _C1)
    return means * (2 * covariance + _C2) / (our_variance + their_variance + _C2)


def row_weights(images: Float[Tensor, "batch channels height width"]) -> Float64[Tensor, " height"]:
    """The share of the sphere of every row, which is cos((j + 1/2 - H/2) pi / H) over its sum."""
    areas = solid_angles(images.shape[-2], 2, dtype=torch.float64, device=images.device)[:, 0]
    return areas / areas.sum()


def _difference(images: Tensor, reference: Tensor) -> Float64[Tensor, "batch channels height width"]:
    if images.shape != reference.shape:
        got, wanted = ("x".join(str(size) for size in tensor.shape) for tensor in (images, reference))
        raise ValueError(f"got pictures of {got} and references of {wanted}, wanted one shape; resize one of them")
    return images.double() - reference.double()


def _smooth(images: Tensor) -> Tensor:
    padded = pad_sphere(images, left=_RADIUS, right=_RADIUS, top=_RADIUS, bottom=_RADIUS)
    return gaussian_mean(padded, radius=_RADIUS, sigma=_SIGMA)


@lru_cache(maxsize=4)
def _lattice_pixels(num_points: int, height: int, width: int) -> Float64[Tensor, "1 points 2"]:
    return torch.from_numpy(dirs_to_pixels(_lattice(num_points), height, width)).unsqueeze(0)


def _lattice(num_points: int) -> Float64[np.ndarray, "points 3"]:
    """The directions of `geometry.fibonacci`, without its cameras."""
    index = np.arange(num_points) + 0.5
    up, lon = 1 - 2 * index / num_points, index * math.pi * (3 - math.sqrt(5))
    across = np.sqrt(1 - up * up)
    return np.stack([across * np.sin(lon), up, -across * np.cos(lon)], axis=-1)
