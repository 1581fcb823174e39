"""Confidence intervals of what a set of pictures measures: seeded percentile bootstrap over pictures, and Wilson for
shares.

Values are one number per picture, or `[panoramas, views]`, where whole panoramas are drawn. The same values, seed and
number of resamples give the same interval. Everything is float64.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import inf, sqrt
from statistics import NormalDist

import torch
from jaxtyping import Float, Float64
from torch import Tensor

NUM_RESAMPLES = 4000
BLOCK_ELEMENTS = 2**22


@dataclass(frozen=True)
class Interval:
    """An estimate and the ends of its confidence interval, from `num` pictures (of two sets, the smaller)."""

    value: float
    low: float
    high: float
    num: int
    confidence: float = 0.95

    def __contains__(self, number: float) -> bool:
        return self.low <= number <= self.high

    def __str__(self) -> str:
        return f"{self.value:.3g} [{self.low:.3g}, {self.high:.3g}]"

    def to_dict(self) -> dict[str, float]:
        """Plain numbers for JSON."""
        return asdict(self)


def mean_interval(
    values: Float[Tensor, " num"], *, confidence: float = 0.95, num_resamples: int = NUM_RESAMPLES, seed: int = 0
) -> Interval:
    """The mean of `values` and its bootstrap interval."""
    values = _checked(values)
    means = _resampled_means(values, num_resamples, seed)
    return _interval(values.mean(), means, len(values), confidence)


def cluster_mean_interval(
    values: Float[Tensor, "panoramas views"],
    *,
    confidence: float = 0.95,
    num_resamples: int = NUM_RESAMPLES,
    seed: int = 0,
) -> Interval:
    """The mean over all views; whole panoramas are resampled, since views of one are alike. `num` counts panoramas.

    All panoramas having as many views, a resample's mean is that of its panoramas' means (Davison and Hinkley 1997,
    "Bootstrap Methods and their Application", section 3.8). For two sets, pass `values.mean(1)` to
    `difference_interval` or `ratio_interval`.
    """
    return mean_interval(values.double().mean(1), confidence=confidence, num_resamples=num_resamples, seed=seed)


def difference_interval(
    ours: Float[Tensor, " num_ours"],
    theirs: Float[Tensor, " num_theirs"],
    *,
    paired: bool = False,
    confidence: float = 0.95,
    num_resamples: int = NUM_RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Mean of `ours` minus mean of `theirs`. `paired` resamples both together: entries i belong to one picture."""
    if paired:
        if len(ours) != len(theirs):
            raise ValueError(
                f"got {len(ours)} and {len(theirs)} paired values, wanted as many of each; pass paired=False"
            )
        return mean_interval(
            ours.double() - theirs.double(), confidence=confidence, num_resamples=num_resamples, seed=seed
        )
    return _of_two_means(torch.sub, ours, theirs, confidence, num_resamples, seed)


def ratio_interval(
    ours: Float[Tensor, " num_ours"],
    theirs: Float[Tensor, " num_theirs"],
    *,
    confidence: float = 0.95,
    num_resamples: int = NUM_RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Mean of `ours` over mean of `theirs`, each resampled by itself; inf where a resample of `theirs` is 0."""
    return _of_two_means(torch.div, ours, theirs, confidence, num_resamples, seed)


def share_interval(num_hits: int, num: int, *, confidence: float = 0.95) -> Interval:
    """A share with Wilson's score interval, which stays honest at 0 and 1 (Wilson 1927, equation 7)."""
    if not 0 <= num_hits <= num or num == 0:
        raise ValueError(f"got {num_hits} hits of {num}, wanted 0 <= hits <= number and a number above 0; count again")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = num_hits / num
    centre = (share + z * z / (2 * num)) / (1 + z * z / num)
    half = z / (1 + z * z / num) * sqrt(share * (1 - share) / num + z * z / (4 * num * num))
    return Interval(share, max(0.0, centre - half), min(1.0, centre + half), num, confidence)


def _of_two_means(
    combine: Callable[[Tensor, Tensor], Tensor],
    ours: Tensor,
    theirs: Tensor,
    confidence: float,
    num_resamples: int,
    seed: int,
) -> Interval:
    ours, theirs = _checked(ours), _checked(theirs)
    our_means = _resampled_means(ours, num_resamples, 2 * seed)
    their_means = _resampled_means(theirs, num_resamples, 2 * seed + 1)
    num = min(len(ours), len(theirs))
    return _interval(combine(ours.mean(), theirs.mean()), combine(our_means, their_means), num, confidence)


def _resampled_means(values: Float64[Tensor, " num"], num_resamples: int, seed: int) -> Float64[Tensor, " resamples"]:
    """Drawn block by block: what is drawn does not depend on the blocks, and memory not on the number of values."""
    draw = torch.Generator().manual_seed(seed)
    step = max(1, BLOCK_ELEMENTS // len(values))
    sizes = [min(step, num_resamples - first) for first in range(0, num_resamples, step)]
    return torch.cat(
        [values[torch.randint(len(values), (size, len(values)), generator=draw)].mean(1) for size in sizes]
    )


def _interval(value: Tensor, resampled: Float64[Tensor, " num_resamples"], num: int, confidence: float) -> Interval:
    tail = (1 - confidence) / 2
    ends = resampled.new_tensor([tail, 1 - tail])
    low, high = resampled.where(~resampled.isnan(), inf).quantile(ends, interpolation="nearest").tolist()
    return Interval(value.item(), low, high, num, confidence)


def _checked(values: Tensor) -> Float64[Tensor, " num"]:
    values = values.detach().cpu().double()
    if len(values) == 0 or not values.isfinite().all():
        raise ValueError(
            f"got {len(values)} values, {int(values.isfinite().sum())} of them finite, wanted some and all finite; "
            "look at the pictures behind the others"
        )
    return values
