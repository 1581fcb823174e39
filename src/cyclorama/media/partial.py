"""Partial panoramas: the cropped area that GPano tells, and the whole sphere around it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cyclorama.media.formats import MAX_PIXELS
from cyclorama.media.metadata import check_part

ASPECT_TOLERANCE = 0.02
"""How far the two scales of a resized picture may differ before it counts as cropped."""


@dataclass(frozen=True)
class CroppedArea:
    """Where a picture of `height` x `width` pixels lies in a sphere of `full_height` x 2 `full_height` pixels."""

    left: int
    top: int
    height: int
    width: int
    full_height: int

    @property
    def full_width(self) -> int:
        return 2 * self.full_height

    @property
    def whole(self) -> bool:
        return (self.height, self.width) == (self.full_height, self.full_width)


def cropped_area(gpano: Mapping[str, str], height: int, width: int) -> CroppedArea | None:
    """The part of the sphere that a picture of `height` x `width` pixels shows; None where GPano names no equirect.

    Fields that are missing are what viewers take: a full sphere as wide as the area, the area in its middle. The
    fields of a picture that another program resized are scaled with it.

    Raises:
        ValueError: one line for fields that are no numbers or contradict each other or the picture's size.
    """
    if gpano.get("ProjectionType", "").lower() != "equirectangular":
        return None
    area_width = _pixels(gpano, "CroppedAreaImageWidthPixels", width)
    area_height = _pixels(gpano, "CroppedAreaImageHeightPixels", height)
    full_width = _pixels(gpano, "FullPanoWidthPixels", max(area_width, 2 * area_height))
    full_height = _pixels(gpano, "FullPanoHeightPixels", (full_width + 1) // 2)
    left = _pixels(gpano, "CroppedAreaLeftPixels", (full_width - area_width) // 2)
    top = _pixels(gpano, "CroppedAreaTopPixels", (full_height - area_height) // 2)
    try:
        check_part(area_height, area_width, left, top, full_height, full_width)
    except ValueError as fault:
        raise ValueError(f"GPano metadata contradict each other: {fault}") from None
    scale_y, scale_x = height / area_height, width / area_width
    if abs(scale_x / scale_y - 1) > ASPECT_TOLERANCE + 1 / min(height, width):
        area = f"{area_height}x{area_width}"
        raise ValueError(f"GPano metadata tell an area of {area}, the picture is {height}x{width}: it was cropped")
    return _scaled(height, width, left * scale_x, top * scale_y, full_height * scale_y)


def _scaled(height: int, width: int, left: float, top: float, full_height: float) -> CroppedArea:
    rows = max(round(full_height), height, (width + 1) // 2)
    return CroppedArea(min(round(left), 2 * rows - width), min(round(top), rows - height), height, width, rows)


def _pixels(gpano: Mapping[str, str], name: str, missing: int) -> int:
    text = gpano.get(name)
    if text is None:
        return missing
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        raise ValueError(f"GPano metadata tell {name} {text!r}, wanted a number of pixels") from None


def expand_partial(
    pixels: np.ndarray, gpano: Mapping[str, str], *, fill: float | int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """The whole sphere [H, 2H, 3] around a partial panorama [height, width, 3], `fill` where it shows nothing.

    Returns the pixels and a mask [H, 2H] that is true where the picture is; both are whole for a whole panorama.

    Raises:
        ValueError: as `cropped_area`; no equirect; a sphere of more than `MAX_PIXELS` pixels.
    """
    area = cropped_area(gpano, *pixels.shape[:2])
    if area is None:
        raise ValueError("the picture has no GPano metadata of an equirect, so its place on the sphere is unknown")
    if area.full_height * area.full_width > MAX_PIXELS:
        raise ValueError(f"the whole sphere is {area.full_height}x{area.full_width}, more than {MAX_PIXELS} pixels")
    full = np.full((area.full_height, area.full_width, pixels.shape[-1]), fill, pixels.dtype)
    mask = np.zeros(full.shape[:2], bool)
    place = slice(area.top, area.top + area.height), slice(area.left, area.left + area.width)
    full[place], mask[place] = pixels, True
    return full, mask
