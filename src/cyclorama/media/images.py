"""Pictures as tensors: `[3, H, W]` in [0, 1], sRGB, to files and back. The files themselves are `media.pictures`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from cyclorama.media import depth as depth_files
from cyclorama.media.levels import linear_to_srgb, srgb_to_linear
from cyclorama.media.metadata import gpano_fields
from cyclorama.media.outputs import FORMATS, check_output
from cyclorama.media.pictures import check_fits, read_picture, write_picture


def write_panorama(
    image: Float[Tensor, "3 height width"], path: str | Path, *, parameters: Mapping[str, Any] | None = None
) -> None:
    """Writes an equirect of the whole sphere, values in [0, 1], with GPano XMP and what generated it.

    The format follows the extension. Equal arguments give equal bytes. The file appears whole or not at all.
    `ValueError`: not 2:1, values that are not finite, an extension that is not in `FORMATS`, no such folder.
    """
    height, width = image.shape[-2:]
    if width != 2 * height:
        raise ValueError(f"a panorama is twice as wide as high, got {height}x{width} (height x width)")
    _write(image, Path(path), gpano_fields(height, width), parameters)


def write_image(
    image: Float[Tensor, "3 height width"], path: str | Path, *, parameters: Mapping[str, Any] | None = None
) -> None:
    """As `write_panorama`, for a picture of any size that is no panorama: no GPano fields."""
    _write(image, Path(path), None, parameters)


def write_depth(depth: Float[Tensor, "height width"], path: str | Path) -> None:
    """Writes distances along the ray in metres as `.npy`, `.png` or `.exr`; the sky is inf. See `media.depth`."""
    depth_files.write_depth(depth.detach().to("cpu", torch.float32).numpy(), path)


def read_image(path: str | Path) -> Float[Tensor, "3 height width"]:
    """Reads a picture as RGB in [0, 1], upright; its memory is channels last. Light of EXR files is clipped to [0, 1].

    `ValueError` as `read_picture`: a missing, unreadable or truncated file.
    """
    pixels = read_picture(path).pixels
    if pixels.dtype == np.float32:
        values = linear_to_srgb(np.nan_to_num(pixels))
    else:
        values = np.divide(pixels, np.iinfo(pixels.dtype).max, dtype=np.float32)
    return rearrange(torch.from_numpy(values), "h w c -> c h w")


def _write(image: Tensor, path: Path, gpano: Mapping[str, str] | None, parameters: Mapping[str, Any] | None) -> None:
    check_output(path)
    check_fits(path, *image.shape[-2:])
    values = image.detach().to("cpu", torch.float32)
    if not torch.isfinite(values).all():
        raise ValueError("the picture holds NaN or infinity; run the model in bfloat16 or float32")
    light = FORMATS[path.suffix.lower()] == "EXR"
    values = values.clamp(0, 1) if light else (values.clamp(0, 1) * 255).round().to(torch.uint8)
    pixels = rearrange(values, "c h w -> h w c").contiguous().numpy()
    write_picture(srgb_to_linear(pixels) if light else pixels, path, gpano=gpano, parameters=parameters)
