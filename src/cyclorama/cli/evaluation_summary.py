"""What `cyclorama evaluate` prints: the report in short, or what it would measure."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cyclorama.cli.console import note, print_json, warn

if TYPE_CHECKING:
    from cyclorama.evaluation.run.evaluate import Evaluation

_MOST_FILES = 12
_MARKS = {"lower": "lower is better", "higher": "higher is better", "real": "near the real value is better"}


def tell_report(done: "Evaluation", output: Path, *, as_json: bool) -> None:
    """Figures to stdout; what failed, what is skipped and where the report is to stderr."""
    report = done.report
    if as_json:
        print_json(json.loads(report.to_json()))
    else:
        for row in report.metrics:
            if row.status == "ok":
                typer.echo(_figure_line(row))
    for text in report.warnings:
        warn(text)
    for row in report.metrics:
        for text in row.warnings:
            warn(f"{row.name}: {text}")
        if row.status != "ok":
            note(f"{row.status}: {row.name}: {row.reason}")
    for file in report.files[:_MOST_FILES]:
        note(f"{file.status}: {file.set} {file.file}: {file.reason}")
    if len(report.files) > _MOST_FILES:
        note(f"... and {len(report.files) - _MOST_FILES} more remarks on files, in the report")
    note(f"{done.tally.computed} files computed, {done.tally.from_cache} from the cache; the report is in {output}")


def tell_plan(fake: Path, *, as_json: bool, **asked: Any) -> None:
    """What would be measured, of how many files."""
    from cyclorama.evaluation.run.study import open_study

    study = open_study(fake, **asked)
    rows = [asdict(one.to_row()) for one in study.planned]
    measures = [{name: row[name] for name in ("name", "metric", "status", "reason")} for row in rows]
    real = 0 if study.real is None else len(study.real.samples)
    counts = {"fake": len(study.fake.samples), "real": real}
    if as_json:
        print_json({"protocol": study.protocol.name, "hash": study.protocol.hash, **counts, "measures": measures})
        return
    typer.echo(f"protocol {study.protocol.name} {study.protocol.version}: {counts['fake']} fake, {real} real")
    for row in measures:
        typer.echo(f"  {row['name']}" + (f"  {row['status']}: {row['reason']}" if row["reason"] else ""))


def _figure_line(row: Any) -> str:
    value = "-" if row.value is None else f"{row.value:.4g}"
    interval = "" if None in (row.low, row.high) else f"  [{row.low:.4g}, {row.high:.4g}]"
    real = f"  real {row.real_value.value:.4g}" if row.real_value and row.real_value.value is not None else ""
    floor = f"  floor {row.floor.value:.4g}" if row.floor and row.floor.value is not None else ""
    floor += f" (at half as many: {row.value_at_half:.4g})" if floor and row.value_at_half is not None else ""
    return f"{row.name}: {value}{interval}{real}{floor}  n {row.num}, {_MARKS[row.direction]}"
