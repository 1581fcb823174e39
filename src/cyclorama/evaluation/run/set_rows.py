"""Measures of two sets (and the inception score, of one): value, interval, floor, curve and the figure of each view.

Features are [samples, views, d]; of videos the clips stand for views.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.evaluation.distributions.frechet import frechet_distance, omni_frechet, sample_warnings
from cyclorama.evaluation.distributions.inception_score import inception_score
from cyclorama.evaluation.distributions.kernels import cmmd, kid
from cyclorama.evaluation.distributions.neighbours import NUM_NEIGHBOURS, precision_recall_density_coverage
from cyclorama.evaluation.distributions.resampling import SetInterval, curve, floor, one_set_interval, set_interval
from cyclorama.evaluation.measures import Measure
from cyclorama.evaluation.run.feature_cache import Entry
from cyclorama.evaluation.run.results import Figure, MetricRow, to_figure, with_figure
from cyclorama.evaluation.videos.fvd import FACE_WEIGHTS
from cyclorama.evaluation.views import is_seeded, view_names
from cyclorama.geometry.cubemap import FACES

Features = Float[Tensor, "samples views features"]
RealFeatures = Float[Tensor, "real_samples real_views features"]
Statistic = Callable[[Tensor, Tensor], float]


_SHARES = ("precision", "recall", "coverage")
_NEVER_NEGATIVE = ("frechet", "omnifid", "fvd", "cmmd", "density", *_SHARES)


@dataclass(frozen=True)
class SetStatistic:
    """A statistic of vectors or, where not `pooled`, of samples with their views; it needs `smallest` samples.

    `single` is taken of each view by itself.
    """

    compute: Statistic
    single: Statistic
    pooled: bool = True
    smallest: int = 2


def statistic_of(measure: Measure) -> SetStatistic:
    if measure.metric in ("precision", "recall", "density", "coverage"):
        num = int(measure.options.get("num_neighbours", NUM_NEIGHBOURS))
        share = partial(_neighbour_share, measure.metric, num)
        return SetStatistic(share, share, smallest=num + 1)
    if measure.metric == "omnifid":
        return SetStatistic(omni_frechet, frechet_distance, pooled=False)
    if measure.metric == "fvd" and measure.options.get("faces"):
        return SetStatistic(_over_faces, frechet_distance)
    compute = {"frechet": frechet_distance, "fvd": frechet_distance, "kid": kid, "cmmd": cmmd}[measure.metric]
    return SetStatistic(compute, compute)


def compare_sets(row: MetricRow, measure: Measure, real: RealFeatures, fake: Features) -> MetricRow:
    """The row of a measure of two sets, filled in."""
    one = statistic_of(measure)
    found = set_interval(one.compute, real, fake, pooled=one.pooled, smallest=one.smallest)
    between = floor(one.compute, real, pooled=one.pooled, smallest=one.smallest)
    along = curve(one.compute, real, fake, pooled=one.pooled, smallest=one.smallest)
    return replace(
        _with_interval(row, found),
        floor=None if between is None else _in_range(row, to_figure(between)),
        value_at_half=found.value_at_half if found.replicates and len(real) // 2 == len(fake) // 2 else None,
        curve=list(along.points),
        limit=along.extrapolated if isfinite(along.extrapolated) else None,
        per_view=_of_each_view(measure, one.single, real, fake),
        warnings=_warnings(measure, real, fake),
    )


def measure_set(row: MetricRow, measure: Measure, fake: Features, real: RealFeatures | None) -> MetricRow:
    """The row of the inception score, with the real set's beside it."""
    names = _view_names(measure, fake.shape[1])
    return replace(
        _with_interval(row, one_set_interval(_score, fake)),
        real_value=None if real is None else to_figure(one_set_interval(_score, real).interval),
        per_view={name: inception_score(fake[:, index]) for index, name in enumerate(names)},
    )


def stack_features(entries: Mapping[str, Entry], output: str) -> Features:
    """Of pictures the network's answers, a row a view. `ValueError` where there are none."""
    if not entries:
        raise ValueError("no picture has features; the files say why")
    return torch.stack([entry[output] for entry in entries.values()])


def stack_clips(entries: Mapping[str, Entry]) -> tuple[Features, list[str]]:
    """Of videos the features of their clips, those of a cube's faces one after the other; and what was left out.

    Every video gives as many clips as the shortest.
    """
    if not entries:
        raise ValueError("no video has a clip; the files say why")
    videos = [
        torch.cat([entry[name] for name in FACES if name in entry] or list(entry.values()), 1)
        for entry in entries.values()
    ]
    num = min(map(len, videos))
    dropped = sum(len(video) - num for video in videos)
    told = [f"{dropped} clips are left out, so that every video has {num}, as the shortest"] if dropped else []
    return torch.stack([video[:num] for video in videos]), told


def _neighbour_share(name: str, num: int, real: Tensor, fake: Tensor) -> float:
    return getattr(precision_recall_density_coverage(real, fake, num_neighbours=num), name)


def _over_faces(real: Float[Tensor, "clips features"], fake: Float[Tensor, "fake_clips features"]) -> float:
    """The weighted mean over the faces of a cube, whose features stand one after the other."""
    return sum(FACE_WEIGHTS[name] * frechet_distance(*pair) for name, pair in _face_pairs(real, fake).items())


def _face_pairs(real: Tensor, fake: Tensor) -> dict[str, tuple[Tensor, Tensor]]:
    return dict(zip(FACES, zip(real.chunk(len(FACES), -1), fake.chunk(len(FACES), -1), strict=True), strict=True))


def _of_each_view(measure: Measure, single: Statistic, real: RealFeatures, fake: Features) -> dict[str, float | None]:
    if measure.metric == "fvd":
        pairs = _face_pairs(real.flatten(0, 1), fake.flatten(0, 1)) if measure.options.get("faces") else {}
        return {name: single(*pair) for name, pair in pairs.items()}
    names = _view_names(measure, fake.shape[1])
    return {name: single(real[:, index], fake[:, index]) for index, name in enumerate(names)}


def _view_names(measure: Measure, num: int) -> Sequence[str]:
    """Those of a set of several views that are the same for every picture."""
    if num < 2 or measure.views is None or is_seeded(measure.views):
        return ()
    return view_names(measure.views)


def _warnings(measure: Measure, real: RealFeatures, fake: Features) -> list[str]:
    if measure.metric not in ("frechet", "fvd", "omnifid"):
        return []
    of_real, of_fake = (len(one) * (1 if measure.metric == "omnifid" else one.shape[1]) for one in (real, fake))
    num_features = fake.shape[2] // (len(FACES) if measure.options.get("faces") else 1)
    return sample_warnings(of_real, of_fake, num_features)


def _score(probabilities: Float[Tensor, "samples views classes"]) -> float:
    return inception_score(probabilities.flatten(0, 1))


def _with_interval(row: MetricRow, found: SetInterval) -> MetricRow:
    figure = _in_range(row, to_figure(found.interval))
    return replace(with_figure(row, figure), replicates=list(found.replicates))


def _in_range(row: MetricRow, figure: Figure) -> Figure:
    """The interval without values that the metric cannot have."""
    low, high = figure.low, figure.high
    if low is not None and row.metric in _NEVER_NEGATIVE:
        low = max(low, 0.0)
    if high is not None and row.metric in _SHARES:
        high = min(high, 1.0)
    return replace(figure, low=low, high=high)
