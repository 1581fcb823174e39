"""What a picture shows, by name: its projection, the layout of a cube map, the field of view of the others.

A name is a row of `PROJECTIONS`; `parse_view` reads `equirect`, `cubemap:dice` or `fisheye:190`. Loads no torch.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np

from cyclorama.geometry.cubemap import Cubemap
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.fisheye import Fisheye
from cyclorama.geometry.flat import Mercator, Pannini
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.projection import Projection
from cyclorama.media.formats import MAX_PIXELS
from cyclorama.media.layouts import faces_to_picture, get_layout, guess_layouts, picture_to_faces

Number: TypeAlias = float | int
Size: TypeAlias = tuple[int | None, int]
"""(height, width), or (None, n): n is the side of a cube map's faces, else the height."""

_PROBE = 1000


@dataclass(frozen=True)
class Kind:
    """A projection: `make(height, width, fov_deg)`; its usual field of view, None where it shows the whole sphere; its
    usual width / height; how much it looks down; and how far its middle is finer than the source it is made of."""

    make: Callable[[int, int, Number], Projection]
    fov_deg: Number | None = None
    aspect: Number = 1
    pitch_deg: Number = 0
    sharpness: Number = 1


PROJECTIONS = {
    "equirect": Kind(lambda height, width, _: Equirect(height, width), aspect=2),
    "cubemap": Kind(lambda height, width, _: Cubemap(width)),
    "perspective": Kind(Perspective, 90, 4 / 3),
    "fisheye": Kind(Fisheye, 180),
    "fisheye-equisolid": Kind(partial(Fisheye, mapping="equisolid"), 180),
    # Twice as coarse on the ground as the source, so that it is as fine on the circle of the horizon.
    "little-planet": Kind(partial(Fisheye, mapping="stereographic"), 260, pitch_deg=-90, sharpness=0.5),
    "mercator": Kind(Mercator, 360),
    "pannini": Kind(Pannini, 150, 16 / 9),
}


@dataclass(frozen=True)
class View:
    """A row of `PROJECTIONS`; `layout` is a cube map's, `fov_deg` the width of the others."""

    name: str
    layout: str | None = None
    fov_deg: Number | None = None

    def __post_init__(self) -> None:
        if self.name not in PROJECTIONS:
            raise ValueError(f"got projection {self.name!r}, wanted one of {', '.join(PROJECTIONS)}")
        if self.layout:
            if self.name != "cubemap":
                raise ValueError(f"got layout {self.layout} for {self.name}; only a cubemap has one")
            get_layout(self.layout)
        if self.fov_deg is not None and self.kind.fov_deg is None:
            raise ValueError(f"got a field of view of {self.fov_deg} degrees for {self.name}, which shows everything")

    @property
    def kind(self) -> Kind:
        return PROJECTIONS[self.name]

    def projection(self, height: int, width: int) -> Projection:
        """Of an unpacked picture of this size; a cube map's size is that of one face."""
        return self.kind.make(height, width, self.fov_deg or self.kind.fov_deg or 0)

    def unpack(self, picture: np.ndarray) -> np.ndarray:
        """The faces [6, S, S, 3] in a cube map's picture [H, W, 3]; other pictures as they are."""
        if self.name != "cubemap":
            return picture
        return picture_to_faces(picture, self.layout or _only_layout(*picture.shape[:2]))

    def pack(self, pixels: np.ndarray) -> np.ndarray:
        """The inverse of `unpack`."""
        return faces_to_picture(pixels, self.layout or "dice") if self.name == "cubemap" else pixels

    def unpacked_size(self, height: int, width: int) -> tuple[int, int]:
        """The size of what `unpack` makes of a picture of this size."""
        size, _ = self.unpack(np.empty((height, width, 1), np.uint8)).shape[-3:-1]
        return (size, size) if self.name == "cubemap" else (height, width)


def parse_view(text: str) -> View:
    """`NAME`, `cubemap:LAYOUT` or `NAME:FOV_DEG`. `ValueError` for anything else.

    >>> parse_view("fisheye:190")
    View(name='fisheye', layout=None, fov_deg=190.0)
    """
    name, colon, detail = text.partition(":")
    if not colon or name not in PROJECTIONS or name == "cubemap":
        return View(name, layout=detail or None)
    try:
        fov_deg = float(detail)
    except ValueError:
        raise ValueError(f"got {text!r}, wanted NAME, cubemap:LAYOUT or NAME:DEGREES such as fisheye:190") from None
    return View(name, fov_deg=fov_deg)


def parse_size(text: str) -> Size:
    """`HxW`, or one number. `ValueError` for anything else.

    >>> parse_size("512x768"), parse_size("512")
    ((512, 768), (None, 512))
    """
    numbers = text.lower().split("x")
    if len(numbers) not in (1, 2) or not all(re.fullmatch("[1-9][0-9]{0,8}", number) for number in numbers):
        raise ValueError(f"got size {text!r}, wanted HEIGHTxWIDTH such as 512x768, or one number")
    return (int(numbers[0]), int(numbers[1])) if len(numbers) == 2 else (None, int(numbers[0]))


def sized_projection(view: View, size: Size | None, source: Projection) -> Projection:
    """The projection of a view of that size; without one as fine in its middle as the source is there, sides even.

    `ValueError`: more pixels than `formats.MAX_PIXELS`, a panorama that is not 2:1, faces that are not square.
    """
    height, width = _default_size(view, source) if size is None else _asked_size(view, size)
    squares = 6 if view.name == "cubemap" else 1
    if height * width * squares > MAX_PIXELS:
        raise ValueError(
            f"a picture of {height}x{width} (height x width) is more than {MAX_PIXELS} pixels; use a smaller --size"
        )
    if view.name == "equirect" and width != 2 * height:
        raise ValueError(f"a panorama is twice as wide as high, got --size {height}x{width}; use {height}x{2 * height}")
    if view.name == "cubemap" and width != height:
        raise ValueError(f"the faces of a cubemap are square, got --size {height}x{width}; give one number")
    return view.projection(height, width)


def _asked_size(view: View, size: Size) -> tuple[int, int]:
    height, number = size
    if height is not None:
        return height, number
    return number, number if view.kind.aspect == 1 else _even(number * view.kind.aspect)


def _default_size(view: View, source: Projection) -> tuple[int, int]:
    if view.name == "equirect" and isinstance(source, Equirect):
        return source.height, 2 * source.height
    probe = view.projection(_PROBE, _PROBE)
    side = probe.height if view.name == "equirect" else probe.width
    side = view.kind.sharpness * probe.pixel_angle * side / source.pixel_angle
    if view.name == "equirect":
        return _even(side), 2 * _even(side)
    return _even(side / view.kind.aspect), _even(side)


def _even(length: Number) -> int:
    return max(2 * round(min(length, 2 * MAX_PIXELS) / 2), 2)


def _only_layout(height: int, width: int) -> str:
    """The layout of a cube map's picture of this size. `ValueError` where that is none, or several that differ."""
    names = guess_layouts(height, width)
    if not names:
        raise ValueError(f"got a cubemap of {height}x{width} (height x width), which fits no layout")
    if len({(get_layout(name).grid, get_layout(name).turns) for name in names}) > 1:
        raise ValueError(
            f"its size fits several layouts; say which with --from: {', '.join(f'cubemap:{name}' for name in names)}"
        )
    return names[0]
