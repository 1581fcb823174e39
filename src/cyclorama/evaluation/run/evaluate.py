"""One evaluation, from folders and a protocol to a report: every sample by itself, then the figures of the sets."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from cyclorama.evaluation.protocols import DEFAULT_PROTOCOL, Protocol
from cyclorama.evaluation.report.exhibits import Folders
from cyclorama.evaluation.run.arithmetic import reproducible
from cyclorama.evaluation.run.csv_table import FigureTable, TableRow
from cyclorama.evaluation.run.extraction import Outcome, Update
from cyclorama.evaluation.run.measured_sets import MeasuredSet, copies, warnings_between
from cyclorama.evaluation.run.results import FileNote, MetricRow, ProtocolFacts, Report, SetName, time_stamp
from cyclorama.evaluation.run.rows import Measured, measure
from cyclorama.evaluation.run.study import Part, Study, Tally, open_study

_PACKAGES = ("numpy", "pillow", "torch")


@dataclass(frozen=True)
class Evaluation:
    """A report, the figures of every file, where the files are, and how much of it was new."""

    report: Report
    table: FigureTable
    folders: Folders
    tally: Tally


def evaluate(
    fake: str | Path,
    *,
    real: str | Path | None = None,
    prompts: str | Path | None = None,
    protocol: str | Path = DEFAULT_PROTOCOL,
    weights: Mapping[str, str | Path] | None = None,
    cache: str | Path | None = None,
    device: str | None = None,
    update: Update | None = None,
) -> Evaluation:
    """Measures the samples of the folder `fake`, against those of `real` if it is given.

    `prompts` names a file of texts, else they are those of the folder's metadata or of the pictures themselves.
    `weights` are paths by the networks' names; `cache` is CYCLORAMA_CACHE or ~/.cache/cyclorama unless named. `update`
    is told the progress. Files and measures that fail are named in the report.

    Raises:
        ValueError: where nothing can be measured: what `study.open_study` refuses, or no sample that can be read.
    """
    study = open_study(fake, real=real, prompts=prompts, protocol=protocol, weights=weights, cache=cache, device=device)
    study.compute(update=update)
    for one in (study.fake, study.real):
        if one is not None:
            _check_read(one)
    return _conclude(study, update)


def fill_cache(
    fake: str | Path,
    *,
    part: Part,
    real: str | Path | None = None,
    protocol: str | Path = DEFAULT_PROTOCOL,
    weights: Mapping[str, str | Path] | None = None,
    cache: str | Path | None = None,
    device: str | None = None,
    update: Update | None = None,
) -> Tally:
    """Computes what `evaluate` needs of the k-th of n parts of the samples, and leaves it in the cache."""
    if not 1 <= part[0] <= part[1]:
        raise ValueError(f"got the part {part[0]}/{part[1]}, wanted 1/N up to N/N")
    study = open_study(fake, real=real, protocol=protocol, weights=weights, cache=cache, device=device)
    study.compute(part=part, update=update)
    return study.tally


def _check_read(one: MeasuredSet) -> None:
    if all(outcome.fault for outcome in one.outcomes.values()):
        first = next(iter(one.outcomes.values()))
        raise ValueError(f"none of the {len(one.outcomes)} files in {one.folder} can be measured: {first.fault}")


def _conclude(study: Study, update: Update | None) -> Evaluation:
    measured = []
    for number, planned in enumerate(study.planned):
        if update is not None:
            update(planned.measure.name, number, len(study.planned))
        with reproducible():
            measured.append(measure(planned, study))
    report = _report(study, [one.row for one in measured])
    folders = Folders(study.fake.folder, study.real.folder if study.real else None)
    return Evaluation(report, _table(study, measured), folders, study.tally)


def _report(study: Study, rows: list[MetricRow]) -> Report:
    sets = [one for one in (study.fake, study.real) if one is not None]
    between = warnings_between(study.fake, study.real) if study.real else []
    own = [text for one in sets for text in one.warnings()]
    return Report(
        cyclorama=version("cyclorama"),
        created=time_stamp(),
        protocol=_protocol_facts(study.protocol),
        inputs={one.of: one.to_input() for one in sets},
        networks=study.networks.facts(),
        versions=_versions(study),
        metrics=rows,
        files=[note for one in sets for note in one.notes()] + _copied(study) + _failures(study, sets) + _lonely(study),
        warnings=[*study.warnings, *own, *between, *study.networks.warnings()],
    )


def _protocol_facts(protocol: Protocol) -> ProtocolFacts:
    return ProtocolFacts(protocol.name, protocol.version, protocol.hash, protocol.title, protocol.samples)


def _versions(study: Study) -> dict[str, str]:
    own = {"device": study.networks.device.partition(":")[0], "python": platform.python_version()}
    return own | {name: version(name) for name in _PACKAGES}


def _failures(study: Study, sets: Sequence[MeasuredSet]) -> list[FileNote]:
    """Of measures that failed on some files; one that failed on all says so in its row."""
    found = [note for one in sets for note in _failures_of(one.of, one.outcomes, study)]
    return [*found, *_failures_of("fake", study.pair_outcomes, study)]


def _failures_of(of: SetName, outcomes: Mapping[str, Outcome], study: Study) -> list[FileNote]:
    names: dict[str, list[str]] = {}
    for planned in study.planned:
        if planned.extractor is not None:
            names.setdefault(planned.extractor.key, []).append(planned.measure.name)
    read = [one for one in outcomes.values() if not one.fault]
    everywhere = {key for key in names if all(key in one.failures for one in read)}
    status = "skipped" if study.protocol.samples == "scene" else "error"  # a scene need not have depth or a loop
    return [
        FileNote(of, outcome.name, status, f"{', '.join(names[key])}: {reason}")
        for outcome in outcomes.values()
        for key, reason in outcome.failures.items()
        if key in names and key not in everywhere
    ]


def _copied(study: Study) -> list[FileNote]:
    same = {} if study.real is None else copies(study.fake, study.real)
    return [FileNote("fake", name, "note", f"the same as real {original}") for name, original in same.items()]


def _lonely(study: Study) -> list[FileNote]:
    if study.pairs is None:
        return []
    lonely: dict[SetName, Sequence[str]] = {"fake": study.pairs.lonely_fake, "real": study.pairs.lonely_real}
    reason = "no partner of its name in the other set: left out of the measures of pairs"
    return [FileNote(of, name, "skipped", reason) for of, names in lonely.items() for name in names]


def _table(study: Study, measured: Sequence[Measured]) -> FigureTable:
    shown = [one for one in measured if one.values]
    columns = tuple(one.row.name for one in shown)
    return FigureTable(columns, tuple(_table_rows(study.fake, shown)) + tuple(_table_rows(study.real, shown)))


def _table_rows(of: MeasuredSet | None, shown: Sequence[Measured]) -> list[TableRow]:
    if of is None:
        return []
    names = [outcome.name for outcome in of.outcomes.values() if not outcome.fault]
    held = [(one.row.name, one.values.get(of.of, {})) for one in shown]
    return [
        TableRow(of.of, name, {column: values[name] for column, values in held if name in values}) for name in names
    ]
