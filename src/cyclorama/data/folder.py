"""Folders and lists of captioned images: Hugging Face's `metadata.jsonl` or `metadata.csv`, or any .jsonl or .csv.

The rows are those of `data.rows`; file names are relative to the folder of the list.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from cyclorama.data.bad_rows import BadRows
from cyclorama.data.rows import CaptionedImage, Projection, parse_row

__all__ = ["CaptionedImage", "ImageFolder", "read_folder", "read_list", "resize_equirect"]

METADATA, METADATA_CSV = "metadata.jsonl", "metadata.csv"


class ImageFolder(Sequence[CaptionedImage]):
    """The images of a folder, in the order of its metadata. Every header is looked at first, so faults show at once.

    Raises:
        ValueError: no folder, no or empty metadata, a bad line (with its number), a missing or unreadable image, an
            equirect that is not 2:1.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.items = read_folder(self.folder, BadRows("refuse"))

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> CaptionedImage: ...
    @overload
    def __getitem__(self, index: slice) -> list[CaptionedImage]: ...
    def __getitem__(self, index: int | slice) -> CaptionedImage | list[CaptionedImage]:
        return self.items[index]


def read_folder(folder: Path, bad: BadRows, *, projection: Projection = "equirect") -> list[CaptionedImage]:
    """The rows of a folder's metadata; see `read_list`."""
    found = next((folder / name for name in (METADATA, METADATA_CSV) if (folder / name).is_file()), None)
    if found is None:
        raise ValueError(f'no {METADATA} in {folder}; write one line {{"file_name": ..., "text": ...}} per image')
    return read_list(found, bad, projection=projection)


def read_list(path: Path, bad: BadRows, *, projection: Projection = "equirect") -> list[CaptionedImage]:
    """The good rows of a .jsonl or .csv; `projection` is that of rows which state none.

    Raises:
        ValueError: a missing or empty list, and a bad row unless `bad` skips them.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"cannot read {path} ({type(error).__name__}); give a list of images in UTF-8") from None
    items, is_empty = [], True
    for where, row in _csv_rows(text, path) if path.suffix.lower() == ".csv" else _json_rows(text, path):
        is_empty = False
        with bad.caught(where):
            items.append(parse_row(_loaded(row, where), where, path.parent, projection))
    if is_empty:
        raise ValueError(f"{path} is empty; write one line per image")
    return items


def _json_rows(text: str, path: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield f"{path} line {number}", line


def _csv_rows(text: str, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    for row in reader:
        yield f"{path} line {reader.line_num}", {key: value for key, value in row.items() if key}


def _loaded(row: str | dict[str, Any], where: str) -> Any:
    if not isinstance(row, str):
        return row
    try:
        return json.loads(row)
    except json.JSONDecodeError as error:
        raise ValueError(f"{where} is no JSON ({error.msg} at column {error.colno}); write one object a line") from None


def resize_equirect(image: Float[Tensor, "3 height width"], height: int) -> Float[Tensor, "3 new_height new_width"]:
    """Anti-aliased bicubic to (height, 2 height), seamless: continued half a turn on either side, then cropped."""
    if image.shape[-2] == height:
        return image
    half = image.shape[-1] // 2
    around = torch.cat([image[..., -half:], image, image[..., :half]], dim=-1)
    size = (height, 2 * height * around.shape[-1] // image.shape[-1])
    resized = functional.interpolate(around[None], size=size, mode="bicubic", antialias=True, align_corners=False)[0]
    return resized[..., height : 3 * height].clamp(0, 1)
