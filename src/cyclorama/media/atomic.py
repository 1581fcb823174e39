"""Files appear whole or not at all: written beside their place under `.<name>.part`, synced, then renamed over it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def atomic_file(path: str | Path) -> Iterator[BinaryIO]:
    """Opens a binary file that replaces `path` when the block ends well.

    After any error, `KeyboardInterrupt` and a full disk included, the partial file is gone and an existing `path` is
    as it was. A link is followed: its target is replaced, the link stays.
    """
    place = Path(path).resolve()
    check_folder(place)
    part = place.with_name(f".{place.name}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(place)
    except BaseException as fault:
        part.unlink(missing_ok=True)
        if isinstance(fault, OSError) and fault.filename is None:
            fault.filename = str(path)
        raise


def write_text(text: str, path: str | Path) -> None:
    """Writes `text` as UTF-8, whole or not at all."""
    with atomic_file(path) as file:
        file.write(text.encode("utf-8"))


def check_folder(path: str | Path) -> None:
    """Raises `ValueError` unless a file at `path` can be written: its folder exists and is writable."""
    path = Path(path)
    folder = path.resolve().parent
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"cannot write {path}: {folder} is a file; choose another output")
    if not folder.is_dir():
        raise ValueError(f"cannot write {path}: the folder {folder} does not exist; create it or choose another output")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ValueError(f"cannot write {path}: the folder {folder} is not writable; choose another output")
    if path.is_dir():
        raise ValueError(f"cannot write {path}: it is a folder; give a file name inside it")
