"""Radiance .hdr files, read by PyAV: linear light."""

import re
from pathlib import Path

import numpy as np

from cyclorama.media.formats import Picture
from cyclorama.media.opening import Refusal, check_size

_HEADER_BYTES = 65_536
_SIZE = re.compile(rb"\n\n-Y (\d{1,9}) \+X (\d{1,9})\n")


def read_hdr(path: Path, format_name: str, max_pixels: int) -> Picture:
    """Pixels from the top left, as nearly every .hdr has them; `Refusal` for other orders."""
    with path.open("rb") as file:
        size = _SIZE.search(file.read(_HEADER_BYTES))
    if size is None:
        raise Refusal('its header has no line "-Y <height> +X <width>"; convert it to .exr')
    height, width = int(size[1]), int(size[2])
    held = path.stat().st_size * 16  # two bytes stand for at most 127 values, a pixel has four
    check_size(height, width, max_pixels, held=held)
    return Picture(_decode(path), "HDR", "RGBE", 32)


def _decode(path: Path) -> np.ndarray:
    try:
        import av
    except ImportError as fault:
        message = "Radiance .hdr needs the package PyAV; install it (pip install 'cyclorama[video]') or convert to .exr"
        raise Refusal(message) from fault
    with av.open(str(path), format="hdr_pipe") as container:
        frame = next(container.decode(video=0))
    return np.ascontiguousarray(frame.to_ndarray(format="gbrpf32le"), np.float32)
