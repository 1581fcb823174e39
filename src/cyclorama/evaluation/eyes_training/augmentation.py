"""Augmentation makes the eyes judge content and not finish: pictures are blurred, noisy, compressed, tinted, turned.

How much of it was done to a picture is told beside it, FINISH, and the eyes learn to tell that too: without it they
would learn to overlook finish, and their features with them.
"""

import io

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from cyclorama.evaluation.networks.eyes import halve

FINISH = ("blurred", "noisy", "blocky", "compressed")
"""What may be done to a picture; its amounts are from 0, not at all, to 1, plain to see."""
PLAIN_NOISE, PLAIN_BLOCKS, PLAIN_LOSS = 0.03, 0.02, 40


def augment(
    images: Float[Tensor, "batch 3 height width"], *, wraps: bool, generator: torch.Generator
) -> tuple[Float[Tensor, "batch 3 height width"], Float[Tensor, "batch finish"]]:
    """Each picture turned and finished worse, by amounts of its own, in [0, 1]; and the amounts of FINISH."""
    images, blurred = _blur_some(turn(images, wraps=wraps, generator=generator), wraps=wraps, generator=generator)
    images = _draw(images, 0.85, 1.15, generator) * (images - 0.5) + 0.5 + _draw(images, -0.05, 0.05, generator)
    images = torch.lerp(images.mean(1, keepdim=True), images, _draw(images, 0.6, 1.25, generator))
    blocks = torch.randn(len(images), 3, images.shape[2] // 4, images.shape[3] // 4, generator=generator)
    blocky, noisy = _draw(images, -0.03, 0.06, generator).clamp(0), _draw(images, -0.06, 0.12, generator).clamp(0)
    images = images + blocky * interpolate(blocks, scale_factor=4.0, mode="nearest")
    images = images + noisy * torch.randn(images.shape, generator=generator)
    qualities = torch.randint(20, 180, (len(images),), generator=generator).clamp(max=95)
    images = torch.stack([_compress(i, q) for i, q in zip(images.clamp(0, 1), qualities.tolist(), strict=True)])
    lost = (95 - qualities).float()[:, None, None, None]
    amounts = [blurred, noisy / PLAIN_NOISE, blocky / PLAIN_BLOCKS, lost / PLAIN_LOSS]
    return images, torch.cat(amounts, 1)[:, :, 0, 0].clamp(max=1)


def turn(
    images: Float[Tensor, "batch 3 height width"], *, wraps: bool, generator: torch.Generator
) -> Float[Tensor, "batch 3 height width"]:
    """Each picture mirrored or not; a panorama also turned by whole pixels. No value is changed."""
    batch, channels, height, width = images.shape
    shifts = torch.randint(width, (batch, 1), generator=generator) if wraps else torch.zeros(batch, 1, dtype=torch.long)
    mirrored = torch.randint(2, (batch, 1), generator=generator).bool()
    columns = (torch.arange(width) + shifts) % width
    columns = torch.where(mirrored, width - 1 - columns, columns)
    return images.gather(3, rearrange(columns, "b w -> b 1 1 w").expand(batch, channels, height, width))


def _draw(images: Tensor, low: float, high: float, generator: torch.Generator) -> Float[Tensor, "batch 1 1 1"]:
    return low + (high - low) * torch.rand(len(images), 1, 1, 1, generator=generator)


def _blur_some(images: Tensor, *, wraps: bool, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Two fifths are left sharp, the others softened by one or two octaves, every second one only in a part."""
    amount = _draw(images, -0.6, 1.6, generator).clamp(0, 1)
    finer = halve(images, wraps=wraps)
    coarse = interpolate(halve(finer, wraps=wraps), scale_factor=4.0, mode="bilinear")
    fine = interpolate(finer, scale_factor=2.0, mode="bilinear")
    soft = torch.lerp(fine, coarse, _draw(images, 0.0, 1.0, generator).round())
    within = _draw(images, 0.3, 0.9, generator)
    part = (_eccentricity(images, wraps=wraps) - within) / 0.1 if wraps else (within - _eccentricity(images)) / 0.1
    part = torch.maximum(part.clamp(0, 1), _draw(images, 0.0, 1.0, generator).round())
    return torch.lerp(images, soft, amount * part), amount


def _eccentricity(images: Tensor, *, wraps: bool = False) -> Tensor:
    """Of a panorama's rows the latitude in quarters of a turn; of a view's pixels the distance from its middle."""
    y, x = (((torch.arange(size) + 0.5) / size * 2 - 1).abs() for size in images.shape[-2:])
    return y[:, None] if wraps else torch.hypot(y[:, None], x)


def _compress(image: Tensor, quality: int) -> Tensor:
    if quality >= 95:
        return image
    buffer = io.BytesIO()
    Image.fromarray(rearrange(image * 255, "c h w -> h w c").byte().numpy()).save(buffer, "JPEG", quality=quality)
    return rearrange(torch.from_numpy(np.array(Image.open(buffer))), "h w c -> c h w").float() / 255
