"""Seeded draws of wordings: cheap, and the same on every machine and version of Python."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

from cyclorama.diorama.noise import Real

T = TypeVar("T")
STRIDE, SHIFT = 31, 5


class Pen:
    """Draws by `Random.random` alone, the one method whose values Python promises to keep."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed * STRIDE + SHIFT).random

    def chance(self, odds: Real) -> bool:
        """True with this probability."""
        return self._random() < odds

    def choice(self, items: Sequence[T]) -> T:
        return items[int(self._random() * len(items))]

    def order(self, items: Sequence[T]) -> list[T]:
        """All items, shuffled."""
        left = list(items)
        return [left.pop(int(self._random() * len(left))) for _ in items]
