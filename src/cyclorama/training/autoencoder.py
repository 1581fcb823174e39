"""The miniature's auto-encoder: an AutoencoderDC that starts as an exact linear code and learns a better decoder.

A small AutoencoderKL stays blurred: its upsampling repeats pixels, so a constant latent can only become a constant
picture. AutoencoderDC (arXiv 2410.10733) shuffles channels into pixels instead, so the principal components of 8x8
patches can be written into its convolutions exactly. The encoder keeps that code: its channels are uncorrelated on the
data, their scales are chosen here. Only the decoder is trained further, on top of the linear solution.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_dc import AutoencoderDC, ResBlock
from einops import rearrange
from jaxtyping import Float
from safetensors.torch import load_file, save_file
from torch import Tensor

PATCH = 8
CONSTANT, NUM_CONSTANTS = 8.0, 4


@dataclass(frozen=True)
class PatchCode:
    """Principal components of 8x8x3 patches of images in [-1, 1].

    latent_k = scale_k (v_k . (patch - mean)) / sigma_k. `components` [K, 192] in (colour, y, x) order, orthonormal.
    """

    mean: Float[Tensor, " values"]
    components: Float[Tensor, "channels values"]
    sigma: Float[Tensor, " channels"]
    scale: Float[Tensor, " channels"]


def fit_patch_code(
    images: Float[Tensor, "batch 3 height width"], *, num_channels: int = 16, flatness: float = 0.7
) -> PatchCode:
    """Closed-form code of images in [-1, 1].

    Channel scales are sigma^(1 - flatness), normalised to mean variance 1: `flatness` 1 whitens, 0 keeps the
    components' own variances. In between, fine detail counts less in a diffusion loss than the large shapes do.
    """
    patches = rearrange(images, "b c (h y) (w x) -> (b h w) (c y x)", y=PATCH, x=PATCH).double()
    mean = patches.mean(0)
    centred = patches - mean
    variances, vectors = torch.linalg.eigh(centred.T @ centred / len(centred))
    order = variances.argsort(descending=True)[:num_channels]
    sigma = variances[order].sqrt()
    scale = sigma ** (1 - flatness)
    scale = scale / scale.square().mean().sqrt()
    return PatchCode(mean.float(), vectors[:, order].T.float(), sigma.float(), scale.float())


def encode_patches(
    code: PatchCode, images: Float[Tensor, "batch 3 height width"]
) -> Float[Tensor, "batch channels latent_height latent_width"]:
    """Latents of images in [-1, 1]: what the encoder of `linear_autoencoder` computes, as one matrix product."""
    patches = rearrange(images, "b c (h y) (w x) -> b h w (c y x)", y=PATCH, x=PATCH)
    weights = code.components * (code.scale / code.sigma)[:, None]
    return rearrange((patches - code.mean) @ weights.T, "b h w k -> b k h w")


def save_patch_code(code: PatchCode, path: Path) -> None:
    save_file({name: value.contiguous() for name, value in vars(code).items()}, path)


def load_patch_code(path: Path) -> PatchCode:
    """The inverse of `save_patch_code`. Raises ValueError where there is no such file."""
    if not path.is_file():
        raise ValueError(f"no patch code at {path}: run the stage miniature-autoencoder first")
    return PatchCode(**load_file(path))


def linear_autoencoder(code: PatchCode, *, widths: tuple[int, ...] = (16, 32, 64, 64)) -> AutoencoderDC:
    """An AutoencoderDC that computes `code` exactly (decoding to about 1 %); its residual blocks start at zero."""
    vae = AutoencoderDC(
        in_channels=3,
        latent_channels=len(code.sigma),
        encoder_block_types="ResBlock",
        decoder_block_types="ResBlock",
        encoder_block_out_channels=widths,
        decoder_block_out_channels=widths,
        encoder_layers_per_block=(1, 1, 1, 1),
        decoder_layers_per_block=(2, 2, 2, 2),
        encoder_qkv_multiscales=((), (), (), ()),
        decoder_qkv_multiscales=((), (), (), ()),
        downsample_block_type="conv",
        upsample_block_type="pixel_shuffle",
        decoder_norm_types="rms_norm",
        decoder_act_fns="silu",
        scaling_factor=1.0,
    )
    with torch.no_grad():
        for block in vae.modules():
            if isinstance(block, ResBlock):
                norm: Any = block.norm
                norm.weight.zero_()
        _write_encoder(vae, code)
        _write_decoder(vae, code)
    # FluxPipeline reads these two of every auto-encoder
    vae.register_to_config(block_out_channels=list(widths), shift_factor=0.0)
    return vae


def _write_encoder(vae: AutoencoderDC, code: PatchCode) -> None:
    encoder: Any = vae.encoder
    colours = torch.eye(3)
    _write(encoder.conv_in, {(k, c, 1, 1): float(colours[k, c]) for k in range(3) for c in range(3)}, rows=3)
    # stride 2, padding 1: tap 1 + d of the kernel reads sub-pixel d
    for level, num_in in ((0, 3), (1, 12)):
        down = encoder.down_blocks[level][-1]
        taps = {(4 * c + 2 * y + x, c, 1 + y, 1 + x): 1.0 for c in range(num_in) for y in (0, 1) for x in (0, 1)}
        _write(down.conv, taps, rows=4 * num_in, shortcut=_mean_shortcut(down))
    weights = code.components * (code.scale / code.sigma)[:, None]
    down = encoder.down_blocks[2][-1]
    taps = {}
    for k, row in enumerate(weights):
        for colour, y, x in _pixels():
            # channel order of two nested space-to-depth steps, fine sub-pixel first
            channel = 4 * (4 * colour + 2 * (y % 2) + x % 2) + 2 * (y // 2 % 2) + x // 2 % 2
            taps[k, channel, 1 + y // 4, 1 + x // 4] = float(row[(colour * PATCH + y) * PATCH + x])
    _write(down.conv, taps, rows=len(weights), shortcut=_mean_shortcut(down))
    down.conv.bias[: len(weights)] = -(weights @ code.mean)
    group = encoder.out_shortcut_average_group_size
    encoder.conv_out.weight.zero_()
    encoder.conv_out.bias.zero_()
    for k in range(len(weights)):
        encoder.conv_out.weight[k, k, 1, 1] += 1
        for member in range(group):
            encoder.conv_out.weight[k, k * group + member, 1, 1] -= 1 / group


def _write_decoder(vae: AutoencoderDC, code: PatchCode) -> None:
    decoder: Any = vae.decoder
    num = len(code.sigma)
    repeats = decoder.in_shortcut_repeats
    _write(
        decoder.conv_in,
        {(k, k, 1, 1): 1.0 for k in range(num)},
        rows=num,
        shortcut={(k, k // repeats, 1, 1): 1.0 for k in range(num)},
    )
    basis = code.components * (code.sigma / code.scale)[:, None]
    taps, bias = {}, {}
    for colour, y, x in _pixels():
        index = (colour * PATCH + y) * PATCH + x
        out = 4 * (16 * colour + 4 * (y % 4) + x % 4) + 2 * (y // 4) + x // 4
        bias[out] = float(code.mean[index])
        taps.update({(out, k, 1, 1): float(basis[k, index]) for k in range(num)})
    _write_up(decoder.up_blocks[2][0], taps, rows=192, bias=bias)
    taps = {}
    for colour, y, x in ((c, y, x) for c in range(3) for y in range(4) for x in range(4)):
        taps[4 * (4 * colour + 2 * (y % 2) + x % 2) + 2 * (y // 2) + x // 2, 16 * colour + 4 * y + x, 1, 1] = 1.0
    _write_up(decoder.up_blocks[1][0], taps, rows=48)
    taps = {}
    for colour, y, x in ((c, y, x) for c in range(3) for y in range(2) for x in range(2)):
        for sign, out in ((1.0, 2 * colour), (-1.0, 2 * colour + 1)):
            taps[4 * out + 2 * y + x, 4 * colour + 2 * y + x, 1, 1] = sign
    constants = {4 * channel + sub: CONSTANT for channel in range(6, 6 + NUM_CONSTANTS) for sub in range(4)}
    _write_up(decoder.up_blocks[0][0], taps, rows=4 * (6 + NUM_CONSTANTS), bias=constants)
    _write_head(decoder)


def _write_head(decoder: Any) -> None:
    """RMS norm and ReLU made linear: constants dominate the norm, and relu(x) - relu(-x) = x."""
    channels = decoder.conv_out.in_channels
    rms = CONSTANT * (NUM_CONSTANTS / channels) ** 0.5
    taps = {(c, 2 * c + (sign < 0), 1, 1): sign * rms for c in range(3) for sign in (1.0, -1.0)}
    _write(decoder.conv_out, taps, rows=3)


def _write_up(up: Any, taps: dict, *, rows: int, bias: dict[int, float] | None = None) -> None:
    shortcut = {(o, o // up.repeats, 1, 1): 1.0 for o in range(rows)}
    _write(up.conv, taps, rows=rows, shortcut=shortcut)
    for out, value in (bias or {}).items():
        up.conv.bias[out] = value


def _write(conv: Any, taps: dict, *, rows: int, shortcut: dict | None = None) -> None:
    """Make the first `rows` outputs of a convolution PLUS its shortcut equal to `taps`; the other outputs stay."""
    conv.weight[:rows] = 0
    conv.bias[:rows] = 0
    for place, value in taps.items():
        conv.weight[place] += value
    for place, value in (shortcut or {}).items():
        conv.weight[place] -= value


def _mean_shortcut(down: Any) -> dict[tuple[int, int, int, int], float]:
    """The pixel-unshuffle-and-average shortcut of a DCDownBlock2d as kernel taps of its strided convolution."""
    size = down.group_size
    channels = down.conv.in_channels
    taps = {}
    for channel in range(channels):
        for y in (0, 1):
            for x in (0, 1):
                out = (4 * channel + 2 * y + x) // size
                taps[out, channel, 1 + y, 1 + x] = 1 / size
    return taps


def _pixels() -> Iterator[tuple[int, int, int]]:
    """Colour, row and column of every value of a patch, in the order of the components."""
    return ((c, y, x) for c in range(3) for y in range(PATCH) for x in range(PATCH))
