import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclorama.geometry import rotate_dirs, rotation

derandomised = settings(derandomize=True, deadline=None, max_examples=50)
angles = st.floats(-720, 720)
FORWARD, UP, RIGHT = torch.tensor([0.0, 0, -1]), torch.tensor([0.0, 1, 0]), torch.tensor([1.0, 0, 0])


def test_no_turn_is_the_identity():
    assert rotation().equal(torch.eye(3))


def test_yaw_turns_right_pitch_up_and_roll_clockwise():
    assert rotate_dirs(FORWARD, rotation(yaw_deg=90)).equal(RIGHT)
    assert rotate_dirs(FORWARD, rotation(pitch_deg=90)).equal(UP)
    assert rotate_dirs(UP, rotation(roll_deg=90)).equal(RIGHT)


@pytest.mark.parametrize("turn_deg", [-270, -90, 90, 180, 360, 450])
def test_quarter_turns_are_exact(turn_deg: int):
    for matrix in (rotation(turn_deg), rotation(0, turn_deg), rotation(0, 0, turn_deg), rotation(turn_deg, 90, 180)):
        assert set(matrix.flatten().tolist()) <= {-1.0, 0.0, 1.0}


@derandomised
@given(angles, angles, angles)
def test_a_rotation_is_undone_by_its_transpose(yaw: float, pitch: float, roll: float):
    matrix = rotation(yaw, pitch, roll, dtype=torch.float64)
    torch.testing.assert_close(matrix @ matrix.mT, torch.eye(3, dtype=torch.float64), rtol=0, atol=1e-14)
    assert matrix.det().item() == pytest.approx(1)


@derandomised
@given(angles, angles, angles)
def test_yaw_comes_first_then_pitch_then_roll(yaw: float, pitch: float, roll: float):
    steps = [rotation(yaw, dtype=torch.float64), rotation(0, pitch, dtype=torch.float64)]
    steps.append(rotation(0, 0, roll, dtype=torch.float64))
    matrix = rotation(yaw, pitch, roll, dtype=torch.float64)
    torch.testing.assert_close(matrix, steps[0] @ steps[1] @ steps[2], rtol=0, atol=1e-14)
    # the horizon of a camera that did not roll stays level
    assert rotation(yaw, pitch)[1, 0].item() == 0


def test_rotate_dirs_is_the_matrix_product():
    torch.manual_seed(0)
    dirs, matrix = torch.randn(2, 4, 3, dtype=torch.float64), rotation(10, 20, 30, dtype=torch.float64)
    torch.testing.assert_close(rotate_dirs(dirs, matrix), dirs @ matrix.mT, rtol=0, atol=1e-15)
    torch.testing.assert_close(rotate_dirs(rotate_dirs(dirs, matrix), matrix.mT), dirs, rtol=0, atol=1e-14)


def test_rotate_dirs_keeps_float32_under_autocast():
    dirs, matrix = torch.randn(100, 3), rotation(10, 20, 30)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = rotate_dirs(dirs, matrix)
    assert inside.equal(rotate_dirs(dirs, matrix))
