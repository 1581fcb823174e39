"""What an evaluation found, as plain data, and its JSON.

The same report gives the same bytes: keys are sorted, floats are written as Python reads them back, nothing names a
folder outside the one that was evaluated, and `created` is the only time. A number that is NaN or infinite is null.
"""

import json
import os
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Any, Literal

from cyclorama.evaluation.intervals import Interval

SCHEMA = 1
REPORT_FILE, TABLE_FILE, PAGE_FILE = "report.json", "pictures.csv", "index.html"

SetName = Literal["fake", "real"]
Direction = Literal["lower", "higher", "real"]
"""Which values are good: small ones, large ones, or those near the real set's."""


@dataclass(frozen=True)
class Figure:
    """A value with the ends of its confidence interval, from `num` samples; None where there is no such number."""

    value: float | None
    low: float | None = None
    high: float | None = None
    num: int = 0
    confidence: float = 0.95


@dataclass(frozen=True)
class MetricRow:
    """One measure of the protocol.

    `name` is the protocol's ("FID_pole"), `metric` the formula's ("frechet"), `kind` one of set, picture, prompt, pair,
    video and scene. `reason` says why the status is not "ok", or why `value` is None.
    `real_value`: the same figure of the real set. `floor`: what two halves of the real set measure against each other.
    `curve`: (number of samples, value) pairs; `limit`: where a straight line in 1/n through them meets infinitely many,
    a hint unless samples outnumber features. `replicates`: the value of every resample, in a fixed order.
    """

    name: str
    metric: str
    kind: str
    direction: Direction
    status: Literal["ok", "skipped", "error"]
    reason: str = ""
    network: str | None = None
    views: str | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    confidence: float = 0.95
    num: int = 0
    real_value: Figure | None = None
    floor: Figure | None = None
    value_at_half: float | None = None
    curve: list[tuple[int, float | None]] = field(default_factory=list)
    limit: float | None = None
    per_view: dict[str, float | None] = field(default_factory=dict)
    replicates: list[float | None] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class FileNote:
    """What happened to a file: "error", it was not measured; "skipped", some measures left it out; "note", a remark."""

    set: SetName
    file: str
    status: Literal["error", "skipped", "note"]
    reason: str


@dataclass(frozen=True)
class InputSet:
    """A set that was measured: its folder's name, how many samples, digests of the contents and of the file names."""

    name: str
    num: int
    digest: str
    names_digest: str


@dataclass(frozen=True)
class ProtocolFacts:
    name: str
    version: str
    hash: str
    title: str = ""
    samples: str = "panorama"


@dataclass(frozen=True)
class NetworkFacts:
    """The weights that a network had: SHA-256 and the file's or the repository's name."""

    sha256: str
    file: str


@dataclass(frozen=True)
class Report:
    """An evaluation. `inputs` has "fake" and, unless there was no reference, "real"."""

    cyclorama: str
    created: str
    protocol: ProtocolFacts
    inputs: dict[str, InputSet]
    networks: dict[str, NetworkFacts]
    versions: dict[str, str]
    metrics: list[MetricRow]
    files: list[FileNote] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    schema: int = SCHEMA

    @property
    def failed(self) -> bool:
        """Whether a file or a metric failed."""
        return any(row.status == "error" for row in (*self.metrics, *self.files))

    def to_json(self) -> str:
        text = json.dumps(_finite(asdict(self)), indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
        return text + "\n"


def time_stamp() -> str:
    """Now, or SOURCE_DATE_EPOCH, as ISO 8601 in UTC."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.now(UTC) if epoch is None else datetime.fromtimestamp(int(epoch), UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def to_figure(interval: Interval) -> Figure:
    """An end at infinity is none."""
    low, high = (end if isfinite(end) else None for end in (interval.low, interval.high))
    return Figure(interval.value, low, high, interval.num, interval.confidence)


def with_figure(row: MetricRow, figure: Figure) -> MetricRow:
    """The row with the figure's value and interval; where that is no finite number, with a reason."""
    if figure.value is None or not isfinite(figure.value):
        return replace(row, value=None, num=figure.num, reason=row.reason or "the value is not a finite number")
    ends = {"low": figure.low, "high": figure.high, "confidence": figure.confidence}
    return replace(row, value=figure.value, num=figure.num, **ends)


def read_report(path: str | Path) -> Report:
    """A report of this schema; `path` is its JSON or the folder that holds it. `ValueError`: none, damaged, another."""
    path = Path(path)
    path = path / REPORT_FILE if path.is_dir() else path
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise ValueError(f"cannot read {path}: {fault.strerror or fault}; give a report.json or its folder") from fault
    except ValueError as fault:
        raise ValueError(f"cannot read {path}: it is no JSON; give a report.json of cyclorama evaluate") from fault
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        got = found.get("schema") if isinstance(found, dict) else type(found).__name__
        raise ValueError(f"{path} has the schema {got!r}, wanted {SCHEMA}; evaluate again with this version")
    try:
        return _to_report(found)
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"{path} is no report of cyclorama evaluate ({fault}); evaluate again") from fault


def _to_report(found: dict[str, Any]) -> Report:
    parts = {
        "protocol": ProtocolFacts(**found["protocol"]),
        "inputs": {name: InputSet(**row) for name, row in found["inputs"].items()},
        "networks": {name: NetworkFacts(**row) for name, row in found["networks"].items()},
        "metrics": [_to_metric(row) for row in found["metrics"]],
        "files": [FileNote(**row) for row in found["files"]],
    }
    return Report(**found | parts)


def _to_metric(row: dict[str, Any]) -> MetricRow:
    parts: dict[str, Any] = {name: row[name] and Figure(**row[name]) for name in ("real_value", "floor")}
    parts["curve"] = [(num, value) for num, value in row["curve"]]
    return MetricRow(**row | parts)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    return [_finite(one) for one in value] if isinstance(value, list | tuple) else value
