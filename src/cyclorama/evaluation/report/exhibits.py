"""The pictures that a report shows: some of each set, the worst seams, the poles, and the views that were measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import NamedTuple

from cyclorama.evaluation.report.crops import data_uri, pole, seam_close_up, thumbnail
from cyclorama.evaluation.run.results import MetricRow, Report
from cyclorama.evaluation.views import VIEW_SETS, cut_views, view_names
from cyclorama.media.images import read_image

NUM_WORST, NUM_SHOWN, NUM_OF_VIEWS, VIEW_SIZE = 10, 8, 2, 120
SEAM_METRICS = ("discontinuity_score", "seam_ratio", "relative_end_continuity", "end_continuity")
POLE_METRICS = (
    "pole_sharpness_down",
    "pole_sharpness_up",
    "pole_gradient_up",
    "pole_gradient_down",
    "pole_variance_up",
    "pole_variance_down",
)

Values = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Set ("fake", "real") -> name of the metric -> file -> value."""


@dataclass(frozen=True)
class Folders:
    """Where the samples are."""

    fake: Path
    real: Path | None = None


class Exhibit(NamedTuple):
    """A file's pictures as data URIs, with the value that put it here."""

    file: str
    pictures: tuple[str, ...]
    value: float | None = None


@dataclass(frozen=True)
class ViewSetShown:
    """The measures that have a figure for every view of a set, beside these views of some pictures."""

    views: str
    rows: tuple[MetricRow, ...]
    names: tuple[str, ...]
    examples: tuple[Exhibit, ...]


@dataclass(frozen=True)
class Exhibits:
    evaluated: tuple[Exhibit, ...] = ()
    real: tuple[Exhibit, ...] = ()
    seam_metric: str = ""
    seams: tuple[Exhibit, ...] = ()
    pole_metric: str = ""
    poles: tuple[Exhibit, ...] = ()
    views: tuple[ViewSetShown, ...] = field(default=())


def exhibits(report: Report, values: Values, folders: Folders) -> Exhibits:
    """All that a report of panoramas shows. Files without any figure are left out."""
    fake, real = (sorted({file for row in values.get(name, {}).values() for file in row}) for name in ("fake", "real"))
    seam, poles = _first_of(report, values, SEAM_METRICS), _first_of(report, values, POLE_METRICS)
    return Exhibits(
        evaluated=tuple(Exhibit(name, (thumbnail(read_image(folders.fake / name)),)) for name in _evenly(fake)),
        real=tuple(Exhibit(name, (thumbnail(read_image(folders.real / name)),)) for name in _evenly(real))
        if folders.real
        else (),
        seam_metric=seam.name if seam else "",
        seams=tuple(_seam(folders.fake, name, value) for name, value in _worst(seam, values)),
        pole_metric=poles.name if poles else "",
        poles=tuple(_poles(folders.fake, name, value) for name, value in _worst(poles, values)),
        views=tuple(
            _views(views, rows, folders.fake, _evenly(fake, NUM_OF_VIEWS)) for views, rows in _by_views(report).items()
        ),
    )


def _first_of(report: Report, values: Values, metrics: Sequence[str]) -> MetricRow | None:
    rows = {row.metric: row for row in report.metrics if values["fake"].get(row.name)}
    return next((rows[metric] for metric in metrics if metric in rows), None)


def _worst(row: MetricRow | None, values: Values) -> list[tuple[str, float]]:
    """The files with the worst values: largest, smallest, or furthest from what the real pictures' median is."""
    if row is None:
        return []
    fake, real = values["fake"][row.name], values.get("real", {}).get(row.name)
    middle = median((real or fake).values())
    badness = {"lower": lambda value: value, "higher": lambda value: -value, "real": lambda value: abs(value - middle)}
    order = sorted(fake.items(), key=lambda item: (-badness[row.direction](item[1]), item[0]))
    return order[:NUM_WORST]


def _seam(folder: Path, name: str, value: float) -> Exhibit:
    panorama = read_image(folder / name)
    return Exhibit(name, (thumbnail(panorama.roll(panorama.shape[-1] // 2, -1)), seam_close_up(panorama)), value)


def _poles(folder: Path, name: str, value: float) -> Exhibit:
    panorama = read_image(folder / name)
    return Exhibit(name, (pole(panorama, pitch_deg=90.0), pole(panorama, pitch_deg=-90.0)), value)


def _by_views(report: Report) -> dict[str, list[MetricRow]]:
    """The measures with a figure for each of several views, by the view set."""
    found: dict[str, list[MetricRow]] = {}
    for row in report.metrics:
        if len(row.per_view) > 1 and row.views in VIEW_SETS:
            found.setdefault(row.views, []).append(row)
    return found


def _views(views: str, rows: Sequence[MetricRow], folder: Path, files: Sequence[str]) -> ViewSetShown:
    examples = [Exhibit(name, _cut(folder, name, views)) for name in files]
    return ViewSetShown(views, tuple(rows), tuple(view_names(views)), tuple(examples))


def _cut(folder: Path, name: str, views: str) -> tuple[str, ...]:
    return tuple(data_uri(view) for view in cut_views(read_image(folder / name), views, size=VIEW_SIZE))


def _evenly(names: Sequence[str], count: int = NUM_SHOWN) -> list[str]:
    """Some of the names, from the first to the last, evenly spread."""
    if len(names) <= count:
        return list(names)
    return [names[round(k * (len(names) - 1) / (count - 1))] for k in range(count)]
