"""Doubtful files become one clear line: `cannot read p.jpg: ...`, whatever a decoder raises."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Refusal(ValueError):
    """A reason why a file is not read, without the file's name; leaves `one_line_faults` as a plain `ValueError`."""


@contextmanager
def one_line_faults(path: Path) -> Iterator[None]:
    """Turns whatever a decoder raises into `ValueError("cannot read <path>: <one line>")`.

    Decoders raise nearly anything on damaged files (`struct.error`, `IndexError`, `zlib.error` ...), so this catches
    every `Exception`.
    """
    try:
        yield
    except Exception as fault:
        raise ValueError(f"cannot read {path}: {_reason(fault)}") from fault


def _reason(fault: Exception) -> str:
    if isinstance(fault, Refusal):
        return str(fault)
    if isinstance(fault, MemoryError):
        return "it does not fit in memory"
    if isinstance(fault, OSError) and fault.strerror:
        return fault.strerror
    line = " ".join(str(fault).split())[:200]
    return f"the picture is damaged or truncated ({line or type(fault).__name__})"


def check_readable(path: Path) -> None:
    """Raises `Refusal` unless `path` is a file that holds something."""
    if path.is_dir():
        raise Refusal("it is a folder; give a file name inside it")
    if not path.is_file():
        raise Refusal("no such file")
    if path.stat().st_size == 0:
        raise Refusal("the file is empty")


TOO_SHORT = "the picture is damaged or truncated (the file is too short for its size)"


def check_size(height: int, width: int, max_pixels: int, *, held: int | None = None) -> None:
    """Raises `Refusal` before anything is decoded; `height` and `width` come from a header.

    `held` is how many pixels the file can hold at most, by its length.
    """
    if height <= 0 or width <= 0:
        raise Refusal(f"its size is {height}x{width} (height x width)")
    if height * width > max_pixels:
        raise Refusal(f"{too_many_pixels(max_pixels)}: {height}x{width} (height x width)")
    if held is not None and height * width > held:
        raise Refusal(TOO_SHORT)


def too_many_pixels(max_pixels: int) -> str:
    return f"it has more than the {max_pixels} pixels that are read"


class _Silence:
    """While anything is inside, the process's error stream (descriptor 2) leads nowhere; threads may nest.

    libtiff and OpenEXR report damaged files there, from C, besides failing.
    """

    def __init__(self) -> None:
        self._lock, self._users, self._stream = threading.Lock(), 0, -1

    def __enter__(self) -> None:
        with self._lock:
            self._users += 1
            if self._users > 1:
                return
            self._stream = os.dup(2)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)

    def __exit__(self, *fault: object) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                os.dup2(self._stream, 2)
                os.close(self._stream)


silence = _Silence()
