"""What lies in a folder: panoramas, videos or scenes, sorted by name, and panoramas as tensors with what to know.

Panoramas are measured on 8 bit levels, whatever the file holds, so that a picture has the same figures in every file.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from cyclorama.evaluation.run.metadata import file_names
from cyclorama.media.folder_conversion import PICTURES, VIDEOS
from cyclorama.media.formats import Picture
from cyclorama.media.levels import to_dtype
from cyclorama.media.pictures import read_picture

SampleKind = Literal["panorama", "video", "scene"]
_WANTED = {
    "panorama": "pictures",
    "video": "videos",
    "scene": "folders, one for each scene",
}


@dataclass(frozen=True)
class Sample:
    """`name` is its path below the folder, with forward slashes; of a scene, `path` is a folder."""

    name: str
    path: Path

    @property
    def stem(self) -> str:
        return self.name if self.path.is_dir() else self.name.rpartition(".")[0]

    def digest(self) -> str:
        """SHA-256 of the file; of a folder, of the names and contents of all its files."""
        if not self.path.is_dir():
            return _digest_of(self.path)
        files = sorted(path for path in self.path.rglob("*") if path.is_file())
        lines = (f"{_digest_of(path)}  {path.relative_to(self.path).as_posix()}\n" for path in files)
        return hashlib.sha256("".join(lines).encode()).hexdigest()


@dataclass(frozen=True)
class PictureFacts:
    """What to know of a picture beside its pixels; `pixels_digest` is the same for equal levels in any file."""

    height: int
    width: int
    format: str
    bits: int
    alpha: bool
    prompt: str
    pixels_digest: str

    def notes(self) -> Iterator[str]:
        """What was done to the picture before it was measured."""
        if self.bits > 8:
            yield f"{self.bits} bits a channel: reduced to 8 bit levels"
        if self.alpha:
            yield "an alpha channel: laid over black"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def list_samples(folder: str | Path, kind: SampleKind) -> list[Sample]:
    """The samples at the top of a folder, and those that its metadata names below, sorted by name.

    Raises:
        ValueError: where there is no such folder, nothing of the kind in it, or a name that no text can hold.
    """
    folder = Path(folder)
    if not folder.is_dir():
        got = "a file" if folder.exists() else "nothing"
        raise ValueError(f"got {got} at {folder}, wanted a folder of {_WANTED[kind]}")
    names = {entry.name for entry in os.scandir(folder) if _is_wanted(entry, kind)}
    names |= {name for name in file_names(folder) if _has_suffix(name, kind) and (folder / name).is_file()}
    if not names:
        raise ValueError(f"the folder {folder} holds no {_WANTED[kind]}; name another, or another --protocol")
    if unwritable := [name for name in names if not _is_text(name)]:
        got = ascii(min(unwritable))
        raise ValueError(f"got the file name {got} in {folder}, which is not UTF-8 and fits in no report; rename it")
    return [Sample(name, folder / name) for name in sorted(names)]


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_wanted(entry: "os.DirEntry[str]", kind: SampleKind) -> bool:
    if entry.name.startswith("."):
        return False
    if kind == "scene":
        return entry.is_dir()
    # a link that leads nowhere is a sample that cannot be read, and so is named
    return _has_suffix(entry.name, kind) and (not Path(entry.path).exists() or entry.is_file())


def _has_suffix(name: str, kind: SampleKind) -> bool:
    suffixes = {"panorama": PICTURES, "video": VIDEOS, "scene": ()}
    return Path(name).suffix.lower() in suffixes[kind]


def read_panorama(path: str | Path) -> tuple[Float[Tensor, "3 height width"], PictureFacts]:
    """A picture in [0, 1] on 8 bit levels. `ValueError`: it cannot be read, or is not twice as wide as high."""
    picture = read_picture(path)
    height, width, _ = picture.pixels.shape
    if width != 2 * height:
        name = Path(path).name
        raise ValueError(f"{name} is {height}x{width} (height x width), wanted a panorama twice as wide as high")
    levels = to_dtype(_finite(picture.pixels), "uint8")
    image = rearrange(torch.from_numpy(levels), "h w c -> c h w").float() / 255
    return image.contiguous(), _facts(picture, levels)


def _facts(picture: Picture, levels: np.ndarray) -> PictureFacts:
    height, width, _ = levels.shape
    prompt = picture.parameters.get("prompt")
    digest = hashlib.sha256(f"{height}x{width}".encode() + levels.tobytes()).hexdigest()
    bits = 8 if picture.pixels.dtype == np.uint8 and picture.bits <= 8 else max(picture.bits, 16)
    text = prompt if isinstance(prompt, str) else ""
    return PictureFacts(height, width, picture.format, bits, picture.alpha, text, digest)


def _finite(pixels: np.ndarray) -> np.ndarray:
    return np.nan_to_num(pixels) if pixels.dtype == np.float32 else pixels


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
