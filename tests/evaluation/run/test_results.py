import json
from dataclasses import replace
from math import inf, nan

import pytest

from cyclorama.evaluation.intervals import Interval
from cyclorama.evaluation.run.csv_table import FigureTable, TableRow, read_table
from cyclorama.evaluation.run.results import Figure, MetricRow, read_report, time_stamp, to_figure, with_figure
from tests.evaluation.run.small_sets import DS, FD, KD, write_folder

ROW = MetricRow("DS", "discontinuity_score", "picture", "lower", "ok")


def test_a_report_comes_back_from_its_json(run, tmp_path):
    report = run(DS, FD).report
    (tmp_path / "report.json").write_text(report.to_json())
    back = read_report(tmp_path / "report.json")
    assert back == report
    assert back.to_json() == report.to_json()
    assert read_report(tmp_path) == back


def test_the_time_is_the_only_line_that_may_differ(run, monkeypatch):
    first = run(DS).report.to_json().splitlines()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    second = run(DS).report.to_json().splitlines()
    changed = [line for line, other in zip(first, second, strict=True) if line != other]
    assert changed == [' "created": "1970-01-01T00:00:00Z",']
    assert time_stamp() == "2001-09-09T01:46:40Z"


def test_numbers_that_are_none_become_null_with_a_reason(run):
    for value in (nan, inf, None):
        row = with_figure(ROW, Figure(value, 0.0, inf, 3))
        assert (row.value, row.num, row.reason) == (None, 3, "the value is not a finite number")
    open_ended = with_figure(ROW, to_figure(Interval(1.0, -inf, inf, 3)))
    assert (open_ended.low, open_ended.high) == (None, None)
    report = replace(run(DS).report, metrics=[open_ended])
    found = json.loads(report.to_json())["metrics"][0]
    assert (found["value"], found["low"], found["high"], found["reason"]) == (1.0, None, None, "")


def test_a_table_comes_back_from_its_csv(tmp_path):
    rows = (
        TableRow("fake", 'a, "b".png', {"DS": 0.1 + 0.2, "sharp": 1e-17}),
        TableRow("real", "c.png", {"sharp": 3.0}),
    )
    table = FigureTable(("DS", "sharp"), rows)
    (tmp_path / "t.csv").write_text(table.to_csv())
    assert read_table(tmp_path / "t.csv") == table
    assert table.values() == {
        "fake": {"DS": {'a, "b".png': 0.1 + 0.2}, "sharp": {'a, "b".png': 1e-17}},
        "real": {"DS": {}, "sharp": {"c.png": 3.0}},
    }


@pytest.mark.parametrize("text", ["", "name,DS\n", "set,file,DS\nfake,a.png\n", "set,file,DS\nother,a.png,1\n"])
def test_another_table_is_refused_in_one_line(tmp_path, text):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(ValueError, match=r"t\.csv") as caught:
        read_table(tmp_path / "t.csv")
    assert "\n" not in str(caught.value)


def test_the_floor_is_held_against_a_value_of_as_many_reals_and_fakes_or_none(run, tmp_path):
    equal = write_folder(tmp_path / "equal", range(30, 38))
    row = next(row for row in run(KD, fake=equal).report.metrics)
    assert row.floor is not None
    assert row.floor.num == 4
    halves = [value for value in row.replicates if value is not None]
    assert row.value_at_half == pytest.approx(sum(halves) / len(halves))
    more = write_folder(tmp_path / "more", range(30, 46))
    assert next(row for row in run(KD, fake=more).report.metrics).value_at_half is None
