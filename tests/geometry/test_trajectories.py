import math

import pytest
import torch

from cyclorama.geometry.poses import compose, invert, pose, require_pose, transform_points
from cyclorama.geometry.quaternions import turn_between
from cyclorama.geometry.rotations import rotation
from cyclorama.geometry.trajectories import line, orbit, spline, spline_at
from tests.geometry.posed import random_poses

KEYS = random_poses(5, seed=4, scale=3.0)


def speeds(path: torch.Tensor) -> torch.Tensor:
    return (path[1:, :3, 3] - path[:-1, :3, 3]).norm(dim=-1)


def test_a_line_moves_and_turns_at_constant_speed_between_its_ends():
    path = require_pose(line(KEYS[0], KEYS[1], 11))
    assert path[0].equal(KEYS[0])
    assert path[-1].equal(KEYS[1])
    torch.testing.assert_close(speeds(path), speeds(path)[:1].expand(10))
    turns = turn_between(path[:-1, :3, :3], path[1:, :3, :3])
    torch.testing.assert_close(turns, turns[:1].expand(10))
    assert line(KEYS[0], KEYS[1], 1).equal(KEYS[:1])


@pytest.mark.parametrize("axis", [None, [0.0, -1.0, 0.0], [1.0, 0, 0], [0.3, 0.5, -2.0]])
def test_an_orbit_looks_at_its_centre_or_away_from_it(axis: list[float] | None):
    centre = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    about = torch.tensor(axis or [0.0, 1.0, 0.0], dtype=torch.float64)
    for outwards in (False, True):
        path = orbit(12, radius=2.5, centre=centre, axis=None if axis is None else about, outwards=outwards)
        require_pose(path)
        seen = transform_points(centre.expand(12, 3), invert(path))
        wanted = torch.tensor([0.0, 0, 2.5 if outwards else -2.5], dtype=torch.float64).expand(12, 3)
        torch.testing.assert_close(seen, wanted, rtol=0, atol=1e-12)
        torch.testing.assert_close(path[:, :3, 1], (about / about.norm()).expand(12, 3), rtol=0, atol=1e-12)
        torch.testing.assert_close(speeds(path), torch.full((11,), 5 * math.sin(math.pi / 12), dtype=torch.float64))


def test_an_orbit_starts_behind_its_centre_and_moves_to_the_right():
    path = orbit(3, radius=1, sweep_deg=90)
    torch.testing.assert_close(path[0], pose(torch.eye(3), torch.tensor([0.0, 0, 1])), rtol=0, atol=0)
    torch.testing.assert_close(path[2, :3, 3], torch.tensor([1.0, 0, 0]), rtol=0, atol=1e-7)
    torch.testing.assert_close(orbit(8, radius=1)[4, :3, 3], torch.tensor([0.0, 0, -1]), rtol=0, atol=1e-6)


def test_a_spline_passes_through_its_keys_exactly():
    path = require_pose(spline(KEYS, 4 * 7 + 1))
    assert path[::7].equal(KEYS)
    again = spline_at(KEYS, torch.arange(5.0, dtype=torch.float64) + 1e-9)
    torch.testing.assert_close(again, KEYS, rtol=0, atol=1e-7)


def test_a_spline_keeps_its_direction_at_the_keys():
    h = 1e-5
    at = torch.arange(1.0, 4.0, dtype=torch.float64)
    before, after = KEYS[1:4] - spline_at(KEYS, at - h), spline_at(KEYS, at + h) - KEYS[1:4]
    for part in (lambda d: d[:, :3, 3], lambda d: d[:, :3, :3].flatten(1)):
        one, other = (torch.nn.functional.normalize(part(d), dim=-1) for d in (before, after))
        torch.testing.assert_close((one * other).sum(-1), torch.ones(3, dtype=torch.float64), rtol=0, atol=1e-6)


def test_a_spline_through_two_keys_is_the_line():
    torch.testing.assert_close(spline(KEYS[:2], 9), line(KEYS[0], KEYS[1], 9), rtol=0, atol=1e-12)


def test_a_spline_is_carried_along_by_a_rigid_motion_and_a_scale():
    motion = random_poses(seed=9)
    torch.testing.assert_close(spline(compose(motion, KEYS), 20), compose(motion, spline(KEYS, 20)), rtol=0, atol=1e-12)
    scaled, path = KEYS.clone(), spline(KEYS, 20)
    scaled[:, :3, 3] *= 1e-3
    torch.testing.assert_close(spline(scaled, 20)[:, :3, 3], 1e-3 * path[:, :3, 3], rtol=0, atol=1e-12)


def test_constant_speed_moves_equally_far_in_every_frame():
    path = spline(KEYS, 2000, constant_speed=True)
    assert path[0].equal(KEYS[0])
    assert path[-1].equal(KEYS[-1])
    moved = speeds(path)
    assert (moved / moved.mean() - 1).abs().max() < 0.02
    assert (speeds(spline(KEYS, 2000)) / moved.mean() - 1).abs().max() > 0.2


def test_turning_in_place_is_a_spline_too():
    keys = pose(torch.stack([rotation(yaw) for yaw in (0, 40, 130, 150)]), torch.zeros(3))
    path = require_pose(spline(keys, 100, constant_speed=True))
    turns = turn_between(path[:-1, :3, :3], path[1:, :3, :3])
    assert (turns / turns.mean() - 1).abs().max() < 0.02
    assert path[:, 1, 1].min() > 1 - 1e-6  # it stays level
    paused = torch.cat([keys[:2], pose(keys[1:, :3, :3], torch.tensor([1.0, 0, 0]))])
    require_pose(spline(paused, 50))


def test_keys_that_turn_half_way_round_stay_rotations():
    keys = pose(torch.stack([rotation(yaw) for yaw in (0, 180, 0, 180)]), torch.eye(3)[[0, 1, 2, 0]])
    path = require_pose(spline(keys, 61))
    assert turn_between(path[:-1, :3, :3], path[1:, :3, :3]).max() < 0.5


def test_a_spline_has_gradients_in_its_keys():
    keys = KEYS.clone().requires_grad_()
    times = torch.tensor([0.3, 1.7, 3.2], dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda k: spline_at(k, times)[:, :3, 3], keys, atol=1e-4)


def test_faults_are_named():
    with pytest.raises(ValueError, match="at least two"):
        spline(KEYS[:1], 5)
    with pytest.raises(ValueError, match="poses 1 and 2 that are the same"):
        spline(KEYS[[0, 1, 1]], 5)
    with pytest.raises(ValueError, match="no rotation"):
        spline(KEYS * torch.tensor([2.0, 1, 1, 1], dtype=torch.float64), 5)
    with pytest.raises(ValueError, match="radius"):
        orbit(5, radius=0)
    with pytest.raises(ValueError, match="axis"):
        orbit(5, radius=1, axis=torch.zeros(3))
    with pytest.raises(ValueError, match="frames"):
        line(KEYS[0], KEYS[1], 0)
