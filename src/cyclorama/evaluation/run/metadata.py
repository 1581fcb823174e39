"""The texts and labels of a folder's files: its `metadata.jsonl` (as `data.folder` writes it), or a file of prompts.

A line that cannot be read concerns the texts alone: it is a `ValueError` here and a warning of the report.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

METADATA = "metadata.jsonl"
_LABELS = {"place", "time", "sky", "objects"}
_FORMATS = ".jsonl, .csv with a header file_name,text, or .txt with NAME<tab>TEXT a line"


@dataclass(frozen=True)
class Described:
    """What is known of a file: its text, and the row's other fields."""

    text: str = ""
    labels: Mapping[str, Any] = field(default_factory=dict)


def read_metadata(folder: Path) -> dict[str, Described]:
    """By file name; {} where the folder has no metadata. `ValueError`: a line that is no object with a file name."""
    path = folder / METADATA
    return _described(_json_lines(path), path) if path.is_file() else {}


def file_names(folder: Path) -> list[str]:
    """The names below the folder that its metadata has; [] for metadata that cannot be read."""
    try:
        names = list(read_metadata(folder))
    except ValueError:
        return []
    return [name for name in names if not PurePosixPath(name).is_absolute() and ".." not in PurePosixPath(name).parts]


def read_prompts(path: Path, names: Sequence[str]) -> dict[str, Described]:
    """The prompts of the files `names`, by file name, with or without its extension.

    A .txt without tabs is taken line by line for the sorted names, if it has as many lines.

    Raises:
        ValueError: a file that cannot be read, of another format, without a text for any of the names, or a .txt with
            another number of lines.
    """
    try:
        found = _read(path, names)
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise ValueError(f"cannot read the prompts {path} ({type(fault).__name__}); wanted {_FORMATS}") from fault
    by_stem = {_stem(name): described for name, described in found.items()}
    chosen = {name: found.get(name) or found.get(_stem(name)) or by_stem.get(_stem(name)) for name in names}
    matched = {name: described for name, described in chosen.items() if described is not None}
    if not matched:
        raise ValueError(f"got {len(found)} prompts in {path}, none for a file such as {names[0]}; give file names")
    if not any(described.text or described.labels.keys() & _LABELS for described in matched.values()):
        raise ValueError(f'got {path} without a text for any file; wanted them as "text" beside "file_name"')
    return matched


def _read(path: Path, names: Sequence[str]) -> dict[str, Described]:
    suffix = path.suffix.lower()
    if suffix == ".jsonl":
        return _described(_json_lines(path), path)
    if suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _described(list(csv.DictReader(file)), path)
    if suffix == ".txt":
        return _text_lines(path, names)
    raise ValueError(f"got the prompts {path}, wanted {_FORMATS}")


def _text_lines(path: Path, names: Sequence[str]) -> dict[str, Described]:
    lines = [line for line in path.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
    if all("\t" in line for line in lines):
        pairs: Iterable[tuple[str, str]] = ((line.split("\t", 1)[0], line.split("\t", 1)[1]) for line in lines)
    elif len(lines) == len(names):
        pairs = zip(names, lines, strict=True)
    else:
        raise ValueError(
            f"got {len(lines)} lines in {path} for {len(names)} files; give NAME<tab>TEXT a line, or as many lines"
        )
    return {_normal(name.strip()): Described(text.strip()) for name, text in pairs if name.strip()}


def _json_lines(path: Path) -> Iterator[Any]:
    # only line feeds end a row: its texts may hold U+2028 and the like
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield json.loads(line)
        except ValueError as fault:
            raise ValueError(f"{path} line {number} is no JSON; write one object a line") from fault


def _described(rows: Iterable[Any], path: Path) -> dict[str, Described]:
    found = {}
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict) or not isinstance(row.get("file_name"), str) or not row["file_name"]:
            raise ValueError(f'{path} row {number} has no file_name; wanted {{"file_name": ..., "text": ...}}')
        text = row.get("text", row.get("prompt", ""))
        labels = {key: value for key, value in row.items() if key not in ("file_name", "text", "prompt")}
        found[_normal(row["file_name"])] = Described(text if isinstance(text, str) else "", labels)
    return found


def _normal(name: str) -> str:
    """The name as samples have it: "./a.png" is "a.png"."""
    return str(PurePosixPath(name))


def _stem(name: str) -> str:
    path = PurePosixPath(name)
    return str(path.with_suffix("")) if path.name else name
