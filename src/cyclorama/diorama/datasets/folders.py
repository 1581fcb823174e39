"""A data set as a folder: files, and `metadata.jsonl` with a row for every picture."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from cyclorama.diorama.datasets.description_file import DESCRIPTION, METADATA
from cyclorama.diorama.datasets.kinds import Row
from cyclorama.diorama.datasets.workers import Job
from cyclorama.diorama.scene import Scene
from cyclorama.media.atomic import write_text


class Folder:
    """Takes finished scenes in order. The metadata grows with them: a set that was broken off is a smaller whole."""

    def __init__(self, folder: Path, scenes: Sequence[Scene], description: str) -> None:
        self.folder, self.scenes, self._text = folder, scenes, description

    def __enter__(self) -> "Folder":
        self.folder.mkdir(parents=True, exist_ok=True)
        write_text(self._text, self.folder / DESCRIPTION)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if fault is not None and not (self.folder / METADATA).exists():
            (self.folder / DESCRIPTION).unlink(missing_ok=True)

    def missing(self) -> list[Scene]:
        """The scenes that have no rows yet."""
        held = self._held()
        return [scene for scene in self.scenes if scene.seed not in held]

    def add(self, job: Job, rows: list[Row]) -> None:
        """Take a scene's files out of the job's folder."""
        take_files(job.folder, self.folder, rows)

    def _held(self) -> set[int]:
        """The seeds of the rows. A last line that a full disk cut off is removed."""
        path = self.folder / METADATA
        if not path.exists():
            return set()
        content = path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            write_text(whole.decode("utf-8"), path)
        return {json.loads(line)["seed"] for line in whole.splitlines()}


def take_files(part: Path, folder: Path, rows: Sequence[Row]) -> None:
    """Move all of `part` into `folder`, over what a run that was killed left there, and add rows to its metadata."""
    for path in sorted(part.iterdir()):
        place = folder / path.name
        if place.is_dir():
            shutil.rmtree(place)
        path.replace(place)
    shutil.rmtree(part)
    with (folder / METADATA).open("ab", buffering=0) as file:  # all rows at once, or none
        file.write("".join(json.dumps(row) + "\n" for row in rows).encode())
