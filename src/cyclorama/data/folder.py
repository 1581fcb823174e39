"""A folder of captioned images: `metadata.jsonl` with one object a line (the layout of Hugging Face's ImageFolder).

    {"file_name": "alps/0001.jpg", "text": "a snowy valley at noon"}
    {"file_name": "0002.jpg", "text": "a kitchen", "projection": "perspective", "fov_deg": 90, "yaw_deg": 0}

`projection` is "equirect" unless stated; an equirect must be twice as wide as high.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, overload

import torch
from jaxtyping import Float
from PIL import Image, UnidentifiedImageError
from torch import Tensor
from torch.nn import functional

from cyclorama.media.images import read_image

METADATA = "metadata.jsonl"
PROJECTIONS = ("equirect", "perspective")
OWN_FIELDS = ("file_name", "text", "projection")


@dataclass(frozen=True)
class CaptionedImage:
    """One line of the metadata. Angles in degrees; `fov_deg` is horizontal and belongs to a perspective image."""

    path: Path
    text: str
    projection: Literal["equirect", "perspective"] = "equirect"
    fov_deg: float | None = None
    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    labels: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    """The row's other fields that are text or lists of texts, such as the diorama's place, time, sky and objects."""

    def read(self) -> Float[Tensor, "3 height width"]:
        """The image in [0, 1]; `ValueError` when it cannot be read."""
        return read_image(self.path)


class ImageFolder(Sequence[CaptionedImage]):
    """The images of a folder, in the order of its metadata. Every header is looked at first, so faults show at once.

    Raises:
        ValueError: no folder, no or empty metadata, a bad line (with its number), a missing or unreadable image, an
            equirect that is not 2:1.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.items = _read_metadata(self.folder)
        for item in self.items:
            _check_header(item)

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> CaptionedImage: ...
    @overload
    def __getitem__(self, index: slice) -> list[CaptionedImage]: ...
    def __getitem__(self, index: int | slice) -> CaptionedImage | list[CaptionedImage]:
        return self.items[index]


def _read_metadata(folder: Path) -> list[CaptionedImage]:
    path = folder / METADATA
    if not path.is_file():
        raise ValueError(f'no {METADATA} in {folder}; write one line {{"file_name": ..., "text": ...}} per image')
    lines = path.read_text(encoding="utf-8").splitlines()
    items = [_parse_line(line, f"{path} line {number}", folder) for number, line in enumerate(lines, 1) if line.strip()]
    if not items:
        raise ValueError(f"{path} is empty; write one line per image")
    return items


def _parse_line(line: str, where: str, folder: Path) -> CaptionedImage:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"{where} is no JSON ({error.msg} at column {error.colno}); write one object a line") from None
    if not isinstance(row, dict):
        raise ValueError(f'{where} is no object; write {{"file_name": ..., "text": ...}}')
    for key in ("file_name", "text"):
        if not isinstance(row.get(key), str):
            raise ValueError(f"{where} has no {key!r} of type string; add it")
    return _make_item(row, where, folder)


def _make_item(row: dict[str, Any], where: str, folder: Path) -> CaptionedImage:
    projection = row.get("projection", "equirect")
    if projection not in PROJECTIONS:
        raise ValueError(f"{where}: projection is {projection!r}; give one of {', '.join(PROJECTIONS)}")
    angles = {key: row[key] for key in ("fov_deg", "yaw_deg", "pitch_deg") if row.get(key) is not None}
    for key, value in angles.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{where}: {key} is {value!r}; give a number of degrees")
    path = folder / row["file_name"]
    if not path.is_file():
        raise ValueError(f"{where}: no image {path}; correct file_name, which is relative to the folder")
    texts = {key: _as_label(value) for key, value in row.items() if key not in OWN_FIELDS}
    labels = {key: label for key, label in texts.items() if label is not None}
    degrees = {key: float(value) for key, value in angles.items()}
    return CaptionedImage(path, row["text"], projection, **degrees, labels=labels)


def _as_label(value: Any) -> str | tuple[str, ...] | None:
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return tuple(value)
    return value if isinstance(value, str) else None


def _check_header(item: CaptionedImage) -> None:
    try:
        with Image.open(item.path) as image:
            width, height = image.size
    except (UnidentifiedImageError, OSError) as error:
        raise ValueError(f"cannot read {item.path} ({type(error).__name__}); replace it or drop its line") from None
    if item.projection == "equirect" and width != 2 * height:
        raise ValueError(f"{item.path} is {height}x{width} (height x width); an equirect must be twice as wide as high")


def resize_equirect(image: Float[Tensor, "3 height width"], height: int) -> Float[Tensor, "3 new_height new_width"]:
    """Anti-aliased bicubic to (height, 2 height), seamless: continued half a turn on either side, then cropped."""
    if image.shape[-2] == height:
        return image
    half = image.shape[-1] // 2
    around = torch.cat([image[..., -half:], image, image[..., :half]], dim=-1)
    size = (height, 2 * height * around.shape[-1] // image.shape[-1])
    resized = functional.interpolate(around[None], size=size, mode="bicubic", antialias=True, align_corners=False)[0]
    return resized[..., height : 3 * height].clamp(0, 1)
