import pytest
import torch

from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.fisheye import Fisheye
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.poses import compose, invert, pose, relative_pose, transform_points
from cyclorama.geometry.rays import plucker, rays, seen_from
from tests.geometry.posed import random_dirs, random_poses

CAMERAS = [Equirect(6, 12), Perspective(5, 7, 90)]


@pytest.mark.parametrize("camera", CAMERAS, ids=["equirect", "perspective"])
@pytest.mark.parametrize("batch", [(), (2,), (2, 3)])
def test_the_points_of_a_ray_are_seen_in_its_pixel(camera, batch: tuple[int, ...]):
    poses = random_poses(*batch)
    origins, dirs = rays(camera, poses)
    assert dirs.shape == (*batch, camera.height, camera.width, 3)
    pixels, seen = camera.dirs_to_pixels(transform_points(origins + 3.7 * dirs, invert(poses)))
    y, x = torch.meshgrid(torch.arange(camera.height) + 0.5, torch.arange(camera.width) + 0.5, indexing="ij")
    torch.testing.assert_close(pixels, torch.stack([x, y], -1).double().expand_as(pixels), rtol=0, atol=1e-9)
    assert seen.all()


@pytest.mark.parametrize("camera", CAMERAS, ids=["equirect", "perspective"])
@pytest.mark.parametrize("batch", [(), (1,), (2, 3)])
def test_the_moment_is_at_a_right_angle_to_the_direction(camera, batch: tuple[int, ...]):
    direction, moment = plucker(camera, random_poses(*batch)).chunk(2, dim=-3)
    assert (direction * moment).sum(-3).abs().max() < 1e-14
    torch.testing.assert_close(direction.norm(dim=-3), torch.ones_like(direction[..., 0, :, :]))


def test_pluecker_coordinates_are_those_of_the_line():
    poses = random_poses(2)
    origins, dirs = rays(CAMERAS[0], poses)
    along = torch.linalg.cross(origins + 2.5 * dirs, dirs)
    torch.testing.assert_close(plucker(CAMERAS[0], poses)[:, 3:].movedim(1, -1), along, rtol=0, atol=1e-13)
    # a motion of the world turns the directions and moves the moments: m' = R m + t x (R d)
    motion = random_poses(seed=7)
    moved = plucker(CAMERAS[0], compose(motion, poses)).movedim(1, -1)
    d, m = (part @ motion[:3, :3].mT for part in (dirs, torch.linalg.cross(origins, dirs)))
    wanted = torch.cat([d, m + torch.linalg.cross(motion[:3, 3].expand_as(d), d)], dim=-1)
    torch.testing.assert_close(moved, wanted, rtol=0, atol=1e-13)


def test_beyond_a_fisheyes_circle_there_is_no_ray():
    coordinates = plucker(Fisheye(8, 8, 180), random_poses(dtype=torch.float32))
    assert not coordinates[:, 0, 0].any()
    assert coordinates[:3, 4, 4].norm().item() == pytest.approx(1, abs=1e-6)


def test_points_seen_from_another_camera_are_those_of_the_world():
    a, b = random_poses(4, seed=1), random_poses(4, seed=2)
    dirs, depth = random_dirs(4, 9), torch.rand(4, 9, dtype=torch.float64) * 5 + 0.01
    seen, distance = seen_from(dirs, depth, relative_pose(a, b))
    in_world = transform_points(dirs * depth.unsqueeze(-1), a)
    torch.testing.assert_close(seen * distance.unsqueeze(-1), transform_points(in_world, invert(b)), rtol=0, atol=1e-12)
    back, there = seen_from(seen, distance, relative_pose(b, a))
    torch.testing.assert_close(back, dirs, rtol=0, atol=1e-12)
    torch.testing.assert_close(there, depth, rtol=0, atol=1e-12)


def test_infinity_only_turns_and_nothing_is_at_the_other_camera():
    dirs, a_to_b = random_dirs(20, dtype=torch.float32), random_poses(dtype=torch.float32)
    far, distance = seen_from(dirs, torch.full((20,), torch.inf), a_to_b)
    torch.testing.assert_close(far, dirs @ a_to_b[:3, :3].mT, rtol=0, atol=1e-6)
    assert distance.isposinf().all()
    near, distance = seen_from(dirs, torch.zeros(20), a_to_b)
    torch.testing.assert_close(near, (a_to_b[:3, 3] / a_to_b[:3, 3].norm()).expand(20, 3), rtol=0, atol=1e-6)
    torch.testing.assert_close(distance, a_to_b[:3, 3].norm().expand(20), rtol=0, atol=1e-6)


def test_gradients_reach_the_depth_and_the_pose_past_the_sky():
    a_to_b = random_poses().requires_grad_()
    depth = torch.tensor([0.5, 2.0, torch.inf], dtype=torch.float64, requires_grad=True)
    dirs, distance = seen_from(random_dirs(3), depth, a_to_b)
    (dirs.sum() + distance[:2].sum()).backward()
    assert depth.grad is not None
    assert a_to_b.grad is not None
    assert depth.grad.isfinite().all()
    assert a_to_b.grad.isfinite().all()
    fixed = random_dirs(2)
    motion = pose(torch.eye(3, dtype=torch.float64), torch.tensor([0.1, 0.2, 0.3], dtype=torch.float64))
    finite = torch.tensor([0.5, 2.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda d: seen_from(fixed, d, motion), finite)
