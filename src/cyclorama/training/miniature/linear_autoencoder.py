"""The miniature's auto-encoder: an AutoencoderDC that starts as an exact linear code and learns a better decoder.

A small AutoencoderKL stays blurred: its upsampling repeats pixels, so a constant latent can only become a constant
picture. AutoencoderDC (arXiv 2410.10733) shuffles channels into pixels instead, so the principal components of 16x16
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

PATCH, BLOCK = 16, 8
NUM_BLOCK_COMPONENTS = 64
CONSTANT, NUM_CONSTANTS = 8.0, 4
ENCODER_WIDTHS, ENCODER_LAYERS = (12, 12, 48, NUM_BLOCK_COMPONENTS, 16), (0, 1, 1, 1, 1)
DECODER_WIDTHS, DECODER_LAYERS = (48, 48, 96, 96, 128), (0, 2, 2, 2, 1)


@dataclass(frozen=True)
class PatchCode:
    """Principal components of 16x16x3 patches of images in [-1, 1], found in two steps, as a network can apply them.

    `blocks` [J, 192] are the first components of 8x8x3 blocks, which lose next to nothing; `components` [K, 4 J] are
    those of the four blocks of a patch, J coefficients each (row by row, left to right); both orthonormal.
    latent_k = scale_k (components_k . (coefficients - mean)) / sigma_k; `mean` [4 J].
    """

    blocks: Float[Tensor, "block_components block_values"]
    mean: Float[Tensor, " coefficients"]
    components: Float[Tensor, "channels coefficients"]
    sigma: Float[Tensor, " channels"]
    scale: Float[Tensor, " channels"]


def fit_patch_code(
    images: Float[Tensor, "batch 3 height width"], *, num_channels: int = 16, flatness: float = 0.3
) -> PatchCode:
    """Closed-form code of images in [-1, 1].

    Channel scales are sigma^(1 - flatness), normalised to mean variance 1: `flatness` 1 whitens, 0 keeps the
    components' own variances. In between, fine detail counts less in a diffusion loss than the large shapes do.
    """
    blocks = _principal(_block_values(images), NUM_BLOCK_COMPONENTS)[0].float()
    coefficients = _coefficients(blocks, images).flatten(0, 2)
    components, variances = _principal(coefficients, num_channels)
    sigma = variances.sqrt()
    scale = sigma ** (1 - flatness)
    scale = scale / scale.square().mean().sqrt()
    return PatchCode(blocks, coefficients.mean(0), components.float(), sigma.float(), scale.float())


def encode_patches(
    code: PatchCode, images: Float[Tensor, "batch 3 height width"]
) -> Float[Tensor, "batch channels latent_height latent_width"]:
    """Latents of images in [-1, 1]: what the encoder of `linear_autoencoder` computes, as two matrix products."""
    weights = code.components * (code.scale / code.sigma)[:, None]
    return rearrange((_coefficients(code.blocks, images) - code.mean) @ weights.T, "b h w k -> b k h w")


def _block_values(images: Tensor) -> Tensor:
    return rearrange(images, "b c (h y) (w x) -> (b h w) (c y x)", y=BLOCK, x=BLOCK)


def _coefficients(blocks: Tensor, images: Tensor) -> Float[Tensor, "batch height width coefficients"]:
    """The four blocks of each patch in block components: (block row, block column, component)."""
    values = rearrange(images, "b c (h i y) (w j x) -> b h w i j (c y x)", i=2, j=2, y=BLOCK, x=BLOCK)
    return rearrange(values @ blocks.T, "b h w i j k -> b h w (i j k)")


def _principal(values: Tensor, num: int) -> tuple[Tensor, Tensor]:
    """The first `num` principal directions [num, d] of rows [n, d], and the variances along them."""
    centred = values.double() - values.double().mean(0)
    variances, vectors = torch.linalg.eigh(centred.T @ centred / len(centred))
    order = variances.argsort(descending=True)[:num]
    return vectors[:, order].T, variances[order].clamp(min=1e-12)


def save_patch_code(code: PatchCode, path: Path) -> None:
    save_file({name: value.contiguous() for name, value in vars(code).items()}, path)


def load_patch_code(path: Path) -> PatchCode:
    """The inverse of `save_patch_code`. Raises ValueError where there is no such file."""
    if not path.is_file():
        raise ValueError(f"no patch code at {path}: run the stage miniature-autoencoder first")
    return PatchCode(**load_file(path))


def linear_autoencoder(code: PatchCode) -> AutoencoderDC:
    """An AutoencoderDC that computes `code` exactly (decoding to about 1 %); its residual blocks start at zero.

    Neither side has layers at full resolution: the first and the last convolution fold 2x2 pixels into channels.
    """
    vae = AutoencoderDC(
        in_channels=3,
        latent_channels=len(code.sigma),
        encoder_block_types="ResBlock",
        decoder_block_types="ResBlock",
        encoder_block_out_channels=(*ENCODER_WIDTHS[:-1], len(code.sigma)),
        decoder_block_out_channels=DECODER_WIDTHS,
        encoder_layers_per_block=ENCODER_LAYERS,
        decoder_layers_per_block=DECODER_LAYERS,
        encoder_qkv_multiscales=((),) * 5,
        decoder_qkv_multiscales=((),) * 5,
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
    vae.register_to_config(block_out_channels=list(DECODER_WIDTHS), shift_factor=0.0)
    return vae


def _write_encoder(vae: AutoencoderDC, code: PatchCode) -> None:
    encoder: Any = vae.encoder
    # stride 2, padding 1: tap 1 + d of the kernel reads sub-pixel d
    halving = {(4 * c + 2 * y + x, c, 1 + y, 1 + x): 1.0 for c in range(12) for y in (0, 1) for x in (0, 1)}
    _write(encoder.conv_in.conv, {place: tap for place, tap in halving.items() if place[1] < 3}, rows=12)
    down = encoder.down_blocks[1][-1]
    _write(down.conv, halving, rows=48, shortcut=_mean_shortcut(down))
    _write_blocks(encoder.down_blocks[2][-1], code)
    _write_patches(encoder.down_blocks[3][-1], code)
    encoder.conv_out.weight.zero_()
    encoder.conv_out.bias.zero_()


def _write_blocks(down: Any, code: PatchCode) -> None:
    taps = {}
    for k, row in enumerate(code.blocks.tolist()):
        for colour, y, x in _block_pixels():
            # channel order of two nested space-to-depth steps, fine sub-pixel first
            channel = 4 * (4 * colour + 2 * (y % 2) + x % 2) + 2 * (y // 2 % 2) + x // 2 % 2
            taps[k, channel, 1 + y // 4, 1 + x // 4] = row[(colour * BLOCK + y) * BLOCK + x]
    _write(down.conv, taps, rows=len(code.blocks), shortcut=_mean_shortcut(down))


def _write_patches(down: Any, code: PatchCode) -> None:
    weights = code.components * (code.scale / code.sigma)[:, None]
    taps = {
        (k, j, 1 + row, 1 + column): value
        for k, values in enumerate(weights.tolist())
        for (row, column, j), value in zip(_patch_coefficients(), values, strict=True)
    }
    _write(down.conv, taps, rows=len(weights), shortcut=_mean_shortcut(down))
    down.conv.bias[: len(weights)] = -(weights @ code.mean)


def _write_decoder(vae: AutoencoderDC, code: PatchCode) -> None:
    decoder: Any = vae.decoder
    num, repeats = len(code.sigma), decoder.in_shortcut_repeats
    _write(
        decoder.conv_in,
        {(k, k, 1, 1): 1.0 for k in range(num)},
        rows=num,
        shortcut={(k, k // repeats, 1, 1): 1.0 for k in range(num)},
    )
    basis, taps, bias = code.components * (code.sigma / code.scale)[:, None], {}, {}
    for at, (row, column, j) in enumerate(_patch_coefficients()):
        out = 4 * j + 2 * row + column
        bias[out] = float(code.mean[at])
        taps.update({(out, k, 1, 1): value for k, value in enumerate(basis[:, at].tolist())})
    _write_up(decoder.up_blocks[3][0], taps, rows=4 * len(code.blocks), bias=bias)
    taps = {}
    for colour, y, x in _block_pixels():
        out = 4 * (16 * colour + 4 * (y % 4) + x % 4) + 2 * (y // 4) + x // 4
        values = code.blocks[:, (colour * BLOCK + y) * BLOCK + x].tolist()
        taps.update({(out, j, 1, 1): value for j, value in enumerate(values)})
    _write_up(decoder.up_blocks[2][0], taps, rows=192)
    taps = {}
    for colour, y, x in ((c, y, x) for c in range(3) for y in range(4) for x in range(4)):
        for sign in (0, 1):
            # relu(x) - relu(-x) = x: every value beside its negative
            out = 4 * (2 * (4 * colour + 2 * (y % 2) + x % 2) + sign) + 2 * (y // 2) + x // 2
            taps[out, 16 * colour + 4 * y + x, 1, 1] = 1.0 - 2.0 * sign
    constants = {4 * channel + sub: CONSTANT for channel in range(24, 24 + NUM_CONSTANTS) for sub in range(4)}
    _write_up(decoder.up_blocks[1][0], taps, rows=4 * (24 + NUM_CONSTANTS), bias=constants)
    _write_head(decoder)


def _write_head(decoder: Any) -> None:
    """RMS norm and ReLU made linear: constants dominate the norm, the pairs undo the ReLU; 2x2 pixels unfold."""
    conv = decoder.conv_out.conv
    rms = CONSTANT * (NUM_CONSTANTS / conv.in_channels) ** 0.5
    _write(conv, {(k, 2 * k + sign, 1, 1): rms * (1 - 2 * sign) for k in range(12) for sign in (0, 1)}, rows=12)


def _write_up(up: Any, taps: dict, *, rows: int, bias: dict[int, float] | None = None) -> None:
    # the free channels lose the shortcut too: large coefficients in them would disturb the norm of the head
    shortcut = {(o, o // up.repeats, 1, 1): 1.0 for o in range(up.conv.out_channels)}
    _write(up.conv, taps, rows=rows, shortcut=shortcut)
    for out, value in (bias or {}).items():
        up.conv.bias[out] = value


def _write(conv: Any, taps: dict, *, rows: int, shortcut: dict | None = None) -> None:
    """Make the first `rows` outputs of a convolution PLUS its shortcut equal to `taps`; the other outputs stay."""
    conv.weight[:rows] = 0
    conv.bias[:rows] = 0
    for sign, entries in ((1, taps), (-1, shortcut or {})):
        places = torch.tensor(list(entries)).unbind(-1) if entries else None
        if places is not None:
            conv.weight.index_put_(places, sign * torch.tensor(list(entries.values())), accumulate=True)


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


def _block_pixels() -> Iterator[tuple[int, int, int]]:
    """Colour, row and column of every value of a block, in the order of its components."""
    return ((c, y, x) for c in range(3) for y in range(BLOCK) for x in range(BLOCK))


def _patch_coefficients() -> Iterator[tuple[int, int, int]]:
    """Block row, block column and component of every coefficient of a patch, in the order of its components."""
    return ((y, x, j) for y in (0, 1) for x in (0, 1) for j in range(NUM_BLOCK_COMPONENTS))
