import numpy as np
import pytest
import torch
import trimesh

from cyclorama.diorama.meshes.cameras import Walker, Walks
from cyclorama.diorama.meshes.clearance import Obstacles, missing_around
from cyclorama.diorama.meshes.loading import load_mesh_scene
from cyclorama.diorama.meshes.surfaces import MeshScene
from tests.diorama.meshes.box_room import EYE, HIGH, LOW, room, write_room

TABLE_TOP_M = 0.8


@pytest.fixture(scope="module")
def scene(tmp_path_factory) -> MeshScene:
    return load_mesh_scene(write_room(tmp_path_factory.mktemp("room")))


@pytest.fixture(scope="module")
def furnished(tmp_path_factory) -> MeshScene:
    """A hall of 8 x 8 m with a table in its middle and a column."""
    hall = room()
    hall.apply_scale([1.6, 1.2, 2.0])
    table = trimesh.creation.box((1.6, TABLE_TOP_M, 1.6))
    table.apply_translation([0.5, TABLE_TOP_M / 2, 1])
    column = trimesh.creation.cylinder(0.2, 3.0)
    column.apply_transform(trimesh.transformations.rotation_matrix(np.pi / 2, [1, 0, 0]))
    column.apply_translation([-2, 1.5, -2])
    path = tmp_path_factory.mktemp("hall") / "hall.glb"
    trimesh.Scene([hall, table, column]).export(path)
    return load_mesh_scene(path, up="+y")


def brute_force_distance(scene: MeshScene, point: np.ndarray) -> float:
    """To points spread densely over every triangle."""
    a, b, c = np.moveaxis(np.asarray(scene.mesh.triangles), 1, 0)
    u, v = (one.ravel() for one in np.meshgrid(*[np.linspace(0, 1, 120)] * 2))
    inside = u + v <= 1
    u, v = u[inside, None, None], v[inside, None, None]
    return float(np.linalg.norm(a + u * (b - a) + v * (c - a) - point, axis=-1).min())


def test_the_distance_to_the_nearest_surface_is_the_brute_force_one(furnished):
    obstacles = Obstacles(furnished)
    for point in np.random.default_rng(0).uniform([-3, 0.2, -3], [3, 2.8, 3], (12, 3)):
        expected = min(brute_force_distance(furnished, point), 0.7)
        assert obstacles.distance(point, most=0.7) == pytest.approx(expected, abs=0.05)


def test_a_walk_keeps_its_clearance_and_its_steps(furnished):
    wanted = Walks(5)
    found = Walker(furnished, wanted, seed=3).find(4)
    obstacles = Obstacles(furnished)
    for walk in found.walks:
        places = walk[:, :3, 3].numpy()
        steps = np.linalg.norm(np.diff(places, axis=0), axis=-1)
        assert (steps > 0.3 - 1e-9).all()
        assert (steps < 0.8 + 1e-9).all()
        assert (places[:, 1] > 1.3 - 1e-6).all()
        assert (places[:, 1] < 1.7 + 1e-6).all()
        assert all(obstacles.distance(place, most=1.0) >= 0.4 for place in places)
        assert all(obstacles.distance(place, most=1.0) >= 0.4 for place in (places[1:] + places[:-1]) / 2)


def test_a_camera_is_level_and_looks_where_the_walk_goes(furnished):
    [walk] = Walker(furnished, Walks(4), seed=1).find(1).walks
    rotations, places = walk[:, :3, :3], walk[:, :3, 3]
    torch.testing.assert_close(rotations @ rotations.mT, torch.eye(3, dtype=torch.float64).expand(4, 3, 3))
    torch.testing.assert_close(rotations[:, :, 1], torch.tensor([[0.0, 1, 0]], dtype=torch.float64).expand(4, 3))
    ways = places.diff(dim=0)
    ahead = torch.nn.functional.cosine_similarity(-rotations[:-1, :, 2], ways, dim=-1)
    assert (ahead > 0.999).all()


def test_nobody_stands_on_a_table(furnished):
    found = Walker(furnished, Walks(), seed=0).find(30)
    heights = torch.stack([walk[0, 1, 3] for walk in found.walks])
    assert heights.max() < 1.7 + 1e-6


def test_equal_seeds_find_equal_walks(scene):
    one, two, other = (Walker(scene, Walks(3), seed=seed).find(2).walks for seed in (5, 5, 6))
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    assert not torch.equal(one[0], other[0])


def test_the_shares_of_holes_are_their_solid_angles(tmp_path, scene):
    whole = missing_around(scene, EYE)
    assert (whole.around, whole.above, whole.below) == (0, 0, 0)
    roofless = load_mesh_scene(write_room(tmp_path, sides=(0, 1, 2, 4, 5)), up="+y")
    middle = np.array([0.0, 1.5, 0.0])
    lost = missing_around(roofless, middle)
    assert lost.below == 0
    assert lost.above == pytest.approx(1, abs=0.02)  # the ceiling fills all above 60 degrees there
    dirs = np.random.default_rng(0).normal(size=(200_000, 3))
    dirs /= np.linalg.norm(dirs, axis=-1, keepdims=True)
    ceiling = (
        (dirs[:, 1] > 0) & (np.abs(dirs[:, 0] / dirs[:, 1]) < 2.5 / 1.2) & (np.abs(dirs[:, 2] / dirs[:, 1]) < 2 / 1.2)
    )
    around = np.abs(dirs[:, 1]) <= np.sin(np.radians(60))
    assert lost.around == pytest.approx((ceiling & around).sum() / around.sum(), abs=0.01)


def test_places_that_see_holes_are_dropped_and_counted(tmp_path):
    """With one wall away, rays around meet nothing from everywhere."""
    open_ = load_mesh_scene(write_room(tmp_path, sides=(1, 2, 3, 4, 5)), up="+y")
    with pytest.raises(ValueError, match="holes around"):
        Walker(open_, Walks()).find(2)
    found = Walker(open_, Walks(most_missing=0.9)).find(2)
    assert len(found.walks) == 2


def test_a_missing_ceiling_is_counted_apart(tmp_path):
    """A shaft so deep that the hole is wholly above 60 degrees."""
    shaft = room(sides=(0, 1, 2, 4, 5))
    shaft.apply_translation(-LOW)
    shaft.apply_scale([1, 3, 1])
    shaft.export(tmp_path / "shaft.glb")
    scene = load_mesh_scene(tmp_path / "shaft.glb", up="+y")
    with pytest.raises(ValueError, match="holes above"):
        Walker(scene, Walks(most_missing=0.2, most_missing_at_poles=0.05)).find(1)
    assert len(Walker(scene, Walks(most_missing=0.2, most_missing_at_poles=1.0)).find(1).walks) == 1


def test_a_scene_without_a_floor_says_what_may_be_wrong(tmp_path):
    with pytest.raises(ValueError, match=r"0\.01 x 0\.00 x 0\.00 m: is that the unit"):
        Walker(load_mesh_scene(write_room(tmp_path), metres_per_unit=0.001)).find(1)


@pytest.mark.parametrize(
    "wrong", [{"num_poses": 0}, {"eye_m": (1.7, 1.3)}, {"step_m": (0.0, 0.5)}, {"clearance_m": 1.5}]
)
def test_wrong_settings_are_refused(wrong: dict):
    with pytest.raises(ValueError, match="wanted a pose or more"):
        Walks(**wrong)


def test_walks_stay_in_the_room(scene):
    for walk in Walker(scene, Walks(4), seed=2).find(5).walks:
        places = walk[:, :3, 3].numpy()
        assert ((places > LOW + 0.4 - 1e-6) & (places < HIGH - 0.4 + 1e-6)).all()
