"""Meshes as one soup of triangles with what is painted on them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float32, Int, UInt8

from cyclorama.diorama.meshes.textures import Texture
from cyclorama.media.levels import srgb_to_linear

BARE = 0.6  # sRGB grey of a mesh without colours


@dataclass(frozen=True, eq=False)
class MeshScene:
    """Triangles in metres, +y up, and their colours.

    `mesh` is a `trimesh.Trimesh` of everything; `uv` and `colours` (sRGB) belong to its vertices, `tints` (linear
    factors), `textures` (an index into `images`, -1: none) and `parts` (the number of the object) to its triangles.
    `painted` says whether anything but a bare surface is there; `notes` tell what was decided about the file.
    """

    name: str
    mesh: Any
    uv: Float32[np.ndarray, "vertices 2"]
    colours: UInt8[np.ndarray, "vertices 3"]
    tints: Float32[np.ndarray, "faces 3"]
    textures: Int[np.ndarray, " faces"]
    parts: Int[np.ndarray, " faces"]
    images: tuple[Texture, ...] = ()
    painted: bool = True
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, eq=False)
class Piece:
    """One object of a file where it belongs, +y up, metres; `visual` is trimesh's, `kept` tells its triangles."""

    vertices: Float[np.ndarray, "vertices 3"]
    faces: Int[np.ndarray, "faces 3"]
    visual: Any
    kept: Bool[np.ndarray, " all_faces"]

    @property
    def areas(self) -> Float[np.ndarray, "faces 3"]:
        """Normals of the triangles, as long as twice their areas."""
        a, b, c = (self.vertices[self.faces[:, corner]] for corner in range(3))
        return np.cross(b - a, c - a)


@dataclass
class _Paint:
    """What one object of a file is painted with."""

    uv: Float32[np.ndarray, "vertices 2"]
    colours: UInt8[np.ndarray, "vertices 3"]
    tints: Float32[np.ndarray, "faces 3"]
    picture: Any = None
    painted: bool = True


def join(name: str, pieces: Sequence[Piece], *, notes: Sequence[str] = ()) -> MeshScene:
    """The scene of some pieces. OSError for a damaged texture."""
    import trimesh

    paints = [_paint_of(piece) for piece in pieces]
    numbers, images = _collect_textures(paints)
    counts = [len(piece.faces) for piece in pieces]
    firsts = np.cumsum([0, *(len(piece.vertices) for piece in pieces)])
    faces = np.concatenate([piece.faces + first for piece, first in zip(pieces, firsts, strict=False)])
    vertices = np.concatenate([piece.vertices for piece in pieces])
    missing = sum(paint.picture is None and bool(paint.uv.any()) for paint in paints)
    if missing:
        notes = (*notes, f"{missing} of {len(pieces)} parts have texture coordinates but no picture was found for them")
    return MeshScene(
        name,
        trimesh.Trimesh(vertices, faces, process=False),
        np.concatenate([paint.uv for paint in paints]),
        np.concatenate([paint.colours for paint in paints]),
        np.concatenate([paint.tints for paint in paints]),
        np.repeat(numbers, counts),
        np.repeat(np.arange(len(pieces)), counts),
        images,
        any(paint.painted for paint in paints),
        tuple(notes),
    )


def _paint_of(piece: Piece) -> _Paint:
    num, visual = len(piece.vertices), piece.visual
    paint = _Paint(
        np.zeros((num, 2), np.float32), np.full((num, 3), 255, np.uint8), np.ones((len(piece.faces), 3), np.float32)
    )
    if visual.kind == "texture":
        _paint_material(paint, visual)
    elif visual.kind == "vertex" and len(visual.vertex_colors) == num:
        paint.colours = np.asarray(visual.vertex_colors)[:, :3].astype(np.uint8)
    elif visual.kind == "face" and len(visual.face_colors) == len(piece.kept):
        levels = np.asarray(visual.face_colors)[piece.kept, :3]
        paint.tints = srgb_to_linear(levels.astype(np.float32) / 255)
    else:
        paint.tints, paint.painted = paint.tints * srgb_to_linear(np.array([BARE], np.float32)), False
    return paint


def _paint_material(paint: _Paint, visual: Any) -> None:
    material = visual.material
    if _uv_fits(visual, len(paint.uv)):
        paint.uv = np.nan_to_num(np.asarray(visual.uv, np.float32)[:, :2])
        paint.picture = getattr(material, "baseColorTexture", None) or getattr(material, "image", None)
    factor = getattr(material, "baseColorFactor", None)  # of glTF: linear, and it multiplies the picture
    if factor is not None:
        paint.tints = paint.tints * (np.asarray(factor, np.float32)[:3] / 255)
    elif paint.picture is None and getattr(material, "diffuse", None) is not None:  # of OBJ: as it is displayed
        paint.tints = paint.tints * srgb_to_linear(np.asarray(material.diffuse, np.float32)[:3] / 255)
    colours = visual.vertex_attributes.get("color") if hasattr(visual, "vertex_attributes") else None
    if colours is not None and len(colours) == len(paint.colours):
        paint.colours = _as_bytes(np.asarray(colours)[:, :3])


def _as_bytes(colours: np.ndarray) -> UInt8[np.ndarray, "n 3"]:
    top = 1.0 if colours.dtype.kind == "f" else float(np.iinfo(colours.dtype).max)
    return np.rint(np.clip(colours / top, 0, 1) * 255).astype(np.uint8)


def _uv_fits(visual: Any, num_vertices: int) -> bool:
    return visual.uv is not None and len(visual.uv) == num_vertices


def _collect_textures(paints: Sequence[_Paint]) -> tuple[Int[np.ndarray, " paints"], tuple[Texture, ...]]:
    """The number of each paint's picture, and the textures; a picture that several use is read once."""
    pictures = {id(paint.picture): paint.picture for paint in paints if paint.picture is not None}
    numbers = {key: number for number, key in enumerate(pictures)}
    textures = tuple(Texture.of(picture) for picture in pictures.values())
    return np.array([numbers.get(id(paint.picture), -1) for paint in paints]), textures
