"""What was computed once for a file: one safetensors per file and extractor, found by the file's SHA-256.

Entries appear whole or not at all and are never changed, so processes may share a folder, an interrupted run continues
where it was, and a damaged entry is computed again.
"""

import hashlib
import json
import os
import threading
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

CACHE_VARIABLE = "CYCLORAMA_CACHE"

Entry = dict[str, Tensor]


def default_cache() -> Path:
    """The folder that CYCLORAMA_CACHE names, else ~/.cache/cyclorama."""
    named = os.environ.get(CACHE_VARIABLE)
    return Path(named).expanduser() if named else Path.home() / ".cache" / "cyclorama"


class FeatureCache:
    """Entries by (digest of a file, key of an extractor). `ValueError` for a folder that cannot be written."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise ValueError(f"cannot make the cache {folder}: {fault.strerror}; name another with --cache") from fault
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise ValueError(f"cannot write into the cache {folder}; name another with --cache")

    def read(self, digest: str, key: str) -> Entry | None:
        """The entry's tensors; None where there is none, or a damaged one."""
        try:
            with safe_open(self._place(digest, key), "pt") as file:
                return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (OSError, SafetensorError):
            return None

    def write(self, digest: str, key: str, entry: Entry) -> None:
        place = self._place(digest, key)
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(f".{place.name}.{os.getpid()}-{threading.get_ident()}.part")
        try:
            part.write_bytes(save({name: tensor.contiguous().cpu() for name, tensor in entry.items()}))
            part.replace(place)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def _place(self, digest: str, key: str) -> Path:
        return self.folder / key / digest[:2] / f"{digest}.safetensors"


def extractor_key(name: str, modules: tuple[str, ...], **parts: Any) -> str:
    """A folder's name for an extractor: `name` and a digest of `parts`, of the version and of its modules' source."""
    sources = {module: source_digest(module) for module in modules}
    text = json.dumps({"cyclorama": version("cyclorama"), "sources": sources, **parts}, sort_keys=True)
    return f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


@cache
def source_digest(module: str) -> str:
    """Of a module's file, so that a changed formula finds no old figures."""
    path = import_module(module).__file__ or ""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]
