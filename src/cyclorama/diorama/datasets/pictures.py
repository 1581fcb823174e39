"""Panoramas and photographs of scenes, one of each scene."""

import random
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import torch

from cyclorama.diorama.datasets.description import describe
from cyclorama.diorama.datasets.kinds import Row, key_of, labels_of
from cyclorama.diorama.noise import Real
from cyclorama.diorama.places import build
from cyclorama.diorama.render import Render, render_camera
from cyclorama.diorama.scene import Scene, World
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.rotations import rotation
from cyclorama.media.images import write_depth, write_image, write_panorama

VIEW_ASPECT = 4 / 3
STEEPEST_DEG = 45


@dataclass(frozen=True)
class Panoramas:
    """Equirects of `height` x 2 `height` from each scene's own eye.

    `depth`: also distances along the rays, .npy. `geometry`: also those, world normals and ids of things.
    """

    height: int = 256
    depth: bool = False
    geometry: bool = False
    frames: int = 1

    def resized(self, height: int, frames: int) -> "Panoramas":
        return replace(self, height=height)

    def fits(self, scene: Scene) -> bool:
        return True

    def write(self, scene: Scene, folder: Path, device: str = "cpu") -> list[Row]:
        camera, world = Equirect(self.height, 2 * self.height), build(scene, torch.device("cpu"))
        rendered = on_cpu(render_camera(scene, camera, device=device))
        row: Row = {"file_name": f"{key_of(scene)}.png", "projection": "equirect"}
        row |= describe(scene, rendered, world, camera)
        write_panorama(rendered.colours, folder / row["file_name"], parameters=parameters_of(scene, row["text"]))
        return [row | write_geometry(rendered, world, folder, key_of(scene), self.depth, everything=self.geometry)]


@dataclass(frozen=True)
class Views:
    """Photographs of `height` rows and 4:3, drawn anywhere around, mostly near the horizon; the rest as above."""

    height: int = 256
    fov_deg: Real = 75.0
    depth: bool = False
    geometry: bool = False
    frames: int = 1

    def resized(self, height: int, frames: int) -> "Views":
        return replace(self, height=height)

    def fits(self, scene: Scene) -> bool:
        return True

    def write(self, scene: Scene, folder: Path, device: str = "cpu") -> list[Row]:
        yaw_deg, pitch_deg = draw_direction(scene.seed)
        camera = Perspective(self.height, round(self.height * VIEW_ASPECT), self.fov_deg)
        turn, world = rotation(yaw_deg=yaw_deg, pitch_deg=pitch_deg), build(scene, torch.device("cpu"))
        rendered = on_cpu(render_camera(scene, camera, rotation=turn, device=device))
        row: Row = {"file_name": f"{key_of(scene)}.png", "projection": "perspective"}
        row |= {"fov_deg": self.fov_deg, "yaw_deg": yaw_deg, "pitch_deg": pitch_deg}
        row |= describe(scene, rendered, world, camera, rotation=turn, pitch_deg=pitch_deg)
        write_image(rendered.colours, folder / row["file_name"], parameters=parameters_of(scene, row["text"]))
        return [row | write_geometry(rendered, world, folder, key_of(scene), self.depth, everything=self.geometry)]


def on_cpu(rendered: Render) -> Render:
    """The same where files are written from."""
    return Render(*(getattr(rendered, field.name).cpu() for field in fields(rendered)))


def parameters_of(scene: Scene, text: str) -> Row:
    """What made a picture, for its file."""
    return {"prompt": text, "model": "diorama", **labels_of(scene)}


def draw_direction(seed: int) -> tuple[float, float]:
    """(yaw, pitch) in degrees of this seed's view: anywhere around, mostly near the horizon."""
    dice = random.Random(seed)
    return round(dice.uniform(-180, 180), 2), round(dice.triangular(-STEEPEST_DEG, STEEPEST_DEG, 0), 2)


def write_geometry(
    rendered: Render, world: World, folder: Path, key: str, depth: bool, *, everything: bool = False
) -> Row:
    """Write what is asked for as .npy files; the fields of the row that name them.

    Depth [H, W] float32 metres, normals [3, H, W] float16 in world axes, ids [H, W] int32; `things` names the ids.
    """
    row: Row = {}
    if depth or everything:
        row["depth"] = f"{key}-depth.npy"
        write_depth(rendered.depth, folder / row["depth"])
    if everything:
        row |= {"normals": f"{key}-normals.npy", "ids": f"{key}-ids.npy", "things": things_of(world)}
        np.save(folder / row["normals"], rendered.normals.numpy().astype(np.float16))
        np.save(folder / row["ids"], rendered.ids.numpy().astype(np.int32))
    return row


def things_of(world: World) -> list[str]:
    """The names of the things with ids 0, 1, 2 ..."""
    names = {solid.group: solid.thing for solid in world.solids if solid.group >= 0}
    return [names.get(group, "") for group in range(max(names, default=-1) + 1)]
