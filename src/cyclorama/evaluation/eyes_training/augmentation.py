"""Augmentation makes the eyes judge content and not finish: pictures are blurred, noisy, compressed, tinted, turned."""

import io

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from cyclorama.evaluation.networks.eyes import halve


def augment(
    images: Float[Tensor, "batch 3 height width"], *, wraps: bool, generator: torch.Generator
) -> Float[Tensor, "batch 3 height width"]:
    """Each picture mirrored or not and finished worse, by amounts of its own; panoramas also turned. In [0, 1]."""

    def amounts(largest: float, smallest: float = 0.0) -> Tensor:
        return smallest + (largest - smallest) * torch.rand(len(images), 1, 1, 1, generator=generator)

    images = turn(images, wraps=wraps, generator=generator)
    images = torch.lerp(images, _blur(images, wraps=wraps), amounts(1.6, -0.6).clamp(0, 1))
    images = amounts(1.15, 0.85) * (images - 0.5) + 0.5 + amounts(0.05, -0.05)
    images = torch.lerp(images.mean(1, keepdim=True), images, amounts(1.25, 0.6))
    blocks = torch.randn(len(images), 3, images.shape[2] // 4, images.shape[3] // 4, generator=generator)
    images = images + amounts(0.06, -0.03).clamp(0) * interpolate(blocks, scale_factor=4.0, mode="nearest")
    images = images + amounts(0.12, -0.06).clamp(0) * torch.randn(images.shape, generator=generator)
    qualities = torch.randint(20, 180, (len(images),), generator=generator).tolist()
    return torch.stack([_compress(i, q) if q < 95 else i for i, q in zip(images.clamp(0, 1), qualities, strict=True)])


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


def _blur(images: Tensor, *, wraps: bool) -> Tensor:
    return interpolate(halve(images, wraps=wraps), scale_factor=2.0, mode="bilinear")


def _compress(image: Tensor, quality: int) -> Tensor:
    buffer = io.BytesIO()
    Image.fromarray(rearrange(image * 255, "c h w -> h w c").byte().numpy()).save(buffer, "JPEG", quality=quality)
    return rearrange(torch.from_numpy(np.array(Image.open(buffer))), "h w c -> c h w").float() / 255
