from importlib import import_module

import pytest

from cyclorama.evaluation.measures import NETWORK_NAMES, RULES
from cyclorama.evaluation.networks.table import NETWORKS
from cyclorama.evaluation.protocols import load_protocol, packaged_protocols
from cyclorama.evaluation.run.metrics import METRICS
from cyclorama.evaluation.run.picture_extractors import FIGURES
from cyclorama.evaluation.run.planning import plan_measures
from cyclorama.evaluation.run.weights_in_use import Networks


def test_protocols_may_name_what_can_be_measured_and_nothing_else():
    assert set(METRICS) == set(RULES)
    assert set(NETWORKS) == set(NETWORK_NAMES)


def test_every_figure_without_weights_has_a_function():
    for module, name, _ in FIGURES.values():
        assert callable(getattr(import_module(f"cyclorama.evaluation.{module}"), name))
    plain = {row.name for row in METRICS.values() if row.kind in ("picture", "pair") and not row.output}
    assert plain == FIGURES.keys() | {"niqe"}


@pytest.mark.parametrize("name", packaged_protocols())
def test_of_every_protocol_each_measure_can_run_or_says_which_weights_it_lacks(name):
    for planned in plan_measures(load_protocol(name), Networks({}, "cpu"), has_real=True):
        assert (planned.status, planned.extractor is not None) in (("ok", True), ("skipped", False)), planned.reason
        assert "got no" in planned.reason or planned.status == "ok"
