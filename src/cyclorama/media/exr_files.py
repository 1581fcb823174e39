"""OpenEXR files by the package OpenEXR: linear light, and single channels such as depth.

A panorama carries the standard attribute `envmap` "latlong", its XMP packet stands in the string attribute `xmp`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from cyclorama.media.formats import Picture
from cyclorama.media.metadata import read_metadata
from cyclorama.media.opening import Refusal, check_size, silence
from cyclorama.media.outputs import EXR_MISSING

_TYPES = {"HALF": np.float16, "FLOAT": np.float32, "UINT": np.uint32}


def read_exr(path: Path, format_name: str, max_pixels: int) -> Picture:
    """Red, green and blue of the first part, or its luminance; alpha is dropped, EXR colours lie over black."""
    header, channels = read_channels(path, max_pixels)
    names = ("R", "G", "B") if "R" in channels else ("Y",) * 3
    if not {*names} <= channels.keys() or "RY" in channels:
        raise Refusal(f"its channels are {', '.join(sorted(channels))}; R, G and B or Y are wanted")
    pixels = np.stack([channels[name] for name in names], axis=-1).astype(np.float32, copy=False)
    gpano, parameters = read_metadata(header.get("xmp") if isinstance(header.get("xmp"), str) else None)
    if not gpano and getattr(header.get("envmap"), "name", "") == "ENVMAP_LATLONG":
        gpano = {"ProjectionType": "equirectangular"}
    bits = 8 * channels[names[0]].dtype.itemsize
    mode = "".join(dict.fromkeys(names)) + ("A" if "A" in channels else "")
    return Picture(pixels, "EXR", mode, bits, "A" in channels, gpano, parameters)


def read_channels(path: Path, max_pixels: int) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The first part's header and channels [H, W] over its display window, 0 where the file holds nothing."""
    OpenEXR = _import()
    with silence:
        header = OpenEXR.File(str(path), header_only=True).header()
        _check_header(header, max_pixels)
        names = [channel.name for channel in header["channels"]]
        # `File` prints a damaged part and goes on without it; the older `InputFile` raises.
        file = OpenEXR.InputFile(str(path))
        stored = dict(zip(names, file.channels(names), strict=True))
    types = {name: _TYPES[str(kind.type)] for name, kind in file.header()["channels"].items()}
    size = _window_size(header["dataWindow"])
    channels = {name: np.frombuffer(data, types[name]).reshape(size) for name, data in stored.items()}
    return header, {name: _on_display(header, pixels) for name, pixels in channels.items()}


def _check_header(header: dict[str, Any], max_pixels: int) -> None:
    OpenEXR = _import()
    if header.get("type") not in (OpenEXR.scanlineimage, OpenEXR.tiledimage):
        raise Refusal("deep EXR is not read; flatten it")
    for window in (header["dataWindow"], header["displayWindow"]):
        check_size(*_window_size(window), max_pixels)
    if any(channel.xSampling != 1 or channel.ySampling != 1 for channel in header["channels"]):
        raise Refusal("EXR with subsampled channels is not read; save it as RGB")


def _window_size(window: Any) -> tuple[int, int]:
    (left, top), (right, bottom) = (corner.tolist() for corner in window)
    return bottom - top + 1, right - left + 1


def _on_display(header: dict[str, Any], pixels: np.ndarray) -> np.ndarray:
    """Moves pixels of the data window to where they lie in the display window."""
    data, display = header["dataWindow"], header["displayWindow"]
    left, top = (int(at) for at in data[0].astype(np.int64) - display[0].astype(np.int64))
    size = _window_size(display)
    if (left, top) == (0, 0) and pixels.shape == size:
        return pixels
    canvas = np.zeros(size, pixels.dtype)
    rows = slice(max(top, 0), min(top + pixels.shape[0], size[0]))
    columns = slice(max(left, 0), min(left + pixels.shape[1], size[1]))
    if rows.start < rows.stop and columns.start < columns.stop:
        canvas[rows, columns] = pixels[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    return canvas


def write_exr(
    channels: Mapping[str, np.ndarray],
    file: BinaryIO,
    *,
    packet: bytes | None = None,
    panorama: bool = False,
    attributes: Mapping[str, Any] | None = None,
) -> None:
    """Encodes channels, such as {"RGB": [H, W, 3]} or {"Z": [H, W]}, float16 or float32, without loss."""
    OpenEXR = _import()
    header: dict[str, Any] = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    if panorama:
        header["envmap"] = OpenEXR.ENVMAP_LATLONG
    if packet:
        header["xmp"] = packet.decode("utf-8")
    OpenEXR.File(header | dict(attributes or {}), dict(channels)).write(file)


def _import() -> Any:
    try:
        import OpenEXR
    except ImportError as fault:
        raise Refusal(EXR_MISSING) from fault
    return OpenEXR
