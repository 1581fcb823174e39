import numpy as np
import pytest
import trimesh

from cyclorama.diorama.meshes.casting import cast, cast_from, cast_layers, is_fast
from cyclorama.diorama.meshes.loading import load_mesh_scene
from cyclorama.diorama.meshes.surfaces import MeshScene, Piece, join
from tests.diorama.meshes.box_room import EYE, meet, write_room


@pytest.fixture(scope="module")
def scene(tmp_path_factory) -> MeshScene:
    return load_mesh_scene(write_room(tmp_path_factory.mktemp("room")))


def unit(dirs: np.ndarray) -> np.ndarray:
    return dirs / np.linalg.norm(dirs, axis=-1, keepdims=True)


def test_distances_are_the_analytic_ones(scene):
    dirs = unit(np.random.default_rng(0).normal(size=(5000, 3)))
    hits = cast_from(scene, EYE, dirs)
    assert np.abs(hits.distance - meet(EYE, dirs)[0]).max() < 1e-6
    np.testing.assert_allclose(hits.weights.sum(-1), 1)


def test_the_weights_of_the_corners_give_the_point(scene):
    dirs = unit(np.random.default_rng(1).normal(size=(500, 3)))
    hits = cast_from(scene, EYE, dirs)
    corners = np.asarray(scene.mesh.vertices)[scene.mesh.faces[hits.faces]]
    points = (corners * hits.weights[..., None]).sum(1)
    np.testing.assert_allclose(points, EYE + hits.distance[:, None] * dirs, atol=1e-6)


def test_the_slow_search_finds_the_same(scene):
    pytest.importorskip("rtree")
    from dataclasses import replace

    from trimesh.ray.ray_triangle import RayMeshIntersector

    slow = replace(scene, mesh=scene.mesh.copy())
    slow.mesh.ray = RayMeshIntersector(slow.mesh)
    dirs = unit(np.random.default_rng(2).normal(size=(300, 3)))
    fast, found = cast_from(scene, EYE, dirs), cast_from(slow, EYE, dirs)
    np.testing.assert_array_equal(fast.faces, found.faces)
    np.testing.assert_allclose(fast.distance, found.distance, atol=1e-12)


@pytest.mark.skipif(not is_fast(), reason="embreex is not installed")
def test_no_ray_slips_through_the_vertices_of_a_closed_mesh():
    ball = trimesh.creation.icosphere(subdivisions=5)
    scene = join("ball", [Piece(np.asarray(ball.vertices), np.asarray(ball.faces), ball.visual, np.ones(20480, bool))])
    dirs = np.concatenate([np.asarray(ball.vertices), unit(ball.vertices[ball.edges_unique].mean(1))])
    assert cast_from(scene, np.zeros(3), unit(dirs)).met.all()


def test_many_rays_are_cast_in_batches(scene, monkeypatch):
    dirs = unit(np.random.default_rng(3).normal(size=(100, 3)))
    whole = cast_from(scene, EYE, dirs)
    monkeypatch.setattr("cyclorama.diorama.meshes.casting.RAYS_A_BATCH", 7)
    np.testing.assert_array_equal(cast_from(scene, EYE, dirs).distance, whole.distance)


def test_layers_are_all_surfaces_along_a_ray(scene):
    origins, down = np.array([[0.0, 5, 0], [9, 5, 0]]), np.tile([0.0, -1, 0], (2, 1))
    layers = cast_layers(scene, origins, down)
    np.testing.assert_allclose(layers[:, 0][np.isfinite(layers[:, 0])], [2.3, 5.0], atol=1e-6)
    assert np.isinf(layers[:, 1]).all()


def test_a_ray_that_meets_nothing_ends_nowhere(scene):
    hits = cast(scene, np.array([[0.0, 5, 0]]), np.array([[0.0, 1, 0]]))
    assert np.isinf(hits.distance).all()
    assert not hits.met.any()
