import json
from typing import Any

import pytest
import torch

from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.fisheye import Fisheye
from cyclorama.geometry.perspective import Perspective
from cyclorama.media.cameras import Cameras, Lens, read_trajectory, write_trajectory
from cyclorama.media.nerfstudio import read_transforms, write_transforms
from tests.geometry.posed import random_poses

POSES = random_poses(3)
CAMERAS = {"equirect": Equirect(16, 32), "pinhole": Perspective(30, 40, 75)}
by_camera = pytest.mark.parametrize("camera", CAMERAS.values(), ids=CAMERAS)


def test_a_trajectory_keeps_every_digit(tmp_path):
    write_trajectory(POSES, tmp_path / "path.json")
    assert read_trajectory(tmp_path / "path.json").equal(POSES)
    write_trajectory(POSES[:0], tmp_path / "empty.json")
    assert len(read_trajectory(tmp_path / "empty.json")) == 0


@by_camera
def test_a_lens_is_its_projection(camera):
    again = Lens.of(camera).projection()
    pixels = torch.rand(20, 2, dtype=torch.float64) * 30
    torch.testing.assert_close(again.pixels_to_dirs(pixels), camera.pixels_to_dirs(pixels), rtol=0, atol=1e-14)


def test_other_lenses_are_refused():
    with pytest.raises(ValueError, match="wanted an equirect or a perspective"):
        Lens.of(Fisheye(8, 8, 180))
    for lens in (Lens(4, 4, (2.0, 2.0), (2.0, 2.5)), Lens(4, 4, (2.0, 3.0), (2.0, 2.0))):
        with pytest.raises(ValueError, match="square pixels"):
            lens.projection()
    size: dict[str, Any] = {"height": 4, "width": 4}
    wrong: list[dict[str, Any]] = [
        {"focal": (0.0, 1.0), "centre": (2.0, 2.0)},
        {"focal": (float("nan"), 1.0), "centre": (2.0, 2.0)},
        {"focal": (1.0, 1.0)},
        {"width": 0},
    ]
    for change in wrong:
        with pytest.raises(ValueError, match="wanted"):
            Lens(**(size | change))


@pytest.mark.parametrize("name", ["", "/etc/a.png", "../a.png", "a/../../b.png", "a\nb.png", "a\\b.png"])
def test_names_stay_in_their_folder(name: str):
    with pytest.raises(ValueError, match="relative path"):
        Cameras.of([name], POSES[:1], CAMERAS["equirect"])


def test_counts_and_poses_are_checked():
    with pytest.raises(ValueError, match="2 names, 3 poses and 2 lenses"):
        Cameras.of(["a", "b"], POSES, CAMERAS["equirect"])
    with pytest.raises(ValueError, match="twice"):
        Cameras.of(["a", "a", "b"], POSES, CAMERAS["equirect"])
    with pytest.raises(ValueError, match="no rotation"):
        Cameras.of(["a"], 2 * POSES[:1], CAMERAS["equirect"])


@by_camera
def test_transforms_are_read_as_they_were_written(tmp_path, camera):
    cameras = Cameras.of(["images/a.png", "images/b.png", "c.png"], POSES, camera)
    write_transforms(cameras, tmp_path / "transforms.json", points="points.ply")
    again = read_transforms(tmp_path / "transforms.json")
    assert again.names == cameras.names
    assert again.lenses == cameras.lenses
    assert again.cam_to_world.equal(POSES)
    assert json.loads((tmp_path / "transforms.json").read_text())["ply_file_path"] == "points.ply"


def test_an_equirect_is_what_nerfstudio_calls_equirectangular(tmp_path):
    write_transforms(Cameras.of(["a.png"], POSES[:1], Equirect(16, 32)), tmp_path / "t.json")
    content = json.loads((tmp_path / "t.json").read_text())
    assert content["camera_model"] == "EQUIRECTANGULAR"
    assert [content[key] for key in ("w", "h", "fl_x", "fl_y", "cx", "cy")] == [32, 16, 16, 16, 16, 8]


def test_lenses_that_differ_are_written_with_each_picture(tmp_path):
    lenses = (Lens(4, 6, (5.0, 4.0), (3.1, 2.2)), Lens(8, 6, (5.0, 4.0), (3.1, 2.2)))
    write_transforms(Cameras(("a", "b"), POSES[:2], lenses), tmp_path / "t.json")
    assert read_transforms(tmp_path / "t.json").lenses == lenses
    with pytest.raises(ValueError, match="write two files"):
        write_transforms(Cameras(("a", "b"), POSES[:2], (lenses[0], Lens(4, 8))), tmp_path / "t.json")


FRAME = {"file_path": "a.png", "transform_matrix": POSES[0].tolist()}
PINHOLE = {"w": 4, "h": 4, "fl_x": 4, "frames": [FRAME]}


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no JSON object"),
        ({}, "'frames' is missing"),
        ({"frames": 3}, "'frames' is no list"),
        ({"frames": [7]}, "'transform_matrix' is missing"),
        (PINHOLE | {"w": None}, "no number"),
        (PINHOLE | {"w": "many"}, "invalid literal|no number"),
        (PINHOLE | {"k1": 0.1}, "undistort"),
        (PINHOLE | {"camera_model": "FISHEYE624"}, "wanted one of EQUIRECTANGULAR"),
        (PINHOLE | {"frames": [FRAME | {"transform_matrix": [[1, 2], [3]]}]}, "no 4x4 matrices"),
        (PINHOLE | {"frames": [FRAME | {"transform_matrix": (2 * POSES[0]).tolist()}]}, "no rotation"),
        (PINHOLE | {"frames": [FRAME | {"transform_matrix": [["a"] * 4] * 4}]}, "no 4x4 matrices"),
        (PINHOLE | {"fl_x": -1}, "focal lengths above 0"),
    ],
)
def test_broken_transforms_end_in_one_line(tmp_path, content, line: str):
    path = tmp_path / "transforms.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(ValueError, match=line) as refusal:
        read_transforms(path)
    assert "\n" not in str(refusal.value)


def test_a_trajectory_that_is_none_is_refused(tmp_path):
    (tmp_path / "a.json").write_text('{"frames": []}')
    for path, line in ((tmp_path / "a.json", "its format is None"), (tmp_path / "b.json", "No such file")):
        with pytest.raises(ValueError, match=line):
            read_trajectory(path)
    with pytest.raises(ValueError, match="directory"):
        read_trajectory(tmp_path)
    with pytest.raises(ValueError, match="no rotation"):
        write_trajectory(3 * POSES, tmp_path / "c.json")
    assert not (tmp_path / "c.json").exists()
