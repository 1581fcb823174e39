"""Picture files to pixels and back, without torch: JPEG, PNG, WebP, AVIF, TIFF and OpenEXR; some more are read only.

`read_picture` looks at a file's first bytes and hands it to the module of its format; nothing but Pillow and NumPy is
imported for the common ones.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from cyclorama.media.atomic import atomic_file
from cyclorama.media.formats import HEAD_BYTES, MAX_PIXELS, WRITTEN, Picture, is_deep_png, recognise
from cyclorama.media.levels import to_dtype
from cyclorama.media.metadata import xmp_packet
from cyclorama.media.opening import check_readable, one_line_faults
from cyclorama.media.outputs import FORMATS, check_output

__all__ = ["MAX_PIXELS", "Picture", "check_fits", "read_picture", "write_picture"]


def read_picture(path: str | Path, *, max_pixels: int = MAX_PIXELS) -> Picture:
    """Reads a picture by its content, whatever its name: upright as EXIF says, in sRGB, over black, first frame.

    Pixels are uint8, or uint16 (16-bit PNG and TIFF), or float32 (EXR, HDR, float TIFF). Profiles other than sRGB are
    converted in pictures of 8 bits. Damaged metadata do not spoil a good picture.

    Raises:
        ValueError: one line for a missing, unreadable, truncated or unknown file, or more than `max_pixels` pixels,
            which is found out before anything is decoded.
    """
    path = Path(path)
    with one_line_faults(path):
        check_readable(path)
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        return _read(path, head, max_pixels)


def _read(path: Path, head: bytes, max_pixels: int) -> Picture:
    format_name = recognise(head)
    if format_name == "EXR":
        from cyclorama.media.exr_files import read_exr as read
    elif format_name == "HDR":
        from cyclorama.media.hdr_files import read_hdr as read
    elif format_name == "TIFF":
        from cyclorama.media.tiff_files import read_tiff as read
    elif format_name == "PNG" and is_deep_png(head):
        from cyclorama.media.deep_png import read_deep_png as read
    else:
        from cyclorama.media.pillow_files import read_with_pillow as read
    return read(path, format_name, max_pixels)


def write_picture(
    pixels: np.ndarray,
    path: str | Path,
    *,
    gpano: Mapping[str, str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    quality: int | None = None,
) -> None:
    """Writes pixels [H, W, 3], uint8, uint16 or float32 (linear light), in the format of the extension.

    A format that cannot hold the type gets the nearest it can, sRGB levels or linear light: TIFF holds all three, PNG
    8 and 16 bits, EXR light, the others 8 bits. `gpano` makes it a panorama for viewers (`metadata.gpano_fields`).
    `quality`: 1 to 100 for JPEG, WebP and AVIF. Equal arguments give equal bytes; the file appears whole or not at all.

    Raises:
        ValueError: other pixels, an extension that is not in `outputs.FORMATS`, no such folder, a side too long for
            the format, a quality for a lossless format, metadata that no file can hold.
    """
    path = Path(path)
    check_output(path)
    format_name = FORMATS[path.suffix.lower()]
    _check_pixels(pixels)
    check_fits(path, *pixels.shape[:2])
    _check_quality(quality, format_name)
    packet = xmp_packet(gpano or {}, parameters or {}) if gpano or parameters else None
    dtypes = WRITTEN[format_name].dtypes
    pixels = to_dtype(pixels, pixels.dtype.name if pixels.dtype.name in dtypes else dtypes[0])
    with atomic_file(path) as file:
        _encode(pixels, file, format_name, packet, gpano or {}, parameters or {}, quality)


def _encode(
    pixels: np.ndarray,
    file: BinaryIO,
    format_name: str,
    packet: bytes | None,
    gpano: Mapping[str, str],
    parameters: Mapping[str, Any],
    quality: int | None,
) -> None:
    if format_name == "EXR":
        from cyclorama.media.exr_files import write_exr

        write_exr({"RGB": pixels}, file, packet=packet, panorama=bool(gpano))
    elif pixels.dtype == np.uint8:
        from cyclorama.media.pillow_files import write_with_pillow

        write_with_pillow(pixels, file, format_name, packet=packet, parameters=parameters, quality=quality)
    elif format_name == "PNG":
        from cyclorama.media.deep_png import write_deep_png

        write_deep_png(pixels, file, packet=packet, parameters=parameters)
    else:
        from cyclorama.media.tiff_files import write_deep_tiff

        write_deep_tiff(pixels, file, packet=packet)


def check_fits(path: str | Path, height: int, width: int) -> None:
    """Raises `ValueError` unless the format of `path`, one of `outputs.FORMATS`, holds so many pixels a side."""
    format_name = FORMATS[Path(path).suffix.lower()]
    limit = WRITTEN[format_name].max_side
    if max(height, width) > limit:
        raise ValueError(f"{format_name} holds {limit} pixels a side, got {height}x{width}; write a .png")


def _check_pixels(pixels: np.ndarray) -> None:
    if pixels.ndim != 3 or pixels.shape[-1] != 3 or 0 in pixels.shape:
        raise ValueError(f"got pixels of shape {pixels.shape}, wanted [height, width, 3]")
    if pixels.dtype.name not in ("uint8", "uint16", "float32"):
        raise ValueError(f"got pixels of type {pixels.dtype}, wanted uint8, uint16 or float32")


def _check_quality(quality: int | None, format_name: str) -> None:
    if quality is None:
        return
    if not WRITTEN[format_name].lossy:
        raise ValueError(f"{format_name} is lossless and has no quality, got {quality}; leave it out")
    if not 1 <= quality <= 100:
        raise ValueError(f"got quality {quality}, wanted 1 to 100")
