"""Files that Pillow reads and writes: JPEG, PNG, WebP, AVIF, 8-bit TIFF and, for reading, some more.

Pillow has grey pixels of 16 bits, but no coloured ones: see `media/deep_png.py` and `media/tiff_files.py`.
"""

import io
import threading
import warnings
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from PIL import Image

from cyclorama.media.formats import PLUGINS, WRITTEN, Picture, most_pixels
from cyclorama.media.metadata import PNG_PARAMETERS, PNG_XMP, parameters_to_json, read_image_metadata
from cyclorama.media.opening import TOO_SHORT, Refusal, check_size, too_many_pixels

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

_OPENING = threading.Lock()
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_with_pillow(path: Path, format_name: str, max_pixels: int) -> Picture:
    """The first frame, upright, in sRGB, over black."""
    image = open_checked(path, format_name, max_pixels)
    with image, warnings.catch_warnings(action="ignore"):
        image.load()
        return decoded_picture(image)


def open_checked(path: Path, format_name: str, max_pixels: int) -> "ImageFile":
    """An opened picture of which only the header is read, of a size that is believed. Raises `Refusal`."""
    import_module(f"PIL.{PLUGINS[format_name]}ImagePlugin")
    held = most_pixels(format_name, path.stat().st_size)
    try:
        image = _open(path, format_name, min(held, max_pixels))
    except Image.UnidentifiedImageError as fault:
        raise Refusal("not a picture (JPEG, PNG, WebP, AVIF, TIFF, EXR ... wanted)") from fault
    except Image.DecompressionBombError as fault:
        raise Refusal(too_many_pixels(max_pixels) if held > max_pixels else TOO_SHORT) from fault
    try:
        check_size(image.height, image.width, max_pixels, held=held)
    except Refusal:
        image.close()
        raise
    return image


def _open(path: Path, format_name: str, max_pixels: int) -> "ImageFile":
    # Pillow's own limit is one number for the process, smaller than a 16k panorama.
    with _OPENING, warnings.catch_warnings(action="ignore"):
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, max_pixels // 2 + 1
        try:
            return Image.open(path, formats=(format_name,))
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def decoded_picture(image: Image.Image) -> Picture:
    """A loaded image as a `Picture`."""
    pixels, alpha = _to_pixels(turn_upright(image)), image.has_transparency_data
    bits = 16 if image.mode.startswith("I") else 32 if image.mode == "F" else 1 if image.mode == "1" else 8
    return Picture(pixels, image.format or "unknown", image.mode, bits, alpha, *read_image_metadata(image))


def turn_upright(image: Image.Image) -> Image.Image:
    """The image as its EXIF or XMP orientation says."""
    try:
        turn = _TURNS.get(image.getexif().get(0x0112, 1))
    except Exception:  # damaged EXIF does not spoil a good picture, and raises nearly anything
        turn = None
    return image if turn is None else image.transpose(turn)


def _to_pixels(image: Image.Image) -> np.ndarray:
    if image.mode == "F":
        return _grey_to_rgb(np.asarray(image, np.float32))
    if image.mode.startswith("I"):
        return _grey_to_rgb(np.clip(np.asarray(image), 0, 65_535).astype(np.uint16))
    return np.array(_over_black(_to_srgb(image)).convert("RGB"))


def _grey_to_rgb(grey: np.ndarray) -> np.ndarray:
    return np.repeat(grey[..., None], 3, axis=-1)


def _over_black(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image
    image = image.convert("RGBA")
    black = Image.new("RGB", image.size)
    black.paste(image.convert("RGB"), mask=image.getchannel("A"))
    return black


def _to_srgb(image: Image.Image) -> Image.Image:
    """Converts from the embedded profile; a profile that is sRGB already or cannot be used changes nothing."""
    data = image.info.get("icc_profile")
    if not data or image.mode not in ("RGB", "RGBA", "CMYK"):
        return image
    from PIL import ImageCms

    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        if "srgb" in ImageCms.getProfileDescription(profile).lower():
            return image
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        return ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode=mode) or image
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image


def write_with_pillow(
    pixels: np.ndarray,
    file: BinaryIO,
    format_name: str,
    *,
    packet: bytes | None,
    parameters: Mapping[str, Any],
    quality: int | None = None,
) -> None:
    """Encodes uint8 pixels [H, W, 3] with an XMP packet."""
    options = dict(WRITTEN[format_name].options)
    if quality is not None:
        options["quality"] = quality
    import_module(f"PIL.{PLUGINS[format_name]}ImagePlugin")
    if format_name not in Image.SAVE:
        raise ValueError(f"this Pillow writes no {format_name}; update it (pip install -U pillow) or write a .png")
    options |= _METADATA.get(format_name, _xmp_option)(packet, parameters)
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, format=format_name, **options)


def _xmp_option(packet: bytes | None, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {"xmp": packet} if packet else {}


def png_chunks(packet: bytes | None, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Pillow's option for PNG: the XMP packet and the parameters as text chunks."""
    from PIL import PngImagePlugin

    chunks = PngImagePlugin.PngInfo()
    if packet:
        chunks.add_itxt(PNG_XMP, packet.decode("utf-8"))
    if parameters:
        chunks.add_text(PNG_PARAMETERS, parameters_to_json(parameters))
    return {"pnginfo": chunks}


def _tiff_tags(packet: bytes | None, parameters: Mapping[str, Any]) -> dict[str, Any]:
    from PIL import TiffImagePlugin

    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[TiffImagePlugin.PREDICTOR] = 2
    if packet:
        tags[TiffImagePlugin.XMP] = packet
        tags.tagtype[TiffImagePlugin.XMP] = 1  # BYTE
    return {"tiffinfo": tags}


_METADATA = {"PNG": png_chunks, "TIFF": _tiff_tags}
