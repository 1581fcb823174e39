"""Two reports, measure by measure: the second's value minus the first's, with an interval, and which is better.

Figures of files are compared by file name and resampled together (paired bootstrap by picture); figures of sets by
their halves, which are the same in both reports where the file names are. Where names differ the sets stand apart.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from math import inf, isclose
from pathlib import Path
from statistics import NormalDist, fmean, stdev
from typing import Any, Literal

import torch
from jaxtyping import Float64
from torch import Tensor

from cyclorama.evaluation.distributions.resampling import SetInterval, paired_difference
from cyclorama.evaluation.intervals import NUM_RESAMPLES, Interval
from cyclorama.evaluation.run.csv_table import FigureTable, read_table
from cyclorama.evaluation.run.results import TABLE_FILE, Direction, MetricRow, Report, read_report

Verdict = Literal["better", "worse", "no difference", ""]
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Difference:
    """The second report's value minus the first's, and what that makes of the second; "" where nothing can be said."""

    name: str
    direction: Direction
    first: float | None = None
    second: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    num: int = 0
    paired: bool = False
    verdict: Verdict = ""
    remark: str = ""


@dataclass(frozen=True)
class Comparison:
    protocol: str
    first: str
    second: str
    rows: list[Difference]
    warnings: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class _Side:
    report: Report
    table: FigureTable


def compare(first: str | Path, second: str | Path, *, force: bool = False) -> Comparison:
    """The second report against the first; both are report.json files, with their pictures.csv beside them.

    Raises:
        ValueError: for what is no report, and unless `force` for other protocols, networks or kinds of samples.
    """
    a, b = _read(Path(first)), _read(Path(second))
    refusals = [*_other_protocol(a.report, b.report), *_other_networks(a.report, b.report)]
    if refusals and not force:
        raise ValueError(f"{refusals[0]}; evaluate both alike, or compare them nevertheless with --force")
    by_name = {row.name: row for row in b.report.metrics}
    rows = [_difference(row, by_name[row.name], a, b) for row in a.report.metrics if row.name in by_name]
    names = [side.report.inputs["fake"].name for side in (a, b)]
    warnings = [*refusals, *_lonely(a.report, b.report), *_warnings(a.report, b.report)]
    return Comparison(a.report.protocol.name, names[0], names[1], rows, warnings)


def _read(path: Path) -> _Side:
    folder = path if path.is_dir() else path.parent
    report, table = read_report(path), read_table(folder / TABLE_FILE)
    for row in report.metrics:
        values = table.column(row.name).values() if row.kind != "set" and row.value is not None else ()
        if values and not isclose(fmean(values), row.value or 0, rel_tol=1e-6, abs_tol=1e-12):
            raise ValueError(f"{folder / TABLE_FILE} is another report's than {path}; keep each report in its folder")
    return _Side(report, table)


def _other_protocol(a: Report, b: Report) -> list[str]:
    if a.protocol.hash == b.protocol.hash:
        return []
    told = [f"{one.protocol.name} {one.protocol.version} ({one.protocol.hash})" for one in (a, b)]
    return [f"the reports have other protocols: {' and '.join(told)}"]


def _other_networks(a: Report, b: Report) -> list[str]:
    common = sorted(a.networks.keys() & b.networks.keys())
    others = [name for name in common if a.networks[name].sha256 != b.networks[name].sha256]
    return [f"the reports have other weights of {', '.join(others)}"] if others else []


def _lonely(a: Report, b: Report) -> list[str]:
    names = [{row.name for row in report.metrics} for report in (a, b)]
    sides = (("first", names[0] - names[1]), ("second", names[1] - names[0]))
    return [f"only the {which} report has {', '.join(sorted(rest))}" for which, rest in sides if rest]


def _warnings(a: Report, b: Report) -> list[str]:
    told = [] if _real_of(a) == _real_of(b) else ["the real sets differ: part of every difference may be that"]
    if a.inputs["fake"].num != b.inputs["fake"].num:
        told.append(
            f"{a.inputs['fake'].num} and {b.inputs['fake'].num} samples: distances of sets fall with the number"
        )
    told += [
        f"{what} {theirs} and {ours}"
        for what, theirs, ours in (("cyclorama", a.cyclorama, b.cyclorama), *_other_versions(a, b))
        if theirs != ours
    ]
    return told


def _other_versions(a: Report, b: Report) -> list[tuple[str, str, str]]:
    return [(name, a.versions.get(name, "-"), b.versions.get(name, "-")) for name in sorted(a.versions | b.versions)]


def _real_of(report: Report) -> tuple[str, str] | None:
    real = report.inputs.get("real")
    return None if real is None else (real.digest, real.names_digest)


def _difference(first: MetricRow, second: MetricRow, a: _Side, b: _Side) -> Difference:
    found = Difference(first.name, first.direction, first.value, second.value)
    for row, which in ((first, "first"), (second, "second")):
        if row.status != "ok" or row.value is None:
            return replace(found, remark=f"{which}: {row.status if row.status != 'ok' else 'no value'}: {row.reason}")
    if first.metric != second.metric:
        return replace(found, remark=f"other metrics: {first.metric} and {second.metric}")
    if first.kind == "set":
        return _of_sets(found, first, second, a.report, b.report)
    return _of_files(found, first, second, a.table.column(first.name), b.table.column(first.name))


def _of_sets(found: Difference, first: MetricRow, second: MetricRow, a: Report, b: Report) -> Difference:
    names = [report.inputs["fake"].names_digest for report in (a, b)]
    ours, theirs = _to_interval(second), _to_interval(first)
    like = first.num == second.num and len(ours.replicates) == len(theirs.replicates)
    paired = like and names[0] == names[1] and _real_of(a) == _real_of(b)
    interval = paired_difference(ours, theirs) if paired else _apart(ours, theirs)
    badness = interval if found.direction == "lower" else Interval(-interval.value, -interval.high, -interval.low, 0)
    remark = "" if paired else "other file names or another real set: not paired, the interval is wider"
    return _concluded(found, interval, badness, paired=paired, remark=remark)


def _to_interval(row: MetricRow) -> SetInterval:
    assert row.value is not None
    ends = (-inf if row.low is None else row.low, inf if row.high is None else row.high)
    replicates = tuple(float("nan") if one is None else one for one in row.replicates)
    return SetInterval(Interval(row.value, *ends, row.num, row.confidence), replicates)


def _apart(ours: SetInterval, theirs: SetInterval) -> Interval:
    """Of two figures as if they were independent; they share at most the real set."""
    value, num = ours.interval.value - theirs.interval.value, min(ours.interval.num, theirs.interval.num)
    if min(len(ours.replicates), len(theirs.replicates)) < 2:
        return Interval(value, -inf, inf, num, _CONFIDENCE)
    reach = (
        NormalDist().inv_cdf((1 + _CONFIDENCE) / 2)
        * (stdev(ours.replicates) ** 2 + stdev(theirs.replicates) ** 2) ** 0.5
    )
    return Interval(value, value - reach, value + reach, num, _CONFIDENCE)


def _of_files(
    found: Difference, first: MetricRow, second: MetricRow, theirs: dict[str, float], ours: dict[str, float]
) -> Difference:
    common = sorted(theirs.keys() & ours.keys())
    paired = len(common) > 1
    if not (theirs and ours):
        return replace(found, remark="its column is missing in pictures.csv; evaluate again")
    values = [_tensor(one, common if paired else sorted(one)) for one in (theirs, ours)]
    if min(map(len, values)) < 2:
        difference = (values[1].mean() - values[0].mean()).item()
        return replace(found, difference=difference, num=1, remark="a single file says nothing of others")
    means = _resampled_means(*values, paired=paired)
    interval = _interval(values[1].mean() - values[0].mean(), means[1] - means[0], min(map(len, values)))
    left_out = len(theirs.keys() ^ ours.keys()) if paired else 0
    remark = f"{left_out} files without a partner are left out" if left_out else ""
    badness = _badness(found.direction, first, second, values, means)
    if badness is None:
        return _concluded(found, interval, None, paired=paired, remark="no real set to be near to")
    return _concluded(
        found, interval, badness, paired=paired, remark=remark if paired else "no common names: not paired"
    )


def _badness(
    direction: Direction, first: MetricRow, second: MetricRow, values: Sequence[Tensor], means: Sequence[Tensor]
) -> Interval | None:
    """How much worse the second is: in its own units, or where the real set's value is wanted in distance from it."""
    if direction != "real":
        sign = 1 if direction == "lower" else -1
        worse = sign * (means[1] - means[0])
        return _interval(sign * (values[1].mean() - values[0].mean()), worse, 0)
    if _real_value(first) is None or _real_value(second) is None:
        return None
    wanted = [torch.tensor(_real_value(row), dtype=torch.float64) for row in (first, second)]
    away = [(mean - real).abs() for mean, real in zip(means, wanted, strict=True)]
    now = [(one.mean() - real).abs() for one, real in zip(values, wanted, strict=True)]
    return _interval(now[1] - now[0], away[1] - away[0], 0)


def _real_value(row: MetricRow) -> float | None:
    return row.real_value.value if row.real_value else None


def _concluded(
    found: Difference, interval: Interval, badness: Interval | None, *, paired: bool, remark: str
) -> Difference:
    verdict: Verdict = ""
    if badness is not None:
        verdict = "better" if badness.high < 0 else "worse" if badness.low > 0 else "no difference"
    ends = {
        "low": None if interval.low == -inf else interval.low,
        "high": None if interval.high == inf else interval.high,
    }
    return replace(
        found, difference=interval.value, num=interval.num, paired=paired, verdict=verdict, remark=remark, **ends
    )


def _resampled_means(first: Tensor, second: Tensor, *, paired: bool) -> tuple[Tensor, Tensor]:
    """Of each bootstrap resample; `paired` draws the same entries of both."""
    draw = torch.Generator().manual_seed(0)
    of_first = torch.randint(len(first), (NUM_RESAMPLES, len(first)), generator=draw)
    of_second = of_first if paired else torch.randint(len(second), (NUM_RESAMPLES, len(second)), generator=draw)
    return first[of_first].mean(1), second[of_second].mean(1)


def _interval(value: Tensor, resampled: Float64[Tensor, " num"], num: int) -> Interval:
    tail = (1 - _CONFIDENCE) / 2
    low, high = resampled.quantile(resampled.new_tensor([tail, 1 - tail]), interpolation="nearest").tolist()
    return Interval(value.item(), low, high, num, _CONFIDENCE)


def _tensor(values: dict[str, float], names: Sequence[str]) -> Float64[Tensor, " num"]:
    return torch.tensor([values[name] for name in names], dtype=torch.float64)
