"""The order of training samples as a pure function of position and seed, so that a resumed run needs no state."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np


@dataclass(frozen=True)
class Curriculum:
    """How many photos an epoch adds to all panoramas: none before epoch `photos_from_epoch`, then fewer and fewer.

    Epoch e adds floor(N photos_decay^(e - photos_from_epoch + 1)) of N photos; published: floor(N 0.5^(e - 1)), e >= 2.
    """

    photos_from_epoch: int = 2
    photos_decay: float = 0.5

    def __post_init__(self) -> None:
        if self.photos_from_epoch < 0 or not 0 < self.photos_decay <= 1:
            raise ValueError(
                f"got photos_from_epoch {self.photos_from_epoch} and photos_decay {self.photos_decay}; give an epoch "
                "from 0 on and a share above 0, at most 1"
            )

    def num_photos(self, epoch: int, num_photos: int) -> int:
        """The photos of an epoch; the first epoch is 0."""
        if epoch < self.photos_from_epoch:
            return 0
        return int(num_photos * self.photos_decay ** (epoch - self.photos_from_epoch + 1))


@dataclass(frozen=True)
class Draw:
    """One sample of a batch: the epoch, and an index into the panoramas followed by the photos."""

    epoch: int
    index: int


@dataclass(frozen=True)
class HybridOrder:
    """Epochs of all panoramas and some photos, each in an order of its own."""

    num_panoramas: int
    num_photos: int
    curriculum: Curriculum
    seed: int

    def __post_init__(self) -> None:
        if self.num_panoramas < 1:
            raise ValueError("there is nothing to train on: the data set is empty")

    def length(self, epoch: int) -> int:
        """The samples of an epoch."""
        return self.num_panoramas + self.curriculum.num_photos(epoch, self.num_photos)

    def total(self, num_epochs: int) -> int:
        """The samples of the first epochs."""
        return sum(self.length(epoch) for epoch in range(num_epochs))

    def batch(self, step: int, batch_size: int) -> list[Draw]:
        """The samples of batch `step`: in every epoch each panorama comes once, and each drawn photo once."""
        epoch, place = self._locate(step * batch_size)
        drawn = []
        for _ in range(batch_size):
            if place == self.length(epoch):
                epoch, place = epoch + 1, 0
            drawn.append(Draw(epoch, int(_epoch_order(self, epoch)[place])))
            place += 1
        return drawn

    def _locate(self, position: int) -> tuple[int, int]:
        """Epoch and place of a position; epochs without photos, the first and the last ones, are all equally long."""
        epoch = 0
        while position >= self.length(epoch):
            position -= self.length(epoch)
            epoch += 1
        return epoch, position


@lru_cache(maxsize=4)
def _epoch_order(order: HybridOrder, epoch: int) -> np.ndarray:
    generator = np.random.default_rng([order.seed, epoch])
    if order.length(epoch) == order.num_panoramas:
        return generator.permutation(order.num_panoramas)
    photos = generator.permutation(order.num_photos)[: order.length(epoch) - order.num_panoramas]
    return generator.permutation(np.concatenate([np.arange(order.num_panoramas), order.num_panoramas + photos]))
