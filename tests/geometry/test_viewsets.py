import math

import numpy as np
import pytest

from cyclorama.geometry import Perspective, coverage, fibonacci, icosahedron, look_along, rings, rotation_matrix


def axes(rotations: np.ndarray) -> np.ndarray:
    return -rotations[:, :, 2]


def nearest_angles(dirs: np.ndarray) -> np.ndarray:
    cosines = dirs @ dirs.T - 2 * np.eye(len(dirs))
    return np.degrees(np.arccos(cosines.max(axis=1).clip(-1, 1)))


@pytest.mark.parametrize("views", [rings({0: 6, 45: 4, 90: 1}), icosahedron(), fibonacci(89)], ids=["r", "i", "f"])
def test_every_view_is_an_upright_rotation(views: np.ndarray):
    np.testing.assert_allclose(views.mT @ views, np.broadcast_to(np.eye(3), views.shape), atol=1e-12)
    assert (np.abs(views[:, 1, 0]) < 1e-12).all()  # the horizon is level
    assert (views[:, 1, 1] > -1e-12).all()


def test_rings_stand_at_equal_steps_of_yaw():
    wanted = [rotation_matrix(yaw, 30) for yaw in (0, 120, 240)]
    np.testing.assert_allclose(rings({30: 3}), wanted, atol=1e-15)


def test_the_icosahedron_is_regular():
    dirs = axes(icosahedron())
    assert dirs.shape == (20, 3)
    np.testing.assert_allclose(nearest_angles(dirs), np.degrees(math.acos(math.sqrt(5) / 3)), atol=1e-9)
    np.testing.assert_allclose(dirs.sum(0), 0, atol=1e-12)


@pytest.mark.parametrize("count", [12, 89, 500])
def test_the_golden_spiral_is_even(count: int):
    dirs = axes(fibonacci(count))
    np.testing.assert_allclose(dirs.mean(0), 0, atol=0.3 / count)
    fair = np.degrees(2 * math.acos(1 - 2 / count))  # the diameter of a cap with an equal share of the sphere
    assert (nearest_angles(dirs) > 0.75 * fair).all()


def test_look_along_looks_there():
    dirs = np.random.default_rng(0).normal(size=(20, 3))
    np.testing.assert_allclose(axes(look_along(dirs)), dirs / np.linalg.norm(dirs, axis=1, keepdims=True), atol=1e-12)


def test_coverage_counts_shares_of_the_sphere():
    square = Perspective(32, 32, 90)
    one = coverage(square, rotation_matrix(20, 50)[None], 128)
    assert one.covered == pytest.approx(1 / 6, rel=0.02)
    assert one.mean_views == pytest.approx(1 / 6, rel=0.02)
    assert one.counts.max() == 1
    cube = coverage(square, rings({0: 4, 90: 1, -90: 1}), 128)
    assert cube.covered == 1
    assert cube.mean_views == pytest.approx(1, abs=0.02)
    assert coverage(Perspective(32, 32, 60), fibonacci(89), 128).covered == 1
