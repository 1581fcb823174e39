"""What COLMAP's files hold, record by record, and the camera models among them that we know.

Poses are `world_to_cam` as a quaternion (w, x, y, z) and a translation, with OpenCV camera axes. Pixels are (x, y), the
centre of the first is (0.5, 0.5). Numbers of cameras, images and points begin at 1. https://colmap.github.io/format.html
"""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, Int

MODELS = {0: "SIMPLE_PINHOLE", 1: "PINHOLE", 17: "EQUIRECTANGULAR"}
NUM_PARAMS = {"SIMPLE_PINHOLE": 3, "PINHOLE": 4, "EQUIRECTANGULAR": 2}
ALIASES = {"SPHERICAL": "EQUIRECTANGULAR"}
NO_POINT = -1


@dataclass(frozen=True)
class CameraRecord:
    """A lens: `params` are f cx cy of a simple pinhole, fx fy cx cy of a pinhole, w h of an equirect."""

    number: int
    model: str
    width: int
    height: int
    params: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class ImageRecord:
    """A posed picture with the pixels at which points were observed and the numbers of those, `NO_POINT` for none."""

    number: int
    quaternion: tuple[float, ...]
    translation: tuple[float, ...]
    camera: int
    name: str
    pixels: Float[np.ndarray, "observations 2"]
    points: Int[np.ndarray, " observations"]


@dataclass(frozen=True, eq=False)
class PointRecord:
    """A point, its colour in 0 to 255, its mean reprojection error in pixels and (image, observation) of its track."""

    number: int
    place: tuple[float, ...]
    colour: tuple[int, ...]
    error: float
    track: tuple[tuple[int, int], ...] = field(default=())


@dataclass(frozen=True, eq=False)
class Records:
    """The three files of a model."""

    cameras: list[CameraRecord]
    images: list[ImageRecord]
    points: list[PointRecord]


def unknown_model(got: object) -> ValueError:
    """The complaint about a camera model that distorts, or that nobody knows."""
    return ValueError(f"got the camera model {got}, wanted {', '.join(NUM_PARAMS)}: undistort the pictures first")
