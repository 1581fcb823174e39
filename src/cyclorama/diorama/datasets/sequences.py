"""Posed sequences: panoramas along a camera path through each scene, as data sets for COLMAP and nerfstudio."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.datasets.description import describe
from cyclorama.diorama.datasets.kinds import Row, key_of
from cyclorama.diorama.datasets.pictures import on_cpu
from cyclorama.diorama.noise import Real
from cyclorama.diorama.places import build
from cyclorama.diorama.render import Render, render_camera
from cyclorama.diorama.scene import Scene
from cyclorama.diorama.walks import MOVES
from cyclorama.geometry.equirect import Equirect
from cyclorama.media.cameras import write_trajectory
from cyclorama.media.scene_export import export_scene


@dataclass(frozen=True)
class Sequences:
    """`num_poses` panoramas along a path of `length_m` in every scene: a folder by `media.scene_export` with depth.

    `move` is one of `walks.MOVES`. Each picture has a row with its `cam_to_world` and its `depth`; the panoramas are
    turned with their cameras, so their middle column looks ahead. Raises ValueError for an unknown move.
    """

    height: int = 256
    move: str = "walk"
    length_m: Real = 5.0
    num_poses: int = 16

    def __post_init__(self) -> None:
        if self.move not in MOVES:
            raise ValueError(f"got the camera move {self.move!r}, wanted one of {', '.join(MOVES)}")

    @property
    def frames(self) -> int:
        return self.num_poses

    def resized(self, height: int, frames: int) -> "Sequences":
        return replace(self, height=height, num_poses=frames)

    def path(self, scene: Scene) -> Float[Tensor, "n 4 4"]:
        """`cam_to_world` of the pictures. Raises ValueError where no free path is found."""
        return MOVES[self.move](scene, length_m=self.length_m, num_poses=self.num_poses, seed=0)

    def fits(self, scene: Scene) -> bool:
        return has_path(self.path, scene)

    def write(self, scene: Scene, folder: Path, device: str = "cpu") -> list[Row]:
        camera, world, key = Equirect(self.height, 2 * self.height), build(scene, torch.device("cpu")), key_of(scene)
        path, names = self.path(scene), [f"pano_{index:03}" for index in range(self.num_poses)]
        renders = [self._seen(scene, camera, one, device) for one in path]
        images, depths = torch.stack([r.colours for r in renders]), torch.stack([r.depth for r in renders])
        export_scene(images, path, folder / key, depths=depths, names=names)
        write_trajectory(path, folder / key / "trajectory.json")
        return [
            _row(key, name, index, one) | describe(scene, rendered, world, camera, rotation=one[:3, :3])
            for index, (name, one, rendered) in enumerate(zip(names, path, renders, strict=True))
        ]

    def _seen(self, scene: Scene, camera: Equirect, cam_to_world: Float[Tensor, "4 4"], device: str) -> Render:
        turn, origin = cam_to_world[:3, :3], cam_to_world[:3, 3]
        return on_cpu(render_camera(scene, camera, rotation=turn, origin=origin, device=device))


def has_path(find: Callable[[Scene], object], scene: Scene) -> bool:
    """Whether a function of the scene finds its path."""
    try:
        find(scene)
    except ValueError as fault:
        if "found no free" not in str(fault):
            raise
        return False
    return True


def _row(key: str, name: str, index: int, cam_to_world: Float[Tensor, "4 4"]) -> Row:
    native = f"{key}/equirect"
    files = {"file_name": f"{native}/images/{name}.png", "depth": f"{native}/depth/{name}.npy"}
    return files | {"projection": "equirect", "sequence": key, "frame": index, "cam_to_world": cam_to_world.tolist()}
