"""COLMAP's binary files, little-endian: cameras.bin, images.bin and points3D.bin."""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from cyclorama.media.atomic import atomic_file
from cyclorama.media.colmap_records import (
    MODELS,
    NUM_PARAMS,
    CameraRecord,
    ImageRecord,
    PointRecord,
    Records,
    unknown_model,
)

_CAMERAS, _IMAGES, _POINTS = "cameras.bin", "images.bin", "points3D.bin"
_NUMBERS = {model: number for number, model in MODELS.items()}
_OBSERVATION = np.dtype([("pixel", "<f8", 2), ("point", "<i8")])


def write_binary_records(records: Records, folder: Path) -> None:
    """Writes the three files."""
    _write(folder / _CAMERAS, len(records.cameras), map(_camera_bytes, records.cameras))
    _write(folder / _IMAGES, len(records.images), map(_image_bytes, records.images))
    _write(folder / _POINTS, len(records.points), map(_point_bytes, records.points))


def read_binary_records(folder: Path) -> Records:
    """The records of the three files; ValueError for one that is missing, truncated or of another format."""
    return Records(
        [_read_camera(file) for file in _records(folder / _CAMERAS)],
        [_read_image(file) for file in _records(folder / _IMAGES)],
        [_read_point(file) for file in _records(folder / _POINTS)],
    )


def _write(path: Path, count: int, parts: Iterator[bytes]) -> None:
    with atomic_file(path) as file:
        file.write(struct.pack("<Q", count))
        file.writelines(parts)


def _camera_bytes(camera: CameraRecord) -> bytes:
    head = struct.pack("<IiQQ", camera.number, _NUMBERS[camera.model], camera.width, camera.height)
    return head + struct.pack(f"<{len(camera.params)}d", *camera.params)


def _image_bytes(image: ImageRecord) -> bytes:
    head = struct.pack("<I7dI", image.number, *image.quaternion, *image.translation, image.camera)
    observations = np.zeros(len(image.points), _OBSERVATION)
    observations["pixel"], observations["point"] = image.pixels, image.points
    name = image.name.encode("utf-8") + b"\0"
    return head + name + struct.pack("<Q", len(observations)) + observations.tobytes()


def _point_bytes(point: PointRecord) -> bytes:
    head = struct.pack("<Q3d3BdQ", point.number, *point.place, *point.colour, point.error, len(point.track))
    return head + struct.pack(f"<{2 * len(point.track)}I", *(value for pair in point.track for value in pair))


class _Bytes:
    """The bytes of a file and how far they have been read."""

    def __init__(self, path: Path) -> None:
        try:
            self.data = path.read_bytes()
        except OSError as fault:
            raise ValueError(f"cannot read {path}: {fault.strerror or fault}") from fault
        self.path, self.position = path, 0

    def take(self, length: int) -> bytes:
        start, self.position = self.position, self.position + length
        if self.position > len(self.data):
            raise ValueError(f"cannot read {self.path}: it is truncated")
        return self.data[start : self.position]

    def unpack(self, layout: str) -> tuple:
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout)))

    def word(self) -> str:
        end = self.data.find(b"\0", self.position)
        word = self.take((len(self.data) if end < 0 else end) + 1 - self.position)
        return word[:-1].decode("utf-8", errors="replace")


def _records(path: Path) -> Iterator[_Bytes]:
    file = _Bytes(path)
    (count,) = file.unpack("Q")
    for _ in range(count):
        yield file
    if file.position < len(file.data):
        raise ValueError(f"cannot read {path}: it goes on after its last record")


def _read_camera(file: _Bytes) -> CameraRecord:
    number, model_number, width, height = file.unpack("IiQQ")
    if model_number not in MODELS:
        raise unknown_model(f"number {model_number}")
    model = MODELS[model_number]
    return CameraRecord(number, model, width, height, file.unpack(f"{NUM_PARAMS[model]}d"))


def _read_image(file: _Bytes) -> ImageRecord:
    number, *pose, camera = file.unpack("I7dI")
    name = file.word()
    (count,) = file.unpack("Q")
    observations = np.frombuffer(file.take(count * _OBSERVATION.itemsize), _OBSERVATION)
    pixels, points = observations["pixel"].astype(np.float64), observations["point"].astype(np.int64)
    return ImageRecord(number, tuple(pose[:4]), tuple(pose[4:]), camera, name, pixels, points)


def _read_point(file: _Bytes) -> PointRecord:
    number, x, y, z, red, green, blue, error, length = file.unpack("Q3d3BdQ")
    track = np.frombuffer(file.take(8 * length), "<u4").reshape(-1, 2).tolist()
    return PointRecord(number, (x, y, z), (red, green, blue), error, tuple(map(tuple, track)))
