"""Measures with a value for every sample: their means with intervals, and the values themselves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite

import torch
from torch import Tensor

from cyclorama.evaluation.intervals import mean_interval
from cyclorama.evaluation.measures import Measure
from cyclorama.evaluation.naturalness import NiqeModel, Patches, fit_niqe_to_patches, niqe_of_patches
from cyclorama.evaluation.run.feature_cache import Entry
from cyclorama.evaluation.run.results import Figure, MetricRow, to_figure, with_figure
from cyclorama.evaluation.run.weights_in_use import Networks
from cyclorama.evaluation.views import is_seeded, view_names


@dataclass(frozen=True)
class Values:
    """A figure of every sample by file name; `views`: of each view of a set of views, in its order."""

    by_file: dict[str, float] = field(default_factory=dict)
    by_view: dict[str, float] = field(default_factory=dict)

    @property
    def finite(self) -> dict[str, float]:
        return {name: value for name, value in self.by_file.items() if isfinite(value)}


def fill_row(row: MetricRow, fake: Values, real: Values | None, *, unit: str = "picture") -> MetricRow:
    """The mean over the fakes with its interval, and over the reals. `ValueError` without any value."""
    if not fake.by_file:
        raise ValueError(f"no {unit} has a value; the files say why")
    beside = None if real is None else mean_figure(real)
    return replace(
        with_figure(row, mean_figure(fake)),
        real_value=beside if beside is not None and beside.num else None,
        per_view=dict(fake.by_view),
        warnings=[*row.warnings, *_left_out(fake, unit)],
    )


def mean_figure(values: Values) -> Figure:
    """The mean of the finite values."""
    finite = list(values.finite.values())
    if not finite:
        return Figure(None)
    if len(finite) == 1:
        return Figure(finite[0], num=1)
    return to_figure(mean_interval(torch.tensor(finite, dtype=torch.float64)))


def view_values(entries: Mapping[str, Entry], measure: Measure) -> Values:
    """Of entries that have "values", one a view: the mean over a picture's views, and over the pictures of a view."""
    return _values({name: entry["values"] for name, entry in entries.items()}, measure)


def niqe_values(entries: Mapping[str, Entry], model: NiqeModel) -> Values:
    """NIQE of the patches of every picture, all its views together."""
    return Values({name: niqe_of_patches(_patches(entry), model).item() for name, entry in entries.items()})


def niqe_model(measure: Measure, networks: Networks, real: Mapping[str, Entry] | None, *, patch_size: int) -> NiqeModel:
    """The model that the measure names, else the one that is fitted to the real set."""
    if measure.network is not None:
        return networks.load(measure.network)
    return fit_niqe_to_patches((_patches(entry) for entry in (real or {}).values()), patch_size=patch_size)


def _patches(entry: Entry) -> Patches:
    return Patches(entry["features"], entry["sharpness"])


def _values(found: Mapping[str, Tensor], measure: Measure) -> Values:
    by_file = {name: values.double().mean().item() for name, values in found.items()}
    return Values(by_file, dict(_by_view(list(found.values()), measure)))


def _by_view(rows: Sequence[Tensor], measure: Measure) -> Iterator[tuple[str, float]]:
    """Where every picture has the same views, and more than one."""
    if not rows or measure.views is None or is_seeded(measure.views):
        return
    names = view_names(measure.views)
    if len(names) > 1 and all(len(row) == len(names) for row in rows):
        yield from zip(names, torch.stack([row.double() for row in rows]).mean(0).tolist(), strict=True)


def _left_out(values: Values, unit: str) -> list[str]:
    missing = [name for name, value in values.by_file.items() if not isfinite(value)]
    if not missing:
        return []
    named = ", ".join(missing[:3]) + (" ..." if len(missing) > 3 else "")
    return [f"{len(missing)} without a finite value are left out, such as a {unit} without contrast: {named}"]
