"""Images to latents and back with a diffusers auto-encoder: latents = (z - mean) * scale, both ways."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.models.seams import wrap_convolutions
from cyclorama.models.tiling import decode_tiled


def is_panorama(grid: Tensor) -> bool:
    """Whether a grid is 2:1."""
    return grid.shape[-1] == 2 * grid.shape[-2]


def encode_images(
    vae: Any, images: Float[Tensor, "batch 3 height width"], *, device: torch.device, wraps: bool
) -> Float[Tensor, "batch channels latent_height latent_width"]:
    """Images in [0, 1] to latents, float32: the mode of the posterior, or a deterministic code."""
    pixels = (2 * images - 1).to(device=device, dtype=vae.dtype)
    with wrap_convolutions(vae, wraps and is_panorama(images)):
        encoded = vae.encode(pixels)
    z = encoded.latent_dist.mode() if hasattr(encoded, "latent_dist") else encoded.latent
    mean, scale = _normalisation(vae, z)
    return ((z - mean) * scale).float()


def decode_latents(
    vae: Any,
    latents: Float[Tensor, "batch channels latent_height latent_width"],
    *,
    device: torch.device,
    wraps: bool,
    tiled: bool,
) -> Float[Tensor, "batch 3 height width"]:
    """Latents to images in [0, 1], float32; `tiled` in wrapped tiles (`tiling.decode_tiled`)."""
    mean, scale = _normalisation(vae, latents)
    z = (latents / scale + mean).to(device=device, dtype=vae.dtype)
    wraps = wraps and is_panorama(latents)
    if tiled:
        pixels = decode_tiled(vae, z, panorama=wraps)
    else:
        with wrap_convolutions(vae, wraps):
            pixels = vae.decode(z).sample
    return (pixels.float() / 2 + 0.5).clamp(0, 1)


def _normalisation(vae: Any, like: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and scale; one per channel where the auto-encoder has statistics."""
    config = vae.config
    mean = torch.as_tensor(config.get("latents_mean") or config.get("shift_factor") or 0.0)
    scale = config.scaling_factor / torch.as_tensor(config.get("latents_std") or 1.0)
    return mean.reshape(-1, 1, 1).to(like), scale.reshape(-1, 1, 1).to(like)
