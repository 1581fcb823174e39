import json
import resource
import subprocess
import sys

import pytest
import torch

from cyclorama.media.description import read_parameters
from cyclorama.media.images import read_image, write_panorama


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


def test_render_writes_pictures_with_their_captions(cyclorama, tmp_path):
    status, _, _ = cyclorama("render", "-o", "set", "--height", 16, "--num-images", 2, "--seed", 3, "--depth")
    rows = [json.loads(line) for line in (tmp_path / "set" / "metadata.jsonl").read_text().splitlines()]
    assert status == 0
    assert [row["seed"] for row in rows] == [3, 4]
    assert all(row["objects"] for row in rows), "panoramas say which things they show"
    for row in rows:
        assert read_image(tmp_path / "set" / row["file_name"]).shape == (3, 16, 32)
        assert read_parameters(tmp_path / "set" / row["file_name"])["prompt"] == row["text"]
        assert (tmp_path / "set" / row["depth"]).exists()


def test_rendered_views_are_a_training_folder(cyclorama, tmp_path):
    from cyclorama.data.folder import ImageFolder

    cyclorama("render", "-o", "set", "--height", 12, "--projection", "perspective", "--fov-deg", 60)
    [item] = ImageFolder(tmp_path / "set")
    assert (item.projection, item.fov_deg) == ("perspective", 60)
    assert item.read().shape == (3, 12, 16)


@pytest.mark.parametrize(("flag", "message"), [("--place", "unknown place 'x'"), ("--sky", "unknown sky 'x'")])
def test_render_names_what_the_diorama_lacks(cyclorama, tmp_path, flag, message):
    status, _, err = cyclorama("render", "-o", "set", flag, "x")
    assert (status, err.count("\n")) == (2, 1)
    assert message in err
    assert not (tmp_path / "set").exists()


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


def test_render_keeps_an_earlier_set(cyclorama):
    for expected in (0, 2):
        status, _, _ = cyclorama("render", "-o", "set", "--height", 8)
        assert status == expected
