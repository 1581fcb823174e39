import json
import resource
import subprocess
import sys

import pytest
import torch

from cyclorama.media.images import write_panorama


@pytest.fixture
def panorama(tmp_path):
    path = tmp_path / "p.png"
    columns = torch.sin(torch.arange(64) * 2 * torch.pi / 64) / 2 + 0.5
    write_panorama(columns.expand(3, 32, 64), path, parameters={"prompt": "waves", "seed": 5})
    return path


def test_info_as_json(cyclorama, panorama):
    status, out, _ = cyclorama("info", panorama, "--json")
    facts = json.loads(out)
    assert status == 0
    assert (facts["projection"], facts["height"], facts["width"]) == ("equirect", 32, 64)
    assert facts["parameters"] == {"prompt": "waves", "seed": 5}
    assert 0 <= facts["seam_ratio"] < 3


def test_info_for_people(cyclorama, panorama):
    _, out, _ = cyclorama("info", panorama)
    assert "projection: equirect (GPano metadata)" in out
    assert "  prompt: waves" in out


def test_view_writes_a_page(cyclorama, panorama, tmp_path):
    status, _, err = cyclorama("view", panorama, "-o", "page.html")
    assert status == 0
    assert "page.html" in err
    assert "<title>waves</title>" in (tmp_path / "page.html").read_text()


def test_models_as_json(cyclorama):
    _, out, _ = cyclorama("models", "--json")
    names = {row["name"]: row["licence"] for row in json.loads(out)}
    assert {"miniature", "FLUX.1-dev", "dit360"} <= names.keys()


def test_models_for_people_keeps_the_brackets_of_a_licence(cyclorama):
    _, out, _ = cyclorama("models")
    assert "FLUX.1 [dev]" in out
    assert "trigger words" in out


def test_a_full_disk_is_one_line_and_no_file(panorama, tmp_path):
    """The kernel's file-size limit stands for the full disk."""
    page = tmp_path / "page.html"
    result = subprocess.run(
        [sys.executable, "-c", "from cyclorama.cli import main; main()", "view", str(panorama), "-o", str(page)],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
        check=False,
    )
    assert (result.returncode, result.stderr) == (2, f"error: {page}: File too large\n")
    assert [path.name for path in tmp_path.iterdir()] == ["p.png"]
