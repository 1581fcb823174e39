"""One HTML file from a report, the values of its samples, and the pictures themselves.

Nothing in it is a time or a place, so the same evaluation gives the same bytes.
"""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cyclorama.evaluation.report.exhibits import Exhibits, Folders, Values, exhibits
from cyclorama.evaluation.report.plots import curve, histogram
from cyclorama.evaluation.run.results import MetricRow, Report
from cyclorama.media.atomic import write_text

TITLES = {
    "set": "Distances between the two sets",
    "prompt": "Agreement with the prompts",
    "picture": "Figures of the pictures",
    "pair": "Pictures against their references",
    "video": "Figures of the videos",
    "scene": "Figures of the scenes",
}
"""Headings of the kinds of metrics, in the order of the page."""
MOST_FILES = 200
"""Remarks on files that the page lists, errors first; `report.json` has all."""


def write_page(report: Report, values: Values, folders: Folders, path: str | Path) -> None:
    """Write the page of a report, whole or not at all."""
    of_panoramas = not {"video", "scene"} & {row.kind for row in report.metrics}
    shown = exhibits(report, values, folders) if of_panoramas else Exhibits()
    plots = [Markup(plot) for plot in (*_histograms(report, values), *_curves(report))]
    page = _environment().get_template("page.html.j2")
    notes = sorted(report.files, key=lambda note: note.status != "error")
    text = page.render(
        report=report, groups=_groups(report.metrics), plots=plots, shown=shown, notes=notes, most_files=MOST_FILES
    )
    write_text(text, path)


def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("cyclorama.evaluation", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"figure": _figure, "remarks": _remarks}
    return found


def _figure(value: float | None) -> str:
    """Four digits that count, the way that one reads them."""
    if value is None or not isfinite(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def _groups(rows: Sequence[MetricRow]) -> list[tuple[str, list[MetricRow]]]:
    found = [(title, [row for row in rows if row.kind == kind]) for kind, title in TITLES.items()]
    return [(title, rows) for title, rows in found if rows]


def _remarks(rows: Sequence[MetricRow]) -> list[tuple[str, list[str]]]:
    """What is to be said of figures that there are, each text once with the names of the metrics."""
    names: dict[str, list[str]] = {}
    for row in rows:
        for text in (row.reason, *row.warnings) if row.status == "ok" else ():
            names.setdefault(text, []).append(row.name)
    return [(text, held) for text, held in names.items() if text]


def _histograms(report: Report, values: Values) -> list[str]:
    fake, real, samples = values["fake"], values.get("real", {}), f"{report.protocol.samples}s"
    return [
        histogram(row.name, list(fake[row.name].values()), list(real.get(row.name, {}).values()), of=samples)
        for row in report.metrics
        if row.kind != "prompt" and len(set(fake.get(row.name, {}).values())) > 1
    ]


def _curves(report: Report) -> list[str]:
    points = {row.name: [(num, value) for num, value in row.curve if value is not None] for row in report.metrics}
    samples = f"{report.protocol.samples}s"
    return [
        curve(row.name, points[row.name], of=samples, floor=row.floor.value if row.floor else None, limit=row.limit)
        for row in report.metrics
        if len(points[row.name]) > 1
    ]
