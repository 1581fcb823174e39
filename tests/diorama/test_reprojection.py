"""What two eyes in one scene see agrees: the exact depth leads a matt pixel of one to its place in the other."""

import pytest
import torch
import torch.nn.functional as F

from cyclorama.diorama import render_camera, render_panorama, sample_scene
from cyclorama.diorama.places import build
from cyclorama.diorama.tracing import GROUND, ROOM, SKY, WATER
from cyclorama.geometry import Equirect, Perspective, camera_dirs
from cyclorama.geometry.rotations import rotation
from cyclorama.geometry.warping import backward_warp

HEIGHT, LEAST_PSNR = 192, 30.0
STEP_M = torch.tensor([0.45, 0.1, -0.5])
SLOW_PLACES = ("forest", "hills")
PLACES_SEEN = ("beach", "hills", "forest", "ruins", "living room", "gallery")
SCENES = [
    sample_scene(30 + k, place=place, time=("noon", "dawn")[k % 2], sky=("clear", "overcast")[k % 3 == 2])
    for k, place in enumerate(PLACES_SEEN)
]
by_place = pytest.mark.parametrize(
    "scene",
    [
        pytest.param(scene, id=scene.place, marks=pytest.mark.slow if scene.place in SLOW_PLACES else [])
        for scene in SCENES
    ],
)


def eye_of(scene):
    return torch.tensor(build(scene, torch.device("cpu")).eye)


def smooth_surfaces(rendered):
    """Pixels of matt things without an edge of depth beside them."""
    matt = (rendered.ids != WATER) & (rendered.ids != SKY)
    log_depth = rendered.depth.clamp(max=1e4).log()[None]
    highest, lowest = F.max_pool2d(log_depth, 3, 1, 1)[0], -F.max_pool2d(-log_depth, 3, 1, 1)[0]
    return matt & ((highest - lowest).exp() < 1.2)


@by_place
def test_a_step_aside_shows_the_same_surfaces(scene):
    eye = eye_of(scene)
    here, there = (render_panorama(scene, HEIGHT, origin=place) for place in (eye, eye + STEP_M))
    to_there = torch.eye(4)
    to_there[:3, 3] = -STEP_M
    warped, seen = backward_warp(there.colours, there.depth, here.depth, to_there)
    valid = seen & smooth_surfaces(here)
    assert valid.float().mean() > 0.15
    error = (warped - here.colours)[:, valid]
    assert -10 * torch.log10(error.square().mean()) >= LEAST_PSNR


@by_place
def test_geometry_is_consistent(scene):
    eye, camera = eye_of(scene), Equirect(48, 96)
    seen, dirs = render_camera(scene, camera, antialias=0), camera_dirs(camera)
    met = seen.depth.isfinite()
    along = eye + seen.depth[met][:, None] * dirs[met]
    torch.testing.assert_close(seen.points.permute(1, 2, 0)[met], along, rtol=1e-5, atol=1e-4)
    torch.testing.assert_close(seen.normals.norm(dim=0)[met], torch.ones(int(met.sum())), rtol=1e-4, atol=1e-4)
    assert ((seen.normals.permute(1, 2, 0) * dirs).sum(-1)[met & (seen.ids != GROUND)] < 1e-3).all()
    assert torch.equal(~met, seen.ids == SKY)
    assert (seen.points[:, ~met] == 0).all()
    assert (seen.normals[:, ~met] == 0).all()
    groups = {solid.group for solid in build(scene, torch.device("cpu")).solids}
    assert set(seen.ids.unique().tolist()) <= groups | {GROUND, SKY, ROOM, WATER}


def test_a_turned_camera_sees_what_single_rays_see():
    scene, turn = SCENES[0], rotation(yaw_deg=30, pitch_deg=-20, roll_deg=10)
    camera = Perspective(24, 32, 80)
    one = render_camera(scene, camera, rotation=turn, antialias=0)
    again = render_camera(scene, camera, rotation=turn, antialias=0)
    for name in ("colours", "depth", "normals", "points", "ids"):
        assert torch.equal(getattr(one, name), getattr(again, name))
    eye = eye_of(scene)
    other = render_camera(scene, camera, rotation=turn, origin=eye, antialias=0)
    assert torch.equal(one.colours, other.colours)
