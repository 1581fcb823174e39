"""How wide a photo looks, from what its camera wrote into it.

Two things tell it: the focal length of a 35 mm camera with the same diagonal field of view (CIPA DCG-001, EXIF tag
0xA405), or the true focal length with the sensor's pixels per unit of length (tags 0x920A, 0xA20E, 0xA210).
"""

import math
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import ExifTags

from cyclorama.media.formats import HEAD_BYTES, MAX_PIXELS, PLUGINS, recognise
from cyclorama.media.opening import check_readable, one_line_faults

FULL_FRAME_DIAGONAL_MM = math.hypot(36, 24)
NARROWEST_DEG, WIDEST_DEG = 1.0, 150.0
"""Horizontal fields of view that are believed; what lies beyond is a tag of no use, or no pinhole camera."""
MM_PER_UNIT = {2: 25.4, 3: 10.0, 4: 1.0, 5: 0.001}
"""EXIF's FocalPlaneResolutionUnit: inch, centimetre, millimetre, micrometre."""
SAME_ASPECT = 0.02
TURNED_BY_A_QUARTER = (5, 6, 7, 8)
_Exif = dict[int, Any]


def fov_from_exif(path: str | Path) -> float | None:
    """The horizontal field of view in degrees of the photo as it is looked at (upright); None where EXIF lacks it.

    A photo whose size has another aspect than EXIF notes was cropped since: None. Damaged EXIF counts as none.

    Raises:
        ValueError: one line, for a file that is missing or no picture.
    """
    path = Path(path)
    with one_line_faults(path):
        check_readable(path)
        with path.open("rb") as file:
            format_name = recognise(file.read(HEAD_BYTES))
        if format_name not in PLUGINS:
            return None
        from cyclorama.media.pillow_files import open_checked

        with open_checked(path, format_name, MAX_PIXELS) as image, warnings.catch_warnings(action="ignore"):
            size, exif = image.size, _read_exif(image)
    width, height = size[::-1] if exif.get(ExifTags.Base.Orientation) in TURNED_BY_A_QUARTER else size
    if _is_cropped(exif, width, height):
        return None
    return _believed(_from_equivalent(exif, width, height) or _from_sensor(exif, width, height))


def _read_exif(image: Any) -> _Exif:
    """Tags of the picture and of its Exif part; {} where they cannot be read."""
    with suppress(Exception):  # damaged EXIF does not spoil a good picture, and raises nearly anything
        exif = image.getexif()
        return dict(exif) | dict(exif.get_ifd(ExifTags.IFD.Exif))
    return {}


def _is_cropped(exif: _Exif, width: int, height: int) -> bool:
    noted = _noted_sides(exif)
    if noted is None:
        return False
    long_side, short_side = noted
    return abs(max(width, height) / min(width, height) - long_side / short_side) > SAME_ASPECT * long_side / short_side


def _from_equivalent(exif: _Exif, width: int, height: int) -> float | None:
    focal_mm = _positive(exif, ExifTags.Base.FocalLengthIn35mmFilm)
    if focal_mm is None:
        return None
    return _fov_deg(FULL_FRAME_DIAGONAL_MM * width / math.hypot(width, height), focal_mm)


def _from_sensor(exif: _Exif, width: int, height: int) -> float | None:
    """The sensor's long side is as many pixels as EXIF notes, whatever the photo was reduced to since."""
    focal_mm = _positive(exif, ExifTags.Base.FocalLength)
    per_unit = _positive(exif, ExifTags.Base.FocalPlaneXResolution)
    unit_mm = MM_PER_UNIT.get(exif.get(ExifTags.Base.FocalPlaneResolutionUnit, 2))
    noted = _noted_sides(exif)
    if focal_mm is None or per_unit is None or unit_mm is None or noted is None:
        return None
    long_side_mm = noted[0] / per_unit * unit_mm / (_positive(exif, ExifTags.Base.DigitalZoomRatio) or 1.0)
    return _fov_deg(long_side_mm * width / max(width, height), focal_mm)


def _noted_sides(exif: _Exif) -> tuple[float, float] | None:
    """The long and the short side in pixels of the photo as it was taken."""
    width, height = (_positive(exif, tag) for tag in (ExifTags.Base.ExifImageWidth, ExifTags.Base.ExifImageHeight))
    return None if width is None or height is None else (max(width, height), min(width, height))


def _positive(exif: _Exif, tag: int) -> float | None:
    """A tag as a number above 0; EXIF writes 0 for what it does not know."""
    with suppress(TypeError, ValueError, ZeroDivisionError):
        value = float(exif.get(tag, 0))
        return value if 0 < value < math.inf else None
    return None


def _fov_deg(extent_mm: float, focal_mm: float) -> float:
    return 2 * math.degrees(math.atan(extent_mm / (2 * focal_mm)))


def _believed(fov_deg: float | None) -> float | None:
    return fov_deg if fov_deg is not None and NARROWEST_DEG <= fov_deg <= WIDEST_DEG else None
