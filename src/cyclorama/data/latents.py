"""Tensors that are expensive to make (latents, prompt embeddings), made once and kept on disk.

An entry is one safetensors file, written under a hidden name and renamed: a killed run leaves only whole entries and
the next one makes the rest. Its name is a hash of what went in and of the encoder, so nothing stale is ever read.
Reading maps the file into memory.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from cyclorama.media.atomic import atomic_file


class TensorCache:
    """Named tensors under a key, in a folder."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.safetensors"

    def __contains__(self, key: str) -> bool:
        return self.path(key).is_file()

    def read(self, key: str) -> dict[str, Tensor]:
        """The tensors; `KeyError` where there are none, `ValueError` for a damaged file."""
        if key not in self:
            raise KeyError(key)
        try:
            return load_file(self.path(key))
        except SafetensorError as error:
            raise ValueError(f"{self.path(key)} is damaged ({error}); delete it, it is made again") from None

    def names(self, key: str) -> set[str]:
        """The names of an entry's tensors, from its header alone."""
        with safe_open(self.path(key), framework="pt") as stored:
            return set(stored.keys())

    def write(self, key: str, tensors: Mapping[str, Tensor]) -> None:
        self.path(key).parent.mkdir(exist_ok=True)
        stored = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        with atomic_file(self.path(key)) as file:
            file.write(save(stored))


def hash_file(path: Path) -> str:
    """A hash of the file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
