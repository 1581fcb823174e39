import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from cyclorama.diorama import render, sample_scene
from cyclorama.diorama.places import build
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.poses import look_at
from cyclorama.geometry.rays import rays
from cyclorama.geometry.viewsets import coverage
from cyclorama.media.cameras import Cameras
from cyclorama.media.colmap import read_colmap
from cyclorama.media.depth import read_depth
from cyclorama.media.images import read_image
from cyclorama.media.nerfstudio import read_transforms
from cyclorama.media.points import points_from_depth, write_ply
from cyclorama.media.scene_export import cut_cameras, export_scene, rig_of

HEIGHT = 64
CAMERA = Equirect(HEIGHT, 2 * HEIGHT)


def diorama() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Pictures, depths and poses of three panoramas of a room, turned and tilted."""
    scene = sample_scene(3, place="living room", time="noon", sky="clear")
    eye = torch.tensor(build(scene, torch.device("cpu")).eye)
    steps = torch.tensor([[0.0, 0, 0], [0.3, 0.1, 0.2], [-0.2, -0.1, 0.3]])
    poses = look_at(eye + steps, eye + torch.tensor([[0.0, 0, -9], [5, 2, 0], [-3, 4, 9]]))
    shots = [render(scene, rays(CAMERA, pose)[1], pose[:3, 3]) for pose in poses]
    return torch.stack([shot.colours for shot in shots]), torch.stack([shot.depth for shot in shots]), poses


IMAGES, DEPTHS, POSES = diorama()


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "scene"
    export_scene(IMAGES, POSES, folder, depths=DEPTHS, num_points=600)
    return folder


@pytest.mark.parametrize("kind", ["equirect", "pinhole"])
def test_pycolmap_loads_each_model_and_projects_its_points_to_a_thousandth_of_a_pixel(exported: Path, kind: str):
    pycolmap = pytest.importorskip("pycolmap")
    model = pycolmap.Reconstruction(str(exported / kind / "sparse" / "0"))
    assert model.num_reg_images() == (3 if kind == "equirect" else 18)
    assert 500 < model.num_points3D() <= 600
    assert {camera.model_name for camera in model.cameras.values()} == {
        "EQUIRECTANGULAR" if kind == "equirect" else "PINHOLE"
    }
    assert model.compute_num_observations() >= model.num_points3D()
    model.update_point_3d_errors()
    assert model.compute_mean_reprojection_error() < 1e-4
    for image in model.images.values():
        for seen in image.get_observation_points2D():
            projected = image.project_point(model.points3D[seen.point3D_id].xyz)
            assert np.abs(projected - seen.xy).max() < 1e-3


def test_depth_stands_beside_the_pictures_as_it_was_given(exported: Path):
    files = sorted((exported / "equirect" / "depth").iterdir())
    assert [file.stem for file in files] == [file.stem for file in sorted((exported / "equirect" / "images").iterdir())]
    assert all(np.array_equal(read_depth(file), depth.numpy()) for file, depth in zip(files, DEPTHS, strict=True))


@pytest.mark.parametrize("kind", ["equirect", "pinhole"])
def test_the_pictures_show_the_points_in_their_colours(exported: Path, kind: str):
    model = read_colmap(exported / kind / "sparse" / "0")
    off = []
    for name, seen in zip(model.cameras.names, model.observations, strict=True):
        picture = read_image(exported / kind / "images" / name)
        columns, rows = torch.from_numpy(seen.pixels).floor().long().clamp(min=0).unbind(-1)
        colours = picture[:, rows.clamp(max=picture.shape[-2] - 1), columns.clamp(max=picture.shape[-1] - 1)]
        off.append(np.abs(colours.T.numpy() * 255 - model.points.colours[seen.points]).max(-1))
    apart = np.concatenate(off)
    assert apart.max() < 1 if kind == "equirect" else np.median(apart) < 6


def test_the_points_of_one_panorama_are_where_the_others_see_them(exported: Path):
    pycolmap = pytest.importorskip("pycolmap")
    model = pycolmap.Reconstruction(str(exported / "equirect" / "sparse" / "0"))
    ours = read_colmap(exported / "equirect" / "sparse" / "0")
    for view, name in enumerate(ours.cameras.names):
        image = model.find_image_with_name(name)
        others = ours.points.places[ours.points.views != view]
        colours = ours.points.colours[ours.points.views != view]
        pixels = np.array([image.project_point(place) for place in others])
        to_cam = image.cam_from_world().matrix()
        away = np.linalg.norm(others @ to_cam[:, :3].T + to_cam[:, 3], axis=1)
        rows, columns = np.clip(pixels[:, 1].astype(int), 0, HEIGHT - 1), pixels[:, 0].astype(int) % (2 * HEIGHT)
        visible = np.abs(DEPTHS[view].numpy()[rows, columns] / away - 1) < 0.05
        assert visible.mean() > 0.8
        shown = IMAGES[view].numpy()[:, rows, columns].T[visible] * 255
        assert np.median(np.abs(shown - colours[visible])) < 4


@pytest.mark.parametrize("kind", ["equirect", "pinhole"])
def test_nerfstudio_and_colmap_files_name_the_same_cameras_and_pictures(exported: Path, kind: str):
    transforms = read_transforms(exported / kind / "transforms.json")
    colmap = read_colmap(exported / kind / "sparse" / "0").cameras
    assert transforms.names == tuple(f"images/{name}" for name in colmap.names)
    assert transforms.lenses == colmap.lenses
    torch.testing.assert_close(transforms.cam_to_world, colmap.cam_to_world, rtol=0, atol=1e-6)
    for name, lens in zip(transforms.names, transforms.lenses, strict=True):
        assert read_image(exported / kind / name).shape == (3, lens.height, lens.width)
    points = json.loads((exported / kind / "transforms.json").read_text())["ply_file_path"]
    assert (exported / kind / points).is_file()


def test_a_panorama_is_written_with_its_metadata(exported: Path):
    assert b"GPano:ProjectionType" in (exported / "equirect" / "images" / "pano_000.png").read_bytes()
    assert b"GPano" not in (exported / "pinhole" / "images" / "pano_000_up.png").read_bytes()


def test_the_rings_show_every_direction_twice():
    rig = rig_of("rings", 32)
    assert coverage(rig.camera, rig.rotations, 64).counts.min() >= 2
    assert coverage(rig_of("cube", 32).camera, rig_of("cube", 32).rotations, 64).covered == 1


def test_a_rig_stands_where_the_panorama_does_and_looks_along_its_faces():
    cut = cut_cameras(["a"], POSES[1:2], rig_of("cube", 8))
    torch.testing.assert_close(cut.cam_to_world[:, :3, 3], POSES[1, :3, 3].expand(6, 3), rtol=0, atol=0)
    torch.testing.assert_close(cut.cam_to_world[0], POSES[1], rtol=0, atol=1e-7)
    torch.testing.assert_close(cut.cam_to_world[4, :3, 2], -POSES[1, :3, 1], rtol=0, atol=1e-7)
    assert cut.lenses[0].projection() == Perspective(8, 8, 90)
    assert cut.names[4] == "a_up.png"


def test_points_lie_on_what_the_depth_says_and_are_spread_evenly():
    points = points_from_depth(IMAGES[:1], torch.full((1, HEIGHT, 2 * HEIGHT), 2.0), POSES[:1], num_points=400)
    dirs = (torch.from_numpy(points.places).float() - POSES[0, :3, 3]) @ POSES[0, :3, :3]
    torch.testing.assert_close(dirs.norm(dim=-1), torch.full((len(points),), 2.0))
    assert len(points) > 380
    shares = [(dirs[:, axis] * sign > 1).float().mean().item() for axis in range(3) for sign in (-1, 1)]
    assert shares == pytest.approx([0.25] * 6, abs=0.03)  # a cap of 60 degrees is a quarter of the sphere


def test_sky_and_unknown_give_no_points_and_voxels_thin_them():
    depth = torch.full((1, 16, 32), 1.0)
    depth[0, :8] = torch.inf
    depth[0, 8:12] = 0
    image = torch.rand(1, 3, 16, 32)
    points = points_from_depth(image, depth, torch.eye(4)[None], num_points=2000)
    assert points.places[:, 1].max() < -0.6
    thin = points_from_depth(image, depth, torch.eye(4)[None], num_points=2000, voxel=0.25)
    cells = np.floor(thin.places / 0.25)
    assert len(np.unique(cells, axis=0)) == len(cells) == len(np.unique(np.floor(points.places / 0.25), axis=0))


def test_a_ply_is_read_by_others(tmp_path):
    pycolmap = pytest.importorskip("pycolmap")
    points = points_from_depth(IMAGES, DEPTHS, POSES, num_points=300)
    write_ply(points, tmp_path / "points.ply")
    loaded = pycolmap.Reconstruction()
    loaded.import_PLY(str(tmp_path / "points.ply"))
    places = np.array([point.xyz for _, point in sorted(loaded.points3D.items())])
    colours = np.array([point.color for _, point in sorted(loaded.points3D.items())])
    np.testing.assert_allclose(places, points.places, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(colours, points.colours)


def test_without_depth_there_are_cameras_and_no_points(tmp_path):
    export_scene(IMAGES[:1], POSES[:1], tmp_path / "scene", names=["hall"], rig="rings", face_size=32)
    model = read_colmap(tmp_path / "scene" / "pinhole" / "sparse" / "0")
    assert len(model.cameras) == 18
    assert len(model.points) == 0
    assert not (tmp_path / "scene" / "pinhole" / "points.ply").exists()
    assert (tmp_path / "scene" / "equirect" / "images" / "hall.png").is_file()


SPOILT = DEPTHS.clone()
SPOILT[1, 3, 4] = torch.nan


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"depths": SPOILT}, "NaN"),
        ({"depths": DEPTHS[:2]}, "one depth for every pixel"),
        ({"depths": DEPTHS[..., :-1]}, "one depth for every pixel"),
        ({"cam_to_world": POSES[:2]}, "names"),
        ({"cam_to_world": POSES * torch.tensor([1.0, 1, 2, 1])}, "no rotation"),
        ({"names": ["a", "b"]}, "names"),
        ({"names": ["a", "b", "../c"]}, "relative path"),
        ({"rig": "sphere"}, "wanted one of cube, rings"),
        ({"face_size": -3}, "at least 1x1"),
        ({"voxel": -1.0}, "voxel"),
        ({"images": IMAGES[..., :-2], "depths": None}, "twice as wide"),
        ({"images": IMAGES * torch.nan, "depths": None}, "NaN"),
        ({"images": IMAGES[:0], "cam_to_world": POSES[:0], "depths": None}, "not 0"),
    ],
)
def test_faults_end_in_one_line_and_leave_nothing(tmp_path, change: dict, line: str):
    arguments: dict[str, Any] = {"images": IMAGES, "cam_to_world": POSES, "depths": DEPTHS} | change
    with pytest.raises(ValueError, match=line) as refusal:
        export_scene(folder=tmp_path / "scene", **arguments)
    assert "\n" not in str(refusal.value)
    assert not list(tmp_path.iterdir())


def test_a_folder_with_files_or_a_file_is_left_alone(tmp_path, exported: Path):
    (tmp_path / "file").write_text("mine")
    for place, line in (
        (exported, "not empty"),
        (tmp_path / "file", "a file of this name"),
        (tmp_path / "a" / "b", "does not exist"),
    ):
        with pytest.raises(ValueError, match=line):
            export_scene(IMAGES, POSES, place)
    (tmp_path / "empty").mkdir()
    export_scene(IMAGES[:1], POSES[:1], tmp_path / "empty")
    assert (tmp_path / "empty" / "equirect" / "transforms.json").is_file()
    assert isinstance(read_transforms(tmp_path / "empty" / "equirect" / "transforms.json"), Cameras)
