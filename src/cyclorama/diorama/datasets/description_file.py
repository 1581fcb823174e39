"""`dataset.json` beside a data set: what it was asked to hold, so that the same command goes on where it stopped."""

import dataclasses
import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cyclorama.diorama.scene import Scene
from cyclorama.media.folders import check_new_folder

DESCRIPTION = "dataset.json"
METADATA = "metadata.jsonl"


def description_of(scenes: Sequence[Scene], kind: Any, num_shards: int, device: str) -> str:
    """The content of the file: equal for equal data sets only."""
    made = {"kind": type(kind).__name__.lower(), **dataclasses.asdict(kind), "device": device.partition(":")[0]}
    listed = [[scene.place, scene.time, scene.sky, scene.seed] for scene in scenes]
    about = {"made_by": f"cyclorama {version('cyclorama')}", **made, "num_shards": num_shards, "scenes": listed}
    return json.dumps(about, indent=1) + "\n"


def check_same_or_new(folder: Path, description: str) -> None:
    """Raises ValueError for a folder that holds anything but the beginning of this very data set."""
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"got the output {folder}, which is a file; wanted a new folder")
    held = folder / DESCRIPTION
    if held.is_file() and held.read_text("utf-8") == description:
        return
    if held.exists() or (folder / METADATA).exists() or any(folder.glob("*.tar")):
        raise ValueError(f"got the output {folder}, which holds another data set; wanted a new folder")
    check_new_folder(folder)
