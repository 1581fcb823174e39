"""Pictures as files: `[3, H, W]` float tensors in [0, 1] to JPEG, PNG and WebP, and back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from PIL import Image, ImageOps, PngImagePlugin
from torch import Tensor

from cyclorama.media.atomic import atomic_file
from cyclorama.media.description import opened_picture
from cyclorama.media.metadata import PNG_PARAMETERS, PNG_XMP, gpano_fields, parameters_to_json, xmp_packet
from cyclorama.media.outputs import FORMATS, check_output

MAX_SIDE = {"JPEG": 65_500, "PNG": 2**31 - 1, "WEBP": 16_383}
ENCODING = {
    "JPEG": {"quality": 95, "subsampling": "4:4:4"},
    "PNG": {"compress_level": 6},
    "WEBP": {"quality": 95, "method": 4},
}


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
    _write(image, Path(path), gpano_fields(height, width), parameters or {})


def write_image(
    image: Float[Tensor, "3 height width"], path: str | Path, *, parameters: Mapping[str, Any] | None = None
) -> None:
    """As `write_panorama`, for a picture of any size that is no panorama: no GPano fields."""
    _write(image, Path(path), {}, parameters or {})


def write_depth(depth: Float[Tensor, "height width"], path: str | Path) -> None:
    """Writes distances along the ray in metres as float32 `.npy`; the sky is inf."""
    with atomic_file(path) as file:
        np.save(file, depth.detach().to("cpu", torch.float32).numpy())


def read_image(path: str | Path) -> Float[Tensor, "3 height width"]:
    """Reads any picture that Pillow knows as RGB in [0, 1], upright as its EXIF orientation says.

    `ValueError` for a missing, unreadable or truncated file.
    """
    with opened_picture(path) as picture:
        upright = ImageOps.exif_transpose(picture).convert("RGB")
        pixels = torch.from_numpy(np.array(upright))
    return rearrange(pixels, "h w c -> c h w").float() / 255


def _write(image: Tensor, path: Path, gpano: Mapping[str, str], parameters: Mapping[str, Any]) -> None:
    check_output(path)
    format_name = FORMATS[path.suffix.lower()]
    height, width = image.shape[-2:]
    if max(height, width) > MAX_SIDE[format_name]:
        got = f"{height}x{width}"
        raise ValueError(f"{format_name} holds {MAX_SIDE[format_name]} pixels a side, got {got}; write a .png")
    picture = _to_picture(image)
    options = ENCODING[format_name] | _metadata_options(format_name, gpano, parameters)
    with atomic_file(path) as file:
        picture.save(file, format=format_name, **options)


def _metadata_options(format_name: str, gpano: Mapping[str, str], parameters: Mapping[str, Any]) -> dict[str, Any]:
    if not gpano and not parameters:
        return {}
    packet = xmp_packet(gpano, parameters)
    if format_name != "PNG":
        return {"xmp": packet}
    chunks = PngImagePlugin.PngInfo()
    chunks.add_itxt(PNG_XMP, packet.decode("utf-8"))
    if parameters:
        chunks.add_text(PNG_PARAMETERS, parameters_to_json(parameters))
    return {"pnginfo": chunks}


def _to_picture(image: Tensor) -> Image.Image:
    pixels = image.detach().to("cpu", torch.float32)
    if not torch.isfinite(pixels).all():
        raise ValueError("the picture holds NaN or infinity; run the model in bfloat16 or float32")
    levels = (pixels.clamp(0, 1) * 255).round().to(torch.uint8)
    return Image.fromarray(rearrange(levels, "c h w -> h w c").contiguous().numpy())
