"""The views of a panorama that measures look at: named, versioned sets of cameras, and the pictures that they take.

Perspective views are taken from the panorama in its own resolution, averaged where that shrinks it, and rounded to
8 bit levels, so that a view has the same figures from memory and from a file. Their angles are those of `geometry`. The
other kinds are the panorama itself, or a part of its pixels, in its own resolution. A set that changes gets a new
version.
"""

import hashlib
import math
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.geometry.cubemap import FACES
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.reprojection import reproject
from cyclorama.geometry.rotations import Degrees, rotation_matrix

POLES, SIDES = ("up", "down"), ("front", "right", "back", "left")
_FACE_TURNS = {"front": (0, 0), "right": (90, 0), "back": (180, 0), "left": (270, 0), "up": (0, 90), "down": (0, -90)}


@dataclass(frozen=True)
class View:
    """One view of a set.

    "perspective": a camera of `fov_deg`, turned by yaw and pitch. "equirect": the panorama. "rows": without the share
    `margin` of its rows at each pole. "columns": without the share `margin` of its columns at each end.
    """

    name: str
    kind: Literal["perspective", "equirect", "rows", "columns"] = "perspective"
    fov_deg: Degrees = 90
    yaw_deg: Degrees = 0
    pitch_deg: Degrees = 0
    margin: float = 0.0


@dataclass(frozen=True)
class ViewSet:
    """Views in a fixed order; of a seeded set `num_random` directions follow from a key, such as a file's name."""

    name: str
    version: int
    about: str
    fixed: tuple[View, ...] = ()
    num_random: int = 0

    @property
    def is_perspective(self) -> bool:
        return self.num_random > 0 or self.fixed[0].kind == "perspective"

    def views(self, key: str = "") -> tuple[View, ...]:
        return self.fixed or tuple(_random_view(key, index) for index in range(self.num_random))


def cut_views(
    panorama: Float[Tensor, "3 height width"], view_set: str | ViewSet, *, size: int | tuple[int, int], key: str = ""
) -> Float[Tensor, "views 3 rows columns"]:
    """The views of a panorama with values in [0, 1], on 8 bit levels.

    `size`, (height, width) or the side of a square, is that of perspective views; other kinds keep their pixels. `key`
    seeds a seeded set and matters to no other. Raises ValueError for an unknown set.
    """
    views = find_view_set(view_set).views(key)
    shape = (size, size) if isinstance(size, int) else size
    cut = torch.stack([_cut(panorama, view, shape) for view in views])
    return (cut.clamp(0, 1) * 255).round() / 255


def view_names(view_set: str | ViewSet, key: str = "") -> tuple[str, ...]:
    """The names of the views in the order of `cut_views`."""
    return tuple(view.name for view in find_view_set(view_set).views(key))


def is_seeded(view_set: str | ViewSet) -> bool:
    """Whether the directions depend on the key."""
    return find_view_set(view_set).num_random > 0


def find_view_set(view_set: str | ViewSet) -> ViewSet:
    """The set of a name. ValueError lists the names."""
    if isinstance(view_set, ViewSet):
        return view_set
    if view_set not in VIEW_SETS:
        raise ValueError(f"got the view set {view_set!r}, wanted one of {', '.join(VIEW_SETS)}")
    return VIEW_SETS[view_set]


def _cut(panorama: Tensor, view: View, size: tuple[int, int]) -> Float[Tensor, "3 rows columns"]:
    height, width = panorama.shape[-2:]
    if view.kind == "rows":
        margin = round(view.margin * height)
        return panorama[:, margin : height - margin]
    if view.kind == "columns":
        margin = round(view.margin * width)
        return panorama[:, :, margin : width - margin]
    if view.kind == "equirect":
        return panorama
    turned = rotation_matrix(view.yaw_deg, view.pitch_deg)
    return reproject(panorama, Equirect(height, width), Perspective(*size, view.fov_deg), rotation=turned)


def _random_view(key: str, index: int) -> View:
    """A direction uniform on the sphere from two 64 bit numbers of SHA-256(key, index): the same on every machine."""
    digest = hashlib.sha256(f"{key}\n{index}".encode()).digest()
    around, up = (int.from_bytes(digest[start : start + 8], "big") / 2**64 for start in (0, 8))
    return View(f"dir{index:02d}", yaw_deg=360 * around - 180, pitch_deg=math.degrees(math.asin(2 * up - 1)))


def _faces(*names: str) -> tuple[View, ...]:
    return tuple(View(name, yaw_deg=_FACE_TURNS[name][0], pitch_deg=_FACE_TURNS[name][1]) for name in names)


def _ring(count: int, pitch_deg: Degrees, *, fov_deg: Degrees = 90, first_deg: Degrees = 0) -> tuple[View, ...]:
    """Views at equal steps of yaw; a pitch of 0 is left out of their names."""
    pitch = f"{pitch_deg:+g}" if pitch_deg else ""
    yaws = [first_deg + 360 * index / count for index in range(count)]
    return tuple(View(f"yaw{yaw:03.0f}{pitch}", "perspective", fov_deg, yaw, pitch_deg) for yaw in yaws)


def _spherediff() -> tuple[View, ...]:
    return (*_ring(4, 45), *_ring(4, 0), *_ring(4, -45), *_faces(*POLES))


def _tandit() -> tuple[View, ...]:
    """Rows of 3, 6, 6 and 3 planes, as the public code of its figures lays them out."""
    rows = ((3, 67.5, 0), (6, 22.5, 30), (6, -22.5, 30), (3, -67.5, 0))
    rings = (_ring(count, pitch, fov_deg=80, first_deg=first) for count, pitch, first in rows)
    return tuple(view for ring in rings for view in ring)


_ROWS = (
    ViewSet("equirect", 1, "the whole panorama", (View("equirect", "equirect"),)),
    ViewSet(
        "equirect-rows",
        1,
        "the panorama without the eighth of its rows at each pole",
        (View("rows", "rows", margin=0.125),),
    ),
    ViewSet(
        "equirect-middle",
        1,
        "the longitudes within 90 degrees of the middle, which a centre crop keeps",
        (View("middle", "columns", margin=0.25),),
    ),
    ViewSet("poles", 1, "the up and down faces of the cube", _faces(*POLES)),
    ViewSet("sides", 1, "the four side faces of the cube", _faces(*SIDES)),
    ViewSet("faces", 1, "the six faces of the cube", _faces(*FACES)),
    ViewSet("horizontal8", 1, "eight views around the horizon", _ring(8, 0)),
    ViewSet("random20", 1, "20 directions uniform on the sphere, seeded by the file's name", num_random=20),
    ViewSet("spherediff14", 1, "four azimuths at 45, 0 and -45 degrees, and both poles", _spherediff()),
    ViewSet("tandit18", 1, "rows of 3, 6, 6 and 3 tangent planes of 80 degrees", _tandit()),
    ViewSet("hunyuanworld6", 1, "the six faces of the cube", _faces(*FACES)),
)
VIEW_SETS: dict[str, ViewSet] = {row.name: row for row in _ROWS}
