import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from cyclorama.geometry import Perspective, rotate_dirs, rotation_matrix
from cyclorama.geometry.lattice import distinct_points, nearest_points, shown_points
from cyclorama.geometry.viewsets import fibonacci_dirs

POSES = [(0, 0, 0), (33, 12, 0), (-170, -50, 20), (10, 90, 0), (75, -90, 0)]


def dirs_for(camera: Perspective, per_pixel: float = 1.032) -> np.ndarray:
    """As many points as `sphere_settings.make_fusion` takes for views of this camera."""
    return fibonacci_dirs(round(per_pixel * camera.height * camera.width * 4 * np.pi / camera.solid_angles().sum()))


def places(dirs: np.ndarray, camera: Perspective, rotation: np.ndarray) -> np.ndarray:
    """Where all points meet the picture plane, in pixels from the middle; far away for those behind the camera."""
    local = rotate_dirs(dirs, rotation.T)
    found = camera.dirs_to_pixels(local)[0] - (camera.width / 2, camera.height / 2)
    return np.where(local[:, 2:] < 0, found, 1e6)


def grid(camera: Perspective) -> np.ndarray:
    rows, columns = np.meshgrid(np.arange(camera.height), np.arange(camera.width), indexing="ij")
    return np.stack([columns, rows], axis=-1) + 0.5 - (camera.width / 2, camera.height / 2)


@pytest.mark.parametrize("pose", POSES)
@pytest.mark.parametrize(("height", "width", "fov"), [(12, 12, 80), (9, 9, 100), (7, 10, 60)])
def test_every_pixel_has_a_point_of_its_own_in_the_view_or_close_to_its_border(height, width, fov, pose):
    camera, rotation = Perspective(height, width, fov), rotation_matrix(*pose)
    dirs = dirs_for(camera)
    found = distinct_points(dirs, camera, rotation)
    assert found.shape == (height, width)
    assert len(np.unique(found)) == height * width
    out = np.abs(places(dirs, camera, rotation)[found] * 2 / (width, height)).max(-1)
    assert out.max() < 1.4
    assert (out[1:-1, 1:-1] < 1.2).all()
    assert (out < 1).mean() > 0.8


def test_points_lie_where_their_pixels_do():
    """A pixel too far to one side would show in all poses, the luck of one pose does not."""
    camera = Perspective(24, 24, 80)
    dirs, shifts = dirs_for(camera), []
    for pose in POSES:
        rotation = rotation_matrix(*pose)
        off = places(dirs, camera, rotation)[distinct_points(dirs, camera, rotation)] - grid(camera)
        shifts.append(off.mean((0, 1)))
        assert np.sqrt((off[6:-6, 6:-6] ** 2).sum(-1).mean()) < 0.5
        assert np.sqrt((off**2).sum(-1).mean()) < 1.2
    assert np.abs(shifts).max() < 0.1
    assert np.abs(np.mean(shifts, axis=0)).max() < 0.05


def costs(dirs: np.ndarray, camera: Perspective, rotation: np.ndarray) -> np.ndarray:
    """The squared distance of each pixel's point (row) to each pixel (column)."""
    chosen = places(dirs, camera, rotation)[distinct_points(dirs, camera, rotation)].reshape(-1, 2)
    return ((chosen[:, None] - grid(camera).reshape(-1, 2)) ** 2).sum(-1)


@pytest.mark.parametrize("pose", POSES)
@pytest.mark.parametrize(("height", "width"), [(12, 12), (7, 10)])
def test_no_two_neighbours_had_better_change_places(height, width, pose):
    camera, rotation = Perspective(height, width, 80), rotation_matrix(*pose)
    cost, index = costs(dirs_for(camera), camera, rotation), np.arange(height * width).reshape(height, width)
    pairs = [(index[:-1], index[1:]), (index[:, :-1], index[:, 1:])]
    pairs += [(index[:-1, :-1], index[1:, 1:]), (index[:-1, 1:], index[1:, :-1])]
    for here, there in pairs:
        assert (cost[here, here] + cost[there, there] <= cost[here, there] + cost[there, here] + 1e-9).all()


@pytest.mark.parametrize("pose", POSES)
def test_the_places_are_nearly_the_best_ones(pose):
    camera, rotation = Perspective(12, 12, 80), rotation_matrix(*pose)
    cost = costs(dirs_for(camera), camera, rotation)
    assert np.trace(cost) <= 1.12 * cost[linear_sum_assignment(cost)].sum()


@pytest.mark.parametrize("pose", POSES)
def test_neighbouring_pixels_show_neighbouring_points(pose):
    camera, rotation = Perspective(16, 16, 80), rotation_matrix(*pose)
    dirs = dirs_for(camera)
    there = places(dirs, camera, rotation)[distinct_points(dirs, camera, rotation)]
    for axis in (0, 1):
        assert np.linalg.norm(np.diff(there, axis=axis), axis=-1).max() < 4


def test_points_and_camera_turned_together_change_nothing():
    camera, rotation, turn = Perspective(10, 10, 85), rotation_matrix(20, 35, 5), rotation_matrix(111, -40, 60)
    dirs = dirs_for(camera)
    turned = rotate_dirs(dirs, turn)
    same = distinct_points(dirs, camera, rotation)
    np.testing.assert_array_equal(distinct_points(turned, camera, turn @ rotation), same)
    np.testing.assert_array_equal(
        nearest_points(turned, camera, turn @ rotation)[0], nearest_points(dirs, camera, rotation)[0]
    )


def test_too_few_points_are_refused_with_both_numbers():
    with pytest.raises(ValueError, match="got 100 points for a view of 12x12 pixels"):
        distinct_points(fibonacci_dirs(100), Perspective(12, 12, 80), np.eye(3))


@pytest.mark.parametrize("pose", POSES)
@pytest.mark.parametrize(
    ("fov", "num"),
    [
        (30, 600),
        (90, 6000),
        pytest.param(90, 600),
        (140, 40000),
    ],
)
def test_the_nearest_points_are_those_of_a_search_through_all(fov, num, pose):
    camera, rotation = Perspective(5, 7, fov), rotation_matrix(*pose)
    dirs = fibonacci_dirs(num)
    found, distances = nearest_points(dirs, camera, rotation, 3)
    pixels = rotate_dirs(camera.pixel_dirs(like=np.empty(())), rotation)
    chords = np.linalg.norm(pixels[:, :, None] - dirs, axis=-1)
    assert found.shape == (5, 7, 3)
    np.testing.assert_allclose(distances, np.sort(chords, axis=-1)[..., :3], atol=1e-6)
    np.testing.assert_allclose(np.take_along_axis(chords, found, axis=-1), distances, atol=1e-6)


def test_the_nearest_points_are_found_in_blocks_of_pixels_too():
    camera, dirs = Perspective(30, 40, 90), fibonacci_dirs(3000)
    found, _ = nearest_points(dirs, camera, np.eye(3))
    wanted = (camera.pixel_dirs(like=np.empty(())) @ dirs.T).argmax(-1)
    assert (found[..., 0] == wanted).mean() > 0.999


@pytest.mark.parametrize("pose", POSES)
def test_shown_points_lie_in_the_pixels_that_the_camera_says(pose):
    camera, rotation = Perspective(5, 8, 100), rotation_matrix(*pose)
    dirs = fibonacci_dirs(2000)
    shown, pixel = shown_points(dirs, camera, rotation)
    where, seen = camera.dirs_to_pixels(dirs @ rotation)
    np.testing.assert_array_equal(shown, np.flatnonzero(seen))
    np.testing.assert_array_equal(pixel % 8, np.floor(where[seen, 0]))
    np.testing.assert_array_equal(pixel // 8, np.floor(where[seen, 1]))


def test_a_point_on_the_far_edge_lies_in_the_last_pixel():
    corners = np.array([[1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [1.0, 1.0, -1.0], [0.0, 0.0, 1.0]])
    shown, pixel = shown_points(corners, Perspective(4, 4, 90), np.eye(3))
    assert shown.tolist() == [0, 1, 2]
    assert pixel.tolist() == [15, 0, 3]
