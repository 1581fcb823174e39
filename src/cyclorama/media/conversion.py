"""Files of one projection to files of another: what `cyclorama convert` does with one picture. Loads no torch."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from cyclorama.geometry.projection import Projection
from cyclorama.geometry.reprojection import reproject
from cyclorama.geometry.rotations import rotation_matrix
from cyclorama.media.description import describe_read
from cyclorama.media.face_files import FACE, face_paths, read_faces, write_faces
from cyclorama.media.formats import Picture
from cyclorama.media.kinds import file_kind
from cyclorama.media.metadata import gpano_fields
from cyclorama.media.outputs import FORMATS, check_output
from cyclorama.media.partial import cropped_area, expand_partial
from cyclorama.media.pictures import read_picture, write_picture
from cyclorama.media.views import Number, View, parse_size, parse_view, sized_projection

SOURCES = "equirect, cubemap:LAYOUT, perspective:FOV_DEG or fisheye:FOV_DEG"
_ANGLES = ("yaw_deg", "pitch_deg", "roll_deg")


@dataclass(frozen=True)
class Conversion:
    """What is asked for; None is what fits the source.

    `to` is a name of `views.PROJECTIONS`, `source` what `views.parse_view` reads, `size` what `views.parse_size` reads;
    `layout` and `fov_deg` belong to the output. The angles turn the camera of the view: of the output, or of the
    source if that is a view and the output shows the whole sphere. `quality` is 1 to 100.
    """

    to: str
    source: str | None = None
    layout: str | None = None
    size: str | None = None
    fov_deg: Number | None = None
    yaw_deg: Number = 0
    pitch_deg: Number = 0
    roll_deg: Number = 0
    interpolation: str = "bilinear"
    quality: int | None = None

    def __post_init__(self) -> None:
        for name in _ANGLES:
            if not math.isfinite(getattr(self, name)):
                raise ValueError(f"got {name} {getattr(self, name)}, wanted a number of degrees")
        _ = self.target, self.source_view, self.size and parse_size(self.size)

    @cached_property
    def target(self) -> View:
        return View(self.to, self.layout, self.fov_deg)

    @cached_property
    def source_view(self) -> View | None:
        """What the source shows, as asked for. `ValueError`: a view whose field of view only its maker knows."""
        view = None if self.source is None else parse_view(self.source)
        if view and view.name in ("perspective", "pannini") and view.fov_deg is None:
            raise ValueError(f"got --from {view.name} without its field of view, wanted such as {view.name}:75")
        return view


@dataclass(frozen=True, eq=False)
class Look:
    """A conversion of pictures of one size: where each pixel of the output looks into the source."""

    conversion: Conversion
    view: View
    source: Projection
    target: Projection
    rotation: np.ndarray = field(repr=False)

    def convert_packed(self, picture: np.ndarray) -> np.ndarray:
        """A picture [H, W, 3] from a picture, where `convert` makes a cube map's faces from faces."""
        return self.conversion.target.pack(self.convert(self.view.unpack(picture)))

    def convert(self, pixels: np.ndarray) -> np.ndarray:
        """Unpacked pixels of the target from those of the source, uint8, uint16 or float32."""
        if pixels.dtype == np.uint16:
            light = self.convert(pixels.astype(np.float32))
            return np.clip(np.rint(light), 0, 65_535).astype(np.uint16)
        how = {"rotation": self.rotation, "mode": self.conversion.interpolation}
        return reproject(np.ascontiguousarray(pixels), self.source, self.target, **how)


def plan(conversion: Conversion, view: View, height: int, width: int) -> Look:
    """The conversion of unpacked pictures of this size that show `view`; a cube map's size is that of one face."""
    source = view.projection(height, width)
    target = sized_projection(conversion.target, parse_size(conversion.size) if conversion.size else None, source)
    angles = [getattr(conversion, name) for name in _ANGLES]
    turn_source = target.covers_sphere and not source.covers_sphere
    source_turn = _turn(view, angles if turn_source else [0, 0, 0])
    target_turn = _turn(conversion.target, [0, 0, 0] if turn_source else angles)
    return Look(conversion, view, source, target, source_turn.T @ target_turn)


def _turn(view: View, angles: list[Number]) -> np.ndarray:
    yaw_deg, pitch_deg, roll_deg = angles
    return rotation_matrix(yaw_deg, pitch_deg + view.kind.pitch_deg, roll_deg)


@dataclass(frozen=True)
class Converted:
    """What was made of a file: the `files` written, each `height` x `width`; None are frames of pictures."""

    source: str
    files: list[str]
    source_view: View
    to: str
    height: int
    width: int
    num_frames: int | None = None


def convert_picture(path: str | Path, output: str | Path, conversion: Conversion) -> Converted:
    """Converts a picture, or the six faces of a cube map where `path` is a folder or has `{face}` in it.

    A cube map goes into one picture, or into six where `output` has `{face}` in it or is a folder. An equirect gets
    GPano metadata, and every output the parameters that generated the source. `ValueError` for all that is wrong.
    """
    path, output = Path(path), Path(output)
    layout = conversion.layout or "dice"
    pattern = _face_pattern(path, output, conversion)
    files = face_paths(pattern, layout) if pattern else [output]
    if not pattern:
        check_output(output)
    pixels, view, picture = read_source(path, conversion)
    with naming(path):
        look = plan(conversion, view, *pixels.shape[-3:-1])
    pixels = look.convert(pixels)
    metadata = {"parameters": picture.parameters, "quality": conversion.quality}
    if pattern:
        write_faces(pixels, files, layout, **metadata)
    else:
        pixels = conversion.target.pack(pixels)
        gpano = gpano_fields(*pixels.shape[:2]) if conversion.to == "equirect" else None
        write_picture(pixels, output, gpano=gpano, **metadata)
    return Converted(str(path), [str(file) for file in files], view, conversion.to, *pixels.shape[-3:-1])


def _face_pattern(path: Path, output: Path, conversion: Conversion) -> Path | None:
    """Six files: a pattern as it is; a folder is filled with files of the source's own extension."""
    if FACE in str(output):
        if conversion.to != "cubemap":
            raise ValueError(f"got {FACE} in the output {output} for {conversion.to}; only a cubemap has faces")
        return output
    if conversion.to == "cubemap" and (output.is_dir() or not output.suffix):
        return output / f"{FACE}{path.suffix if path.suffix.lower() in FORMATS else '.png'}"
    return None


def job_kind(path: str | Path, output: str | Path) -> Literal["picture", "video", "folder"]:
    """What a conversion of `path` is. A folder that goes into one file is the six faces of a cube map: a picture."""
    path, output = Path(path), Path(output)
    if path.is_dir():
        into_file = FACE in str(output) or (output.suffix.lower() in FORMATS and not output.is_dir())
        return "picture" if into_file else "folder"
    return "picture" if FACE in str(path) else file_kind(path)


def read_source(path: Path, conversion: Conversion) -> tuple[np.ndarray, View, Picture]:
    """Unpacked pixels, what they show, and the file they come from. `ValueError` where nothing tells what they show."""
    view = conversion.source_view
    if path.is_dir() or FACE in str(path):
        if view and view.name != "cubemap":
            raise ValueError(f"got --from {view.name} for six files; only a cubemap has faces")
        faces, picture = read_faces(path, layout=view.layout if view else None)
        return faces, view or View("cubemap"), picture
    picture = read_picture(path)
    with naming(path):
        view = view or _guess(picture, path)
        pixels = _whole_sphere(picture) if view.name == "equirect" else view.unpack(picture.pixels)
    return pixels, view, picture


def _guess(picture: Picture, path: Path) -> View:
    info = describe_read(picture, path)
    return guessed_view(info.projection.removeprefix("partial-"), info.evidence)


def guessed_view(projection: str, evidence: str) -> View:
    """What a description found. `ValueError` where that is nothing."""
    if projection == "unknown":
        raise ValueError(f"it does not tell what it shows ({evidence}); say it with --from {SOURCES}")
    return View(projection)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Puts `cannot convert <path>: ` before faults that do not name the file."""
    try:
        yield
    except ValueError as fault:
        raise ValueError(f"cannot convert {path}: {fault}") from fault


def _whole_sphere(picture: Picture) -> np.ndarray:
    """The pixels; those of a partial panorama with black around them."""
    try:
        area = cropped_area(picture.gpano, *picture.pixels.shape[:2])
    except ValueError:
        return picture.pixels  # `_guess` refuses these: the user said that it is an equirect
    return picture.pixels if area is None or area.whole else expand_partial(picture.pixels, picture.gpano)[0]
