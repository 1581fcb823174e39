import numpy as np
import pytest
import torch
from PIL import Image

from cyclorama.diorama.meshes.loading import load_mesh_scene
from cyclorama.diorama.meshes.surfaces import MeshScene
from cyclorama.diorama.meshes.views import render_mesh, render_mesh_panorama
from cyclorama.diorama.tracing import SKY
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.poses import pose, relative_pose
from cyclorama.geometry.rotations import rotation
from cyclorama.geometry.warping import backward_warp
from tests.diorama.meshes.box_room import EYE, meet, paint, room, write_room


@pytest.fixture(scope="module")
def scene(tmp_path_factory) -> MeshScene:
    return load_mesh_scene(write_room(tmp_path_factory.mktemp("room")))


def at(eye: np.ndarray = EYE, *, yaw_deg: float = 0.0, pitch_deg: float = 0.0) -> torch.Tensor:
    return pose(rotation(yaw_deg=yaw_deg, pitch_deg=pitch_deg), torch.from_numpy(eye).float())


def analytic(camera: Equirect | Perspective, cam_to_world: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Colours and depth of the box room."""
    dirs = camera.pixel_dirs(like=torch.empty(0, dtype=torch.float64)) @ cam_to_world[:3, :3].double().T
    distance, uv = meet(cam_to_world[:3, 3].double().numpy(), dirs.reshape(-1, 3).numpy())
    shape = dirs.shape[:2]
    return torch.from_numpy(paint(uv)).reshape(*shape, 3).movedim(-1, 0), torch.from_numpy(distance).reshape(shape)


CAMERAS = [Equirect(64, 128), Perspective(48, 64, 80)]


@pytest.mark.parametrize("camera", CAMERAS, ids=["equirect", "perspective"])
@pytest.mark.parametrize("antialias", [0, 4])
def test_colours_and_depth_are_the_analytic_ones(scene, camera, antialias: int):
    there = at(yaw_deg=40.0, pitch_deg=-10.0)
    seen = render_mesh(scene, camera, there, antialias=antialias)
    colours, depth = analytic(camera, there)
    assert (seen.depth - depth).abs().max() < 1e-4
    error = (seen.colours - colours).abs()
    if antialias == 0:
        assert error.max() < 0.012
    assert error.quantile(0.8) < 0.01  # pixels on edges of the room average two sides


def test_points_and_normals_agree_with_depth(scene):
    seen = render_mesh_panorama(scene, 32, at(), antialias=0)
    dirs = Equirect(32, 64).pixel_dirs(like=torch.empty(0)).movedim(-1, 0)
    points = torch.from_numpy(EYE).float()[:, None, None] + seen.depth * dirs
    torch.testing.assert_close(seen.points, points, atol=1e-5, rtol=0)
    torch.testing.assert_close(seen.normals.norm(dim=0), torch.ones(32, 64))
    assert ((seen.normals * dirs).sum(0) < 0).all()


def test_two_poses_agree_through_their_depth(scene):
    first, second = at(), at(EYE + np.array([0.5, 0.05, 0.3]), yaw_deg=30.0)
    one, two = (render_mesh_panorama(scene, 128, there) for there in (first, second))
    predicted, seen = backward_warp(one.colours, one.depth, two.depth, relative_pose(second, first))
    assert seen.float().mean() > 0.95
    error = (predicted - two.colours).square().mean(0)[seen].mean()
    assert -10 * error.log10() > 30


def test_a_yaw_by_whole_pixels_rolls_the_picture(scene):
    ahead, right = (render_mesh_panorama(scene, 32, at(yaw_deg=yaw), antialias=0) for yaw in (0.0, 90.0))
    torch.testing.assert_close(right.depth, ahead.depth.roll(-16, -1), atol=1e-5, rtol=0)
    assert (right.colours - ahead.colours.roll(-16, -1)).abs().median() < 1e-3


def test_holes_are_black_and_infinitely_far(tmp_path):
    seen = render_mesh_panorama(load_mesh_scene(write_room(tmp_path, sides=(0, 1, 2, 4, 5)), up="+y"), 32, at())
    hole = seen.depth.isinf()
    assert 0.05 < hole.float().mean() < 0.5
    assert hole[2, 32]  # no ceiling
    assert (seen.ids[hole] == SKY).all()
    assert (seen.colours[:, hole].amax(0) == 0).float().mean() > 0.95  # but for pixels on the rim
    assert (seen.normals[:, hole] == 0).all()


def test_fine_patterns_are_averaged_in_light(tmp_path):
    """A chequer of black and white texels, far finer than a pixel, gives half the light: 188 of 255."""
    chequer = np.indices((512, 512)).sum(0) % 2 * 255
    path = write_room(tmp_path, picture=Image.fromarray(chequer.astype(np.uint8)))
    seen = render_mesh_panorama(load_mesh_scene(path), 32, at(), antialias=16)
    flat = seen.colours[0]
    assert flat.std() < 0.02
    assert 0.45 < flat.mean() < 0.75


def test_what_is_transparent_is_seen_through(tmp_path):
    veil = np.zeros((8, 8, 4), np.uint8)
    inner = room(picture=Image.fromarray(veil))
    inner.apply_translation(-EYE)
    inner.apply_scale(0.5)
    inner.apply_translation(EYE)
    import trimesh

    trimesh.Scene([room(), inner]).export(tmp_path / "veil.glb")
    seen = render_mesh_panorama(load_mesh_scene(tmp_path / "veil.glb"), 32, at(), antialias=0)
    colours, depth = analytic(Equirect(32, 64), at())
    assert (seen.depth - depth).abs().max() < 1e-4
    assert (seen.colours - colours).abs().max() < 0.02


def test_a_bare_mesh_is_lit_by_a_lamp(tmp_path):
    import trimesh

    bare = trimesh.Trimesh(room().vertices, room().faces, process=False)
    bare.export(tmp_path / "bare.ply")
    scene = load_mesh_scene(tmp_path / "bare.ply", up="+y")
    lit, unlit = (render_mesh_panorama(scene, 32, at(), shading=shading).colours for shading in ("auto", "unlit"))
    assert unlit.std() < 1e-6
    assert lit.std() > 0.03
    assert (lit <= unlit + 1e-6).all()


def test_wrong_settings_are_refused(scene):
    with pytest.raises(ValueError, match="antialias"):
        render_mesh_panorama(scene, 8, at(), antialias=-1)
    with pytest.raises(ValueError, match="shading"):
        render_mesh_panorama(scene, 8, at(), shading="bright")
    with pytest.raises(ValueError, match="no rotation"):
        render_mesh_panorama(scene, 8, 2 * at())
