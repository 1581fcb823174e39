"""The order of training samples as a pure function of position and seed, so that a resumed run needs no state."""

from functools import lru_cache

import numpy as np


def sample_indices(step: int, *, batch_size: int, num_items: int, seed: int) -> list[int]:
    """The items of batch `step`: every epoch is a fresh permutation, and each item comes once in it.

    >>> sorted(i for step in range(3) for i in sample_indices(step, batch_size=2, num_items=6, seed=1))
    [0, 1, 2, 3, 4, 5]
    """
    if num_items < 1:
        raise ValueError("there is nothing to train on: the data set is empty")
    positions = (divmod(step * batch_size + i, num_items) for i in range(batch_size))
    return [int(_permutation(seed, epoch, num_items)[place]) for epoch, place in positions]


@lru_cache(maxsize=2)
def _permutation(seed: int, epoch: int, num_items: int) -> np.ndarray:
    return np.random.default_rng([seed, epoch]).permutation(num_items)
