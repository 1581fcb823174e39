"""TIFF files of 16 bits and of floats, by tifffile; those of 8 bits are Pillow's.

Compressions that tifffile cannot undo by itself (LZW, JPEG ...) are left to Pillow, which keeps 8 bits of RGB.
"""

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from cyclorama.media.formats import Picture
from cyclorama.media.metadata import read_metadata
from cyclorama.media.opening import Refusal, check_size, silence
from cyclorama.media.pillow_files import open_checked, read_with_pillow

_XMP, _ORIENTATION = 700, 274
_ASSOCIATED, _STRAIGHT = 1, 2  # kinds of alpha
_DENSEST = 10_000  # pixel bytes that a compressed byte can stand for: deflate 1032, LZMA some thousands
_TYPES = {"u2": np.uint16, "f2": np.float32, "f4": np.float32, "f8": np.float32}
_TURNS = {
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: pixels[::-1].swapaxes(0, 1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: pixels[:, ::-1].swapaxes(0, 1),
}


def read_tiff(path: Path, format_name: str, max_pixels: int) -> Picture:
    """The first page. `Refusal` for pixels that are neither levels of up to 16 bits nor floats."""
    with silence:
        if not _is_deep(path, format_name, max_pixels):
            return read_with_pillow(path, format_name, max_pixels)
        try:
            return _read_deep(path, max_pixels)
        except _NeedsCodec as codec:
            try:
                return read_with_pillow(path, format_name, max_pixels)
            except Exception:  # whatever its decoders raise, the codec is what is missing
                raise codec from None


class _NeedsCodec(Refusal):
    pass


def _is_deep(path: Path, format_name: str, max_pixels: int) -> bool:
    """Whether the file has more than 8 bits a channel, or pixels that Pillow does not know, such as float RGB."""
    try:
        with open_checked(path, format_name, max_pixels) as image:
            return max(getattr(image, "tag_v2", {}).get(258, (1,))) > 8
    except Refusal as fault:
        if isinstance(fault.__cause__, Image.UnidentifiedImageError):
            return True
        raise


def _read_deep(path: Path, max_pixels: int) -> Picture:
    import tifffile

    with tifffile.TiffFile(path) as file:
        page = file.pages.first
        check_size(page.imagelength, page.imagewidth, max_pixels)
        _check_page(page, path.stat().st_size)
        return _to_picture(page, _channels_last(_decode(page), page.axes))


def _decode(page: Any) -> np.ndarray:
    try:
        return page.asarray()
    except ValueError as fault:
        if "imagecodecs" not in str(fault):
            raise
        raise _NeedsCodec(f"at this depth its compression {page.compression!r} is not read; save it as ZIP") from fault


def _check_page(page: Any, file_bytes: int) -> None:
    kind = f"{page.dtype.kind}{page.dtype.itemsize}" if page.dtype is not None else "mixed"
    if kind not in _TYPES or page.photometric not in (0, 1, 2) or page.samplesperpixel > 8:
        colours = getattr(page.photometric, "name", page.photometric)
        raise Refusal(f"TIFF with {colours} pixels of type {page.dtype} is not read; save it as 16-bit RGB")
    strips = list(zip(page.dataoffsets, page.databytecounts, strict=False))
    held = sum(page.databytecounts) * (1 if page.compression == 1 else _DENSEST)
    inside = all(count > 0 and start + count <= file_bytes for start, count in strips)
    if not inside or held < page.nbytes:
        raise Refusal("the picture is damaged or truncated (its strips lie outside the file)")


def _channels_last(samples: np.ndarray, axes: str) -> np.ndarray:
    if axes.endswith("SYX"):
        samples = np.moveaxis(samples, -3, -1)
    elif axes.endswith("YX"):
        samples = samples[..., None]
    return samples.reshape(samples.shape[-3:])


def _to_picture(page: Any, samples: np.ndarray) -> Picture:
    depth = samples.dtype.itemsize * 8
    samples = samples.astype(_TYPES[f"{samples.dtype.kind}{samples.dtype.itemsize}"], copy=False)
    if page.photometric == 0 and samples.dtype == np.uint16:
        samples = np.invert(samples)
    colours = 3 if page.photometric == 2 else 1
    extra = page.extrasamples[0] if samples.shape[-1] > colours and page.extrasamples else 0
    pixels = samples[..., :colours]
    if extra == _STRAIGHT:
        pixels = _over_black(pixels, samples[..., colours, None])
    pixels = np.repeat(pixels, 3, axis=-1) if colours == 1 else pixels
    orientation = page.tags[_ORIENTATION].value if _ORIENTATION in page.tags else 1
    upright = np.ascontiguousarray(_TURNS.get(orientation, lambda same: same)(pixels))
    mode = f"{'RGB' if colours == 3 else 'L'}{'A' if extra in (_ASSOCIATED, _STRAIGHT) else ''};{depth}"
    metadata = read_metadata(page.tags[_XMP].value if _XMP in page.tags else None)
    return Picture(upright, "TIFF", mode, depth, extra in (_ASSOCIATED, _STRAIGHT), *metadata)


def _over_black(pixels: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Multiplies by straight alpha; associated alpha lies over black already."""
    if pixels.dtype == np.float32:
        return pixels * alpha
    return ((pixels.astype(np.uint32) * alpha + 32_767) // 65_535).astype(np.uint16)


def write_deep_tiff(pixels: np.ndarray, file: BinaryIO, *, packet: bytes | None) -> None:
    """Encodes uint16 or float32 pixels [H, W, 3], deflated, with an XMP packet."""
    import tifffile

    tags = [(_XMP, 1, len(packet), packet, True)] if packet else []
    tifffile.imwrite(
        file,
        pixels,
        photometric="rgb",
        compression="zlib",
        predictor=pixels.dtype == np.uint16,
        metadata=None,
        software=False,
        extratags=tags,
    )
