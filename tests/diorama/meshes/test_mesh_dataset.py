import json

import numpy as np
import pytest
import torch

from cyclorama.data.folder import ImageFolder
from cyclorama.diorama.meshes.cameras import Walks
from cyclorama.diorama.meshes.dataset import MeshPanoramas, render_mesh_dataset, scene_names
from cyclorama.diorama.meshes.loading import load_mesh_scene
from cyclorama.diorama.meshes.views import render_mesh_panorama
from cyclorama.media.depth import read_depth
from cyclorama.media.nerfstudio import read_transforms
from tests.diorama.meshes.box_room import write_room

SMALL = MeshPanoramas(16, 2, Walks(3), up="+y")


def rows_of(folder) -> list[dict]:
    return [json.loads(line) for line in (folder / "metadata.jsonl").read_text().splitlines()]


def test_a_folder_holds_panoramas_with_depth_poses_and_captions(tmp_path):
    path, told = write_room(tmp_path), []
    done = render_mesh_dataset(
        [path], tmp_path / "out", SMALL, caption=lambda image, scene, name: f"{scene} {name}", tell=told.append
    )
    assert (done.scenes, done.panoramas, done.left_out) == (1, 6, {})
    rows = rows_of(tmp_path / "out")
    scene = load_mesh_scene(path, up="+y")
    for row, item in zip(rows, ImageFolder(tmp_path / "out"), strict=True):
        expected = render_mesh_panorama(scene, 16, torch.tensor(row["cam_to_world"]))
        assert (item.read() - expected.colours).abs().max() <= 0.51 / 255
        np.testing.assert_allclose(read_depth(tmp_path / "out" / row["depth"]), expected.depth, atol=1e-5)
        assert row["text"] == f"room {row['file_name']}"
        assert row["scene"] == "room"
    assert [(row["sequence"], row["frame"]) for row in rows[:4]] == [
        *(("room_000", k) for k in range(3)),
        ("room_001", 0),
    ]
    assert any("2 of 2 walks of 3 poses" in line for line in told)
    assert any("up axis" in line for line in told)


def test_the_exports_hold_the_same_poses(tmp_path):
    render_mesh_dataset([write_room(tmp_path)], tmp_path / "out", SMALL)
    poses = torch.tensor([row["cam_to_world"] for row in rows_of(tmp_path / "out")][:3], dtype=torch.float64)
    cameras = read_transforms(tmp_path / "out" / "room_000" / "equirect" / "transforms.json")
    torch.testing.assert_close(cameras.cam_to_world, poses, atol=1e-6, rtol=0)
    assert (tmp_path / "out" / "room_000" / "pinhole" / "sparse" / "0" / "cameras.bin").is_file()


def test_lone_panoramas_lie_beside_the_metadata(tmp_path):
    render_mesh_dataset([write_room(tmp_path)], tmp_path / "out", MeshPanoramas(16, 2, up="+y"))
    assert [row["file_name"] for row in rows_of(tmp_path / "out")] == ["room_000.png", "room_001.png"]
    assert {row["text"] for row in rows_of(tmp_path / "out")} == {""}
    assert len(ImageFolder(tmp_path / "out")) == 2


def test_a_bad_scene_is_left_out_and_told(tmp_path):
    (tmp_path / "bad.glb").write_bytes(b"nothing" * 9)
    told: list[str] = []
    files = [tmp_path / "bad.glb", write_room(tmp_path)]
    done = render_mesh_dataset(files, tmp_path / "out", MeshPanoramas(16, 1, up="+y"), tell=told.append)
    assert done.scenes == 1
    assert list(done.left_out) == [str(tmp_path / "bad.glb")]
    assert any(line.startswith("left out: cannot read") for line in told)


def test_where_nothing_can_be_rendered_the_first_reason_is_told(tmp_path):
    with pytest.raises(ValueError, match="no such file"):
        render_mesh_dataset([tmp_path / "none.glb"], tmp_path / "out", SMALL)


def test_an_old_folder_is_not_written_to(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x").touch()
    with pytest.raises(ValueError, match="not empty"):
        render_mesh_dataset([write_room(tmp_path)], tmp_path / "out", SMALL)


def test_scenes_with_one_name_are_told_apart_by_their_folders(tmp_path):
    names = scene_names(["room_0/mesh.ply", "room_1/mesh.ply", "hall.glb"])
    assert list(names) == ["room_0_mesh", "room_1_mesh", "hall"]
    with pytest.raises(ValueError, match="wanted different names"):
        scene_names(["a.glb", "a.glb"])
    with pytest.raises(ValueError, match="one at least"):
        scene_names([])
