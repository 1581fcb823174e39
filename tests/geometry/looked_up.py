"""Pictures to look up, how results are compared, and memory that must not be left."""

import ctypes
import mmap
from collections.abc import Callable

import numpy as np


def noise(*shape: int, dtype: type = np.float32) -> np.ndarray:
    values = np.random.default_rng(0).random(shape, np.float32)
    return values if dtype == np.float32 else np.clip(values * 320 - 32, 0, 255).astype(dtype)


def in_order(picture: np.ndarray, layout: str) -> np.ndarray:
    return picture if layout == "channels_last" else np.ascontiguousarray(np.moveaxis(picture, -1, -3))


def assert_same(got: np.ndarray, exact: np.ndarray):
    if got.dtype == np.float32:
        np.testing.assert_allclose(got, exact, rtol=0, atol=1e-5)
    else:
        assert np.abs(got - np.clip(exact, 0, 255)).max(initial=0) <= 0.54


def guarded(size: int) -> Callable[[bool], np.ndarray]:
    """Makes arrays of bytes that begin, or end, where the memory that may be touched does."""
    page = mmap.PAGESIZE
    inner = -(-size // page) * page
    memory = mmap.mmap(-1, inner + 2 * page)
    whole = np.frombuffer(memory, np.uint8)
    libc = ctypes.CDLL(None, use_errno=True)
    for edge in (0, page + inner):
        assert libc.mprotect(ctypes.c_void_p(whole.ctypes.data + edge), ctypes.c_size_t(page), 0) == 0
    return lambda at_end: whole[page + inner - size : page + inner] if at_end else whole[page : page + size]
