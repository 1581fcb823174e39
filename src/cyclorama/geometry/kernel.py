"""The compiled library of the kernel*.c: its structures, its functions, and the threads that run them."""

import ctypes
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from pathlib import Path
from typing import ClassVar

import numpy as np

from cyclorama.geometry.picture_layout import PictureLayout

_LIBRARY = Path(__file__).with_name({"win32": "_kernel.dll", "darwin": "_kernel.dylib"}.get(sys.platform, "_kernel.so"))
_PIXELS_AT_ONCE = 8192
_PIXELS_PER_THREAD = 16384


class Build(ctypes.Structure):
    """What `place` and `list` of kernel_tables.c take."""

    _fields_: ClassVar = [
        ("pixels", ctypes.c_void_p),
        *((name, ctypes.c_int64) for name in ("is_double", "height", "width")),
        *((name, ctypes.c_int64) for name in ("source_height", "source_width", "mode", "wrap")),
        ("rounding_error", ctypes.c_double),
        *((name, ctypes.c_void_p) for name in ("offset", "x", "y", "row_pixels", "row_taps")),
        *((name, ctypes.c_void_p) for name in ("irregular", "taps_begin", "tap", "weight")),
        *((name, ctypes.c_int64) for name in ("rows_at_once", "next", "finished")),
    ]


_PICTURES = (
    *((name, ctypes.c_int64) for name in ("height", "width", "pitch")),
    *((name, ctypes.c_void_p) for name in ("source", "out")),
    *((name, ctypes.c_int64) for name in ("images", "planes", "channels", "item_bytes", "is_float")),
    *((name, ctypes.c_int64) for name in ("source_image", "source_plane", "out_image", "out_plane")),
    *((name, ctypes.c_int64) for name in ("rows_at_once", "next", "finished")),
)


class LookUp(ctypes.Structure):
    """What `look_up` of kernel.c takes."""

    _fields_: ClassVar = [
        *((name, ctypes.c_void_p) for name in ("offset", "x", "y", "x15", "y15")),
        *((name, ctypes.c_void_p) for name in ("row_begin", "irregular", "taps_begin", "tap", "weight")),
        *((name, ctypes.c_int64) for name in ("mode", "any_regular")),
        *_PICTURES,
    ]


class BuildSum(ctypes.Structure):
    """What `count` and `gather` of kernel_sum.c take."""

    _fields_: ClassVar = [
        *((name, ctypes.c_void_p) for name in ("pixels", "weights")),
        *((name, ctypes.c_int64) for name in ("is_double", "views", "height", "width")),
        *((name, ctypes.c_int64) for name in ("view_height", "view_width", "mode")),
        ("rounding_error", ctypes.c_double),
        *((name, ctypes.c_void_p) for name in ("begin", "offset", "x", "y", "weight")),
        *((name, ctypes.c_int64) for name in ("rows_at_once", "next", "finished")),
    ]


class Sum(ctypes.Structure):
    """What `sum_up` of kernel_sum.c takes."""

    _fields_: ClassVar = [
        *((name, ctypes.c_void_p) for name in ("begin", "offset", "x", "y", "weight")),
        ("mode", ctypes.c_int64),
        *_PICTURES,
    ]


Job = Build | LookUp | BuildSum | Sum


def num_cores() -> int:
    """Processors that this process may use, or OMP_NUM_THREADS if that is fewer."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, int(wanted)) if wanted.isdecimal() and int(wanted) > 0 else cores


def address(array: np.ndarray) -> int:
    """Where an array's memory begins."""
    return array.__array_interface__["data"][0]


def pointers(arrays: Sequence[np.ndarray]) -> ctypes.Array:
    """The addresses of several arrays, one after the other."""
    return (ctypes.c_void_p * len(arrays))(*map(address, arrays))


@cache
def _function(name: str) -> Callable[[int, int], int]:
    """A function of the library for this processor, of a structure's address; it runs without Python's lock."""
    found = getattr(_library(), f"{name}_v{_level()}")
    found.restype, found.argtypes = ctypes.c_int, [ctypes.c_void_p, ctypes.c_int]
    return found


def apply(
    name: str, job: LookUp | Sum, image: np.ndarray, out: np.ndarray, order: PictureLayout, num_threads: int | None
) -> None:
    """Run `look_up` or `sum_up` from a contiguous image to `out`, which lie in memory as `order` says."""
    job.source, job.out, job.images = address(image), address(out), order.images
    job.planes, job.channels, job.item_bytes = order.planes, order.channels, image.itemsize
    job.is_float = image.dtype == np.float32
    job.source_image, job.source_plane, job.out_image, job.out_plane = (n * image.itemsize for n in order.strides)
    run(name, job, pixels=job.height * job.width * order.images, num_threads=num_threads)


def run(name: str, job: Job, *, pixels: int, num_threads: int | None) -> None:
    """Run a function on several threads, this one among them: each takes the rows that are left, a few at a time.

    `num_threads` None is every core, and fewer for few pixels.
    """
    if num_threads is None:
        num_threads = min(num_cores(), pixels // _PIXELS_PER_THREAD)
    job = type(job).from_buffer_copy(job)  # this run's own: a thread of the last one may still look at that
    job.rows_at_once, job.next, job.finished = max(1, _PIXELS_AT_ONCE // max(1, job.width)), 0, 0
    helpers = [_threads().submit(_work, name, job) for _ in range(num_threads - 1)]
    try:
        done = _work(name, job, wait=True)
        for helper in helpers:
            if not (helper.cancel() or done):
                helper.result()
    except BaseException:  # an interrupt: the memory must stay until no thread uses it
        wait(helpers)
        raise


def _work(name: str, job: Job, *, wait: bool = False) -> bool:
    """Take rows until none is left; whether all are made. One that comes late finds the job, and nothing to do."""
    return bool(_function(name)(ctypes.addressof(job), wait))


@cache
def _library() -> ctypes.CDLL:
    if not _LIBRARY.is_file():
        raise ImportError(
            f"got no {_LIBRARY.name} beside kernel.py, wanted the compiled kernel: install the project "
            "(pip install -e .), which builds it"
        )
    return ctypes.CDLL(str(_LIBRARY))


@cache
def _level() -> int:
    library = _library()
    return library.processor_level() if hasattr(library, "processor_level") else 0


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, num_cores() - 1), thread_name_prefix="lookup")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.cache_clear)  # threads do not survive a fork
