"""Data sets of meshes: posed panoramas with depth and captions, in a folder as `cyclorama render` writes it.

house_000.png  house_000-depth.npy          of a walk of one pose
house_000/equirect/ ... pinhole/ ...        of a longer walk, by `media.scene_export`
metadata.jsonl                              a row for every panorama, which grows with the walks that are done
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.meshes.cameras import Found, Walker, Walks
from cyclorama.diorama.meshes.casting import SLOW, is_fast
from cyclorama.diorama.meshes.loading import load_mesh_scene, require_trimesh
from cyclorama.diorama.meshes.surfaces import MeshScene
from cyclorama.diorama.meshes.views import render_mesh_panorama
from cyclorama.diorama.noise import Real
from cyclorama.media.cameras import write_trajectory
from cyclorama.media.folders import check_new_folder
from cyclorama.media.images import write_depth, write_panorama
from cyclorama.media.scene_export import export_scene

METADATA = "metadata.jsonl"
Caption = Callable[[Float[Tensor, "3 height width"], str, str], str]
"""The text of a panorama: of its picture, the name of its scene, and its file name."""
Tell = Callable[[str], None]


@dataclass(frozen=True)
class MeshPanoramas:
    """`num_walks` walks through each scene, seen in panoramas of `height` rows.

    `up` and `metres_per_unit` are those of `load_mesh_scene`, `antialias` and `shading` those of `render_mesh`.
    """

    height: int = 512
    num_walks: int = 8
    walks: Walks = field(default_factory=Walks)
    seed: int = 0
    up: str = "auto"
    metres_per_unit: Real = 1.0
    antialias: int = 4
    shading: str = "auto"


@dataclass(frozen=True)
class MeshRows:
    """What was done: the numbers of scenes and panoramas, walks dropped by reason, and the files left out by fault."""

    scenes: int
    panoramas: int
    dropped: dict[str, int]
    left_out: dict[str, str]


def render_mesh_dataset(
    files: Sequence[str | Path],
    folder: str | Path,
    wanted: MeshPanoramas,
    *,
    caption: Caption | None = None,
    tell: Tell = lambda line: None,
    update: Callable[[str, int, int], None] = lambda label, done, total: None,
) -> MeshRows:
    """Render meshes into a new folder. A file that cannot be read or walked in is told and left out.

    `tell` gets lines about each scene: its size and up axis, what was dropped and why. `update` is called with
    (scene, panoramas done, of how many at most).

    Raises ValueError where trimesh is missing, for a folder that holds something, and where no file could be used.
    """
    require_trimesh()
    check_new_folder(folder)
    if not is_fast():
        tell(f"warning: {SLOW}")
    names, dropped, left_out, scenes, done = scene_names(files), dict[str, int](), dict[str, str](), 0, 0
    total = len(names) * wanted.num_walks * wanted.walks.num_poses
    Path(folder).mkdir(exist_ok=True)
    for name, path in names.items():
        try:
            scene, found = _scout(name, path, wanted, tell)
        except ValueError as fault:
            tell(f"left out: {fault}")
            left_out[str(path)] = str(fault)
            continue
        scenes += 1
        for reason, count in found.dropped.items():
            dropped[reason] = dropped.get(reason, 0) + count
        for index, walk in enumerate(found.walks):
            update(name, done, total)
            _write_walk(scene, walk, f"{name}_{index:03}", Path(folder), wanted, caption)
            done += len(walk)
    if not scenes:
        raise ValueError(f"none of {len(names)} scenes could be rendered; the first: {next(iter(left_out.values()))}")
    return MeshRows(scenes, done, dropped, left_out)


def scene_names(files: Sequence[str | Path]) -> dict[str, Path]:
    """A name for each file: its own, with its folder's before it where several files have the same.

    Raises ValueError for no files, and for one that is named twice.
    """
    paths = [Path(file) for file in files]
    stems = [path.stem for path in paths]
    names = [
        path.stem if stems.count(path.stem) == 1 else f"{path.absolute().parent.name}_{path.stem}" for path in paths
    ]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"got {len(names)} files with {len(set(names))} names, wanted different names, one at least")
    return dict(zip(names, paths, strict=True))


def _scout(name: str, path: Path, wanted: MeshPanoramas, tell: Tell) -> tuple[MeshScene, Found]:
    """A scene and the walks through it."""
    scene = load_mesh_scene(path, up=wanted.up, metres_per_unit=wanted.metres_per_unit)
    for line in scene.notes:
        tell(f"{name}: {line}")
    found = Walker(scene, wanted.walks, seed=wanted.seed).find(wanted.num_walks)
    dropped = ", ".join(f"{reason} {count}" for reason, count in sorted(found.dropped.items()))
    told = f"{sum(found.dropped.values())} dropped" + (f" ({dropped})" if dropped else "")
    tell(f"{name}: {len(found.walks)} of {wanted.num_walks} walks of {wanted.walks.num_poses} poses, {told}")
    return scene, found


def _write_walk(
    scene: MeshScene, walk: Tensor, key: str, folder: Path, wanted: MeshPanoramas, caption: Caption | None
) -> None:
    renders = [
        render_mesh_panorama(scene, wanted.height, one, antialias=wanted.antialias, shading=wanted.shading)
        for one in walk
    ]
    names = [f"pano_{index:03}" for index in range(len(walk))]
    if len(walk) == 1:
        rows = [{"file_name": f"{key}.png", "depth": f"{key}-depth.npy"}]
        write_panorama(renders[0].colours, folder / rows[0]["file_name"], parameters={"model": "mesh"})
        write_depth(renders[0].depth, folder / rows[0]["depth"])
    else:
        images, depths = torch.stack([r.colours for r in renders]), torch.stack([r.depth for r in renders])
        export_scene(images, walk, folder / key, depths=depths, names=names)
        write_trajectory(walk, folder / key / "trajectory.json")
        native = f"{key}/equirect"
        rows = [{"file_name": f"{native}/images/{n}.png", "depth": f"{native}/depth/{n}.npy"} for n in names]
    with (folder / METADATA).open("a", encoding="utf-8") as file:
        for index, (row, rendered) in enumerate(zip(rows, renders, strict=True)):
            text = caption(rendered.colours, scene.name, row["file_name"]) if caption else ""
            about: dict[str, Any] = {"text": text, "projection": "equirect", "scene": scene.name}
            about |= {"sequence": key, "frame": index, "cam_to_world": walk[index].tolist()}
            file.write(json.dumps(row | about, ensure_ascii=False) + "\n")
