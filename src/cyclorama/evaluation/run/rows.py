"""From what was computed of the samples to the rows of the report, one measure after the other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cyclorama.evaluation.run.extraction import Extractor, Outcome, one_line
from cyclorama.evaluation.run.feature_cache import Entry
from cyclorama.evaluation.run.measured_sets import MeasuredSet
from cyclorama.evaluation.run.picture_extractors import patch_size
from cyclorama.evaluation.run.planning import Planned
from cyclorama.evaluation.run.prompt_rows import agreement_values, clip_values
from cyclorama.evaluation.run.results import MetricRow, SetName
from cyclorama.evaluation.run.sample_rows import Values, fill_row, niqe_model, niqe_values, view_values
from cyclorama.evaluation.run.scenes import scene_value
from cyclorama.evaluation.run.set_rows import compare_sets, measure_set, stack_clips, stack_features
from cyclorama.evaluation.run.study import Study


class NothingToMeasure(ValueError):
    """A measure that asks for what was not given; it is skipped, and that is no failure."""


@dataclass(frozen=True)
class Measured:
    """A row, and the measure's value of every sample where it has one."""

    row: MetricRow
    values: dict[SetName, dict[str, float]] = field(default_factory=dict)


def measure(planned: Planned, study: Study) -> Measured:
    """The measure's row; whatever is raised on the way becomes its status and reason."""
    row = planned.to_row()
    if planned.extractor is None:
        return Measured(row)
    try:
        return _KINDS[planned.metric.kind](row, planned, planned.extractor, study)
    except NothingToMeasure as fault:
        return Measured(replace(row, status="skipped", reason=one_line(fault)))
    except Exception as fault:
        return Measured(replace(row, status="error", reason=one_line(fault)))


def _of_sets(row: MetricRow, planned: Planned, extractor: Extractor, study: Study) -> Measured:
    fake = _entries(study.fake, extractor)
    real = None if study.real is None else _entries(study.real, extractor)
    if planned.metric.name == "inception_score":
        beside = None if real is None else stack_features(real, "probabilities")
        filled = measure_set(row, planned.measure, stack_features(fake, "probabilities"), beside)
    else:
        assert real is not None
        filled = _of_two_sets(row, planned, real, fake)
    return Measured(_with_losses(filled, study, extractor))


def _of_two_sets(row: MetricRow, planned: Planned, real: Mapping[str, Entry], fake: Mapping[str, Entry]) -> MetricRow:
    if planned.metric.name != "fvd":
        return compare_sets(row, planned.measure, stack_features(real, "features"), stack_features(fake, "features"))
    (theirs, told_theirs), (ours, told) = stack_clips(real), stack_clips(fake)
    filled = compare_sets(row, planned.measure, theirs, ours)
    return replace(filled, warnings=[*told_theirs, *told, *filled.warnings])


def _of_pictures(row: MetricRow, planned: Planned, extractor: Extractor, study: Study) -> Measured:
    if planned.metric.name == "niqe":
        return _niqe(row, planned, extractor, study)
    return _of_each(row, study, extractor, lambda of: view_values(_entries(of, extractor), planned.measure))


def _niqe(row: MetricRow, planned: Planned, extractor: Extractor, study: Study) -> Measured:
    real = None if study.real is None else _entries(study.real, extractor)
    model = niqe_model(planned.measure, study.networks, real, patch_size=patch_size(planned.measure, study.networks))
    return _of_each(row, study, extractor, lambda of: niqe_values(_entries(of, extractor), model))


def _of_prompts(row: MetricRow, planned: Planned, extractor: Extractor, study: Study) -> Measured:
    told: list[str] = []

    def values(of: MeasuredSet) -> Values:
        entries = _entries(of, extractor)
        if planned.metric.name == "agreement":
            found = agreement_values(entries, planned.measure, of, study.networks)
        else:
            found, truncated = clip_values(entries, planned.measure, of, study.networks)
            told.extend(truncated if of.of == "fake" else ())
        if of.of == "fake" and not found.by_file:
            asked = f"any {planned.measure.options['head']}" if planned.metric.name == "agreement" else "anything"
            raise NothingToMeasure(f"no text asks for {asked}; give --prompts, or texts in the folder's metadata.jsonl")
        return found

    measured = _of_each(row, study, extractor, values)
    return replace(measured, row=replace(measured.row, warnings=[*told, *measured.row.warnings]))


def _of_pairs(row: MetricRow, planned: Planned, extractor: Extractor, study: Study) -> Measured:
    assert study.pairs is not None
    if not study.pairs.references:
        raise ValueError("no fake has a real file of its name; name the files alike, whatever their extensions")
    found = view_values(_found(study.fake, study.pair_outcomes, extractor), planned.measure)
    lonely = [f"{len(names)} {of} files have no partner of their name and are left out" for of, names in (
        ("fake", study.pairs.lonely_fake), ("real", study.pairs.lonely_real)) if names]  # fmt: skip
    filled = fill_row(row, found, None, unit="pair")
    lost = _losses("pair", study.pair_outcomes, extractor)
    return Measured(replace(filled, warnings=[*filled.warnings, *lonely, *lost]), {"fake": found.by_file})


def _of_videos(row: MetricRow, planned: Planned, extractor: Extractor, study: Study) -> Measured:
    def values(of: MeasuredSet) -> Values:
        return Values({name: entry["values"].nanmean().item() for name, entry in _entries(of, extractor).items()})

    return _of_each(row, study, extractor, values, unit="video")


def _of_scenes(row: MetricRow, planned: Planned, extractor: Extractor, study: Study) -> Measured:
    def values(of: MeasuredSet) -> Values:
        try:
            entries = _entries(of, extractor)
        except ValueError as fault:  # panoramas have no pinhole figures, an open path no loop, a scene may lack depth
            raise NothingToMeasure(one_line(fault)) from fault
        return Values({name: scene_value(planned.measure, entry) for name, entry in entries.items()})

    return _of_each(row, study, extractor, values, unit="scene")


_KINDS: dict[str, Callable[[MetricRow, Planned, Any, Study], Measured]] = {
    "set": _of_sets,
    "picture": _of_pictures,
    "prompt": _of_prompts,
    "pair": _of_pairs,
    "video": _of_videos,
    "scene": _of_scenes,
}


def _of_each(
    row: MetricRow,
    study: Study,
    extractor: Extractor,
    values: Callable[[MeasuredSet], Values],
    *,
    unit: str = "picture",
) -> Measured:
    """A measure with a value for every sample, of the fakes and beside them of the reals."""
    fake = values(study.fake)
    real = None if study.real is None else _beside(study.real, values)
    kept: dict[SetName, dict[str, float]] = {"fake": fake.by_file}
    if real is not None:
        kept["real"] = real.by_file
    return Measured(_with_losses(fill_row(row, fake, real, unit=unit), study, extractor), kept)


def _beside(real: MeasuredSet, values: Callable[[MeasuredSet], Values]) -> Values | None:
    """The reals' values are a help; where they cannot be had the fakes' stand alone."""
    try:
        return values(real)
    except ValueError:
        return None


def _entries(of: MeasuredSet, extractor: Extractor) -> dict[str, Entry]:
    return _found(of, of.outcomes, extractor)


def _found(of: MeasuredSet, outcomes: Mapping[str, Outcome], extractor: Extractor) -> dict[str, Entry]:
    """`ValueError` with the first reason where the extractor failed on all."""
    found = of.entries(extractor, outcomes)
    if not found:
        reasons = [one.failures[extractor.key] for one in outcomes.values() if extractor.key in one.failures]
        raise ValueError(f"{of.of}: {reasons[0]}" if reasons else f"{of.of}: nothing was computed")
    return found


def _with_losses(row: MetricRow, study: Study, extractor: Extractor) -> MetricRow:
    sets = [one for one in (study.fake, study.real) if one is not None]
    lost = [text for one in sets for text in _losses(one.of, one.outcomes, extractor)]
    return replace(row, warnings=[*row.warnings, *lost])


def _losses(what: str, outcomes: Mapping[str, Outcome], extractor: Extractor) -> list[str]:
    num = sum(extractor.key in one.failures for one in outcomes.values())
    return [f"failed on {num} of {len(outcomes)} {what} files, which are left out"] if num else []
