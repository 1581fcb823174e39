"""Cube maps as six files: the pattern of their names, such as `sky/{face}.png`, and the faces in them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cyclorama.media.atomic import check_folder
from cyclorama.media.formats import Picture
from cyclorama.media.layouts import LAYOUTS, face_names, faces_to_layout, layout_to_faces
from cyclorama.media.levels import to_dtype
from cyclorama.media.outputs import FORMATS, check_output
from cyclorama.media.pictures import read_picture, write_picture

FACE = "{face}"


def read_faces(path: str | Path, *, layout: str | None = None) -> tuple[np.ndarray, Picture]:
    """Faces [6, S, S, 3] in the order of `geometry.FACES`, and the picture that was read first.

    `path` is a folder or a pattern with `{face}`. Without a layout it is the first whose names are there.
    `ValueError`: a missing face, faces that are not square or not of one size, and as `read_picture`.
    """
    layout, files = _find_files(Path(path), layout)
    pictures = [read_picture(file) for file in files]
    first = pictures[0]
    size = first.pixels.shape[0]
    for file, picture in zip(files, pictures, strict=True):
        height, width, _ = picture.pixels.shape
        if (height, width) != (size, size):
            raise ValueError(f"got a face of {height}x{width} in {file}, wanted {size}x{size} as in {files[0]}")
    pixels = [to_dtype(picture.pixels, first.pixels.dtype.name) for picture in pictures]
    return layout_to_faces(np.stack(pixels), layout), first


def _find_files(path: Path, layout: str | None) -> tuple[str, list[Path]]:
    layouts = (layout,) if layout else tuple(LAYOUTS)
    found = {name: [_find_face(path, face) for face in face_names(name)] for name in layouts}
    best = max(found, key=lambda name: sum(file is not None for file in found[name]))
    files = [file for file in found[best] if file is not None]
    if not files:
        names = ", ".join(face_names(best))
        raise ValueError(f"cannot read {path}: it holds no faces of a cubemap, such as {names}")
    missing = [name for name, file in zip(face_names(best), found[best], strict=True) if file is None]
    if missing:
        raise ValueError(f"cannot read {path}: of layout {best} the face {' and '.join(missing)} is missing")
    return best, files


def _find_face(path: Path, face: str) -> Path | None:
    if FACE in str(path):
        file = fill_pattern(path, face)
        return file if file.is_file() else None
    files = sorted(path.glob(f"{face}.*"))
    return next((file for file in files if file.suffix.lower() in FORMATS), None)


def fill_pattern(pattern: Path, face: str) -> Path:
    return Path(str(pattern).replace(FACE, face))


def face_paths(output: str | Path, layout: str) -> list[Path]:
    """The six files of a pattern, in the layout's order. `ValueError` where they cannot be written.

    A pattern's own folder may be new; it is made by `write_faces`.
    """
    paths = [fill_pattern(Path(output), face) for face in face_names(layout)]
    for path in paths:
        if path.parent.is_dir():
            check_output(path)
        elif path.suffix.lower() not in FORMATS:
            got = path.suffix.lower() or "no extension"
            raise ValueError(f"cannot write {path}: got {got}, wanted one of {', '.join(FORMATS)}")
        else:
            check_folder(path.parent)
    return paths


def write_faces(
    faces: np.ndarray,
    paths: Sequence[Path],
    layout: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    quality: int | None = None,
) -> None:
    """Writes six files, each whole or not at all; `paths` are those of `face_paths`."""
    for pixels, path in zip(faces_to_layout(faces, layout), paths, strict=True):
        path.parent.mkdir(exist_ok=True)
        write_picture(np.ascontiguousarray(pixels), path, parameters=parameters, quality=quality)
