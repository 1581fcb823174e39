"""COLMAP's text files: cameras.txt, images.txt and points3D.txt."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np

from cyclorama.media.atomic import write_text
from cyclorama.media.colmap_records import (
    ALIASES,
    NUM_PARAMS,
    CameraRecord,
    ImageRecord,
    PointRecord,
    Records,
    unknown_model,
)

_CAMERAS, _IMAGES, _POINTS = "cameras.txt", "images.txt", "points3D.txt"
Record = TypeVar("Record")


def write_text_records(records: Records, folder: Path) -> None:
    """Writes the three files, every digit kept. ValueError for a picture name with a space, which they cannot hold."""
    for image in records.images:
        if " " in image.name:
            raise ValueError(f"got the picture name {image.name!r}, wanted none with spaces: write the binary format")
    _write(folder / _CAMERAS, "CAMERA_ID, MODEL, WIDTH, HEIGHT, PARAMS[]", map(_camera_line, records.cameras))
    head = "IMAGE_ID, QW, QX, QY, QZ, TX, TY, TZ, CAMERA_ID, NAME, then POINTS2D[] as (X, Y, POINT3D_ID)"
    _write(folder / _IMAGES, head, map(_image_lines, records.images))
    head = "POINT3D_ID, X, Y, Z, R, G, B, ERROR, TRACK[] as (IMAGE_ID, POINT2D_IDX)"
    _write(folder / _POINTS, head, map(_point_line, records.points))


def read_text_records(folder: Path) -> Records:
    """The records of the three files; ValueError with the line that cannot be read."""
    return Records(
        [_parsed(_read_camera, folder / _CAMERAS, line) for line in _lines(folder / _CAMERAS)],
        list(_read_images(folder / _IMAGES)),
        [_parsed(_read_point, folder / _POINTS, line) for line in _lines(folder / _POINTS)],
    )


def _write(path: Path, head: str, lines: Iterator[str]) -> None:
    write_text("".join(f"{line}\n" for line in (f"# {head}", *lines)), path)


def _camera_line(camera: CameraRecord) -> str:
    return _joined(camera.number, camera.model, camera.width, camera.height, *camera.params)


def _image_lines(image: ImageRecord) -> str:
    head = _joined(image.number, *image.quaternion, *image.translation, image.camera, image.name)
    observations = zip(image.pixels.tolist(), image.points.tolist(), strict=True)
    return head + "\n" + _joined(*(value for (x, y), point in observations for value in (x, y, point)))


def _point_line(point: PointRecord) -> str:
    track = (value for pair in point.track for value in pair)
    return _joined(point.number, *point.place, *point.colour, point.error, *track)


def _joined(*values: object) -> str:
    return " ".join(map(str, values))


def _text(path: Path) -> list[str]:
    try:
        text = path.read_text("utf-8")
    except OSError as fault:
        raise ValueError(f"cannot read {path}: {fault.strerror or fault}") from fault
    except UnicodeDecodeError as fault:
        raise ValueError(f"cannot read {path}: it is not text") from fault
    return [line for line in text.split("\n") if not line.startswith("#")]


def _lines(path: Path) -> list[str]:
    return [line for line in _text(path) if line.strip()]


def _read_images(path: Path) -> Iterator[ImageRecord]:
    lines = iter(_text(path))
    for line in lines:
        if line.strip():  # the next one, its observations, may be empty
            yield _parsed(_read_image, path, line, next(lines, ""))


def _parsed(read: Callable[..., Record], path: Path, *lines: str) -> Record:
    try:
        return read(*(line.split() for line in lines))
    except (ValueError, IndexError, OverflowError) as fault:
        reason = str(fault) if "wanted" in str(fault) else f"the line {lines[0][:60]!r} is not of its format"
        raise ValueError(f"cannot read {path}: {reason}") from fault


def _read_camera(words: list[str]) -> CameraRecord:
    number, model, width, height, *params = words
    model = ALIASES.get(model, model)
    if model not in NUM_PARAMS:
        raise unknown_model(model)
    return CameraRecord(int(number), model, int(width), int(height), tuple(map(float, params)))


def _read_image(words: list[str], observations: list[str]) -> ImageRecord:
    numbers, camera, name = tuple(map(float, words[1:8])), int(words[8]), " ".join(words[9:])
    triples = np.array(observations, dtype=np.float64).reshape(-1, 3)
    points = triples[:, 2].astype(np.int64)
    return ImageRecord(int(words[0]), numbers[:4], numbers[4:], camera, name, triples[:, :2].copy(), points)


def _read_point(words: list[str]) -> PointRecord:
    place, colour, track = tuple(map(float, words[1:4])), tuple(map(int, words[4:7])), list(map(int, words[8:]))
    pairs = tuple(zip(track[::2], track[1::2], strict=True))
    if len(colour) != 3 or not 0 <= min(colour) <= max(colour) <= 255:
        raise ValueError(f"got the colour {colour}, wanted three numbers of 0 to 255")
    return PointRecord(int(words[0]), place, colour, float(words[7]), pairs)
