"""Posed cameras: which picture was taken where, with which lens; and trajectories as JSON.

Poses are `cam_to_world` with OpenGL camera axes (geometry's convention), in the unit of the scene. The other modules of
this kind convert at their edge: `nerfstudio`, `colmap`.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective, half_extent
from cyclorama.geometry.poses import require_pose
from cyclorama.geometry.projection import Projection
from cyclorama.media.atomic import write_text

TRAJECTORY_FORMAT = "cyclorama trajectory"
CONVENTION = "cam_to_world, rows of a 4x4 matrix; +x right, +y up, cameras look along -z"


@dataclass(frozen=True)
class Lens:
    """How a camera maps directions to pixels: an equirect, or a pinhole with a focal length and a centre in pixels."""

    height: int
    width: int
    focal: tuple[float, float] | None = None  # fl_x, fl_y; None is an equirect
    centre: tuple[float, float] | None = None  # cx, cy, where the corner of the picture is (0, 0)

    def __post_init__(self) -> None:
        numbers = [*(self.focal or ()), *(self.centre or ())]
        if self.height < 1 or self.width < 1 or not all(map(math.isfinite, numbers)) or min(self.focal or (1,)) <= 0:
            raise ValueError(f"got a camera of {self}, wanted a size and focal lengths above 0")
        if (self.focal is None) != (self.centre is None):
            raise ValueError(f"got a camera of {self}, wanted both focal lengths and centre of a pinhole, or neither")

    @property
    def is_equirect(self) -> bool:
        return self.focal is None

    @staticmethod
    def of(camera: Projection) -> "Lens":
        """The lens of an `Equirect` or a `Perspective`; ValueError for another projection. Undone by `projection`."""
        if isinstance(camera, Equirect):
            return Lens(camera.height, camera.width)
        if isinstance(camera, Perspective):
            focal = camera.width / (2 * half_extent(camera.fov_deg))
            return Lens(camera.height, camera.width, (focal, focal), (camera.width / 2, camera.height / 2))
        raise ValueError(f"got a camera of {camera}, wanted an equirect or a perspective: reproject the picture first")

    def projection(self) -> Projection:
        """The `Equirect` or `Perspective`; ValueError for a pinhole off the centre or with oblong pixels."""
        if self.focal is None or self.centre is None:
            return Equirect(self.height, self.width)
        off = max(abs(self.centre[0] - self.width / 2), abs(self.centre[1] - self.height / 2))
        if off > 1e-3 or abs(self.focal[0] / self.focal[1] - 1) > 1e-6:
            raise ValueError(f"got a camera of {self}, wanted square pixels and the centre in the middle")
        return Perspective(self.height, self.width, math.degrees(2 * math.atan(self.width / (2 * self.focal[0]))))


@dataclass(frozen=True, eq=False)
class Cameras:
    """Posed pictures: a name (relative, with /), a pose and a lens each.

    Raises ValueError for counts that differ, names that are empty, absolute, lead out of their folder or stand twice,
    and what is no pose.
    """

    names: tuple[str, ...]
    cam_to_world: Float[Tensor, "views 4 4"]
    lenses: tuple[Lens, ...]

    def __post_init__(self) -> None:
        counts = len(self.names), len(self.cam_to_world), len(self.lenses)
        if len(set(counts)) > 1:
            raise ValueError("got {} names, {} poses and {} lenses, wanted as many of each".format(*counts))
        for name in self.names:
            path = PurePosixPath(name)
            if not name or not name.isprintable() or "\\" in name or path.is_absolute() or ".." in path.parts:
                raise ValueError(f"got the picture name {name!r}, wanted a relative path with / inside its folder")
        if len(set(self.names)) < len(self.names):
            raise ValueError("got a picture name twice, wanted different names")
        require_pose(self.cam_to_world)

    def __len__(self) -> int:
        return len(self.names)

    @staticmethod
    def of(names: Sequence[str], cam_to_world: Float[Tensor, "views 4 4"], camera: Projection) -> "Cameras":
        """Pictures that one camera took from several places."""
        return Cameras(tuple(names), cam_to_world, (Lens.of(camera),) * len(names))

    def rows(self) -> list[list[list[float]]]:
        """The poses as plain numbers."""
        return self.cam_to_world.detach().double().cpu().tolist()


def write_trajectory(cam_to_world: Float[Tensor, "frames 4 4"], path: str | Path) -> None:
    """Writes a pose for every frame as JSON, every digit kept; undone by `read_trajectory`. ValueError for no pose."""
    require_pose(cam_to_world)
    frames = [{"cam_to_world": rows} for rows in cam_to_world.detach().double().cpu().tolist()]
    write_json({"format": TRAJECTORY_FORMAT, "version": 1, "convention": CONVENTION, "frames": frames}, path)


def read_trajectory(path: str | Path) -> Float[Tensor, "frames 4 4"]:
    """The poses, float64, of a trajectory written by `write_trajectory`; ValueError for any other file."""
    found = read_json(path)
    if found.get("format") != TRAJECTORY_FORMAT:
        raise ValueError(f"cannot read {path}: its format is {found.get('format')!r}, wanted {TRAJECTORY_FORMAT!r}")
    return poses_of([read_key(frame, "cam_to_world", path) for frame in read_list(found, "frames", path)], path)


def poses_of(rows: Sequence[Any], path: str | Path) -> Float[Tensor, "frames 4 4"]:
    """The poses of lists of numbers in a file; a last row may be missing. ValueError with the name of the file."""
    try:
        poses = torch.tensor([[*row, [0, 0, 0, 1]][:4] for row in rows], dtype=torch.float64).reshape(-1, 4, 4)
        return require_pose(poses) if len(poses) else poses
    except (ValueError, TypeError, RuntimeError, OverflowError) as fault:
        reason = str(fault) if isinstance(fault, ValueError) and "got a" in str(fault) else "no 4x4 matrices"
        raise ValueError(f"cannot read the poses of {path}: {reason}") from fault


def write_json(content: dict[str, Any], path: str | Path) -> None:
    """Writes JSON, whole or not at all."""
    write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", path)


def read_json(path: str | Path) -> dict[str, Any]:
    """The object in a JSON file; ValueError if there is none."""
    try:
        found = json.loads(Path(path).read_text("utf-8"))
    except OSError as fault:
        raise ValueError(f"cannot read {path}: {fault.strerror or fault}") from fault
    except (ValueError, RecursionError) as fault:
        raise ValueError(f"cannot read {path}: it is not JSON") from fault
    if not isinstance(found, dict):
        raise ValueError(f"cannot read {path}: it holds no JSON object")
    return found


def read_key(found: Any, key: str, path: str | Path) -> Any:
    """An entry of an object in a JSON file; ValueError if there is none."""
    if not isinstance(found, dict) or key not in found:
        raise ValueError(f"cannot read {path}: an entry {key!r} is missing")
    return found[key]


def read_list(found: dict[str, Any], key: str, path: str | Path) -> list[Any]:
    """A list in a JSON file; ValueError if there is none."""
    value = read_key(found, key, path)
    if not isinstance(value, list):
        raise ValueError(f"cannot read {path}: {key!r} is no list")
    return value
