import json
from dataclasses import replace

import pytest
import torch

from cyclorama.evaluation.multiview import PosedViews, read_posed_views
from cyclorama.geometry import Equirect, Perspective, line, pose, rotation
from cyclorama.media.images import write_depth
from cyclorama.media.scene_export import export_scene


@pytest.fixture
def room() -> PosedViews:
    dice = torch.Generator().manual_seed(0)
    poses = line(pose(torch.eye(3), torch.zeros(3)), pose(rotation(30, 10, 5).float(), torch.ones(3)), 3)
    depth = 1 + 5 * torch.rand(3, 16, 32, generator=dice)
    depth[:, :2] = torch.inf
    return PosedViews(torch.rand(3, 3, 16, 32, generator=dice), poses, Equirect(16, 32), depth)


@pytest.fixture
def scene(room, tmp_path):
    export_scene(room.images, room.cam_to_world, tmp_path / "scene")
    return tmp_path / "scene"


def test_an_exported_scene_comes_back(room, scene):
    views = read_posed_views(scene)
    assert views.projection == Equirect(16, 32)
    assert views.is_panorama
    assert views.names == ("images/pano_000.png", "images/pano_001.png", "images/pano_002.png")
    assert views.neighbours() == [(0, 1), (1, 2)]
    assert views.depth is None
    torch.testing.assert_close(views.cam_to_world, room.cam_to_world.double())
    torch.testing.assert_close(views.images, room.images, rtol=0, atol=0.51 / 255)


@pytest.mark.parametrize("part", ["equirect", "equirect/transforms.json"])
def test_its_parts_and_its_file_can_be_named(scene, part):
    assert torch.equal(read_posed_views(scene / part).images, read_posed_views(scene).images)


def test_pinholes_come_back(scene):
    views = read_posed_views(scene / "pinhole")
    assert len(views) == 18
    assert views.projection == Perspective(8, 8, 90)


@pytest.mark.parametrize("suffix", [".npy", ".png"])
def test_depth_is_found_beside_the_pictures(room, scene, suffix):
    (scene / "equirect" / "depth").mkdir()
    for index, depth in enumerate(room.depth):
        write_depth(depth, scene / "equirect" / "depth" / f"pano_{index:03}{suffix}")
    torch.testing.assert_close(read_posed_views(scene).depth, room.depth, rtol=0, atol=6e-4)


def test_depth_is_found_where_the_file_says(room, scene):
    path = scene / "equirect" / "transforms.json"
    content = json.loads(path.read_text())
    for index, frame in enumerate(content["frames"]):
        frame["depth_file_path"] = f"far-{index}.npy"
        write_depth(room.depth[index], path.parent / f"far-{index}.npy")
    path.write_text(json.dumps(content))
    torch.testing.assert_close(read_posed_views(scene).depth, room.depth, rtol=0, atol=0)


def test_half_the_depth_is_refused(room, scene):
    (scene / "equirect" / "depth").mkdir()
    write_depth(room.depth[0], scene / "equirect" / "depth" / "pano_000.npy")
    with pytest.raises(ValueError, match="1 of 3 views have depth, wanted all or none"):
        read_posed_views(scene)


def test_a_folder_without_poses_and_a_missing_picture_are_named(scene, tmp_path):
    with pytest.raises(ValueError, match=r"wanted a folder with transforms\.json"):
        read_posed_views(tmp_path)
    (scene / "equirect" / "images" / "pano_001.png").unlink()
    with pytest.raises(ValueError, match="pano_001"):
        read_posed_views(scene)


def test_counts_and_sizes_that_differ_are_refused(room):
    with pytest.raises(ValueError, match=r"got \[2, 3\] pictures, poses"):
        replace(room, images=room.images[:2])
    with pytest.raises(ValueError, match="2 or more"):
        PosedViews(room.images[:1], room.cam_to_world[:1], room.projection)
    with pytest.raises(ValueError, match="wanted one; resize them"):
        replace(room, projection=Equirect(8, 16))
    with pytest.raises(ValueError, match="wanted one; resize them"):
        replace(room, depth=room.depth[:, :8])
