"""Posed panoramas for the tools that make 3-D scenes of them: COLMAP models and nerfstudio transforms.

Splatting tools cannot draw equirects yet, so a scene is written twice, each a whole data set of its own:

    equirect/  images/*.png   transforms.json   sparse/0/{cameras,images,points3D}.bin   points.ply
    pinhole/   the same, every panorama cut into views of a rig of pinhole cameras

Where depth is known, equirect/depth/*.npy hold it as it was given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.geometry.cubemap import FACE_ROTATIONS, FACES
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.poses import compose, invert, pose, require_pose, transform_points
from cyclorama.geometry.projection import Projection
from cyclorama.geometry.reprojection import reproject
from cyclorama.geometry.rotations import Degrees
from cyclorama.geometry.viewsets import rings
from cyclorama.media.cameras import Cameras
from cyclorama.media.colmap import ColmapModel, Observations, write_colmap
from cyclorama.media.folders import atomic_folder, check_new_folder
from cyclorama.media.images import write_depth, write_image, write_panorama
from cyclorama.media.nerfstudio import write_transforms
from cyclorama.media.points import Points, check_depths, points_from_depth, write_ply

RIGS = ("cube", "rings")
_RINGS: dict[Degrees, int] = {0: 6, 45: 6, -45: 6}  # with 90 degrees every direction is in two views or more


@dataclass(frozen=True, eq=False)
class Rig:
    """Views of one pinhole camera from one place: names and `cam_to_world` rotations as the panorama sees them."""

    camera: Perspective
    names: tuple[str, ...]
    rotations: Float[np.ndarray, "views 3 3"]


def rig_of(kind: str, size: int) -> Rig:
    """The six faces of a cube, or 18 overlapping views in "rings"; square, 90 degrees, `size` pixels a side."""
    if kind not in RIGS:
        raise ValueError(f"got the rig {kind!r}, wanted one of {', '.join(RIGS)}")
    camera = Perspective(size, size, 90)
    if kind == "cube":
        return Rig(camera, FACES, FACE_ROTATIONS)
    turned = rings(_RINGS)
    return Rig(camera, tuple(f"{index:02}" for index in range(len(turned))), turned)


def export_scene(
    images: Float[Tensor, "views 3 height width"],
    cam_to_world: Float[Tensor, "poses 4 4"],
    folder: str | Path,
    *,
    depths: Float[Tensor, "depths rows columns"] | None = None,
    names: Sequence[str] | None = None,
    rig: str = "cube",
    face_size: int | None = None,
    num_points: int = 100_000,
    voxel: float | int = 0,
) -> None:
    """Writes panoramas, values in [0, 1], and their poses into a new folder, which appears whole or not at all.

    With `depths`, the distances along the rays in the unit of the poses (inf the sky, 0 unknown), the models get
    coloured points: `num_points` and `voxel` are those of `points_from_depth`, and each is observed in the views of the
    panorama it comes from. `names` (no extension) are pano_000, pano_001, ... unless told otherwise. `rig` is one of
    `RIGS`, its views `face_size` pixels wide (a quarter of the panorama's width).

    Raises ValueError for counts or sizes that differ, NaN, what is no pose, an odd width, and a folder with files.
    """
    check_new_folder(folder)
    names = [f"pano_{index:03}" for index in range(len(images))] if names is None else list(names)
    poses = require_pose(cam_to_world).detach().double().cpu()
    panorama = Equirect(*images.shape[-2:])
    views = rig_of(rig, face_size or panorama.width // 4)
    native = Cameras.of([f"{name}.png" for name in names], poses, panorama)
    if len(images) != len(names) or not len(images):
        raise ValueError(f"got {len(images)} pictures and {len(names)} names and poses, wanted as many of each, not 0")
    points = Points(np.zeros((0, 3)), np.zeros((0, 3), np.uint8), np.zeros(0, np.int64))
    if depths is not None:
        check_depths(depths, images, poses)
        points = points_from_depth(images, depths, poses, num_points=num_points, voxel=voxel)
    with atomic_folder(folder) as part:
        _write_pictures(images, names, panorama, views, part)
        if depths is not None:
            _write_depths(depths, names, part / "equirect" / "depth")
        _write_models(native, np.arange(len(names)), points, part / "equirect")
        _write_models(
            cut_cameras(names, poses, views), np.arange(len(names)).repeat(len(views.names)), points, part / "pinhole"
        )


def cut_cameras(names: Sequence[str], cam_to_world: Float[Tensor, "panoramas 4 4"], rig: Rig) -> Cameras:
    """The cameras of a rig that stands where each panorama was taken: `<panorama>_<view>.png`."""
    turned = torch.from_numpy(rig.rotations).to(cam_to_world)
    in_world = compose(cam_to_world.unsqueeze(1), pose(turned, torch.zeros_like(turned[:, 0])))
    return Cameras.of(
        [f"{name}_{view}.png" for name in names for view in rig.names], in_world.flatten(0, 1), rig.camera
    )


def observe(cameras: Cameras, owners: np.ndarray, points: Points) -> tuple[Observations, ...]:
    """Where each picture shows the points of the panorama, `owners[picture]`, that it was cut from."""
    world_to_cam = invert(cameras.cam_to_world.double())
    return tuple(
        _observe(lens.projection(), to_cam, points, np.flatnonzero(points.views == owner))
        for lens, to_cam, owner in zip(cameras.lenses, world_to_cam, owners, strict=True)
    )


def _observe(camera: Projection, world_to_cam: Tensor, points: Points, own: np.ndarray) -> Observations:
    in_camera = transform_points(torch.from_numpy(points.places[own]).double(), world_to_cam)
    pixels, shown = camera.dirs_to_pixels(in_camera)
    return Observations(pixels[shown].numpy(), own[shown.numpy()])


def _write_pictures(
    images: Float[Tensor, "views 3 height width"], names: Sequence[str], panorama: Equirect, rig: Rig, folder: Path
) -> None:
    native, cut = folder / "equirect" / "images", folder / "pinhole" / "images"
    for place in (native, cut):
        place.mkdir(parents=True)
    for name, image in zip(names, images, strict=True):
        write_panorama(image, native / f"{name}.png")
        for view, turned in zip(rig.names, rig.rotations, strict=True):
            write_image(reproject(image, panorama, rig.camera, rotation=turned), cut / f"{name}_{view}.png")


def _write_depths(depths: Float[Tensor, "depths rows columns"], names: Sequence[str], folder: Path) -> None:
    folder.mkdir()
    for name, depth in zip(names, depths, strict=True):
        write_depth(depth, folder / f"{name}.npy")


def _write_models(cameras: Cameras, owners: np.ndarray, points: Points, folder: Path) -> None:
    (folder / "sparse").mkdir()
    write_colmap(ColmapModel(cameras, points, observe(cameras, owners, points)), folder / "sparse" / "0")
    in_images = Cameras(tuple(f"images/{name}" for name in cameras.names), cameras.cam_to_world, cameras.lenses)
    write_transforms(in_images, folder / "transforms.json", points="points.ply" if len(points) else None)
    if len(points):
        write_ply(points, folder / "points.ply")
