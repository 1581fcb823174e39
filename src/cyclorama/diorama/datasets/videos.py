"""Equirectangular videos: time passes in a scene, clouds, water and some things move, and so may the camera."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.datasets.description import describe
from cyclorama.diorama.datasets.kinds import Row, key_of
from cyclorama.diorama.datasets.pictures import on_cpu, parameters_of
from cyclorama.diorama.datasets.sequences import has_path
from cyclorama.diorama.noise import Real
from cyclorama.diorama.places import build
from cyclorama.diorama.render import render_camera
from cyclorama.diorama.scene import Scene
from cyclorama.diorama.walks import free_walk
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.poses import pose
from cyclorama.media.encoding import check_video_output, write_video


@dataclass(frozen=True)
class Videos:
    """MP4 of `seconds` at `fps` with spherical metadata; the camera walks `walk_m`, or stands still for 0.

    On a walk the front of the picture stays where the walk began to go. A row names the video, its poses are
    `cam_to_world`; its text and things are those of the first frame. Raises ValueError for an odd height, and for
    fewer than two frames.
    """

    height: int = 256
    seconds: Real = 4.0
    fps: Real = 24.0
    walk_m: Real = 0.0

    def __post_init__(self) -> None:
        if self.height % 2:
            raise ValueError(f"got videos of {self.height} rows, wanted an even number")
        if not 0 < self.seconds < math.inf or not 0 < self.fps <= 1000 or self.frames < 2:
            raise ValueError(f"got {self.seconds} s at {self.fps} frames a second, wanted two frames or more")
        if not 0 <= self.walk_m < math.inf:
            raise ValueError(f"got a walk of {self.walk_m} m, wanted 0 or more")

    @property
    def frames(self) -> int:
        return round(self.seconds * self.fps)

    def resized(self, height: int, frames: int) -> "Videos":
        return replace(self, height=height, seconds=frames / self.fps)

    def origins(self, scene: Scene) -> tuple[Float[Tensor, "3 3"] | None, Float[Tensor, "n 3"]]:
        """The rotation of all frames and the place of each. Raises ValueError where no free walk is found."""
        if self.walk_m == 0:
            eye = torch.tensor([float(along) for along in build(scene, torch.device("cpu")).eye])
            return None, eye.expand(self.frames, 3)
        walk = free_walk(scene, length_m=self.walk_m, num_poses=self.frames)
        return walk[0, :3, :3], walk[:, :3, 3]

    def fits(self, scene: Scene) -> bool:
        return self.walk_m == 0 or has_path(self.origins, scene)

    def write(self, scene: Scene, folder: Path, device: str = "cpu") -> list[Row]:
        camera, name = Equirect(self.height, 2 * self.height), f"{key_of(scene)}.mp4"
        check_video_output(folder / name)
        turn, origins = self.origins(scene)
        first = on_cpu(render_camera(scene, camera, rotation=turn, origin=origins[0], device=device))
        row: Row = {"file_name": name, "projection": "equirect", "fps": self.fps, "seconds": self.frames / self.fps}
        row |= describe(scene, first, build(scene, torch.device("cpu")), camera, rotation=turn)
        row["cam_to_world"] = _poses(turn, origins)
        write_video(
            folder / name,
            self._frames(scene, camera, turn, origins, device),
            fps=self.fps,
            parameters=parameters_of(scene, row["text"]),
        )
        return [row]

    def _frames(
        self, scene: Scene, camera: Equirect, turn: Tensor | None, origins: Tensor, device: str
    ) -> Iterator[np.ndarray]:
        for index, origin in enumerate(origins):
            seconds = index / self.fps
            seen = render_camera(scene, camera, rotation=turn, origin=origin, seconds=seconds, device=device)
            yield rearrange((seen.colours * 255).round().byte(), "c h w -> h w c").contiguous().cpu().numpy()


def _poses(turn: Float[Tensor, "3 3"] | None, origins: Float[Tensor, "n 3"]) -> list[list[list[float]]]:
    """A 4x4 matrix for every frame; the one of all frames where the camera stands still."""
    moving = origins if turn is not None else origins[:1]
    return pose(torch.eye(3) if turn is None else turn, moving).tolist()
