import json
from typing import Any

import numpy as np
import pytest

from cyclorama.evaluation.run.comparison import compare
from cyclorama.evaluation.run.writing import write_report
from cyclorama.media.pictures import write_picture
from tests.evaluation.run.small_sets import DS, FD, KD, SHARP, panorama, write_folder


@pytest.fixture
def report(run, tmp_path):
    """Writes an evaluation's report and returns its folder."""

    def call(name, *measures, **changes):
        done = run(*measures, **changes)
        write_report(done, tmp_path / name)
        return tmp_path / name

    return call


@pytest.fixture
def torn(tmp_path):
    """The fakes with a step at the seam and less contrast."""
    folder = tmp_path / "torn"
    folder.mkdir()
    for seed in range(20, 26):
        slope = np.linspace(-40, 40, 64)[None, :, None]
        pixels = (panorama(seed, shift=10) * 0.7 + 30 + slope).clip(0, 255).astype(np.uint8)
        write_picture(pixels, folder / f"{seed:03d}.png")
    return folder


def differences(comparison) -> dict[str, Any]:
    return {row.name: row for row in comparison.rows}


def test_a_report_does_not_differ_from_itself(report):
    folder = report("a")
    for row in compare(folder, folder).rows:
        assert (row.difference, row.low, row.high, row.paired, row.verdict) == (0, 0, 0, True, "no difference")


def test_a_worse_set_is_worse_where_it_is_spoilt(report, torn):
    whole, spoilt = report("a"), report("b", fake=torn)
    rows = differences(compare(whole / "report.json", spoilt / "report.json"))
    assert all(row.paired for row in rows.values())
    assert rows["DS"].verdict == rows["FD"].verdict == "worse"
    assert rows["DS"].difference == pytest.approx(rows["DS"].second - rows["DS"].first)
    back = differences(compare(spoilt, whole))
    assert back["DS"].verdict == "better"
    assert back["DS"].difference == -rows["DS"].difference
    assert back["FD"].low == pytest.approx(-rows["FD"].high)


def test_near_the_real_value_is_better_than_above_or_below(report, tmp_path):
    dull, gaudy = tmp_path / "dull", tmp_path / "gaudy"
    for folder, contrast in ((dull, 0.6), (gaudy, 1.5)):
        folder.mkdir()
        for seed in range(20, 26):
            pixels = (panorama(seed) - 120.0) * contrast + 120
            write_picture(pixels.clip(0, 255).astype(np.uint8), folder / f"{seed:03d}.png")
    whole = report("a", SHARP)
    for name, fake, sign in (("b", dull, -1), ("c", gaudy, 1)):
        row = differences(compare(whole, report(name, SHARP, fake=fake)))["sharp"]
        assert (row.direction, row.verdict, np.sign(row.difference)) == ("real", "worse", sign)
    lone = report("d", SHARP, real=None), report("e", SHARP, real=None, fake=dull)
    row = differences(compare(*lone))["sharp"]
    assert (row.verdict, row.remark) == ("", "no real set to be near to")


def test_pairing_narrows_the_interval(report, tmp_path):
    same = write_folder(tmp_path / "same", range(20, 26), shift=13)
    renamed = tmp_path / "renamed"
    renamed.mkdir()
    for path in same.iterdir():
        (renamed / f"x{path.name}").write_bytes(path.read_bytes())
    whole = report("a", DS, FD)
    pairs = (("b", same), ("c", renamed))
    paired, apart = (differences(compare(whole, report(name, DS, FD, fake=fake))) for name, fake in pairs)
    for name in ("DS", "FD"):
        assert apart[name].difference == pytest.approx(paired[name].difference)
        assert (paired[name].paired, apart[name].paired) == (True, False)
        assert "not paired" in apart[name].remark
        assert apart[name].high - apart[name].low > 2 * (paired[name].high - paired[name].low)


def test_only_common_files_are_paired(report, tmp_path):
    whole, more = report("a", DS), report("b", DS, fake=write_folder(tmp_path / "more", range(22, 30), shift=10))
    found = compare(whole, more)
    row = differences(found)["DS"]
    assert (row.num, row.paired, row.remark) == (4, True, "6 files without a partner are left out")
    assert "6 and 8 samples" in " ".join(found.warnings)


def test_another_protocol_is_refused_unless_forced(report):
    a, b = report("a", DS, SHARP), report("b", DS)
    with pytest.raises(ValueError, match="other protocols: test 1") as caught:
        compare(a, b)
    assert "\n" not in str(caught.value)
    forced = compare(a, b, force=True)
    assert [row.name for row in forced.rows] == ["DS"]
    assert "other protocols" in forced.warnings[0]


def test_other_weights_are_refused_unless_forced(report, other_faed):
    a, b = report("a", FD), report("b", FD, weights={"faed": other_faed})
    with pytest.raises(ValueError, match="other weights of faed"):
        compare(a, b)
    assert compare(a, b, force=True).rows


def test_another_real_set_is_a_warning_and_ends_the_pairing_of_sets(report, tmp_path):
    a, b = report("a", DS, KD), report("b", DS, KD, real=write_folder(tmp_path / "others", range(40, 48)))
    found = compare(a, b)
    assert "the real sets differ" in found.warnings[0]
    assert (differences(found)["KD"].paired, differences(found)["DS"].paired) == (False, True)


def test_what_was_not_measured_is_not_compared(report):
    a, b = report("a", DS, FD), report("b", DS, FD, weights={})
    row = differences(compare(a, b))["FD"]
    assert row.difference is None
    assert row.remark.startswith("second: skipped: got")


@pytest.mark.parametrize("text", ["", "[]", '{"schema": 0}', '{"schema": 1}'])
def test_what_is_no_report_is_refused_in_one_line(tmp_path, text):
    (tmp_path / "report.json").write_text(text)
    with pytest.raises(ValueError, match=r"report\.json") as caught:
        compare(tmp_path / "report.json", tmp_path / "report.json")
    assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match="cannot read"):
        compare(tmp_path / "none.json", tmp_path / "none.json")


def test_a_comparison_is_plain_json(report):
    folder = report("a")
    assert json.loads(json.dumps(compare(folder, folder).to_dict()))["rows"][0]["name"] == "DS"


def test_measures_of_one_name_and_other_metrics_are_not_compared(report):
    a, b = report("a", FD), report("b", SHARP | {"name": "FD"})
    for pair in ((a, b), (b, a)):
        row = differences(compare(*pair, force=True))["FD"]
        assert (row.difference, row.verdict) == (None, "")
        assert "other metrics" in row.remark


def test_a_single_file_gives_a_difference_and_no_verdict(report, tmp_path):
    lone, other = (write_folder(tmp_path / f"lone{shift}", [20], shift=shift) for shift in (0, 30))
    row = differences(compare(report("a", DS, fake=lone), report("b", DS, fake=other)))["DS"]
    assert row.difference == pytest.approx(row.second - row.first)
    assert (row.low, row.high, row.verdict) == (None, None, "")


def test_what_only_one_report_has_is_told(report):
    a, b = report("a", DS, FD), report("b", DS, FD, real=None)
    assert "only the first report has FD" in compare(a, b).warnings
    assert "only the second report has FD" in compare(b, a).warnings


def test_the_table_of_another_report_is_refused(report, torn):
    a, b = report("a", DS), report("b", DS, fake=torn)
    (a / "b.json").write_text((b / "report.json").read_text())
    with pytest.raises(ValueError, match="another report's"):
        compare(a, a / "b.json")
