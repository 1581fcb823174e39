import math

import pytest
import torch

from cyclorama.geometry.epipolar import (
    depths_at_equal_arcs,
    epipolar_arc,
    epipolar_circle,
    epipolar_distance,
    epipolar_normals,
    points_at_depths,
    symmetric_epipolar_distance,
)
from cyclorama.geometry.poses import compose, invert, pose, transform_dirs
from cyclorama.geometry.rays import seen_from
from cyclorama.geometry.rotations import rotation
from cyclorama.geometry.sphere import angle_between
from tests.geometry.posed import random_dirs, random_poses

FORWARD = pose(torch.eye(3), torch.tensor([0.0, 0, 0.3])).double()
UP = pose(torch.eye(3), torch.tensor([0.0, -0.3, 0])).double()
MOTIONS = pytest.mark.parametrize("a_to_b", [FORWARD, UP, random_poses()], ids=["forward", "up", "any"])
DEPTHS = torch.tensor([0.0, 0.01, 0.5, 1, 3, 1e6, torch.inf], dtype=torch.float64)


@MOTIONS
def test_the_points_of_a_ray_lie_on_its_circle(a_to_b: torch.Tensor):
    dirs = random_dirs(200)
    seen, _ = points_at_depths(dirs, DEPTHS.expand(200, 7), a_to_b)
    normals, valid = epipolar_normals(dirs, a_to_b)
    assert valid.all()
    assert (seen * normals.unsqueeze(-2)).sum(-1).abs().max() < 1e-12
    torch.testing.assert_close(seen[:, -1], transform_dirs(dirs, a_to_b), rtol=0, atol=1e-12)
    epipole = a_to_b[:3, 3] / a_to_b[:3, 3].norm()
    torch.testing.assert_close(seen[:, 0], epipole.expand(200, 3), rtol=0, atol=1e-12)
    for k in range(7):
        assert epipolar_distance(dirs, seen[:, k], a_to_b).max() < 1e-12


def test_the_distance_is_the_arc_sine_and_symmetric_for_matches():
    a_to_b, dirs, others = random_poses(), random_dirs(100, seed=1), random_dirs(100, seed=2)
    normals, _ = epipolar_normals(dirs, a_to_b)
    wanted = (normals * others).sum(-1).asin().abs()
    distance = epipolar_distance(dirs, others, a_to_b)
    torch.testing.assert_close(distance, wanted, rtol=0, atol=1e-9)
    # turning b about the normal's circle by an angle takes it off by that angle
    matches, _ = seen_from(dirs, torch.rand(100, dtype=torch.float64) + 0.5, a_to_b)
    off = matches * math.cos(0.01) + normals * math.sin(0.01)
    torch.testing.assert_close(epipolar_distance(dirs, off, a_to_b), torch.full_like(distance, 0.01))
    assert symmetric_epipolar_distance(dirs, matches, a_to_b).max() < 1e-12
    swapped = symmetric_epipolar_distance(others, dirs, invert(a_to_b))
    torch.testing.assert_close(symmetric_epipolar_distance(dirs, others, a_to_b), swapped, rtol=0, atol=1e-12)


def test_the_distance_does_not_depend_on_the_scale_of_the_scene():
    a_to_b, tiny = random_poses(), random_poses()
    tiny[:3, 3] *= 1e-6
    dirs, others = random_dirs(50, seed=1), random_dirs(50, seed=2)
    torch.testing.assert_close(epipolar_distance(dirs, others, tiny), epipolar_distance(dirs, others, a_to_b))


def test_without_a_baseline_the_match_is_the_turned_direction():
    turn = pose(rotation(30, 20, dtype=torch.float64), torch.zeros(3, dtype=torch.float64))
    dirs, others = random_dirs(20, seed=1), random_dirs(20, seed=2)
    normals, valid = epipolar_normals(dirs, turn)
    assert not valid.any()
    assert not normals.any()
    torch.testing.assert_close(epipolar_distance(dirs, others, turn), angle_between(transform_dirs(dirs, turn), others))
    arc = epipolar_arc(dirs, turn, 5)
    torch.testing.assert_close(arc, transform_dirs(dirs, turn).unsqueeze(1).expand(20, 5, 3), rtol=0, atol=0)
    depths = depths_at_equal_arcs(dirs, turn, 4, near=0.5, far=2)
    torch.testing.assert_close(1 / depths, torch.tensor([0.5, 1, 1.5, 2.0]).double().expand(20, 4))


def test_a_ray_along_the_baseline_has_no_plane():
    ahead = torch.tensor([[0.0, 0, -1], [0, 0, 1], [0, 1, 0]], dtype=torch.float64)
    _, valid = epipolar_normals(ahead, FORWARD)
    assert valid.tolist() == [False, False, True]


@MOTIONS
def test_the_arc_leads_from_infinity_to_the_epipole_in_equal_steps(a_to_b: torch.Tensor):
    dirs = random_dirs(100)
    arc = epipolar_arc(dirs, a_to_b, 9)
    torch.testing.assert_close(arc[:, 0], transform_dirs(dirs, a_to_b), rtol=0, atol=1e-12)
    torch.testing.assert_close(arc[:, -1], (a_to_b[:3, 3] / a_to_b[:3, 3].norm()).expand(100, 3), rtol=0, atol=1e-12)
    steps = angle_between(arc[:, 1:], arc[:, :-1])
    torch.testing.assert_close(steps, steps[:, :1].expand(100, 8), rtol=0, atol=1e-12)
    assert epipolar_distance(dirs[:, None].expand(100, 9, 3), arc, a_to_b).max() < 1e-12


@MOTIONS
@pytest.mark.parametrize("far", [10.0, math.inf])
def test_depths_at_equal_arcs_look_equally_spaced(a_to_b: torch.Tensor, far: float):
    dirs = random_dirs(100)
    depths = depths_at_equal_arcs(dirs, a_to_b, 8, near=0.1, far=far)
    torch.testing.assert_close(depths[:, 0], torch.full((100,), far, dtype=torch.float64))
    torch.testing.assert_close(depths[:, -1], torch.full((100,), 0.1, dtype=torch.float64))
    seen, _ = points_at_depths(dirs, depths, a_to_b)
    steps = angle_between(seen[:, 1:], seen[:, :-1])
    torch.testing.assert_close(steps, steps[:, :1].expand(100, 7), rtol=0, atol=1e-9)


def test_the_circle_holds_the_arc():
    dirs, a_to_b = random_dirs(30), random_poses()
    normals, _ = epipolar_normals(dirs, a_to_b)
    circle = epipolar_circle(normals, 720)
    assert (circle * normals.unsqueeze(-2)).sum(-1).abs().max() < 1e-12
    torch.testing.assert_close(circle.norm(dim=-1), torch.ones(30, 720, dtype=torch.float64))
    gaps = angle_between(epipolar_arc(dirs, a_to_b, 5)[:, :, None], circle[:, None]).amin(-1)
    assert gaps.max() < math.pi / 720 + 1e-9


def test_batches_of_poses_and_turned_cameras():
    a_to_b, dirs = random_poses(2, 3), random_dirs(2, 3, 4, 5)
    normals, _ = epipolar_normals(dirs, a_to_b)
    one, _ = epipolar_normals(dirs[1, 2], a_to_b[1, 2])
    torch.testing.assert_close(normals[1, 2], one, rtol=0, atol=0)
    turn = pose(rotation(77, 11, 5, dtype=torch.float64), torch.zeros(3, dtype=torch.float64))
    turned, _ = epipolar_normals(dirs, compose(turn, a_to_b))
    torch.testing.assert_close(turned, transform_dirs(normals, turn), rtol=0, atol=1e-12)


def test_gradients_are_finite_everywhere():
    a_to_b = torch.stack([FORWARD, FORWARD * torch.tensor([1.0, 1, 1, 0]) + torch.diag(torch.tensor([0.0, 0, 0, 1]))])
    a_to_b.requires_grad_()
    dirs = torch.stack([torch.tensor([0.0, 0, 1]), torch.tensor([0.0, 0, -1]), torch.tensor([1.0, 0, 0])]).double()
    dirs = dirs.expand(2, 3, 3).clone().requires_grad_()
    (epipolar_distance(dirs, random_dirs(2, 3), a_to_b).sum() + epipolar_arc(dirs, a_to_b, 4).sum()).backward()
    for grad in (a_to_b.grad, dirs.grad):
        assert grad is not None
        assert grad.isfinite().all()
