"""Random numbers of cells: the same cell always has the same four."""

from functools import lru_cache

import torch
from jaxtyping import Float, Int
from torch import Tensor

PRIMES = (73856093, 19349663, 83492791)
TABLE = 1 << 15


def cell_numbers(*axes: Int[Tensor, " n"], salt: int = 0) -> Float[Tensor, "n 4"]:
    """Four numbers in [0, 1) for each cell with whole coordinates, at most three of them."""
    mixed = axes[0] * PRIMES[0]
    for cell, prime in zip(axes[1:], PRIMES[1:], strict=False):
        mixed = mixed ^ (cell * prime)
    mixed = mixed ^ (mixed >> 13)
    return _table(axes[0].device)[(mixed * 7 + salt * 40503) & (TABLE - 1)]


@lru_cache(maxsize=4)
def _table(device: torch.device) -> Float[Tensor, "cells 4"]:
    return torch.rand(TABLE, 4, generator=torch.Generator().manual_seed(20260303)).to(device)
