"""WebDataset shards: .tar files in which the files of one sample stand together and share a key.

    000003.png  000003.json  000003.depth.npy      key 000003, extensions png, json, depth.npy

Samples come one after another; a shard is never held in memory. `cyclorama render --shards` writes such files.
"""

import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from PIL import Image, UnidentifiedImageError
from torch import Tensor

PICTURES = ("png", "jpg", "jpeg", "webp")


@dataclass(frozen=True)
class Sample:
    """One sample: its key (with the folder inside the shard, if any) and its files by extension, lower case."""

    key: str
    files: Mapping[str, bytes]

    @property
    def row(self) -> dict[str, Any]:
        """The object in its json. Raises ValueError where there is none."""
        try:
            row = json.loads(self._file("json"))
        except json.JSONDecodeError as error:
            raise ValueError(f"the sample {self.key} has a json that is no JSON ({error.msg})") from None
        if not isinstance(row, dict):
            raise ValueError(f"the sample {self.key} has a json that is no object")
        return row

    @property
    def text(self) -> str:
        """The caption: `text` of its json, or its txt. Raises ValueError where there is neither."""
        if "txt" in self.files:
            return self.files["txt"].decode("utf-8", "replace").strip()
        text = self.row.get("text")
        if not isinstance(text, str):
            raise ValueError(f"the sample {self.key} has no text in its json, and no txt")
        return text

    def image(self) -> Float[Tensor, "3 height width"]:
        """Its picture in [0, 1]. Raises ValueError where there is none, or a damaged one."""
        extension = next((name for name in PICTURES if name in self.files), PICTURES[0])
        try:
            with Image.open(io.BytesIO(self._file(extension))) as picture:
                pixels = np.asarray(picture.convert("RGB"))
        except (UnidentifiedImageError, OSError) as error:
            raise ValueError(f"the sample {self.key} has a damaged {extension} ({type(error).__name__})") from None
        return rearrange(torch.from_numpy(pixels.copy()), "h w c -> c h w") / 255

    def array(self, name: str) -> Tensor:
        """An array of its own, `name` as in "depth" for `depth.npy`. Raises ValueError as `image`."""
        content = self._file(f"{name}.npy")
        try:
            return torch.from_numpy(np.load(io.BytesIO(content), allow_pickle=False))
        except (ValueError, EOFError, OSError) as error:
            raise ValueError(f"the sample {self.key} has a damaged {name}.npy ({type(error).__name__})") from None

    def _file(self, extension: str) -> bytes:
        if extension not in self.files:
            raise ValueError(f"the sample {self.key} has no {extension}; it has {', '.join(sorted(self.files))}")
        return self.files[extension]


def read_shards(path: str | Path) -> Iterator[Sample]:
    """The samples of a shard, or of all shards of a folder in the order of their names.

    Raises ValueError, at the sample where it shows, for no shards and for a damaged one.
    """
    for shard in list_shards(Path(path)):
        yield from _samples(shard)


def list_shards(path: Path) -> list[Path]:
    """The shard itself, or those of a folder by name; `ValueError` for none."""
    shards = sorted(path.glob("*.tar")) if path.is_dir() else [path]
    if not shards:
        raise ValueError(f"no shards (*.tar) in {path}")
    return shards


def _samples(shard: Path) -> Iterator[Sample]:
    key, files = "", {}
    for name, content in _members(shard):
        stem, extension = split_name(name)
        if stem != key and files:
            yield Sample(key, files)
            files = {}
        key, files[extension] = stem, content
    if files:
        yield Sample(key, files)


def _members(shard: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(shard) as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isfile() else None
                if content is not None:
                    yield member.name, content.read()
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ValueError(f"cannot read the shard {shard} ({type(error).__name__}); is it a whole .tar file?") from None


def split_name(name: str) -> tuple[str, str]:
    """The key and the extension: what precedes and follows the first dot of the file's name."""
    path = PurePosixPath(name)
    stem, _, extension = path.name.partition(".")
    return str(path.with_name(stem)) if stem else name, extension.lower()
