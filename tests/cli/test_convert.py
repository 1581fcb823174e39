import json
import subprocess
import sys

import numpy as np
import pytest

from cyclorama.cli.convert import Name
from cyclorama.media.metadata import gpano_fields
from cyclorama.media.pictures import read_picture, write_picture
from cyclorama.media.views import PROJECTIONS


@pytest.fixture
def panorama(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (32, 64, 3), np.uint8)
    write_picture(pixels, tmp_path / "p.png", gpano=gpano_fields(32, 64), parameters={"prompt": "noise"})
    return tmp_path / "p.png"


def test_the_command_knows_every_projection():
    assert tuple(PROJECTIONS) == Name.__args__


@pytest.mark.parametrize("name", PROJECTIONS)
def test_one_line_says_what_was_written(cyclorama, panorama, tmp_path, name):
    status, out, err = cyclorama("convert", panorama, "out.png", "--to", name)
    height, width, _ = read_picture(tmp_path / "out.png").pixels.shape
    assert (status, out, err.count("\n")) == (0, "", 1)
    assert err.startswith(f"out.png  (equirect to {name}, ")
    assert f"{height}x{width}" in err or name == "cubemap"


def test_all_flags_at_once(cyclorama, panorama, tmp_path):
    flags = "--to perspective --from equirect --size 20x30 --fov-deg 70 --yaw-deg 1 --pitch-deg 2 --roll-deg 3"
    status, out, err = cyclorama(
        "convert", panorama, "out.jpg", *flags.split(), "--interpolation", "bicubic", "--quality", 50, "--json"
    )
    report = json.loads(out)
    assert (status, read_picture(tmp_path / "out.jpg").pixels.shape) == (0, (20, 30, 3)), err
    assert report["skipped"] == []
    assert report["failed"] == {}
    assert report["converted"][0]["files"] == ["out.jpg"]
    assert (report["converted"][0]["height"], report["converted"][0]["width"]) == (20, 30)


def test_six_files_there_and_back(cyclorama, panorama, tmp_path):
    assert cyclorama("convert", panorama, "sky", "--to", "cubemap", "--layout", "threejs")[0] == 0
    assert len(list((tmp_path / "sky").iterdir())) == 6
    assert cyclorama("convert", "sky", "back.png")[0] == 0
    assert cyclorama("convert", "sky/{face}.png", "dice.png", "--to", "cubemap")[0] == 0
    (tmp_path / "sky" / "pz.png").unlink()
    status, _, err = cyclorama("convert", "sky", "back.png")
    assert (status, err) == (2, "error: cannot read sky: of layout threejs the face pz is missing\n")


def test_a_folder_goes_on_after_a_fault_and_says_so(cyclorama, panorama, tmp_path):
    (tmp_path / "in").mkdir()
    panorama.rename(tmp_path / "in" / "p.png")
    (tmp_path / "in" / "q.png").write_bytes(b"no picture")
    for _ in range(2):
        status, out, err = cyclorama("convert", "in", "out", "--to", "fisheye", "--json")
        lines = err.splitlines()
        assert (status, len(lines)) == (2, 3)
        assert lines[0].startswith("error: cannot read in/q.png: ")
        assert lines[2] == "error: 1 of 2 files of in were not converted; the others are in out"
        assert list(json.loads(out)["failed"]) == ["in/q.png"]
        assert (tmp_path / "out" / "p.png").exists()


def test_a_video(cyclorama, tmp_path):
    pytest.importorskip("av")
    from cyclorama.media.video import write_video

    write_video(tmp_path / "v.mp4", [np.zeros((32, 64, 3), np.uint8)] * 3, fps=5)
    status, _, err = cyclorama("convert", "v.mp4", "out.mp4", "--to", "perspective", "--size", "32x32")
    assert (status, err) == (0, "out.mp4  (equirect to perspective, 32x32, 3 frames)\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.png", "out.png"), "cannot read none.png: no such file"),
        (("p.png", "out.txt"), "cannot write out.txt: got .txt"),
        (("p.png", "out.mp4"), "cannot write out.mp4: got .mp4"),
        (("p.png", "out"), "cannot write out: got no extension"),
        (("p.png", "no/out.png"), "the folder"),
        (("p.png", "out.png", "--to", "globe"), "'globe' is not one of"),
        (("p.png", "out.png", "--from", "globe"), "got projection 'globe'"),
        (("p.png", "out.png", "--size", "0"), "wanted HEIGHTxWIDTH"),
        (("p.png", "out.png", "--size", "99999999x9"), "use a smaller --size"),
        (("p.png", "out.png", "--to", "perspective", "--fov-deg", "nan"), "field of view"),
        (("p.png", "out.png", "--yaw-deg", "inf"), "got yaw_deg inf"),
        (("p.png", "out.png", "--quality", "7"), "PNG is lossless"),
        (("p.png", "{face}.png"), "only a cubemap has faces"),
        (("{face}.png", "out.png"), "it holds no faces of a cubemap"),
        (("p.png", "out.png", "--to", "cubemap", "--layout", "box"), "unknown cubemap layout 'box'"),
    ],
)
def test_a_wrong_wish_is_one_line(cyclorama, panorama, tmp_path, arguments, message):
    status, out, err = cyclorama("convert", *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith("error: ")
    assert message in err
    assert [path.name for path in tmp_path.iterdir()] == ["p.png"]


def test_one_picture_loads_neither_torch_nor_what_it_does_not_need(panorama, tmp_path):
    script = """
import sys
from cyclorama.cli.app import run
assert run(["convert", "p.png", "out.jpg", "--to", "perspective"]) == 0
print(sorted({name.partition(".")[0] for name in sys.modules} & {"torch", "rich", "av", "tifffile", "OpenEXR"}))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
