"""A box room whose picture is known: its geometry, and its texture, which is a function of the place on each side."""

from pathlib import Path
from typing import Any

import numpy as np
import trimesh
from PIL import Image
from trimesh.exchange.gltf import export_gltf
from trimesh.visual.material import PBRMaterial
from trimesh.visual.texture import TextureVisuals

LOW, HIGH = np.array([-2.5, 0.0, -2.0]), np.array([2.5, 2.7, 2.0])
EYE = np.array([0.4, 1.5, -0.3])
TEXTURE_SIZE = 512


def paint(uv: np.ndarray) -> np.ndarray:
    """The texture in sRGB: smooth, and equal at opposite borders."""
    u, v = 2 * np.pi * np.moveaxis(uv, -1, 0)
    return np.stack([0.5 + 0.4 * np.sin(u), 0.5 + 0.3 * np.cos(v), 0.5 + 0.2 * np.sin(u + 2 * v)], -1)


def texture() -> Image.Image:
    steps = (np.arange(TEXTURE_SIZE) + 0.5) / TEXTURE_SIZE
    u, v = np.meshgrid(steps, 1 - steps)
    return Image.fromarray(np.rint(255 * paint(np.stack([u, v], -1))).astype(np.uint8))


def room(*, picture: Image.Image | None = None, sides: tuple[int, ...] = (0, 1, 2, 3, 4, 5)) -> trimesh.Trimesh:
    """Sides 0 to 5 are low and high x, y, z; their texture coordinates run from 0 to 1 along the other two axes."""
    vertices, uv, faces = [], [], []
    for side in sides:
        axis, across = side // 2, [k for k in range(3) if k != side // 2]
        corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
        points = np.zeros((4, 3))
        points[:, across] = LOW[across] + corners * (HIGH - LOW)[across]
        points[:, axis] = (LOW, HIGH)[side % 2][axis]
        faces += [[len(vertices) + k for k in triangle] for triangle in ([0, 1, 2], [0, 2, 3])]
        vertices += list(points)
        uv += list(corners)
    material = PBRMaterial(baseColorTexture=picture or texture(), alphaMode="MASK")
    visual: Any = TextureVisuals(uv=np.array(uv), material=material)
    return trimesh.Trimesh(vertices, faces, visual=visual, process=False)


def meet(eye: np.ndarray, dirs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance to the room's sides along unit rays [n, 3], and the texture coordinates there."""
    with np.errstate(divide="ignore"):
        ways = np.where(dirs > 0, (HIGH - eye) / dirs, (LOW - eye) / dirs)
    axis, distance = ways.argmin(-1), ways.min(-1)
    share = ((eye + distance[:, None] * dirs) - LOW) / (HIGH - LOW)
    across = np.array([[1, 2], [0, 2], [0, 1]])[axis]
    return distance, np.take_along_axis(share, across, -1)


def write_room(folder: Path, name: str = "room.glb", **how: Any) -> Path:
    return write_mesh(room(**how), folder / name)


def write_mesh(mesh: Any, path: Path) -> Path:
    """`export` leaves a .gltf open."""
    if path.suffix != ".gltf":
        mesh.export(path)
        return path
    for name, content in export_gltf(mesh.scene()).items():
        (path.parent / name.replace("model.gltf", path.name)).write_bytes(content)
    return path
