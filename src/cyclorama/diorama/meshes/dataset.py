"""Data sets of meshes: posed panoramas with depth and captions, in a folder as `cyclorama render` writes it.

house_000.png  house_000-depth.npy          of a walk of one pose
house_000/equirect/ ... pinhole/ ...        of a longer walk, by `media.scene_export`
metadata.jsonl                              a row for every panorama, which grows with the walks that are done
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.datasets.estimates import counted
from cyclorama.diorama.datasets.folders import take_files
from cyclorama.diorama.datasets.kinds import Row
from cyclorama.diorama.meshes.cameras import Found, Walker, Walks
from cyclorama.diorama.meshes.casting import SLOW, is_fast
from cyclorama.diorama.meshes.loading import check_axes, load_mesh_scene, require_trimesh
from cyclorama.diorama.meshes.surfaces import MeshScene
from cyclorama.diorama.meshes.views import render_mesh_panorama
from cyclorama.diorama.noise import Real
from cyclorama.diorama.render import Render
from cyclorama.media.cameras import write_trajectory
from cyclorama.media.folders import check_new_folder
from cyclorama.media.images import write_depth, write_panorama
from cyclorama.media.scene_export import export_scene

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

    Raises ValueError where trimesh is missing, for a folder that holds something, and where no file could be used. No
    walk is there by halves, after Ctrl-C either.
    """
    require_trimesh()
    check_axes(wanted.up, wanted.metres_per_unit)
    check_new_folder(folder)
    if not is_fast():
        tell(f"warning: {SLOW}")
    names, dropped, left_out, scenes, done = scene_names(files), dict[str, int](), dict[str, str](), 0, 0
    total = len(names) * wanted.num_walks * wanted.walks.num_poses
    with _folder_with_something(Path(folder)):
        for name, path in names.items():
            try:
                scene, found = _scout(name, path, wanted, tell)
            except ValueError as fault:
                if len(names) == 1:
                    raise
                tell(f"left out: {fault}")
                left_out[str(path)] = str(fault)
                continue
            scenes += 1
            for reason, count in found.dropped.items():
                dropped[reason] = dropped.get(reason, 0) + count
            for index, walk in enumerate(found.walks):
                update(name, done, total)
                _add_walk(scene, walk, f"{name}_{index:03}", Path(folder), wanted, caption)
                done += len(walk)
        if not scenes:
            first = next(iter(left_out.values()))
            raise ValueError(f"none of {len(names)} scenes could be rendered; the first: {first}")
    return MeshRows(scenes, done, dropped, left_out)


@contextmanager
def _folder_with_something(folder: Path) -> Iterator[None]:
    """A new folder, which is removed again where a fault leaves it empty."""
    folder.mkdir(exist_ok=True)
    try:
        yield
    except BaseException:
        if not any(folder.iterdir()):
            folder.rmdir()
        raise


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
    tell(f"{name}: {len(found.walks)} of {wanted.num_walks} walks of {counted(wanted.walks.num_poses, 'pose')}, {told}")
    return scene, found


def _add_walk(
    scene: MeshScene, walk: Tensor, key: str, folder: Path, wanted: MeshPanoramas, caption: Caption | None
) -> None:
    """Render a walk beside the others; its files and rows appear together."""
    part = folder / f".{key}.part"
    part.mkdir()
    try:
        take_files(part, folder, _write_walk(scene, walk, key, part, wanted, caption))
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _write_walk(
    scene: MeshScene, walk: Tensor, key: str, folder: Path, wanted: MeshPanoramas, caption: Caption | None
) -> list[Row]:
    renders = [
        render_mesh_panorama(scene, wanted.height, one, antialias=wanted.antialias, shading=wanted.shading)
        for one in walk
    ]
    rows: list[Row] = []
    for index, (files, rendered) in enumerate(zip(_write_files(renders, walk, key, folder), renders, strict=True)):
        text = caption(rendered.colours, scene.name, files["file_name"]) if caption else ""
        about = {"text": text, "projection": "equirect", "scene": scene.name}
        rows.append(files | about | {"sequence": key, "frame": index, "cam_to_world": walk[index].tolist()})
    return rows


def _write_files(renders: Sequence[Render], walk: Tensor, key: str, folder: Path) -> list[Row]:
    """Write the pictures and depths; their names, one row each."""
    if len(walk) == 1:
        row = {"file_name": f"{key}.png", "depth": f"{key}-depth.npy"}
        write_panorama(renders[0].colours, folder / row["file_name"], parameters={"model": "mesh"})
        write_depth(renders[0].depth, folder / row["depth"])
        return [row]
    names, native = [f"pano_{index:03}" for index in range(len(walk))], f"{key}/equirect"
    images, depths = torch.stack([r.colours for r in renders]), torch.stack([r.depth for r in renders])
    export_scene(images, walk, folder / key, depths=depths, names=names)
    write_trajectory(walk, folder / key / "trajectory.json")
    return [{"file_name": f"{native}/images/{name}.png", "depth": f"{native}/depth/{name}.npy"} for name in names]
