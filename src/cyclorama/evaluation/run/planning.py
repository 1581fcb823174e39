"""What a protocol asks for, and what of it can be done here: with these folders, these weights, these texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cyclorama.evaluation.measures import Measure
from cyclorama.evaluation.networks.weights import MissingWeights
from cyclorama.evaluation.protocols import Protocol
from cyclorama.evaluation.run.extraction import Extractor, one_line
from cyclorama.evaluation.run.metrics import Metric, metric_named
from cyclorama.evaluation.run.picture_extractors import pair_extractor, picture_extractor
from cyclorama.evaluation.run.results import MetricRow
from cyclorama.evaluation.run.samples import Sample
from cyclorama.evaluation.run.scenes import scene_extractor
from cyclorama.evaluation.run.videos import video_extractor
from cyclorama.evaluation.run.weights_in_use import Networks


@dataclass(frozen=True)
class Planned:
    """A measure with what it needs of every sample; without an extractor `status` and `reason` say why not."""

    measure: Measure
    metric: Metric
    extractor: Extractor | None = None
    status: Literal["ok", "skipped", "error"] = "ok"
    reason: str = ""

    def to_row(self) -> MetricRow:
        return MetricRow(
            name=self.measure.name,
            metric=self.metric.name,
            kind=self.metric.kind,
            direction=self.metric.direction,
            status=self.status,
            reason=self.reason,
            network=self.measure.network,
            views=self.measure.views,
        )


@dataclass(frozen=True)
class Pairs:
    """The reference of each fake by its name without extension, and what has none."""

    references: Mapping[str, Sample]
    lonely_fake: Sequence[str]
    lonely_real: Sequence[str]


def plan_measures(protocol: Protocol, networks: Networks, *, has_real: bool) -> list[Planned]:
    """The protocol's measures in its order; without a real set those that need one are absent."""
    wanted = [measure for measure in protocol.measures if has_real or not needs_real(measure)]
    return [_plan(measure, networks) for measure in wanted]


def needs_real(measure: Measure) -> bool:
    """Whether there must be a real set; NIQE without a model of its own is fitted to it."""
    return metric_named(measure.metric).needs_real or (measure.metric == "niqe" and measure.network is None)


def _plan(measure: Measure, networks: Networks) -> Planned:
    metric = metric_named(measure.metric)
    try:
        return Planned(measure, metric, _extractor(measure, metric, networks))
    except MissingWeights as fault:
        return Planned(measure, metric, status="skipped", reason=one_line(fault))
    except Exception as fault:
        return Planned(measure, metric, status="error", reason=one_line(fault))


def _extractor(measure: Measure, metric: Metric, networks: Networks) -> Extractor:
    if metric.kind == "pair":
        return pair_extractor(measure, networks)
    if metric.kind == "scene":
        return scene_extractor(measure)
    if metric.kind == "video" or metric.name == "fvd":
        return video_extractor(measure, networks)
    return picture_extractor(measure, networks)


def pair_up(fake: Sequence[Sample], real: Sequence[Sample]) -> Pairs:
    """By names without extensions; a name that two files of the real set share pairs with neither."""
    by_stem: dict[str, list[Sample]] = {}
    for sample in real:
        by_stem.setdefault(sample.stem, []).append(sample)
    references = {one.name: by_stem[one.stem][0] for one in fake if len(by_stem.get(one.stem, ())) == 1}
    used = {sample.name for sample in references.values()}
    lonely_fake = [sample.name for sample in fake if sample.name not in references]
    return Pairs(references, lonely_fake, [sample.name for sample in real if sample.name not in used])
