"""Mean and covariance of a set of vectors that never lies in memory at once.

Blocks are joined by the pairwise update of Chan, Golub and LeVeque (1983, "Algorithms for computing the sample
variance", equations 2.1), which loses no digits as sums of squares do. Several processes each gather their share and
`merge`: the result is that of one, to rounding. Everything is float64 on the CPU.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from cyclorama.evaluation.distributions.vectors import row_blocks, to_vectors


@dataclass
class Moments:
    """`num` vectors seen, their `mean` [d] and `scatter` [d, d], the sum of (x - mean)(x - mean)^T."""

    num: int
    mean: Float64[Tensor, " features"]
    scatter: Float64[Tensor, "features features"]

    @classmethod
    def empty(cls, num_features: int) -> "Moments":
        mean = torch.zeros(num_features, dtype=torch.float64)
        return cls(0, mean, torch.zeros(num_features, num_features, dtype=torch.float64))

    @classmethod
    def of(cls, features: Float[Tensor, "num features"]) -> "Moments":
        """Of a set that is in memory, block by block."""
        moments = cls.empty(features.shape[1])
        for rows in row_blocks(*features.shape):
            moments.update(features[rows])
        return moments

    @property
    def covariance(self) -> Float64[Tensor, "features features"]:
        """Unbiased, scatter / (num - 1). `ValueError` with fewer than two vectors."""
        if self.num < 2:
            raise ValueError(f"got {self.num} feature vectors, wanted 2 or more for a covariance; add pictures")
        return self.scatter / (self.num - 1)

    def update(self, features: Float[Tensor, "num features"]) -> None:
        """See more vectors."""
        if len(features) == 0:
            return
        vectors = to_vectors(features, smallest=1)
        centred = vectors - (mean := vectors.mean(0))
        joined = self.merge(Moments(len(vectors), mean, centred.T @ centred))
        self.num, self.mean, self.scatter = joined.num, joined.mean, joined.scatter

    def merge(self, other: "Moments") -> "Moments":
        """What one set of both would have. `ValueError`: vectors of another length."""
        if len(self.mean) != len(other.mean):
            raise ValueError(
                f"got moments of {len(self.mean)} and {len(other.mean)} features, wanted one length; "
                "gather both with one network"
            )
        if 0 in (self.num, other.num):
            full = other if self.num == 0 else self
            return Moments(full.num, full.mean.clone(), full.scatter.clone())
        num, step = self.num + other.num, other.mean - self.mean
        between = torch.outer(step, step) * (self.num * other.num / num)
        return Moments(num, self.mean + step * (other.num / num), self.scatter + other.scatter + between)

    def to_tensors(self) -> dict[str, Tensor]:
        """A dict of tensors, as safetensors writes it; back with `from_tensors`."""
        return {"num": torch.tensor(self.num), "mean": self.mean, "scatter": self.scatter}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> "Moments":
        if missing := {"num", "mean", "scatter"} - set(tensors):
            raise ValueError(f"got moments without {', '.join(sorted(missing))}; gather them again")
        return cls(int(tensors["num"]), tensors["mean"].double(), tensors["scatter"].double())


def merge_all(parts: list[Moments]) -> Moments:
    """The parts of several processes as one, in the order given."""
    if not parts:
        raise ValueError("got no moments, wanted one or more; gather features first")
    return reduce(Moments.merge, parts)
