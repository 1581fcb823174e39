"""Folders appear whole or not at all: filled beside their place under `.<name>.part`, then renamed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cyclorama.media.atomic import check_folder


@contextmanager
def atomic_folder(path: str | Path) -> Iterator[Path]:
    """A new folder that becomes `path` when the block ends well; after any error it is gone and `path` as it was.

    Raises ValueError if something but an empty folder is at `path`, or its parent does not exist.
    """
    place = Path(path).resolve()
    check_new_folder(place)
    part = place.with_name(f".{place.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        yield part
        part.replace(place)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def check_new_folder(path: str | Path) -> None:
    """Raises `ValueError` unless a folder can be made at `path`; costs nothing, so ask before long work."""
    place = Path(path).resolve()
    if place.is_dir():
        if any(place.iterdir()):
            raise ValueError(f"cannot write {path}: the folder is not empty; remove it or choose another name")
        check_folder(place / "file")
        return
    if place.exists():
        raise ValueError(f"cannot write {path}: a file of this name exists; choose another name")
    check_folder(place)
