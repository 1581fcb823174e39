"""Named cubemap layouts: what other programs call the six faces, and how they arrange them in one picture or six files.

Our faces are `[6, S, S, C]` in the order of `geometry.FACES` (front right back left up down), each upright: the bottom
edge of "up" touches "front", and so does the top edge of "down". A layout is a row of `LAYOUTS`.

`turns` are quarter turns clockwise, one digit for each face of `order`, as ffmpeg's `out_frot` has them. All faces are
seen from inside the cube; no layout mirrors one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Shaped

from cyclorama.geometry.cubemap import FACES

_LETTERS = "".join(face[0] for face in FACES)


@dataclass(frozen=True)
class Layout:
    """One convention: `order` and `turns` of its six files `names`; `grid` is its one picture, "." an empty square."""

    name: str
    order: str
    names: tuple[str, ...]
    grid: tuple[str, ...]
    turns: str = "000000"


_CROSS = (".u..", "lfrb", ".d..")
_AXES = ("px", "nx", "py", "ny", "pz", "nz")

# Tried by the consumer itself in the tests: py360, opengl, threejs, pannellum, dice, horizon, 3x2.
# By their documents only: unity (the slots of Skybox/6 Sided; its left is +X), facebook (Transform360), krpano.
_ROWS = (
    Layout("py360", "frblud", tuple("FRBLUD"), ("frblud",)),
    # Sampled with z negated: OpenGL's cube is left-handed, +Z is ahead where +X is to the right.
    Layout("opengl", "rludfb", ("posx", "negx", "posy", "negy", "posz", "negz"), ("rludfb",)),
    # For a three.js camera, which looks along -z; three.js mirrors x.
    Layout("threejs", "lrudbf", _AXES, ("lrudbf",), turns="002200"),
    Layout("unity", "rludfb", ("Left", "Right", "Up", "Down", "Front", "Back"), ("rludfb",)),
    Layout("pannellum", "frblud", tuple("frblud"), ("frblud",)),
    Layout("facebook", "rludfb", ("right", "left", "top", "bottom", "front", "back"), ("rlu", "dfb")),
    Layout("krpano", "lfrbud", tuple("lfrbud"), ("lfrbud",)),
    Layout("dice", "frblud", tuple("FRBLUD"), _CROSS),
    Layout("horizon", "frblud", tuple("FRBLUD"), ("frblud",)),
    # ffmpeg's v360 c3x2, the same picture as facebook.
    Layout("3x2", "rludfb", ("right", "left", "up", "down", "front", "back"), ("rlu", "dfb")),
)
LAYOUTS = {row.name: row for row in _ROWS}


def faces_to_layout(
    faces: Shaped[np.ndarray, "6 size size channels"], layout: str
) -> Shaped[Any, "6 size size channels"]:
    """The six files of a layout: in its order and turned as it wants them; their names are `face_names(layout)`.

    The inverse of `layout_to_faces`. `ValueError` for an unknown layout.
    """
    row = get_layout(layout)
    return np.stack([_turn(faces[_LETTERS.index(letter)], row, letter) for letter in row.order])


def layout_to_faces(
    files: Shaped[np.ndarray, "6 size size channels"], layout: str
) -> Shaped[Any, "6 size size channels"]:
    """Our faces from the six files of a layout, given in its order; the inverse of `faces_to_layout`."""
    row = get_layout(layout)
    return np.stack([_turn(files[row.order.index(letter)], row, letter, back=True) for letter in _LETTERS])


def faces_to_picture(
    faces: Shaped[np.ndarray, "6 size size channels"], layout: str
) -> Shaped[Any, "height width channels"]:
    """The one picture of a layout; squares without a face are 0. The inverse of `picture_to_faces`.

    >>> faces_to_picture(np.ones((6, 2, 2, 3)), "dice").shape
    (6, 8, 3)
    """
    row, size = get_layout(layout), faces.shape[1]
    picture = np.zeros((len(row.grid) * size, len(row.grid[0]) * size, faces.shape[3]), faces.dtype)
    for letter in _LETTERS:
        picture[_place(row, letter, size)] = _turn(faces[_LETTERS.index(letter)], row, letter)
    return picture


def picture_to_faces(
    picture: Shaped[np.ndarray, "height width channels"], layout: str
) -> Shaped[Any, "6 size size channels"]:
    """Our faces from the one picture of a layout; the inverse of `faces_to_picture`.

    `ValueError`: an unknown layout, or a picture whose sides are not the layout's multiples of one size.
    """
    row = get_layout(layout)
    height, width = picture.shape[:2]
    size = height // len(row.grid)
    if not _fits(row, height, width):
        wanted = f"{len(row.grid)}:{len(row.grid[0])} squares"
        fitting = ", ".join(guess_layouts(height, width)) or "no layout"
        raise ValueError(f"layout {layout} is {wanted} (height:width), got {height}x{width}, which fits {fitting}")
    return np.stack([_turn(picture[_place(row, letter, size)], row, letter, back=True) for letter in _LETTERS])


def face_names(layout: str) -> tuple[str, ...]:
    """The usual file names of a layout's six files without extension, in its own order.

    >>> face_names("threejs")
    ('px', 'nx', 'py', 'ny', 'pz', 'nz')
    """
    return get_layout(layout).names


def guess_layouts(height: int, width: int) -> tuple[str, ...]:
    """The layouts whose one picture can have this size, in the order of `LAYOUTS`; () for none.

    >>> guess_layouts(768, 1024)
    ('dice',)
    """
    return tuple(row.name for row in _ROWS if _fits(row, height, width))


def get_layout(name: str) -> Layout:
    """The row of that name; `ValueError` with all names otherwise."""
    if name not in LAYOUTS:
        raise ValueError(f"unknown cubemap layout {name!r}; known: {', '.join(LAYOUTS)}")
    return LAYOUTS[name]


def _fits(row: Layout, height: int, width: int) -> bool:
    size = height // len(row.grid)
    return size > 0 and (height, width) == (size * len(row.grid), size * len(row.grid[0]))


def _place(row: Layout, letter: str, size: int) -> tuple[slice, slice]:
    y, x = next((y, line.index(letter)) for y, line in enumerate(row.grid) if letter in line)
    return slice(y * size, (y + 1) * size), slice(x * size, (x + 1) * size)


def _turn(face: np.ndarray, row: Layout, letter: str, *, back: bool = False) -> np.ndarray:
    quarters = int(row.turns[row.order.index(letter)])
    return np.rot90(face, quarters if back else -quarters)
