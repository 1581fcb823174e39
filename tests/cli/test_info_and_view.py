import json

import numpy as np
import pytest
from PIL import Image

from cyclorama.media.metadata import gpano_fields
from cyclorama.media.pictures import write_picture


@pytest.fixture
def video(tmp_path):
    pytest.importorskip("av")
    from cyclorama.media.video import write_video

    frames = [np.full((64, 128, 3), 40 * number, np.uint8) for number in range(3)]
    write_video(tmp_path / "v.mp4", frames, fps=5, parameters={"prompt": "a storm"})
    return tmp_path / "v.mp4"


def test_info_of_a_video(cyclorama, video):
    status, out, _ = cyclorama("info", video, "--json")
    facts = json.loads(out)
    assert status == 0
    assert (facts["kind"], facts["projection"], facts["codec"]) == ("video", "equirect", "h264")
    assert (facts["num_frames"], facts["fps"], facts["has_audio"]) == (3, 5.0, False)
    assert facts["spherical"]["generations"] == [1, 2]
    assert facts["parameters"] == {"prompt": "a storm"}
    _, out, _ = cyclorama("info", video)
    assert "video: h264 yuv420p, 3 frames, 5 a second, 0.60 s, without sound" in out
    assert "spherical metadata: equirectangular, mono (V1 and V2)" in out
    assert "  prompt: a storm" in out


def test_info_of_a_cubemap_names_the_layouts(cyclorama, tmp_path):
    Image.new("RGB", (96, 16)).save(tmp_path / "strip.png")
    _, out, _ = cyclorama("info", "strip.png")
    assert "projection: cubemap (its size is 6:1)" in out
    assert "cubemap layouts that fit: py360, opengl, threejs" in out


def test_info_of_a_partial_panorama(cyclorama, tmp_path):
    fields = gpano_fields(32, 64, left=32, top=16, full_height=64)
    write_picture(np.zeros((32, 64, 3), np.uint8), tmp_path / "part.jpg", gpano=fields)
    _, out, _ = cyclorama("info", "part.jpg")
    assert "projection: partial-equirect (GPano metadata: a part of a sphere of 64x128 (height x width))" in out
    facts = json.loads(cyclorama("info", "part.jpg", "--json")[1])
    assert (facts["area"]["left"], facts["area"]["top"], facts["area"]["full_height"]) == (32, 16, 64)


def test_info_tells_how_to_level_a_tilted_panorama(cyclorama, tmp_path):
    from cyclorama.geometry import rotate, rotation_matrix

    sea = np.full((256, 512, 3), 90, np.uint8)
    sea[:128] = 220
    write_picture(rotate(sea, rotation_matrix(pitch_deg=9, roll_deg=4)), tmp_path / "sea.png")
    facts = json.loads(cyclorama("info", "sea.png", "--json")[1])
    angles = {"--pitch-deg": facts["tilt"]["pitch_deg"], "--roll-deg": facts["tilt"]["roll_deg"]}
    assert facts["tilt"]["tilt_deg"] == pytest.approx(9.85, abs=0.5)
    _, out, _ = cyclorama("info", "sea.png")
    assert "level it: cyclorama convert IN OUT --pitch-deg " in out
    cyclorama("convert", "sea.png", "level.png", *(word for pair in angles.items() for word in pair))
    _, out, _ = cyclorama("info", "level.png")
    assert "horizon: level" in out


def test_view_takes_videos_and_looks_at_the_content(cyclorama, video, tmp_path):
    video.rename(tmp_path / "v.jpg")
    status, _, err = cyclorama("view", "v.jpg", "-o", "page.html")
    assert (status, err) == (0, "page.html: open it in a browser\n")
    assert "<title>a storm</title>" in (tmp_path / "page.html").read_text()


def test_view_refuses_a_view(cyclorama, tmp_path):
    Image.new("RGB", (30, 40)).save(tmp_path / "view.png")
    status, out, err = cyclorama("view", "view.png", "-o", "page.html")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("error: cannot view view.png: ")
