"""Files of meshes: GLB, glTF, OBJ and PLY, read by trimesh and turned so that +y is up, in metres.

glTF and OBJ say that +y is up, scanners that write PLY mostly mean +z, and both are often ignored (HM3D's GLB files
have +z up). With "auto" the axis along which more of the surface is level wins over the format's own, if clearly.
"""

import json
import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from cyclorama.diorama.meshes.surfaces import MeshScene, Piece, join
from cyclorama.diorama.noise import Real

CONVENTIONS = {".glb": "+y", ".gltf": "+y", ".obj": "+y", ".ply": "+z"}
UPS = ("auto", "+y", "+z")
CLEARLY = 1.25  # times as much level surface
_LEVEL = 0.95  # cosine of the angle between a level surface's normal and the vertical
_UNREAD = {
    "KHR_texture_basisu": "textures as Basis or KTX2",
    "GOOGLE_texture_basis": "textures as Basis",
    "KHR_draco_mesh_compression": "triangles compressed by Draco",
    "EXT_meshopt_compression": "triangles compressed by meshopt",
}
_MISSING = "the package trimesh is not installed; install it (pip install 'cyclorama[meshes]')"
_NO_SEARCH = "neither embreex nor rtree is installed; install them (pip install 'cyclorama[meshes]')"
_Z_UP_TO_Y_UP = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])


def load_mesh_scene(path: str | Path, *, up: str = "auto", metres_per_unit: Real = 1.0) -> MeshScene:
    """The triangles of a file with their textures and colours; its `notes` say which axis was taken as up, and why.

    Raises:
        ValueError: one line for a file that is missing, empty, damaged, of another format, without triangles, or
            compressed in a way that is not read; for an unknown `up`; and where trimesh is not installed.
    """
    path = Path(path)
    check_axes(up, metres_per_unit)
    require_trimesh()
    _check_file(path)
    scene = _parse(path)
    pieces = [piece for piece in _pieces(scene, path) if len(piece.faces)]
    if not pieces:
        raise ValueError(f"cannot read {path}: it holds no triangles; wanted a mesh, not points or lines")
    taken, note = _choose_up(pieces, path.suffix.lower()) if up == "auto" else (up, f"up axis {up}, as asked")
    turn = (_Z_UP_TO_Y_UP if taken == "+z" else np.eye(3)) * metres_per_unit
    try:
        joined = join(path.stem, [replace(piece, vertices=piece.vertices @ turn.T) for piece in pieces], notes=[note])
    except OSError as fault:
        raise ValueError(f"cannot read {path}: a texture is damaged ({_line(fault)}); get the file again") from fault
    size = " x ".join(f"{extent:.1f}" for extent in joined.mesh.extents)
    return replace(joined, notes=(f"{len(joined.mesh.faces)} triangles, {size} m", *joined.notes))


def check_axes(up: str, metres_per_unit: Real) -> None:
    """Raises ValueError for an unknown `up`, and for a unit of no length."""
    if up not in UPS:
        raise ValueError(f"got up {up!r}, wanted one of {', '.join(UPS)}")
    if not 0 < metres_per_unit < math.inf:
        raise ValueError(f"got {metres_per_unit} metres a unit, wanted a number above 0")


def require_trimesh() -> None:
    """ValueError, which says how to install them, where trimesh or what it finds triangles with is missing."""
    if find_spec("trimesh") is None:
        raise ValueError(_MISSING)
    if find_spec("embreex") is None and find_spec("rtree") is None:
        raise ValueError(_NO_SEARCH)


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise ValueError(f"cannot read {path}: it is a folder; name the {', '.join(CONVENTIONS)} files in it")
    if not path.is_file():
        raise ValueError(f"cannot read {path}: there is no such file; name a {', '.join(CONVENTIONS)} file")
    if path.suffix.lower() not in CONVENTIONS:
        raise ValueError(f"cannot read {path}: got {path.suffix or 'no extension'}, wanted {', '.join(CONVENTIONS)}")
    if path.stat().st_size == 0:
        raise ValueError(f"cannot read {path}: the file is empty; get it again")
    used = set(_gltf_extensions(path))
    for name, what in _UNREAD.items():
        if name in used:
            raise ValueError(f"cannot read {path}: it holds {what} ({name}); export it without that compression")


def _gltf_extensions(path: Path) -> list[str]:
    """The extensions that a glTF file uses; none where it cannot be read, which the parser will tell."""
    try:
        if path.suffix.lower() == ".gltf":
            return json.loads(path.read_bytes()).get("extensionsUsed", [])
        if path.suffix.lower() != ".glb":
            return []
        with path.open("rb") as file:
            _, _, _, length, _ = struct.unpack("<5I", file.read(20))
            return json.loads(file.read(length)).get("extensionsUsed", [])
    except (ValueError, AttributeError, struct.error):
        return []


def _parse(path: Path) -> Any:
    import trimesh

    try:
        return trimesh.load_scene(path, process=False)
    except Exception as fault:  # the parsers raise whatever a damaged file makes them
        words = f"{type(fault).__name__}: {_line(fault)}"
        raise ValueError(f"cannot read {path}: damaged, or a file it names is missing ({words})") from fault


def _line(fault: BaseException) -> str:
    return " ".join(str(fault).split())[:120]


def _pieces(scene: Any, path: Path) -> Iterator[Piece]:
    """The objects of a file, each in its place, without triangles that have no size or no place."""
    for node in scene.graph.nodes_geometry:
        matrix, name = scene.graph[node]
        found = scene.geometry[name]
        if hasattr(found, "faces"):
            vertices = np.asarray(found.vertices, np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
            yield _clean(Piece(vertices, np.asarray(found.faces, np.int64), found.visual, np.ones(0, bool)), path)


def _clean(piece: Piece, path: Path) -> Piece:
    if len(piece.faces) and not 0 <= piece.faces.min() <= piece.faces.max() < len(piece.vertices):
        raise ValueError(f"cannot read {path}: damaged, its triangles name vertices that it does not hold")
    with np.errstate(invalid="ignore", over="ignore"):
        area = np.linalg.norm(piece.areas, axis=-1)
    kept = np.isfinite(area) & (area > 0)
    return replace(piece, vertices=np.nan_to_num(piece.vertices), faces=piece.faces[kept], kept=kept)


def _choose_up(pieces: Sequence[Piece], suffix: str) -> tuple[str, str]:
    """The axis taken as up, and a line that says why."""
    areas = np.concatenate([piece.areas for piece in pieces])
    shares = {"+y": _level_share(areas, 1), "+z": _level_share(areas, 2)}
    usual = CONVENTIONS[suffix]
    other = "+z" if usual == "+y" else "+y"
    told = ", ".join(f"{share:.0%} of the surface is level with {axis} up" for axis, share in shares.items())
    if shares[other] > CLEARLY * shares[usual]:
        return other, f"up axis {other}, not {suffix}'s usual {usual}: {told}"
    return usual, f"up axis {usual}, as is usual for {suffix}: {told}"


def _level_share(areas: Float[np.ndarray, "n 3"], axis: int) -> float:
    size = np.linalg.norm(areas, axis=-1)
    return float(size[np.abs(areas[:, axis]) > _LEVEL * size].sum() / size.sum())
