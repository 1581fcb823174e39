"""Arithmetic whose bits do not depend on the machine's number of cores."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def reproducible() -> Iterator[int]:
    """Inside, one thread computes each sum, in one order, and GPUs round no factors; yields the threads there were.

    Work is spread over samples instead, which is faster for small networks anyway.
    """
    num_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.backends.cudnn.flags(deterministic=True, allow_tf32=False):
            yield num_threads
    finally:
        torch.set_num_threads(num_threads)
