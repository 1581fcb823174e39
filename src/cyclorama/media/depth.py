"""Depth as files: distances along the ray in metres, inf where there is nothing (the sky).

`.npy` and `.exr` (channel Z) hold float32 exactly. `.png` holds 16 bits: level 0 is inf, level n is n millimetres, or n
times the step that lets the farthest distance fit, which the file tells in its text chunk `cyclorama`.
"""

import json
import math
from pathlib import Path

import numpy as np

from cyclorama.media.atomic import atomic_file, check_folder
from cyclorama.media.formats import MAX_PIXELS, recognise
from cyclorama.media.metadata import PNG_PARAMETERS
from cyclorama.media.opening import Refusal, check_readable, check_size, one_line_faults

DEPTH_SUFFIXES = (".npy", ".png", ".exr")
MILLIMETRE = 0.001
_TOP = 65_535
_STEP = "depth_metres_per_level"


def write_depth(depth: np.ndarray, path: str | Path) -> None:
    """Writes distances [H, W] in metres; the format follows the extension. The inverse of `read_depth`.

    A `.png` rounds to its step: 1 mm for up to 65 m, else the farthest distance / 65535. Distances below half a step
    become one step, because 0 means nothing there.

    Raises:
        ValueError: NaN or negative distances, another shape or extension, no such folder.
    """
    path = Path(path)
    check_depth_output(path)
    depth = _checked(depth)
    if path.suffix.lower() == ".exr":
        from cyclorama.media.exr_files import write_exr

        with atomic_file(path) as file:
            write_exr({"Z": depth}, file)
        return
    with atomic_file(path) as file:
        if path.suffix.lower() == ".png":
            _write_png(depth, file)
        else:
            np.save(file, depth)


def check_depth_output(path: str | Path) -> None:
    """Raises `ValueError` unless depth can be written at `path`."""
    suffix = Path(path).suffix.lower()
    if suffix not in DEPTH_SUFFIXES:
        got = suffix or "no extension"
        raise ValueError(f"cannot write {path}: got {got}, wanted one of {', '.join(DEPTH_SUFFIXES)}")
    check_folder(path)


def _checked(depth: np.ndarray) -> np.ndarray:
    if depth.ndim != 2 or depth.size == 0:
        raise ValueError(f"got depth of shape {depth.shape}, wanted [height, width]")
    depth = np.ascontiguousarray(depth, np.float32)
    wrong = int(np.count_nonzero(np.isnan(depth) | (depth < 0)))
    if wrong:
        raise ValueError(f"the depth holds {wrong} values that are NaN or negative; wanted metres, inf for the sky")
    return depth


def _write_png(depth: np.ndarray, file: object) -> None:
    from PIL import Image, PngImagePlugin

    finite = np.isfinite(depth)
    farthest = float(depth.max(initial=0, where=finite))
    step = MILLIMETRE if farthest <= _TOP * MILLIMETRE else farthest / _TOP
    levels = np.zeros(depth.shape, np.uint16)
    levels[finite] = np.clip(np.rint(depth[finite].astype(np.float64) / step), 1, _TOP)
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text(PNG_PARAMETERS, json.dumps({_STEP: step}))
    Image.fromarray(levels).save(file, format="PNG", pnginfo=chunks)  # pyright: ignore[reportArgumentType]


def read_depth(path: str | Path, *, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """Reads distances [H, W] in metres, float32, inf where there is nothing. The inverse of `write_depth`.

    A 16-bit `.png` without a step of ours is in millimetres, 0 is nothing, as depth cameras write it.

    Raises:
        ValueError: one line for a missing, damaged or too big file, and for NaN or negative distances.
    """
    path = Path(path)
    with one_line_faults(path):
        check_readable(path)
        with path.open("rb") as file:
            head = file.read(16)
        depth = _read(path, head, max_pixels)
        try:
            return _checked(depth)
        except ValueError as fault:
            raise Refusal(str(fault)) from fault


def _read(path: Path, head: bytes, max_pixels: int) -> np.ndarray:
    if head.startswith(b"\x93NUMPY"):
        return _read_npy(path, max_pixels)
    if recognise(head) == "EXR":
        return _read_exr(path, max_pixels)
    if recognise(head) == "PNG":
        return _read_png(path, max_pixels)
    raise Refusal(f"not a depth file ({', '.join(DEPTH_SUFFIXES)} wanted)")


def _read_npy(path: Path, max_pixels: int) -> np.ndarray:
    stored = np.load(path, mmap_mode="r", allow_pickle=False)  # mapped, so the header's size is the file's size
    if stored.ndim != 2 or stored.dtype.kind not in "fiu":
        raise Refusal(f"it holds {stored.dtype} of shape {stored.shape}, wanted floats [height, width]")
    check_size(stored.shape[0], stored.shape[1], max_pixels)
    return np.array(stored, np.float32)


def _read_exr(path: Path, max_pixels: int) -> np.ndarray:
    from cyclorama.media.exr_files import read_channels

    _, channels = read_channels(path, max_pixels)
    name = next((name for name in ("Z", "Depth.Z", "depth.Z", "Y") if name in channels), None)
    if name is None:
        raise Refusal(f"its channels are {', '.join(sorted(channels))}; Z is wanted")
    return channels[name].astype(np.float32)


def _read_png(path: Path, max_pixels: int) -> np.ndarray:
    from cyclorama.media.pillow_files import open_checked

    with open_checked(path, "PNG", max_pixels) as image:
        image.load()
        if not image.mode.startswith("I"):
            raise Refusal(f"its pixels are {image.mode}, wanted 16-bit grey")
        levels, step = np.asarray(image).astype(np.float32), _step(image.info.get(PNG_PARAMETERS))
    return np.where(levels == 0, np.float32(np.inf), levels * np.float32(step))


def _step(text: object) -> float:
    try:
        step = float(json.loads(text)[_STEP]) if isinstance(text, str) else MILLIMETRE
    except (ValueError, KeyError, TypeError, RecursionError):
        return MILLIMETRE
    return step if math.isfinite(step) and step > 0 else MILLIMETRE
