"""What a picture is in memory, which formats are read and written, what each can hold, and how files are recognised.

Pixels are NumPy arrays [H, W, 3], red green blue: uint8 and uint16 are sRGB levels, float32 is linear light in which
1.0 is the white of an 8-bit picture. Which extension is which format stands in `media/outputs.py`.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

MAX_PIXELS = 2**29
"""The most pixels that are read unless told otherwise: 16384 x 32768."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture that was read: upright, in colour, alpha over black.

    `mode`, `bits` and `alpha` say how the file held it: Pillow's name of its channels, the depth of one channel, and
    whether it had transparency. `gpano` are its GPano fields, `parameters` what generated it; {} without any.
    """

    pixels: np.ndarray
    format: str
    mode: str = "RGB"
    bits: int = 8
    alpha: bool = False
    gpano: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Format:
    """What a format can hold: pixels a side, types of pixels; and `options` of Pillow's encoder."""

    max_side: int
    dtypes: tuple[str, ...] = ("uint8",)
    lossy: bool = False
    options: dict[str, Any] = field(default_factory=dict)


WRITTEN = {
    "JPEG": Format(65_500, lossy=True, options={"quality": 95, "subsampling": "4:4:4"}),
    "PNG": Format(2**31 - 1, ("uint8", "uint16"), options={"compress_level": 6}),
    "WEBP": Format(16_383, lossy=True, options={"quality": 95, "method": 4}),
    "AVIF": Format(16_384, lossy=True, options={"quality": 90, "speed": 8, "subsampling": "4:4:4"}),
    "TIFF": Format(2**31 - 1, ("uint8", "uint16", "float32"), options={"compression": "tiff_adobe_deflate"}),
    "EXR": Format(2**31 - 1, ("float32",)),
}

PLUGINS = {
    "JPEG": "Jpeg",
    "PNG": "Png",
    "WEBP": "WebP",
    "AVIF": "Avif",
    "TIFF": "Tiff",
    "GIF": "Gif",
    "BMP": "Bmp",
    "PPM": "Ppm",
    "JPEG2000": "Jpeg2K",
    "QOI": "Qoi",
    "PSD": "Psd",
    "TGA": "Tga",
}
"""The formats that Pillow reads for us, and its module for each. None of them starts another program, as EPS does."""

_SIGNATURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"II+\x00": "TIFF",
    b"MM\x00+": "TIFF",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"P": "PPM",
    b"\x00\x00\x00\x0cjP": "JPEG2000",
    b"\xffO\xffQ": "JPEG2000",
    b"qoif": "QOI",
    b"8BPS": "PSD",
    b"\x76\x2f\x31\x01": "EXR",
    b"#?R": "HDR",
}

HEAD_BYTES = 26
"""How much of a file's beginning tells its format and depth."""

# Pixels that one byte can stand for. Deflate of 1-bit pixels is the densest of the first, 1032 x 8; pictures of one
# colour reach 25,000 in WebP, 26,000 in JPEG 2000 and 36,000 in AVIF.
_PIXELS_PER_BYTE: dict[str, int] = dict.fromkeys(("JPEG", "PNG", "GIF", "BMP", "PPM", "QOI", "PSD", "TGA"), 8300)
_DENSEST = 100_000


def recognise(head: bytes) -> str:
    """The format of a file by its first bytes; "TGA", which has no signature, where nothing else fits."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp" and head[8:11] in (b"avi", b"mif", b"msf"):
        return "AVIF"
    return next((name for start, name in _SIGNATURES.items() if head.startswith(start)), "TGA")


def is_deep_png(head: bytes) -> bool:
    """Whether a PNG's first `HEAD_BYTES` tell 16 bits and colours (RGB or RGBA)."""
    return head[24:26] in (b"\x10\x02", b"\x10\x06")


def most_pixels(format_name: str, file_bytes: int) -> int:
    """The most pixels that a file of so many bytes can hold: a header alone is not believed."""
    return file_bytes * _PIXELS_PER_BYTE.get(format_name, _DENSEST)
