import math

import pytest
import torch

from cyclorama.geometry.quaternions import matrix_to_quaternion, quaternion_to_matrix, slerp, turn_between
from cyclorama.geometry.rotations import rotation
from tests.geometry.posed import random_rotations

transform = pytest.importorskip("scipy.spatial.transform")
Rotation, Slerp = transform.Rotation, transform.Slerp


def test_matrices_and_quaternions_are_inverse_and_those_of_scipy():
    matrices = random_rotations(2, 500)
    quaternions = matrix_to_quaternion(matrices)
    torch.testing.assert_close(quaternion_to_matrix(quaternions), matrices, rtol=0, atol=1e-14)
    oracle = Rotation.from_matrix(matrices.reshape(-1, 3, 3).numpy()).as_quat(scalar_first=True, canonical=True)
    torch.testing.assert_close(quaternions.reshape(-1, 4), torch.from_numpy(oracle), rtol=0, atol=1e-14)


@pytest.mark.parametrize("turn_deg", [0, 1e-6, 90, 179.9999, 180])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_quaternions_are_accurate_at_small_angles_and_half_turns(turn_deg: float, axis: int):
    angles = [0.0, 0.0, 0.0]
    angles[axis] = turn_deg
    matrix = rotation(*angles, dtype=torch.float64)
    back = quaternion_to_matrix(matrix_to_quaternion(matrix))
    torch.testing.assert_close(back, matrix, rtol=0, atol=1e-15)
    assert turn_between(rotation(dtype=torch.float64), matrix).item() == pytest.approx(
        math.radians(turn_deg), abs=1e-14
    )


def test_slerp_is_that_of_scipy():
    start, end = random_rotations(40, seed=1), random_rotations(40, seed=2)
    fraction = torch.linspace(0, 1, 40, dtype=torch.float64)
    mixed = slerp(start, end, fraction)
    for i in range(40):
        oracle = Slerp([0, 1], Rotation.from_matrix([start[i].numpy(), end[i].numpy()]))(fraction[i].item())
        torch.testing.assert_close(mixed[i], torch.from_numpy(oracle.as_matrix()), rtol=0, atol=1e-12)


def test_slerp_is_exact_at_its_ends_and_between_equal_rotations():
    start, end = random_rotations(20, seed=1, dtype=torch.float32), random_rotations(20, seed=2, dtype=torch.float32)
    assert slerp(start, end, torch.zeros(20)).equal(start)
    assert slerp(start, end, torch.ones(20)).equal(end)
    torch.testing.assert_close(slerp(start, start, torch.full((20,), 0.3)), start, rtol=0, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("turn_deg", [180, 179.99, 1e-3])
def test_slerp_turns_at_constant_speed_half_turns_included(turn_deg: float, dtype: torch.dtype):
    start = random_rotations(seed=3, dtype=dtype)
    end = start @ rotation(turn_deg, dtype=dtype)
    path = slerp(start, end, torch.linspace(0, 1, 9, dtype=dtype))
    steps = turn_between(path[:-1], path[1:])
    torch.testing.assert_close(steps, torch.full_like(steps, math.radians(turn_deg / 8)), rtol=1e-2, atol=1e-6)
    torch.testing.assert_close(path @ path.mT, torch.eye(3, dtype=dtype).expand(9, 3, 3), rtol=0, atol=1e-6)


def test_slerp_takes_the_shortest_way_and_goes_on_beyond_its_ends():
    start, end = rotation(170, dtype=torch.float64), rotation(-170, dtype=torch.float64)
    fraction = torch.tensor([0.5, -0.5, 1.5], dtype=torch.float64)
    wanted = torch.stack([rotation(yaw, dtype=torch.float64) for yaw in (180, 160, 200)])
    torch.testing.assert_close(slerp(start, end, fraction), wanted, rtol=0, atol=1e-14)


def test_gradients_are_finite_between_equal_rotations():
    quaternion = torch.tensor([1.0, 0.0, 0.0, 0.0], dtype=torch.float64, requires_grad=True)
    at = torch.tensor(0.25, dtype=torch.float64)
    mixed = slerp(quaternion_to_matrix(quaternion), torch.eye(3, dtype=torch.float64), at)
    (gradient,) = torch.autograd.grad(mixed[1, 0] + mixed[2, 1], quaternion)
    torch.testing.assert_close(gradient, torch.tensor([0, 1.5, 0, 1.5], dtype=torch.float64), rtol=0, atol=1e-12)
