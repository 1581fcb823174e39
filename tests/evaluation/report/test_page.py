import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from cyclorama.evaluation.report import write_page
from cyclorama.evaluation.report.crops import seam_close_up
from cyclorama.evaluation.report.exhibits import Folders, exhibits
from cyclorama.evaluation.report.page import MOST_FILES
from cyclorama.evaluation.report.plots import curve, histogram
from cyclorama.evaluation.run.results import Figure, FileNote, InputSet, MetricRow, ProtocolFacts, Report
from cyclorama.evaluation.seams import discontinuity_score
from cyclorama.media.images import write_panorama

NUM = 12
STEPS = [0.0, 0.3, 0.02, 0.1, 0.01, 0.05, 0.2, 0.03, 0.04, 0.06, 0.07, 0.08]
"""Of the brightness at the seam of each picture."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("<fake>")
    slope = torch.linspace(-0.5, 0.5, 64)
    for number, step in enumerate(STEPS):
        write_panorama((0.5 + step * slope).expand(3, 32, 64), folder / f"{number:02d}.png")
    return folder


@pytest.fixture(scope="module")
def scores(folder: Path) -> dict[str, float]:
    slope = torch.linspace(-0.5, 0.5, 64)
    pictures = torch.stack([(0.5 + step * slope).expand(3, 32, 64) for step in STEPS])
    values = discontinuity_score(pictures).tolist()
    return {f"{number:02d}.png": value for number, value in enumerate(values)}


@pytest.fixture
def report(scores: dict[str, float]) -> Report:
    ok = MetricRow("DS", "discontinuity_score", "picture", "lower", "ok", value=1.5, low=1.0, high=2.0, num=NUM)
    distance = MetricRow(
        name="FD_equ",
        metric="frechet",
        kind="set",
        direction="lower",
        status="ok",
        views="sides",
        value=3.25,
        num=NUM,
        floor=Figure(0.5, num=NUM // 2),
        value_at_half=5.0,
        curve=[(3, 9.0), (6, 5.0), (12, 3.25)],
        limit=1.0,
        per_view={"front": 1.0, "right": 2.0, "back": 3.0, "left": 4.0},
        warnings=["few vectors"],
    )
    skipped = MetricRow("FID", "frechet", "set", "lower", "skipped", reason="got no weights of inception")
    return Report(
        cyclorama="0.1.0",
        created="2026-01-01T00:00:00Z",
        protocol=ProtocolFacts("own", "1", "0123456789abcdef", "Mine", "panorama"),
        inputs={"fake": InputSet("<fake>", NUM, "a", "b")},
        networks={},
        versions={"torch": "2.13"},
        metrics=[ok, distance, skipped],
        files=[FileNote("fake", "<b>.png", "error", "cannot read <b>.png")],
        warnings=["other sizes"],
    )


def page_of(report: Report, scores: dict[str, float], folder: Path, path: Path) -> str:
    write_page(report, {"fake": {"DS": scores}, "real": {"DS": {}}}, Folders(folder), path)
    return path.read_text(encoding="utf-8")


def test_a_page_holds_figures_warnings_and_faults_and_asks_for_nothing_outside(report, scores, folder, tmp_path):
    page = page_of(report, scores, folder, tmp_path / "index.html")
    for text in ("3.25", "few vectors", "got no weights of inception", "other sizes", "0123456789abcdef"):
        assert text in page
    links = re.findall(r"""(?:src|href)=["']([^"']*)""", page)
    assert [link[:40] for link in links if not link.startswith(("data:", "#"))] == []
    assert "@import" not in page
    assert report.created not in page


def test_names_are_escaped(report, scores, folder, tmp_path):
    page = page_of(report, scores, folder, tmp_path / "index.html")
    assert "<b>.png" not in page
    assert "&lt;b&gt;.png" in page


def test_columns_and_sentences_without_figures_are_left_out(report, scores, folder, tmp_path):
    page = page_of(report, scores, folder, tmp_path / "index.html")
    assert page.count(">floor") == 1, "of the distance alone"
    assert page.count(">at half") == 1
    assert '<th class="number">real' not in page
    assert "The floor is" in page
    assert "there was no real set" in page
    assert ">real</text>" not in page, "in no legend of a plot"
    alone = page_of(replace(report, metrics=report.metrics[:1]), scores, folder, tmp_path / "alone.html")
    assert "floor" not in alone.lower()


def test_faults_are_told_at_the_top(report, scores, folder, tmp_path):
    failed = replace(report.metrics[0], name="NIQE", status="error", reason="too few patches")
    page = page_of(replace(report, metrics=[*report.metrics, failed]), scores, folder, tmp_path / "index.html")
    top = page.partition("<h2>")[0]
    assert "1 file could not be measured" in top
    assert "Not computed: NIQE;" in top
    assert 'href="#files"' in top
    assert 'id="files"' in page


def test_a_page_of_a_set_with_many_remarks_stays_small_and_shows_the_errors(report, scores, folder, tmp_path):
    notes = [FileNote("fake", f"{number}.png", "note", "an alpha channel") for number in range(MOST_FILES + 50)]
    bad = FileNote("real", "bad.png", "error", "cannot read bad.png")
    page = page_of(replace(report, files=[*notes, bad]), scores, folder, tmp_path / "index.html")
    assert "cannot read bad.png" in page
    assert page.count("an alpha channel") == MOST_FILES - 1
    assert "and 51 more" in page


def test_figures_that_are_no_numbers_are_dashes(report, scores, folder, tmp_path):
    row = replace(report.metrics[0], real_value=Figure(float("nan")), low=None, high=float("inf"))
    page = page_of(replace(report, metrics=[row]), scores, folder, tmp_path / "index.html")
    assert ">nan<" not in page
    assert "inf<" not in page
    assert "– to –" in page


def test_the_same_report_gives_the_same_bytes(report, scores, folder, tmp_path):
    first = page_of(report, scores, folder, tmp_path / "first.html")
    assert page_of(report, scores, folder, tmp_path / "second.html") == first


def test_the_ten_worst_seams_come_first_worst(report, scores, folder):
    shown = exhibits(report, {"fake": {"DS": scores}}, Folders(folder))
    worst = sorted(range(NUM), key=lambda number: -STEPS[number])[:10]
    assert [one.file for one in shown.seams] == [f"{number:02d}.png" for number in worst]
    assert shown.seam_metric == "DS"


def test_every_view_of_a_measure_is_shown_beside_its_figure(report, scores, folder, tmp_path):
    [seen] = exhibits(report, {"fake": {"DS": scores}}, Folders(folder)).views
    assert seen.names == ("front", "right", "back", "left")
    assert {len(example.pictures) for example in seen.examples} == {4}
    page = page_of(report, scores, folder, tmp_path / "index.html")
    assert all(f"<td>{name}" in page for name in seen.names)


def test_a_close_up_shows_the_seam_in_its_middle_where_the_step_is_largest():
    panorama = torch.zeros(3, 64, 128)
    panorama[:, 40:60, 64:] = 1.0  # the ends differ in these rows only
    import base64
    import io

    import numpy as np
    from PIL import Image

    data = base64.b64decode(seam_close_up(panorama).partition(",")[2])
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("L")).astype(float)
    middle = pixels.shape[1] // 2
    jump = np.abs(pixels[:, middle + 4] - pixels[:, middle - 5])
    assert (jump > 200).mean() > 0.6


def test_plots_are_the_same_bytes_and_bear_constant_values():
    assert histogram("DS", [1.0, 2.0, 3.0], [1.0, 1.5]) == histogram("DS", [1.0, 2.0, 3.0], [1.0, 1.5])
    assert histogram("DS", [1.0, 1.0], []).startswith("<svg")
    assert "a_$b$ &lt;i&gt;" in histogram("a_$b$ <i>", [1.0, 2.0])
    assert curve("FD", [(2, -1.0), (4, 3.0)], floor=None).startswith("<svg")
