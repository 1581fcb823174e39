import numpy as np
import pytest
from scipy.spatial import ConvexHull

from cyclorama.geometry import Perspective, coverage, rotation_matrix
from cyclorama.methods.sphere_settings import linear_fusion
from cyclorama.methods.view_layouts import LAYOUTS, ViewLayout, on_rings


def yaws_and_pitches(rotations: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    gazes = -rotations[:, :, 2]
    return np.degrees(np.arctan2(gazes[:, 0], -gazes[:, 2])), np.degrees(np.arcsin(gazes[:, 1].clip(-1, 1)))


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_has_as_many_views_as_its_name_says(name):
    assert LAYOUTS[name].num_views == int(name) == len(LAYOUTS[name].rotations(0))


@pytest.mark.parametrize("step", [0, 3])
@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_covers_the_sphere_at_every_step(name, step):
    layout = LAYOUTS[name]
    assert coverage(Perspective(32, 32, layout.fov_deg), layout.rotations(step), 64).covered == 1


@pytest.mark.parametrize("name", LAYOUTS)
def test_all_views_turn_together_by_the_same_yaw_at_every_step(name):
    layout = LAYOUTS[name]
    first = layout.rotations(0)
    for step in (1, 2, 7):
        turn = rotation_matrix(yaw_deg=step * layout.turn_deg)
        np.testing.assert_allclose(layout.rotations(step), turn @ first, atol=1e-12)
    assert (layout.turn_deg == 0) == np.array_equal(layout.rotations(1), first) == (name == "89")


def test_views_are_upright_and_turn_to_the_right():
    layout = ViewLayout(on_rings((0.0, 4), (-60.0, 2)), 90.0, 25.0)
    turned = layout.rotations(2)
    assert (turned[:, 1, 1] > 0).all()
    np.testing.assert_allclose(turned[:, 1, 0], 0, atol=1e-12)
    yaws, pitches = yaws_and_pitches(turned)
    np.testing.assert_allclose(yaws, [50, 140, -130, -40, 50, -130], atol=1e-9)
    np.testing.assert_allclose(pitches, [0, 0, 0, 0, -60, -60], atol=1e-9)


def test_the_89_views_are_the_rings_of_spherediff():
    layout = LAYOUTS["89"]
    pitches = yaws_and_pitches(layout.rotations(0))[1].round(6)
    counts = {float(pitch): int((pitches == pitch).sum()) for pitch in np.unique(pitches)}
    half = {0.0: 15, 22.5: 14, 45.0: 11, 67.5: 8, 90.0: 4}
    assert counts == half | {-pitch: count for pitch, count in half.items()}
    assert (layout.fov_deg, layout.turn_deg) == (80, 0)


def test_the_14_views_are_those_of_linear_fusion_but_overlap():
    layout = LAYOUTS["14"]
    assert set(layout.gazes[:-2]) == {(pitch, yaw) for pitch in (0, 60, -60) for yaw in (0, 90, 180, 270)}
    assert set(layout.gazes[-2:]) == {(90, 0), (-90, 0)}
    assert (linear_fusion().layout.fov_deg, layout.fov_deg, layout.turn_deg) == (90, 100, 10)


def farthest_deg(gazes: np.ndarray) -> float:
    """The largest distance of a direction to the nearest gaze: the largest circumradius of three neighbours."""
    corners = gazes[ConvexHull(gazes).simplices]
    axes = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    return np.degrees(np.arccos(np.abs((axes * corners[:, 0]).sum(1)).min()))


def test_66_views_are_as_close_to_every_direction_as_the_published_89():
    few, many = (np.unique(-LAYOUTS[name].rotations(3)[:, :, 2].round(9), axis=0) for name in ("66", "89"))
    assert farthest_deg(few) < 16.1 < 16.2 < farthest_deg(many) < 16.3
    assert 61 <= len(few) <= 66


def test_layouts_cannot_be_changed():
    with pytest.raises(TypeError):
        LAYOUTS["6"] = LAYOUTS["14"]  # type: ignore[index]


@pytest.mark.parametrize("name", ["14", "66", "89"])
def test_a_layout_that_turns_may_begin_anywhere(name):
    layout = LAYOUTS[name]
    begun = rotation_matrix(yaw_deg=33.3 if layout.turn_deg else 0) @ layout.rotations(2)
    np.testing.assert_allclose(layout.rotations(2, 33.3), begun, atol=1e-12)
