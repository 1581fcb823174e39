import pytest
import torch

from cyclorama.geometry.poses import (
    compose,
    interpolate_poses,
    invert,
    look_at,
    opencv_to_opengl,
    opengl_to_opencv,
    pose,
    relative_pose,
    require_pose,
    transform_dirs,
    transform_points,
)
from cyclorama.geometry.rotations import rotation
from tests.geometry.posed import random_poses

AHEAD = torch.tensor([0.0, 0.0, -1.0])


def close(a: torch.Tensor, b: torch.Tensor, atol: float = 1e-13) -> None:
    torch.testing.assert_close(a, b, rtol=0, atol=atol)


def test_the_inverse_is_that_of_the_matrix():
    poses = random_poses(3, 4)
    close(invert(poses), torch.linalg.inv(poses))
    close(compose(poses, invert(poses)), torch.eye(4, dtype=torch.float64).expand(3, 4, 4, 4))


def test_a_relative_pose_takes_one_camera_to_the_other():
    a, b = random_poses(5, seed=1), random_poses(5, seed=2)
    points = torch.randn(5, 7, 2, 3, dtype=torch.float64)
    in_world = transform_points(points, a)
    close(transform_points(points, relative_pose(a, b)), transform_points(in_world, invert(b)))
    close(relative_pose(a, b), torch.linalg.inv(b) @ a)
    close(invert(relative_pose(a, b)), relative_pose(b, a))


def test_a_relative_pose_far_from_the_origin_keeps_its_digits():
    a, b = random_poses(seed=1), random_poses(seed=2)
    exact = relative_pose(a, b)
    far = torch.zeros(4, 4, dtype=torch.float64)
    far[:3, 3] = 2.0**14
    close(relative_pose((a + far).float(), (b + far).float()), exact.float(), atol=2e-3)


def test_points_move_and_directions_only_turn():
    poses, vectors = random_poses(2), torch.randn(2, 3, 3, dtype=torch.float64)
    homogeneous = torch.cat([vectors, torch.ones(2, 3, 1, dtype=torch.float64)], dim=-1)
    close(transform_points(vectors, poses), (homogeneous @ poses.mT)[..., :3])
    close(transform_dirs(vectors, poses), vectors @ poses[:, :3, :3].mT)
    close(transform_points(vectors, poses[0])[1], transform_points(vectors[1], poses[0]))
    with pytest.raises(ValueError, match="dimensions of the poses first"):
        transform_points(vectors[0, 0], poses)


def test_look_at_sees_the_target_in_the_middle_with_a_level_horizon():
    eye, target = torch.randn(50, 3, dtype=torch.float64), torch.randn(50, 3, dtype=torch.float64)
    poses = require_pose(look_at(eye, target))
    seen = transform_points(target, invert(poses))
    close(seen[:, :2], torch.zeros(50, 2, dtype=torch.float64))
    assert (seen[:, 2] < 0).all()
    close(poses[:, 1, 0], torch.zeros(50, dtype=torch.float64))
    assert (poses[:, 1, 1] > 0).all()


def test_look_at_ahead_and_straight_up_and_down_are_the_rotations_of_the_front():
    close(look_at(torch.zeros(3), AHEAD), torch.eye(4), atol=0)
    for y, pitch in ((2.0, 90), (-2.0, -90)):
        close(look_at(torch.zeros(3), torch.tensor([0.0, y, 0.0]))[:3, :3], rotation(0, pitch), atol=1e-7)


@pytest.mark.parametrize("up", [[1.0, 0, 0], [0, 0, 1.0], [-3.0, 0, 0], [1.0, 1, 1]])
def test_look_at_along_any_up_is_a_rotation(up: list[float]):
    along = torch.tensor(up)
    for target in (along, -along, along + torch.tensor([0.0, 1e-5, 0.0])):
        seen = require_pose(look_at(torch.zeros(3), target, up=along))
        close(-seen[:3, 2], target / target.norm(), atol=1e-6)


def test_look_at_has_gradients_unless_it_looks_straight_up():
    eye = torch.tensor([0.3, 0.2, 0.1], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda e: look_at(e, torch.zeros(3, dtype=torch.float64)), eye)
    up = torch.tensor([0.0, 1.0, 0.0], requires_grad=True)
    look_at(up, torch.zeros(3)).sum().backward()
    assert up.grad is not None
    assert up.grad.isfinite().all()


def test_look_at_nothing_is_refused():
    with pytest.raises(ValueError, match="wanted a direction to look along"):
        look_at(AHEAD, AHEAD)


def test_interpolated_poses_are_exact_at_their_ends():
    a, b = random_poses(4, seed=1, dtype=torch.float32), random_poses(4, seed=2, dtype=torch.float32)
    assert interpolate_poses(a, b, torch.zeros(4)).equal(a)
    assert interpolate_poses(a, b, torch.ones(4)).equal(b)
    middle = interpolate_poses(a, b, torch.full((4,), 0.5))
    close(middle[:, :3, 3], (a[:, :3, 3] + b[:, :3, 3]) / 2, atol=1e-6)


def test_the_axes_of_opencv_look_along_z_with_y_down():
    poses = random_poses(3)
    other = opengl_to_opencv(poses)
    close(other[:, :3, 2], -poses[:, :3, 2], atol=0)
    close(other[:, :3, 1], -poses[:, :3, 1], atol=0)
    close(other[:, :3, 3], poses[:, :3, 3], atol=0)
    assert opencv_to_opengl(other).equal(poses)
    require_pose(other)


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (torch.diag(torch.tensor([2.0, 2, 2, 1])), "no rotation, max .R.T R - 1. 3 and det R 8"),
        (torch.diag(torch.tensor([1.0, 1, -1, 1])), "det R -1"),
        (torch.full((4, 4), torch.nan), "NaN or infinity"),
        (pose(torch.eye(3), torch.ones(3)).mT, "last row"),
    ],
    ids=["scaled", "mirrored", "nan", "transposed"],
)
def test_what_is_no_pose_is_refused_in_one_line(fault: torch.Tensor, line: str):
    with pytest.raises(ValueError, match=line) as refusal:
        require_pose(torch.stack([torch.eye(4), fault]))
    assert "\n" not in str(refusal.value)


def test_six_digits_are_a_pose():
    rounded = (random_poses(20) * 1e6).round() / 1e6
    assert require_pose(rounded).equal(rounded)
