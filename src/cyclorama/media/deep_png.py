"""PNG of 16 bits a colour. Pillow keeps the upper bytes only, so it decodes twice: once as it is, once byte-swapped."""

import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from cyclorama.media.formats import Picture
from cyclorama.media.metadata import read_image_metadata
from cyclorama.media.pillow_files import open_checked, png_chunks, turn_upright

_ROWS = 128


def read_deep_png(path: Path, format_name: str, max_pixels: int) -> Picture:
    """uint16 pixels, over black. An embedded profile is not applied."""
    upper, image = _decode(path, max_pixels, "B")
    lower, _ = _decode(path, max_pixels, "L")
    samples = upper.astype(np.uint16) << 8 | lower
    pixels, alpha = samples[..., :3], image.mode == "RGBA"
    if alpha:
        pixels = ((pixels.astype(np.uint32) * samples[..., 3:] + 32_767) // 65_535).astype(np.uint16)
    return Picture(np.ascontiguousarray(pixels), "PNG", f"{image.mode};16", 16, alpha, *read_image_metadata(image))


def _decode(path: Path, max_pixels: int, order: str) -> tuple[np.ndarray, Image.Image]:
    """The more significant byte of each sample, where `order` is the byte order that Pillow assumes."""
    with open_checked(path, "PNG", max_pixels) as image:
        image.tile = [tile._replace(args=f"{image.mode};16{order}") for tile in image.tile]
        image.load()
        return np.asarray(turn_upright(image)), image


def write_deep_png(pixels: np.ndarray, file: BinaryIO, *, packet: bytes | None, parameters: Mapping[str, Any]) -> None:
    """Encodes uint16 pixels [H, W, 3]: filter "up" and deflate. https://www.w3.org/TR/png-3/"""
    height, width, _ = pixels.shape
    file.write(b"\x89PNG\r\n\x1a\n")
    _write_chunk(file, b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0))
    for name, data, *_ in png_chunks(packet, parameters)["pnginfo"].chunks:
        _write_chunk(file, name, data)
    deflate = zlib.compressobj(6)
    for rows in _filtered_rows(pixels):
        _write_chunk(file, b"IDAT", deflate.compress(rows))
    _write_chunk(file, b"IDAT", deflate.flush())
    _write_chunk(file, b"IEND", b"")


def _filtered_rows(pixels: np.ndarray) -> Iterator[bytes]:
    """Some rows at a time: each begins with 2, its filter, and holds its differences from the row above."""
    above = np.zeros((1, pixels.shape[1] * 6), np.uint8)
    for start in range(0, len(pixels), _ROWS):
        rows = pixels[start : start + _ROWS].astype(">u2").view(np.uint8).reshape(-1, above.shape[1])
        filtered = np.diff(rows, axis=0, prepend=above)
        yield np.insert(filtered, 0, 2, axis=1).tobytes()
        above = rows[-1:]


def _write_chunk(file: BinaryIO, name: bytes, data: bytes) -> None:
    file.write(struct.pack(">I", len(data)) + name)
    file.write(data)
    file.write(struct.pack(">I", zlib.crc32(data, zlib.crc32(name))))
