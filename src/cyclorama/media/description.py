"""What a picture file is: size, channels, projection, metadata, the parameters that generated it. Loads no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cyclorama.media.formats import MAX_PIXELS, Picture
from cyclorama.media.levels import to_dtype
from cyclorama.media.partial import CroppedArea, cropped_area
from cyclorama.media.pictures import read_picture

DARK = 16
"""The brightest level that still counts as the black around a fisheye."""


@dataclass(frozen=True)
class PictureInfo:
    """What a file says about itself, and a guess of its projection with the `evidence` for it.

    `projection` is "equirect", "partial-equirect" (then `area` tells which part), "cubemap" (then `layouts` are the
    names of `media.layouts` that fit), "fisheye" or "unknown". A size alone is weak evidence: `layouts` are also
    told for an "unknown" picture of 4:3, 3:4 or 3:2. `mode`, `bits` and `alpha` are those of `Picture`.
    """

    path: Path
    format: str
    height: int
    width: int
    projection: str
    evidence: str
    gpano: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    mode: str = "RGB"
    bits: int = 8
    alpha: bool = False
    area: CroppedArea | None = None
    layouts: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Guess:
    projection: str
    evidence: str
    area: CroppedArea | None = None
    layouts: tuple[str, ...] = ()


def read_parameters(path: str | Path) -> dict[str, Any]:
    """The generation parameters that `write_panorama` stored; {} where there are none."""
    return read_picture(path).parameters


def describe_picture(path: str | Path, *, max_pixels: int = MAX_PIXELS) -> PictureInfo:
    """Reads a file and tells what it is. `ValueError` as `read_picture`."""
    return describe_read(read_picture(path, max_pixels=max_pixels), path)


def describe_read(picture: Picture, path: str | Path) -> PictureInfo:
    """What a picture that was read is."""
    height, width, _ = picture.pixels.shape
    guess = _guess_projection(picture.gpano, picture.pixels)
    return PictureInfo(
        Path(path),
        picture.format,
        height,
        width,
        guess.projection,
        guess.evidence,
        picture.gpano,
        picture.parameters,
        picture.mode,
        picture.bits,
        picture.alpha,
        guess.area,
        guess.layouts,
    )


def _guess_projection(gpano: Mapping[str, str], pixels: np.ndarray) -> _Guess:
    height, width, _ = pixels.shape
    try:
        area = cropped_area(gpano, height, width)
    except ValueError as fault:
        return _Guess("unknown", str(fault))
    if area is not None:
        return _Guess("equirect", "GPano metadata") if area.whole else _partial(area)
    if width == 2 * height:
        return _Guess("equirect", "its size is 2:1; it has no GPano metadata")
    if height == width and _is_round(pixels):
        return _Guess("fisheye", "its size is 1:1 and its corners are black")
    return _guess_cubemap(pixels)


def _partial(area: CroppedArea) -> _Guess:
    sphere = f"{area.full_height}x{area.full_width}"
    return _Guess("partial-equirect", f"GPano metadata: a part of a sphere of {sphere} (height x width)", area)


def _is_round(pixels: np.ndarray) -> bool:
    """Whether everything outside the circle is dark, and not everything inside."""
    small = _thumbnail(pixels, 64, 64)
    y, x = np.mgrid[-63:64:2, -63:64:2] / 64
    radius = np.hypot(x, y)
    return bool(small[radius > 1.06].max() <= DARK < small[radius < 0.9].max())


def _guess_cubemap(pixels: np.ndarray) -> _Guess:
    height, width, _ = pixels.shape
    rows, columns = _grid(height, width)
    if not rows:
        return _Guess("unknown", "no GPano metadata, and its size is not 2:1")
    layouts, size = _fitting_layouts(rows, columns), f"its size is {columns}:{rows}"
    if 6 in (rows, columns):
        return _Guess("cubemap", size, layouts=layouts)
    if {rows, columns} == {3, 4} and _has_empty_squares(pixels, rows, columns):
        return _Guess("cubemap", f"{size} and the squares around the cross are empty", layouts=layouts)
    return _Guess("unknown", f"no GPano metadata; {size}, which a cubemap may have too", layouts=layouts)


def _grid(height: int, width: int) -> tuple[int, int]:
    """(rows, columns) of square faces for the sizes that cubemaps have; (0, 0) for others."""
    grids = ((1, 6), (6, 1), (3, 4), (4, 3), (2, 3))
    return next((grid for grid in grids if height * grid[1] == width * grid[0] and height % grid[0] == 0), (0, 0))


def _fitting_layouts(rows: int, columns: int) -> tuple[str, ...]:
    from cyclorama.media.layouts import LAYOUTS

    fits = tuple(name for name, row in LAYOUTS.items() if (len(row.grid), len(row.grid[0])) == (rows, columns))
    return fits or tuple(name for name, row in LAYOUTS.items() if rows == 6 and len(row.grid) == 1)


def _has_empty_squares(pixels: np.ndarray, rows: int, columns: int) -> bool:
    """Whether the corner squares of a cross, which hold no face, have one colour each."""
    squares = _thumbnail(pixels, 16 * rows, 16 * columns).reshape(rows, 16, columns, 16, 3)
    corners = squares[[0, 0, -1, -1], 2:14, [0, -1, 0, -1], 2:14]
    return bool((np.ptp(corners.reshape(4, -1, 3).astype(int), axis=1) <= DARK).all())


def _thumbnail(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """Nearest pixels as uint8 [height, width, 3]."""
    rows = (np.arange(height) * 2 + 1) * pixels.shape[0] // (2 * height)
    columns = (np.arange(width) * 2 + 1) * pixels.shape[1] // (2 * width)
    return to_dtype(np.nan_to_num(pixels[rows[:, None], columns]), "uint8")
