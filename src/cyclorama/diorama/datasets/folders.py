"""A data set as a folder: files, and `metadata.jsonl` with a row for every picture."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from cyclorama.diorama.datasets.kinds import Row
from cyclorama.diorama.datasets.workers import Job
from cyclorama.diorama.scene import Scene

METADATA = "metadata.jsonl"


class Folder:
    """Takes finished scenes. The metadata grows with them, so a set that was broken off is a smaller whole set.

    Raises ValueError for a folder that holds metadata.
    """

    def __init__(self, folder: Path, scenes: Sequence[Scene]) -> None:
        if (folder / METADATA).exists():
            raise ValueError(f"got the output {folder}, which holds a {METADATA} already; wanted a new folder")
        self.folder, self.scenes = folder, scenes

    def __enter__(self) -> "Folder":
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def missing(self) -> Sequence[Scene]:
        """The scenes that are to be rendered."""
        return self.scenes

    def add(self, job: Job, rows: list[Row]) -> None:
        """Take a scene's files out of the job's folder."""
        for path in sorted(job.folder.iterdir()):
            path.replace(self.folder / path.name)
        shutil.rmtree(job.folder)
        with (self.folder / METADATA).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
