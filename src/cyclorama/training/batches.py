"""Batches on their way to the loss: drawn from (seed, step), optionally one step ahead, cut into pieces, moved."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor


def step_seed(seed: int, step: int, stream: int) -> int:
    """Seed of one use of randomness. Stream 0 draws the batch, stream 1 + i is piece i of the loss."""
    return int(np.random.SeedSequence([seed, step, stream]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def draw_batch(batch: Callable[[int, torch.Generator], Any], seed: int, step: int) -> Any:
    """The batch of `step`, from a CPU generator of its own."""
    return batch(step, torch.Generator().manual_seed(step_seed(seed, step, 0)))


@contextmanager
def batch_reader(
    batch: Callable[[int, torch.Generator], Any], *, seed: int, num_steps: int, prefetch: bool
) -> Iterator[Callable[[int], Any]]:
    """A function from the step to its batch; with `prefetch` a thread draws the next batch meanwhile."""
    if not prefetch:
        yield lambda step: draw_batch(batch, seed, step)
        return
    waiting: dict[int, Future[Any]] = {}
    with ThreadPoolExecutor(max_workers=1) as pool:

        def read(step: int) -> Any:
            future = waiting.pop(step, None) or pool.submit(draw_batch, batch, seed, step)
            if step + 1 < num_steps:
                waiting[step + 1] = pool.submit(draw_batch, batch, seed, step + 1)
            return future.result()

        yield read


def slice_batch(batch: Any, start: int, stop: int) -> Any:
    """Samples start..stop of a batch: dicts and tuples item by item, everything else by `[start:stop]`."""
    if isinstance(batch, dict):
        return {key: slice_batch(value, start, stop) for key, value in batch.items()}
    if isinstance(batch, tuple):
        return tuple(slice_batch(value, start, stop) for value in batch)
    return None if batch is None else batch[start:stop]


def batch_length(batch: Any) -> int:
    """The number of samples in a batch."""
    if isinstance(batch, dict | tuple):
        return next(
            batch_length(part) for part in (batch.values() if isinstance(batch, dict) else batch) if part is not None
        )
    return len(batch)


def move_batch(batch: Any, device: torch.device) -> Any:
    """Tensors, and whatever else has `.to`, on `device`."""
    if isinstance(batch, dict):
        return {key: move_batch(value, device) for key, value in batch.items()}
    if isinstance(batch, tuple):
        return tuple(move_batch(value, device) for value in batch)
    if isinstance(batch, Tensor):
        return batch.to(device, non_blocking=True)
    return batch.to(device) if hasattr(batch, "to") else batch
