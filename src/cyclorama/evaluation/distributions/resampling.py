"""How sure a figure of two sets is, for any statistic of two sets; the panorama, not the view, is what is drawn.

Features are `[panoramas, views, d]`; views of one panorama are drawn together. A statistic takes (real `[n, d]`, fake
`[m, d]`) with the views pooled, or with `pooled=False` the halves as they are, and gives a float.

The interval is by half-samples (delete-d jackknife with d = n/2; Shao and Tu 1995, "The Jackknife and Bootstrap",
chapter 2.3): the statistic of many seeded random halves, drawn without replacement. Without duplicates neighbours stay
neighbours and no covariance loses rank to them, as both do in a bootstrap. The variance of a mean over half of n
values, given the n, is that of the mean of all n, so the spread of the halves is the standard error and needs no
factor. Halves are biased as any n/2 are (a Fréchet distance is higher), so only their spread is used:

    value -+ z * standard deviation of the halves

covers what sets of this size give on average, not the limit of many pictures: see `curve` for that. Where both
distributions are equal, quadratic statistics spread more over halves (by sqrt 3) and the interval is too wide.

Which panoramas make half r depends on their number and the seed alone. Two reports over the same file names in the same
order therefore have the same halves, and replicate r of one minus replicate r of the other is a replicate of their
difference: `paired_difference`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from statistics import NormalDist, fmean, stdev
from typing import Any, NamedTuple, TypeVar

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from cyclorama.evaluation.intervals import Interval

Result = TypeVar("Result")
Statistic = Callable[[Tensor, Tensor], float]

Z = NormalDist().inv_cdf(0.975)
NUM_RESAMPLES = 100
FEWEST_RESAMPLES = 25
NUM_SPLITS = 5
TOTAL_WORK = 10_000_000_000
"""Vectors x vectors x features of all halves: a few seconds on one core."""


@dataclass(frozen=True)
class SetInterval:
    """A figure of two sets, its interval, and the figure of every pair of halves, in the order of the draw.

    `value_at_half`, the mean of these, is what to hold against a floor, which has halves too.
    """

    interval: Interval
    replicates: tuple[float, ...]

    @property
    def value_at_half(self) -> float:
        return fmean(self.replicates) if self.replicates else float("nan")


class Curve(NamedTuple):
    """(panoramas, value) from few to all, and the value at infinitely many by a straight line in 1/n."""

    points: tuple[tuple[int, float], ...]
    extrapolated: float


def set_interval(
    statistic: Statistic,
    real: Float[Tensor, "num_real real_views features"],
    fake: Float[Tensor, "num_fake views features"],
    *,
    num_resamples: int | None = None,
    seed: int = 0,
    matched: bool = False,
    pooled: bool = True,
    smallest: int = 2,
) -> SetInterval:
    """The statistic of both sets with its interval.

    `matched`: panorama i of both sets belongs together (one prompt, one photo, a copy), so both are halved alike.
    `smallest`: how many panoramas the statistic needs; where a half has fewer the interval has no ends.
    `num_resamples`: by default 100, fewer down to 25 where vectors are many and long.
    """
    options = {"num_resamples": num_resamples, "seed": seed, "matched": matched, "pooled": pooled}
    (found,) = set_intervals(lambda *sets: (statistic(*sets),), real, fake, smallest=smallest, **options)
    return found


def one_set_interval(
    statistic: Callable[[Tensor], float], fake: Float[Tensor, "num views features"], **options: Any
) -> SetInterval:
    """The same for a statistic of one set, as the inception score; the halves are those of `set_interval`'s fakes."""
    return set_interval(lambda _, ours: statistic(ours), fake, fake, **options)


def set_intervals(
    statistics: Callable[[Tensor, Tensor], Sequence[float]],
    real: Float[Tensor, "num_real real_views features"],
    fake: Float[Tensor, "num_fake views features"],
    *,
    num_resamples: int | None = None,
    seed: int = 0,
    matched: bool = False,
    pooled: bool = True,
    smallest: int = 2,
) -> tuple[SetInterval, ...]:
    """`set_interval` for several figures that one function gives at once, as precision, recall, density, coverage."""
    if matched and len(real) != len(fake):
        raise ValueError(f"got {len(real)} and {len(fake)} matched panoramas, wanted as many of each; unset matched")
    measure = _pooling(statistics) if pooled else statistics
    values, num = measure(real, fake), min(len(real), len(fake))
    if num // 2 < smallest:
        return tuple(SetInterval(Interval(value, -inf, inf, num), ()) for value in values)
    rounds = num_resamples or default_resamples(real, fake)
    of_real = half_indices(len(real), num_resamples=rounds, seed=2 * seed)
    of_fake = half_indices(len(fake), num_resamples=rounds, seed=2 * seed + (not matched))
    rows = [measure(real[one], fake[other]) for one, other in zip(of_real, of_fake, strict=True)]
    columns = [tuple(row[which] for row in rows) for which in range(len(values))]
    return tuple(SetInterval(_around(v, column, num), column) for v, column in zip(values, columns, strict=True))


def paired_difference(ours: SetInterval, theirs: SetInterval) -> Interval:
    """The first value minus the second, of two fakes with the same names against the same reals, by the same halves."""
    a, b = ours.interval, theirs.interval
    if (a.num, len(ours.replicates)) != (b.num, len(theirs.replicates)):
        raise ValueError(
            f"got {a.num} and {b.num} panoramas with {len(ours.replicates)} and {len(theirs.replicates)} replicates, "
            "wanted as many of each; evaluate both on the same files"
        )
    differences = tuple(one - other for one, other in zip(ours.replicates, theirs.replicates, strict=True))
    if not differences:
        return Interval(a.value - b.value, -inf, inf, a.num)
    return _around(a.value - b.value, differences, a.num)


def floor(
    statistic: Statistic,
    real: Float[Tensor, "num views features"],
    *,
    num_splits: int = NUM_SPLITS,
    seed: int = 0,
    pooled: bool = True,
    smallest: int = 2,
) -> Interval | None:
    """What two sets of n/2 panoramas from one source measure: the mean over random splits of the reals into halves.

    The ends are those between which a single split falls. `num` is n/2: hold it against `SetInterval.value_at_half`,
    not the value. None where a half has fewer than `smallest` panoramas.
    """
    half = len(real) // 2
    if half < smallest:
        return None
    measure = _pooling(statistic) if pooled else statistic
    orders = _orders(len(real), num_splits, seed)
    values = tuple(measure(real[order[:half]], real[order[half : 2 * half]]) for order in orders)
    return _around(fmean(values), values, half)


def curve(
    statistic: Statistic,
    real: Float[Tensor, "num_real real_views features"],
    fake: Float[Tensor, "num_fake views features"],
    *,
    seed: int = 0,
    matched: bool = False,
    pooled: bool = True,
    smallest: int = 2,
) -> Curve:
    """The statistic at a quarter, half, three quarters and all of both sets, and its limit (Chong and Forsyth 2020).

    In a seeded order, a point is the mean over the four runs of 1, 2 or 3 quarters that begin at each quarter, round
    the end: every panorama counts alike, so what a subset has by luck cancels to first order. Unlike in the paper both
    sets shrink, so the limit is free of the reals' bias too. The bias goes as 1/n only where the vectors well outnumber
    the features: with fewer, the limit is a hint. Points with fewer than `smallest` panoramas are left out; n counts
    the fakes.
    """
    measure = _pooling(statistic) if pooled else statistic
    points = []
    for quarters in (1, 2, 3):
        of_real = _runs(len(real), quarters, 2 * seed)
        of_fake = _runs(len(fake), quarters, 2 * seed + (not matched))
        if min(of_real.shape[1], of_fake.shape[1]) >= smallest:
            values = [measure(real[one], fake[other]) for one, other in zip(of_real, of_fake, strict=True)]
            points.append((of_fake.shape[1], fmean(values)))
    points.append((len(fake), measure(real, fake)))
    return Curve(tuple(points), _limit(points))


def half_indices(num: int, *, num_resamples: int, seed: int) -> Int64[Tensor, "num_resamples half"]:
    """The panoramas of every half-sample, ascending, num // 2 of `num`; a function of these numbers alone."""
    return torch.stack([order[: num // 2].sort().values for order in _orders(num, num_resamples, seed)])


def default_resamples(real: Tensor, fake: Tensor) -> int:
    """100 where halves are small, fewer in proportion to their vectors x vectors x features, never below 25."""
    rows = max(len(features) // 2 * features.shape[1] for features in (real, fake))
    return max(FEWEST_RESAMPLES, min(NUM_RESAMPLES, TOTAL_WORK // max(1, rows * rows * fake.shape[-1])))


def _orders(num: int, num_orders: int, seed: int) -> Iterator[Int64[Tensor, " num"]]:
    draw = torch.Generator().manual_seed(seed)
    return (torch.randperm(num, generator=draw) for _ in range(num_orders))


def _runs(num: int, quarters: int, seed: int) -> Int64[Tensor, "4 run"]:
    """Four runs of so many quarters, one from each quarter, of one seeded order of `num` (up to three left out)."""
    (order,) = _orders(num, 1, seed)
    parts = order[: num // 4 * 4].view(4, num // 4)
    return torch.stack([parts.roll(-first, 0)[:quarters].flatten() for first in range(4)])


def _pooling(statistic: Callable[[Tensor, Tensor], Result]) -> Callable[[Tensor, Tensor], Result]:
    return lambda real, fake: statistic(real.flatten(0, 1), fake.flatten(0, 1))


def _around(value: float, replicates: tuple[float, ...], num: int) -> Interval:
    reach = Z * stdev(replicates) if len(replicates) > 1 else inf
    return Interval(value, value - reach, value + reach, num)


def _limit(points: list[tuple[int, float]]) -> float:
    """Where the least-squares line through (1/n, value) meets 1/n = 0; nan from one point."""
    if len(points) < 2:
        return float("nan")
    inverse, values = [1 / num for num, _ in points], [value for _, value in points]
    centre = fmean(inverse)
    steps = [x - centre for x in inverse]
    slope = sum(s * v for s, v in zip(steps, values, strict=True)) / sum(s * s for s in steps)
    return fmean(values) - slope * centre
