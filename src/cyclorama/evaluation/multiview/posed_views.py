"""Pictures of one scene with their poses: panoramas or pinholes, in the order in which a camera took them."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.poses import relative_pose, require_pose
from cyclorama.geometry.projection import Projection
from cyclorama.media.cameras import read_json, read_list
from cyclorama.media.depth import DEPTH_SUFFIXES, read_depth
from cyclorama.media.images import read_image
from cyclorama.media.nerfstudio import read_transforms

_NO_BASELINE = 1e-6  # of the extent of the positions; poses in files are rounded


@dataclass(frozen=True, eq=False)
class PosedViews:
    """Pictures in [0, 1], `cam_to_world` poses, one projection, and distances along the rays (inf the sky) if known.

    Raises ValueError for counts and sizes that differ, fewer than two views, and what is no pose.
    """

    images: Float[Tensor, "views 3 height width"]
    cam_to_world: Float[Tensor, "poses 4 4"]
    projection: Projection
    depth: Float[Tensor, "depths rows columns"] | None = None
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        num, _, height, width = self.images.shape
        counts = {num, len(self.cam_to_world), num if self.depth is None else len(self.depth), len(self.names) or num}
        if len(counts) > 1 or num < 2:
            raise ValueError(
                f"got {sorted(counts)} pictures, poses, depths and names, wanted as many of each, 2 or more"
            )
        sizes = {(height, width), (self.projection.height, self.projection.width)}
        sizes |= set() if self.depth is None else {tuple(self.depth.shape[-2:])}
        if len(sizes) > 1:
            raise ValueError(f"got the sizes {sorted(sizes)} of pictures, camera and depth, wanted one; resize them")
        require_pose(self.cam_to_world)

    def __len__(self) -> int:
        return len(self.images)

    @property
    def is_panorama(self) -> bool:
        return isinstance(self.projection, Equirect)

    def neighbours(self) -> list[tuple[int, int]]:
        """Every view and the next one."""
        return list(pairwise(range(len(self))))

    def motion(self, first: int, second: int) -> Float[Tensor, "4 4"]:
        """`a_to_b` of two views, float64; a baseline below the rounding of the positions is 0."""
        poses = self.cam_to_world.double().cpu()
        motion = relative_pose(poses[first], poses[second])
        if motion[:3, 3].norm() <= _NO_BASELINE * poses[:, :3, 3].abs().max():
            motion[:3, 3] = 0
        return motion


def read_posed_views(place: str | Path) -> PosedViews:
    """The views of a folder with a `transforms.json`, as `media.export_scene` and nerfstudio write it, or of that file.

    Of a folder of `export_scene` its equirect/ is read. Depth, in the unit of the poses along the rays, is where
    `depth_file_path` says, else beside the pictures' folder as depth/<name>.npy, .exr or .png; it is None unless some
    view has it. Raises ValueError for a missing file, for several cameras, and where only some views have depth.
    """
    path = _transforms_of(Path(place))
    cameras = read_transforms(path)
    if len(set(cameras.lenses)) != 1:
        raise ValueError(f"cannot use {path}: it has {len(set(cameras.lenses))} cameras, wanted one for all pictures")
    images = [read_image(path.parent / name) for name in cameras.names]
    if len({image.shape for image in images}) != 1:
        raise ValueError(f"cannot use {path}: its pictures have several sizes, wanted one")
    depths = _depths(path, cameras.names)
    return PosedViews(torch.stack(images), cameras.cam_to_world, cameras.lenses[0].projection(), depths, cameras.names)


def _transforms_of(place: Path) -> Path:
    tried = (place,) if place.is_file() else (place / "transforms.json", place / "equirect" / "transforms.json")
    found = next((path for path in tried if path.is_file()), None)
    if found is None:
        raise ValueError(f"got {place}, wanted a folder with transforms.json or equirect/transforms.json")
    return found


def _depths(path: Path, names: tuple[str, ...]) -> Float[Tensor, "views height width"] | None:
    frames = read_list(read_json(path), "frames", path)
    files = [_depth_file(path.parent, name, frame) for name, frame in zip(names, frames, strict=True)]
    found = [file for file in files if file is not None]
    if not found:
        return None
    if len(found) < len(files):
        raise ValueError(f"cannot use {path}: {len(found)} of {len(files)} views have depth, wanted all or none")
    return torch.stack([torch.from_numpy(read_depth(file)) for file in found])


def _depth_file(folder: Path, name: str, frame: dict[str, object]) -> Path | None:
    if "depth_file_path" in frame:
        return folder / str(frame["depth_file_path"])
    beside = folder / "depth" / Path(name).name
    return next((path for suffix in DEPTH_SUFFIXES if (path := beside.with_suffix(suffix)).is_file()), None)
