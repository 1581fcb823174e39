"""COLMAP models: posed pictures, coloured points and where each was seen; text and binary, both ways.

Here poses are `cam_to_world` with OpenGL axes and everything is counted from 0. COLMAP's `world_to_cam`, OpenCV axes
and numbers from 1 stay in its files. Camera models: EQUIRECTANGULAR (number 17; SPHERICAL is read as well), PINHOLE,
SIMPLE_PINHOLE.
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int

from cyclorama.geometry.poses import invert, opencv_to_opengl, opengl_to_opencv, pose
from cyclorama.geometry.quaternions import matrix_to_quaternion, quaternion_to_matrix
from cyclorama.media.cameras import Cameras, Lens
from cyclorama.media.colmap_binary import read_binary_records, write_binary_records
from cyclorama.media.colmap_records import NO_POINT, CameraRecord, ImageRecord, PointRecord, Records
from cyclorama.media.colmap_text import read_text_records, write_text_records
from cyclorama.media.folders import atomic_folder
from cyclorama.media.points import Points


@dataclass(frozen=True, eq=False)
class Observations:
    """The pixels (x, y) of one picture at which points were seen, and which points, -1 for none."""

    pixels: Float[np.ndarray, "observations 2"]
    points: Int[np.ndarray, " observations"]


@dataclass(frozen=True, eq=False)
class ColmapModel:
    """Cameras, points, and the observations of the points in every picture.

    Raises ValueError for other observations than one set for every picture, and observations of points not there.
    """

    cameras: Cameras
    points: Points
    observations: tuple[Observations, ...]

    def __post_init__(self) -> None:
        if len(self.observations) != len(self.cameras):
            raise ValueError(f"got {len(self.observations)} sets of observations for {len(self.cameras)} pictures")
        if any((seen.points >= len(self.points)).any() for seen in self.observations):
            raise ValueError(f"got an observation of a point that is not among the {len(self.points)}")


def write_colmap(model: ColmapModel, folder: str | Path, *, binary: bool = True) -> None:
    """Writes the three files into a new folder, which appears whole or not at all; `read_colmap` reads it.

    Raises ValueError if the folder holds something already.
    """
    lenses = list(dict.fromkeys(model.cameras.lenses))
    cameras = [_camera_record(number, lens) for number, lens in enumerate(lenses, start=1)]
    records = Records(cameras, _image_records(model, lenses), _point_records(model))
    with atomic_folder(folder) as part:
        (write_binary_records if binary else write_text_records)(records, part)


def read_colmap(folder: str | Path) -> ColmapModel:
    """The model in a folder, its binary files if it has them, else its text.

    Raises ValueError for files that are missing, truncated or of another format, camera models that distort, and
    records that refer to others that are not there.
    """
    folder = Path(folder)
    binary = (folder / "cameras.bin").is_file()
    try:
        return _model(read_binary_records(folder) if binary else read_text_records(folder))
    except ValueError as fault:
        reason = str(fault)
        raise ValueError(reason if reason.startswith("cannot read") else f"cannot read {folder}: {reason}") from fault


def _model(records: Records) -> ColmapModel:
    lenses = {camera.number: _lens(camera) for camera in records.cameras}
    place = {point.number: index for index, point in enumerate(records.points)} | {NO_POINT: NO_POINT}
    try:
        of_images = tuple(lenses[image.camera] for image in records.images)
        seen = tuple(_observations(image, place) for image in records.images)
    except KeyError as fault:
        raise ValueError(f"camera or point {fault} is missing") from fault
    cameras = Cameras(tuple(image.name for image in records.images), _poses(records.images), of_images)
    return ColmapModel(cameras, _points(records), seen)


def _camera_record(number: int, lens: Lens) -> CameraRecord:
    if lens.focal is None or lens.centre is None:
        return CameraRecord(number, "EQUIRECTANGULAR", lens.width, lens.height, (float(lens.width), float(lens.height)))
    return CameraRecord(number, "PINHOLE", lens.width, lens.height, (*lens.focal, *lens.centre))


def _lens(camera: CameraRecord) -> Lens:
    params = camera.params
    if camera.model == "EQUIRECTANGULAR":
        return Lens(camera.height, camera.width)
    if len(params) != (3 if camera.model == "SIMPLE_PINHOLE" else 4):
        raise ValueError(f"camera {camera.number}, a {camera.model}, has {len(params)} parameters")
    return Lens(camera.height, camera.width, (params[0], params[-3]), (params[-2], params[-1]))


def _image_records(model: ColmapModel, lenses: list[Lens]) -> list[ImageRecord]:
    world_to_cam = invert(opengl_to_opencv(model.cameras.cam_to_world.detach().double().cpu()))
    quaternions = matrix_to_quaternion(world_to_cam[:, :3, :3]).tolist()
    translations = world_to_cam[:, :3, 3].tolist()
    return [
        ImageRecord(
            number=index + 1,
            quaternion=tuple(quaternions[index]),
            translation=tuple(translations[index]),
            camera=1 + lenses.index(model.cameras.lenses[index]),
            name=name,
            pixels=model.observations[index].pixels,
            points=np.where(model.observations[index].points < 0, NO_POINT, model.observations[index].points + 1),
        )
        for index, name in enumerate(model.cameras.names)
    ]


def _point_records(model: ColmapModel) -> list[PointRecord]:
    tracks: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for image, seen in enumerate(model.observations, start=1):
        for index, point in enumerate(seen.points.tolist()):
            tracks[point].append((image, index))
    rows = zip(model.points.places.tolist(), model.points.colours.tolist(), strict=True)
    return [
        PointRecord(index + 1, tuple(place), tuple(colour), 0.0, tuple(tracks[index]))
        for index, (place, colour) in enumerate(rows)
    ]


def _poses(images: list[ImageRecord]) -> torch.Tensor:
    quaternions = torch.tensor([image.quaternion for image in images], dtype=torch.float64).reshape(-1, 4)
    translations = torch.tensor([image.translation for image in images], dtype=torch.float64).reshape(-1, 3)
    return opencv_to_opengl(invert(pose(quaternion_to_matrix(quaternions), translations)))


def _observations(image: ImageRecord, place: dict[int, int]) -> Observations:
    return Observations(image.pixels, np.array([place[number] for number in image.points.tolist()], dtype=np.int64))


def _points(records: Records) -> Points:
    first_seen = {image.number: index for index, image in enumerate(records.images)}
    views = [first_seen.get(point.track[0][0], -1) if point.track else -1 for point in records.points]
    return Points(
        np.array([point.place for point in records.points], dtype=np.float64).reshape(-1, 3),
        np.array([point.colour for point in records.points], dtype=np.uint8).reshape(-1, 3),
        np.array(views, dtype=np.int64),
    )
