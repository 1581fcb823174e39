from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.poses import invert, transform_points
from cyclorama.geometry.projection import Projection
from cyclorama.media.cameras import Cameras, Lens
from cyclorama.media.colmap import ColmapModel, Observations, read_colmap, write_colmap
from cyclorama.media.points import Points
from tests.geometry.posed import random_poses

CAMERAS = {"equirect": Equirect(512, 1024), "pinhole": Perspective(480, 640, 70)}
by_camera = pytest.mark.parametrize("camera", CAMERAS.values(), ids=CAMERAS)
by_format = pytest.mark.parametrize("binary", [True, False], ids=["binary", "text"])
FILES = ("cameras", "images", "points3D")


def model_of(camera: Projection, *, num_points: int = 60) -> ColmapModel:
    """Three cameras among random points, observed wherever they are seen."""
    generator = np.random.default_rng(0)
    points = Points(
        generator.normal(size=(num_points, 3)) * 5,
        generator.integers(0, 256, (num_points, 3)).astype(np.uint8),
        generator.integers(0, 3, num_points),
    )
    poses = random_poses(3)
    seen = []
    for cam_to_world in poses:
        pixels, shown = camera.dirs_to_pixels(transform_points(torch.from_numpy(points.places), invert(cam_to_world)))
        seen.append(Observations(pixels[shown].numpy(), np.flatnonzero(shown.numpy())))
    return ColmapModel(Cameras.of(["a.png", "b/c.png", "d.png"], poses, camera), points, tuple(seen))


def assert_same(one: ColmapModel, other: ColmapModel) -> None:
    assert one.cameras.names == other.cameras.names
    assert one.cameras.lenses == other.cameras.lenses
    torch.testing.assert_close(one.cameras.cam_to_world, other.cameras.cam_to_world, rtol=0, atol=1e-14)
    np.testing.assert_array_equal(one.points.places, other.points.places)
    np.testing.assert_array_equal(one.points.colours, other.points.colours)
    for seen, again in zip(one.observations, other.observations, strict=True):
        np.testing.assert_array_equal(seen.pixels, again.pixels)
        np.testing.assert_array_equal(seen.points, again.points)


@by_camera
@by_format
def test_a_model_is_read_as_it_was_written(tmp_path, camera, binary: bool):
    model = model_of(camera)
    write_colmap(model, tmp_path / "sparse", binary=binary)
    assert_same(read_colmap(tmp_path / "sparse"), model)


@by_camera
@by_format
def test_pycolmap_projects_the_points_to_where_we_see_them(tmp_path, camera, binary: bool):
    pycolmap = pytest.importorskip("pycolmap")
    model = model_of(camera)
    write_colmap(model, tmp_path / "sparse", binary=binary)
    loaded = pycolmap.Reconstruction(str(tmp_path / "sparse"))
    assert loaded.num_reg_images() == 3
    assert loaded.num_points3D() == len(model.points)
    for image in loaded.images.values():
        seen = model.observations[model.cameras.names.index(image.name)]
        assert image.num_points3D == len(seen.points)
        world_to_cam = image.cam_from_world().matrix()
        in_camera = model.points.places[seen.points] @ world_to_cam[:, :3].T + world_to_cam[:, 3]
        projected = loaded.cameras[image.camera_id].img_from_cam(in_camera)
        np.testing.assert_allclose(projected, seen.pixels, rtol=0, atol=1e-6)
    loaded.update_point_3d_errors()
    assert loaded.compute_mean_reprojection_error() < 1e-6
    point = loaded.points3D[7]
    np.testing.assert_array_equal(point.color, model.points.colours[6])
    assert point.track.length() == sum((seen.points == 6).sum() for seen in model.observations)


@by_camera
@by_format
def test_what_pycolmap_writes_is_read(tmp_path, camera, binary: bool):
    pycolmap = pytest.importorskip("pycolmap")
    model = model_of(camera)
    write_colmap(model, tmp_path / "ours")
    (tmp_path / "theirs").mkdir()
    loaded = pycolmap.Reconstruction(str(tmp_path / "ours"))
    (loaded.write_binary if binary else loaded.write_text)(str(tmp_path / "theirs"))
    again = read_colmap(tmp_path / "theirs")
    order = [again.cameras.names.index(name) for name in model.cameras.names]
    torch.testing.assert_close(again.cameras.cam_to_world[order], model.cameras.cam_to_world, rtol=0, atol=1e-12)
    assert [again.cameras.lenses[index] for index in order] == list(model.cameras.lenses)
    by_place = np.lexsort(again.points.places.T), np.lexsort(model.points.places.T)
    np.testing.assert_allclose(again.points.places[by_place[0]], model.points.places[by_place[1]], rtol=0, atol=1e-12)


def test_spherical_and_simple_pinhole_are_read(tmp_path):
    write_colmap(model_of(CAMERAS["equirect"]), tmp_path / "m", binary=False)
    cameras = tmp_path / "m" / "cameras.txt"
    cameras.write_text("# comment\n\n1 SPHERICAL 1024 512 1024 512\n")
    assert read_colmap(tmp_path / "m").cameras.lenses == (Lens(512, 1024),) * 3
    cameras.write_text("1 SIMPLE_PINHOLE 1024 512 300 512 256\n")
    assert read_colmap(tmp_path / "m").cameras.lenses[0] == Lens(512, 1024, (300.0, 300.0), (512.0, 256.0))


@by_format
def test_a_model_without_points_is_a_model(tmp_path, binary: bool):
    model = model_of(CAMERAS["equirect"], num_points=0)
    write_colmap(model, tmp_path / "m", binary=binary)
    assert_same(read_colmap(tmp_path / "m"), model)


def test_a_folder_with_files_is_left_alone(tmp_path):
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "mine.txt").write_text("mine")
    with pytest.raises(ValueError, match="not empty"):
        write_colmap(model_of(CAMERAS["equirect"]), tmp_path / "m")
    assert [path.name for path in tmp_path.rglob("*")] == ["m", "mine.txt"]


def test_a_name_that_text_cannot_hold_leaves_nothing(tmp_path):
    model = model_of(CAMERAS["equirect"], num_points=0)
    cameras = Cameras(("a b.png", "c", "d"), model.cameras.cam_to_world, model.cameras.lenses)
    with pytest.raises(ValueError, match="write the binary format"):
        write_colmap(ColmapModel(cameras, model.points, model.observations), tmp_path / "m", binary=False)
    assert not list(tmp_path.iterdir())
    write_colmap(ColmapModel(cameras, model.points, model.observations), tmp_path / "m")
    assert read_colmap(tmp_path / "m").cameras.names[0] == "a b.png"


def test_observations_of_nothing_are_refused():
    model = model_of(CAMERAS["equirect"], num_points=3)
    lost = Observations(np.zeros((1, 2)), np.array([3]))
    with pytest.raises(ValueError, match="not among the 3"):
        ColmapModel(model.cameras, model.points, (lost, lost, lost))
    with pytest.raises(ValueError, match="2 sets of observations for 3 pictures"):
        ColmapModel(model.cameras, model.points, model.observations[:2])


@pytest.mark.parametrize(
    ("file", "line", "reason"),
    [
        ("cameras", "1 OPENCV 4 4 1 1 1 1 0 0 0 0", "undistort"),
        ("cameras", "1 PINHOLE 4 4 1 1 1", "has 3 parameters"),
        ("cameras", "1 PINHOLE four 4 1 1 1 1", "not of its format"),
        ("cameras", "7 EQUIRECTANGULAR 8 4 8 4", "camera or point 1 is missing"),
        ("images", "1 0 0 0 0 1 2 3 1 a.png", "NaN or infinity"),
        ("images", "1 1 0 0 0 1 2 3", "not of its format"),
        ("images", "1 1 0 0 0 1 2 3 1 a.png\n1 2", "not of its format"),
        ("images", "1 1 0 0 0 1 2 3 1 a.png\n1 2 99", "point 99 is missing"),
        ("images", "1 1 0 0 0 1 2 3 1 ../a.png\n", "relative path"),
        ("points3D", "1 0 0 0 300 0 0 0", "colour"),
        ("points3D", "1 0 0 0 1 0 0 0 1", "not of its format"),
    ],
)
def test_broken_text_ends_in_one_line(tmp_path, file: str, line: str, reason: str):
    write_colmap(model_of(CAMERAS["equirect"], num_points=0), tmp_path / "m", binary=False)
    (tmp_path / "m" / f"{file}.txt").write_text(line)
    with pytest.raises(ValueError, match=reason) as refusal:
        read_colmap(tmp_path / "m")
    assert "\n" not in str(refusal.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"cameras\.txt: No such file"):
        read_colmap(tmp_path)


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for binary in (True, False):
        write_colmap(model_of(CAMERAS["pinhole"], num_points=4), folder / str(binary), binary=binary)
    return folder


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.booleans(), st.sampled_from(FILES), st.floats(0, 1), st.binary(max_size=12), st.booleans())
def test_damaged_models_end_in_a_model_or_one_line(
    written: Path, tmp_path_factory, binary: bool, file: str, place: float, junk: bytes, cut: bool
):
    folder = tmp_path_factory.mktemp("damaged")
    for source in (written / str(binary)).iterdir():
        data = source.read_bytes()
        if source.stem == file:
            at = round(place * len(data))
            data = data[:at] + junk + (b"" if cut else data[at + len(junk) :])
        (folder / source.name).write_bytes(data)
    refusal = None
    try:
        read_colmap(folder)
    except ValueError as fault:
        refusal = str(fault)
    assert refusal is None or ("cannot read" in refusal and "\n" not in refusal)
