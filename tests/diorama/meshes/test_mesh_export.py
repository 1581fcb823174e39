import math
from typing import Any

import numpy as np
import pytest
import torch

from cyclorama.diorama.meshes.casting import cast_from
from cyclorama.diorama.meshes.export import scene_mesh, solid_mesh
from cyclorama.diorama.meshes.loading import load_mesh_scene
from cyclorama.diorama.meshes.surfaces import MeshScene, Piece, join
from cyclorama.diorama.meshes.views import render_mesh_panorama
from cyclorama.diorama.places import build
from cyclorama.diorama.render import render_panorama
from cyclorama.diorama.scene import Scene
from cyclorama.diorama.solids import SHAPES, Solid, first_hit
from cyclorama.geometry.poses import pose

CPU = torch.device("cpu")


def as_scene(mesh: Any) -> MeshScene:
    """As if it had been read from a file."""
    faces = np.asarray(mesh.faces)
    return join("mesh", [Piece(np.asarray(mesh.vertices), faces, mesh.visual, np.ones(len(faces), bool))])


def eye_of(scene: Scene) -> torch.Tensor:
    return pose(torch.eye(3), torch.tensor([float(along) for along in build(scene, CPU).eye]))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_solids_mesh_is_met_where_the_solid_is(shape: str):
    solid = Solid(shape, (0.5, -0.3, -4.0), (1.2, 0.8, 0.6), yaw_deg=35, pitch_deg=15)
    rng = np.random.default_rng(0)
    dirs = np.array([0.5, -0.3, -4.0]) + rng.uniform(-1.2, 1.2, (4000, 3))
    dirs /= np.linalg.norm(dirs, axis=-1, keepdims=True)
    hits = cast_from(as_scene(solid_mesh(solid)), np.zeros(3), dirs)
    expected = first_hit(solid, torch.zeros(4000, 3), torch.from_numpy(dirs).float())[0].numpy()
    both = np.isfinite(expected) & hits.met
    assert both.mean() > 0.2
    assert (np.isfinite(expected) != hits.met).mean() < 0.01  # chords of round outlines
    error = np.abs(hits.distance[both] - expected[both])
    assert np.quantile(error, 0.99) < (1e-5 if shape in ("box", "gable") else 0.02)


@pytest.mark.parametrize("place", ["hall"])
def test_a_rooms_mesh_has_the_renderers_depth(place: str):
    scene = Scene(place, "noon", "clear", 4)
    mesh = scene_mesh(scene, lit=False, cell_m=0.4)
    seen = render_mesh_panorama(as_scene(mesh), 48, eye_of(scene), antialias=0)
    own = render_panorama(scene, 48, antialias=0)
    both = seen.depth.isfinite() & own.depth.isfinite()
    assert both.float().mean() > 0.7
    error = ((seen.depth - own.depth).abs() / own.depth)[both]
    assert error.median() < 1e-5
    assert error.quantile(0.9) < 0.02


@pytest.mark.parametrize("place", ["lake"])
def test_a_lands_mesh_has_the_renderers_depth(place: str):
    scene = Scene(place, "noon", "clear", 4)
    mesh = scene_mesh(scene, lit=False, cell_m=math.inf, num_azimuths=128)
    seen = render_mesh_panorama(as_scene(mesh), 48, eye_of(scene), antialias=0)
    own = render_panorama(scene, 48, antialias=0)
    both = seen.depth.isfinite() & own.depth.isfinite()
    assert (seen.depth.isfinite() == own.depth.isfinite()).float().mean() > 0.95
    assert ((seen.depth - own.depth).abs() / own.depth)[both].median() < 0.01
    assert len(mesh.metadata["parts"]) == len(mesh.faces)


def test_baked_light_is_near_the_renderers():
    """Not equal: colours belong to corners 30 cm apart."""
    scene = Scene("bedroom", "noon", "clear", 4)
    seen = render_mesh_panorama(as_scene(scene_mesh(scene, cell_m=0.3)), 32, eye_of(scene), antialias=0)
    own = render_panorama(scene, 32, antialias=0)
    inside = own.depth.isfinite() & seen.depth.isfinite()
    assert (seen.colours - own.colours).abs()[:, inside].median() < 0.04


@pytest.mark.parametrize("name", ["scene.glb", "scene.ply"])
def test_a_written_scene_is_read_back(tmp_path, name: str):
    mesh = scene_mesh(Scene("bedroom", "noon", "clear", 4), lit=False, cell_m=0.5)
    mesh.export(tmp_path / name)
    scene = load_mesh_scene(tmp_path / name, up="+y")
    np.testing.assert_allclose(scene.mesh.bounds, mesh.bounds, atol=1e-5)
    assert len(scene.mesh.faces) == len(mesh.faces)
    np.testing.assert_array_equal(scene.colours[scene.mesh.faces], mesh.visual.vertex_colors[mesh.faces][..., :3])
