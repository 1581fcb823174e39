"""Decoding a panorama in tiles without bringing the seam back.

diffusers' own tiling cuts at the left and right border and would wrap every tile onto itself. Here the tiles stand
evenly around the full turn, one of them across the seam, and beyond the poles they see the continued panorama; they
overlap and are blended with ramps. The seam is then a tile border like every other: rolls by a tile step commute.
The price of tiling stays: every tile has its own GroupNorm and attention statistics, so rolls in between do not.
"""

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.models.seams import pad_features


def decode_tiled(
    vae: Any, z: Float[Tensor, "batch channels height width"], *, panorama: bool
) -> Float[Tensor, "batch 3 image_height image_width"]:
    """diffusers' AutoencoderKL or AutoencoderDC in tiles of its own size and overlap."""
    tile, overlap = _tile(vae)
    scale = compression_of(vae)
    height, width = z.shape[-2:]
    margin = overlap // 2 if panorama and height > tile else 0
    tops = _starts(height + 2 * margin, tile, overlap, circular=False)
    lefts = _starts(width, tile, overlap, circular=panorama and width > tile)
    rows, columns = min(tile, height + 2 * margin), min(tile, width)
    padded = pad_features(z, left=0, right=0, top=margin, bottom=margin) if margin else z
    image = z.new_zeros(z.shape[0], 3, padded.shape[-2] * scale, width * scale)
    weight = z.new_zeros(padded.shape[-2] * scale, width * scale)
    window = torch.outer(_ramp(rows, overlap, scale), _ramp(columns, overlap, scale)).to(z)
    for top in tops:
        band = slice(top * scale, (top + rows) * scale)
        for left in lefts:
            wrapped = torch.arange(left, left + columns, device=z.device) % width
            decoded = vae.decode(padded[..., top : top + rows, :][..., wrapped]).sample
            pixels = torch.arange(left * scale, (left + columns) * scale, device=z.device) % (width * scale)
            image[..., band, :].index_add_(-1, pixels, decoded * window)
            weight[band].index_add_(-1, pixels, window)
    blended = image / weight
    return blended[..., margin * scale : (margin + height) * scale, :]


def compression_of(vae: Any) -> int:
    """Pixels per latent, along one side."""
    ratio = getattr(vae, "spatial_compression_ratio", None)
    return int(ratio or 2 ** (len(vae.config.block_out_channels) - 1))


def _tile(vae: Any) -> tuple[int, int]:
    """Side and overlap of the auto-encoder's own tiles, in latents."""
    if hasattr(vae, "tile_latent_min_size"):
        tile = vae.tile_latent_min_size
        return tile, max(2, int(tile * vae.tile_overlap_factor))
    tile = vae.tile_latent_min_width
    return tile, max(2, tile - vae.tile_sample_stride_width // compression_of(vae))


def _starts(length: int, tile: int, overlap: int, *, circular: bool) -> list[int]:
    """First indices of tiles that cover `length`, evenly spread; around the full turn if circular."""
    if length <= tile:
        return [0]
    step = tile - overlap
    if circular:
        count = math.ceil(length / step)
        return [round(index * length / count) for index in range(count)]
    count = math.ceil((length - tile) / step) + 1
    return [round(index * (length - tile) / (count - 1)) for index in range(count)]


def _ramp(tile: int, overlap: int, scale: int) -> Float[Tensor, " pixels"]:
    """1 inside, falling linearly towards both borders of a tile over the overlap; never 0."""
    edge = torch.arange(tile * scale, dtype=torch.float32) + 0.5
    return (torch.minimum(edge, edge.flip(0)) / (overlap * scale)).clamp(max=1)
