"""One row of a data set to a captioned picture: the keys of several layouts, every fault named with file and line.

    {"file_name": "alps/0001.jpg", "text": "a snowy valley at noon"}                      Hugging Face's image folder
    {"image": "0001.png", "caption": "a snowy valley", "mask": "0001_mask.png"}           DiT360
    {"file_name": "2.jpg", "text": "a kitchen", "projection": "perspective", "fov_deg": 70, "pitch_deg": 5}

`projection` is the caller's default unless stated. An equirect must be twice as wide as high. A mask has the picture's
size; white is what is supervised.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from jaxtyping import Float
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from cyclorama.diffusion.fingerprints import hash_parts
from cyclorama.media.images import read_image

Projection = Literal["equirect", "perspective"]
PROJECTIONS: tuple[Projection, ...] = ("equirect", "perspective")
PICTURE_KEYS, TEXT_KEYS, MASK_KEYS = ("file_name", "image"), ("text", "caption"), ("mask", "mask_file_name")
ANGLES = ("fov_deg", "yaw_deg", "pitch_deg")
OWN_KEYS = (*PICTURE_KEYS, *TEXT_KEYS, *MASK_KEYS, "projection")
WIDEST_DEG = 179.0
"""No flat picture shows half of all directions."""
ORIENTATION = 0x0112
"""The EXIF tag; from 5 on the picture lies on its side. (Pillow would decode a whole PNG to look for it.)"""


@dataclass(frozen=True)
class CaptionedImage:
    """One row. Angles in degrees; `fov_deg` is horizontal and belongs to a perspective image."""

    path: Path
    text: str
    projection: Projection = "equirect"
    fov_deg: float | None = None
    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    labels: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    """The row's other fields that are text or lists of texts, such as the diorama's place, time, sky and objects."""
    mask: Path | None = None
    where: str = ""
    """The file and line of the row."""

    def read(self) -> Float[Tensor, "3 height width"]:
        """The image in [0, 1]; `ValueError` when it cannot be read."""
        return read_image(self.path)

    def read_mask(self) -> Float[Tensor, "height width"] | None:
        """The mask in [0, 1], 1 is supervised, or None; `ValueError` when it cannot be read."""
        return None if self.mask is None else read_image(self.mask).mean(0)

    def content_key(self) -> str:
        """A hash of the files' bytes and of how the picture was taken: equal keys, equal training pictures."""
        camera = f"{self.projection} {self.fov_deg} {self.pitch_deg}"
        return hash_parts(camera, *self.contents())

    def contents(self) -> list[bytes]:
        """The bytes of the picture, and of the mask if there is one."""
        return [path.read_bytes() for path in (self.path, self.mask) if path is not None]


def parse_row(row: Any, where: str, folder: Path, projection: Projection = "equirect") -> CaptionedImage:
    """The row with its files found beneath `folder` and their headers looked at.

    Raises:
        ValueError: no object, no file name or text, a missing or unreadable file, another projection, an angle that
            cannot be, an equirect that is not 2:1, a mask of another size.
    """
    name, text = check_keys(row, where)
    mask = find_key(row, MASK_KEYS)
    item = CaptionedImage(
        path=_existing(folder / name, where),
        text=text,
        mask=_existing(folder / mask, where) if isinstance(mask, str) and mask else None,
        where=where,
        **row_facts(row, where, projection),
    )
    check_header(item.projection, picture_size(item.path, where), str(item.path), where)
    if item.mask is not None:
        check_mask(picture_size(item.path, where), picture_size(item.mask, where), str(item.mask), where)
    return item


def check_keys(row: Any, where: str) -> tuple[str, str]:
    """The picture's file name and the text; `ValueError` where one is absent."""
    if not isinstance(row, dict):
        raise ValueError(f'{where} is no object; write {{"file_name": ..., "text": ...}}')
    found = []
    for keys in (PICTURE_KEYS, TEXT_KEYS):
        value = find_key(row, keys)
        if not isinstance(value, str):
            raise ValueError(f"{where} has no {keys[0]!r} of type string; add it")
        found.append(value)
    return found[0], found[1]


def find_key(row: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    """The value of the first of the keys that the row has, or None."""
    return next((row[key] for key in keys if row.get(key) is not None), None)


def row_facts(row: Mapping[str, Any], where: str, projection: Projection) -> dict[str, Any]:
    """Projection, angles and labels of a row, as fields of `CaptionedImage`."""
    stated = row.get("projection") or projection
    if stated not in PROJECTIONS:
        raise ValueError(f"{where}: projection is {stated!r}; give one of {', '.join(PROJECTIONS)}")
    angles = {key: _degrees(row[key], key, where) for key in ANGLES if row.get(key) not in (None, "")}
    if not 0 < angles.get("fov_deg", 90.0) <= WIDEST_DEG:
        raise ValueError(f"{where}: fov_deg is {angles['fov_deg']:g}; give degrees above 0, at most {WIDEST_DEG:g}")
    texts = {key: _as_label(value) for key, value in row.items() if key not in OWN_KEYS}
    return {"projection": stated, **angles, "labels": {key: text for key, text in texts.items() if text is not None}}


def _degrees(value: Any, key: str, where: str) -> float:
    try:
        if not isinstance(value, bool):
            return float(value)
    except (TypeError, ValueError):
        pass
    raise ValueError(f"{where}: {key} is {value!r}; give a number of degrees")


def _as_label(value: Any) -> str | tuple[str, ...] | None:
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return tuple(value)
    return value if isinstance(value, str) else None


def _existing(path: Path, where: str) -> Path:
    if not path.is_file():
        raise ValueError(f"{where}: no image {path}; correct the name, which is relative to the folder")
    return path


def picture_size(source: Path | bytes, where: str, name: str = "") -> tuple[int, int]:
    """Height and width from the header alone; `ValueError` for what is no picture."""
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as image:
            width, height = image.size
            lies = image.format != "PNG" and image.getexif().get(ORIENTATION, 1) >= 5
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        title = name or source
        raise ValueError(
            f"{where}: cannot read {title} ({type(error).__name__}); replace it or drop its line"
        ) from None
    return (width, height) if lies else (height, width)


def check_header(projection: str, size: tuple[int, int], name: str, where: str) -> None:
    """`ValueError` for an equirect that is not 2:1."""
    height, width = size
    if projection == "equirect" and width != 2 * height:
        raise ValueError(
            f"{where}: {name} is {height}x{width} (height x width); an equirect must be twice as wide as high"
        )


def check_mask(size: tuple[int, int], mask_size: tuple[int, int], name: str, where: str) -> None:
    """`ValueError` for a mask of another size than its picture."""
    if size != mask_size:
        raise ValueError(
            f"{where}: the mask {name} is {mask_size[0]}x{mask_size[1]} (height x width) and its picture "
            f"{size[0]}x{size[1]}; make them the same size"
        )
