"""The numbered examples run as they stand, at a small size."""

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from cyclorama.evaluation.run.results import read_report
from cyclorama.media.images import read_image
from cyclorama.models.table import MINIATURE

EXAMPLES = Path(__file__).parents[1] / "examples"


def load_example(name: str) -> Any:
    return runpy.run_path(str(EXAMPLES / name))["main"]


@pytest.mark.skipif(not MINIATURE.is_dir(), reason="this checkout has no miniature yet")
def test_generate_writes_a_panorama_and_a_page(tmp_path):
    load_example("01_generate.py")(tmp_path / "valley.jpg", height=64, num_steps=2)
    assert read_image(tmp_path / "valley.jpg").shape == (3, 64, 128)
    assert (tmp_path / "valley.html").stat().st_size > (tmp_path / "valley.jpg").stat().st_size


def test_your_own_flux_runs_a_folder_of_plain_diffusers(tmp_path, tiny_flux_folder):
    load_example("02_your_own_flux.py")(tiny_flux_folder, output=tmp_path / "own.png", height=32)
    assert read_image(tmp_path / "own.png").shape == (3, 32, 64)


def test_examples_are_numbered_without_gaps():
    numbers = sorted(int(path.name[:2]) for path in EXAMPLES.glob("*.py"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_projections_come_back_from_their_views(tmp_path):
    load_example("03_projections.py")(tmp_path, height=64)
    names = ["cubemap.png", "fisheye.jpg", "little_planet.jpg", "mercator.jpg", "pannini.jpg", "perspective.jpg"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [*names, "stitched.png"]
    assert read_image(tmp_path / "stitched.png").shape == (3, 64, 128)


def test_posed_panoramas_are_exported_natively_and_as_a_rig(tmp_path):
    load_example("04_posed_panoramas.py")(tmp_path / "walk", height=48, num_poses=2)
    written = {str(path.relative_to(tmp_path / "walk")) for path in (tmp_path / "walk").rglob("*") if path.is_file()}
    for name in ("transforms.json", "points.ply", "sparse/0/cameras.bin"):
        assert {f"equirect/{name}", f"pinhole/{name}"} <= written
    assert len([name for name in written if name.startswith("pinhole/images")]) == 12


def test_evaluation_finds_the_spoilt_seam(tmp_path):
    load_example("05_evaluate.py")(tmp_path, height=48, num=6)
    [row] = [row for row in read_report(tmp_path / "report").metrics if row.name == "seam_ratio"]
    assert row.value is not None
    assert row.real_value is not None
    assert row.value > 2 * (row.real_value.value or 0)
    assert (tmp_path / "report" / "index.html").is_file()


def test_a_posed_data_set_is_written_and_read_back(tmp_path, capsys):
    load_example("06_dataset.py")(tmp_path, height=48, num_poses=2)
    told = capsys.readouterr().out
    [decibels] = re.findall(r"with ([\d.]+) dB", told)
    assert float(decibels) > 15
    assert told.count("nearest thing") == 4
