"""A data set as WebDataset shards: `shard-00000.tar`, `shard-00001.tar` ... with the scenes in order.

A sample is `<key>.png` (or `.mp4`), `<key>.json`, which is its row, and what else it has: `<key>.depth.npy`. The names
of files in the row are those in the shard. `dataset.json` beside the shards says what they hold, so that a run that
was broken off can go on: shards appear whole. `data.shards` reads them.
"""

import io
import json
import shutil
import tarfile
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from cyclorama.diorama.datasets.description_file import DESCRIPTION
from cyclorama.diorama.datasets.kinds import FILE_FIELDS, Row, key_of
from cyclorama.diorama.datasets.workers import Job
from cyclorama.diorama.scene import Scene
from cyclorama.media.atomic import atomic_file, write_text


class Shards:
    """Takes finished scenes in order and packs them into `num_shards` shards of nearly equal length."""

    def __init__(self, folder: Path, scenes: Sequence[Scene], description: str, num_shards: int) -> None:
        bounds = [len(scenes) * k // num_shards for k in range(num_shards + 1)]
        self.folder, self._stack, self._tar = folder, ExitStack(), None
        self._parts = [scenes[begin:end] for begin, end in pairwise(bounds)]
        self._shard_of = {scene: number for number, part in enumerate(self._parts) for scene in part}
        self._text = description

    def __enter__(self) -> "Shards":
        self.folder.mkdir(parents=True, exist_ok=True)
        write_text(self._text, self.folder / DESCRIPTION)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, fault, trace)
        if fault is not None and not any(self.folder.glob("*.tar")):
            (self.folder / DESCRIPTION).unlink(missing_ok=True)

    def missing(self) -> list[Scene]:
        """The scenes of the shards that are not there yet."""
        return [scene for number, part in enumerate(self._parts) if not self._path(number).exists() for scene in part]

    def add(self, job: Job, rows: list[Row]) -> None:
        """Pack a scene's files out of the job's folder; its shard appears with its last scene."""
        part, [row], key = self._parts[self._shard_of[job.scene]], rows, key_of(job.scene)
        if job.scene == part[0]:
            file = self._stack.enter_context(atomic_file(self._path(self._shard_of[job.scene])))
            self._tar = self._stack.enter_context(_new_tar(file))
        assert self._tar is not None
        for path in sorted(job.folder.iterdir()):
            _add(self._tar, member_of(path.name, key), path.read_bytes())
        named = {field: member_of(row[field], key) for field in FILE_FIELDS if field in row}
        _add(self._tar, f"{key}.json", json.dumps(row | named).encode())
        shutil.rmtree(job.folder)
        if job.scene == part[-1]:
            self._stack.close()

    def _path(self, number: int) -> Path:
        return self.folder / f"shard-{number:05d}.tar"


def member_of(name: str, key: str) -> str:
    """The name in a shard of a file in a folder: what follows the key becomes an extension."""
    return f"{key}.{name.removeprefix(key)[1:]}"


def _new_tar(file: BinaryIO) -> tarfile.TarFile:
    return tarfile.TarFile(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT)


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    """A member without times and owners, so that equal content gives equal bytes."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o644
    tar.addfile(member, io.BytesIO(content))
