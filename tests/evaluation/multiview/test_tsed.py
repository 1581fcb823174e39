import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from cyclorama.evaluation.multiview import PosedViews
from cyclorama.evaluation.multiview.matching import Keypoints
from cyclorama.evaluation.multiview.tsed import (
    THRESHOLD_DEG,
    THRESHOLD_PX,
    THRESHOLDS_DEG,
    THRESHOLDS_PX,
    Pair,
    Tsed,
    _line_distance,
    spherical_tsed,
    tsed,
)
from cyclorama.geometry import Equirect, Perspective, opengl_to_opencv, pose, relative_pose, rotate, rotation

cv2 = pytest.importorskip("cv2")


def wrong(views: PosedViews) -> PosedViews:
    """The middle pose off by 0.15 m upwards and 3 degrees of pitch: both pairs are wrong."""
    poses = misturned(views).cam_to_world
    poses[1, 1, 3] += 0.15
    return replace(views, cam_to_world=poses)


def misturned(views: PosedViews) -> PosedViews:
    poses = views.cam_to_world.clone()
    poses[1, :3, :3] = poses[1, :3, :3] @ rotation(pitch_deg=3).to(poses)
    return replace(views, cam_to_world=poses)


def turning(room: PosedViews) -> PosedViews:
    """Panoramas of a camera that turns in one place."""
    turns = [rotation(yaw_deg=yaw, pitch_deg=pitch).float() for yaw, pitch in ((0, 0), (25, 5), (50, -5))]
    images = torch.stack([rotate(room.images[0], turn, mode="bicubic") for turn in turns])
    return PosedViews(images, pose(torch.stack(turns), room.cam_to_world[0, :3, 3]), room.projection)


def test_photographs_of_one_room_are_consistent_with_their_true_poses(photographs):
    found = tsed(photographs)
    assert found.unit == "px"
    assert all(pair.num_matches >= 10 and pair.median < 1 for pair in found.pairs)
    assert found.at(THRESHOLD_PX) == 1
    assert found.mean(THRESHOLDS_PX) == 1


def test_photographs_are_inconsistent_with_poses_off_by_15_cm_and_3_degrees(photographs):
    assert tsed(wrong(photographs)).at(THRESHOLD_PX) == 0


def test_panoramas_of_one_room_are_consistent_with_their_true_poses(room):
    found = spherical_tsed(room)
    assert found.unit == "deg"
    assert all(pair.num_matches >= 30 for pair in found.pairs)
    assert found.at(THRESHOLD_DEG) == 1
    assert found.mean(THRESHOLDS_DEG) > 0.9


def test_panoramas_are_inconsistent_with_poses_off_by_15_cm_and_3_degrees(room):
    assert spherical_tsed(wrong(room)).at(THRESHOLD_DEG) == 0


def test_one_wrong_end_leaves_the_other_pair_consistent(room):
    poses = room.cam_to_world.clone()
    poses[2] = wrong(room).cam_to_world[1]
    assert spherical_tsed(replace(room, cam_to_world=poses)).at(THRESHOLD_DEG) == 0.5


def test_photographs_have_a_spherical_figure_too(photographs):
    assert spherical_tsed(photographs).at(THRESHOLD_DEG) == 1
    assert spherical_tsed(wrong(photographs)).at(THRESHOLD_DEG) == 0


def test_panoramas_that_turn_in_one_place_are_judged_by_the_rotation(room):
    assert spherical_tsed(turning(room)).at(THRESHOLD_DEG) == 1
    off = spherical_tsed(misturned(turning(room)))
    assert off.at(THRESHOLD_DEG) == 0
    assert all(2 < pair.median < 3.2 for pair in off.pairs)  # 3 degrees but near the axis


def test_photographs_that_turn_in_one_place_are_judged_by_the_rotation(turning_photographs):
    assert tsed(turning_photographs).at(THRESHOLD_PX) == 1
    off = tsed(misturned(turning_photographs))
    assert off.at(THRESHOLD_PX) == 0
    assert all(3 < pair.median < 8 for pair in off.pairs)  # 3 degrees at 67 px focal length, more at the border


def test_positions_that_differ_by_rounding_only_count_as_one(room):
    views = turning(room)
    poses = views.cam_to_world.double()
    poses[1, :3, 3] += 1e-7
    assert spherical_tsed(replace(views, cam_to_world=poses)).pairs == spherical_tsed(views).pairs


def test_turning_the_world_changes_nothing(room):
    world = pose(rotation(yaw_deg=70, pitch_deg=20).double(), torch.tensor([1.0, -2.0, 3.0]).double())
    moved = replace(room, cam_to_world=world @ room.cam_to_world.double())
    medians = [pair.median for pair in spherical_tsed(moved).pairs]
    assert medians == pytest.approx([pair.median for pair in spherical_tsed(room).pairs], rel=1e-4)


def test_views_without_texture_have_no_matches_and_are_inconsistent():
    views = PosedViews(torch.full((2, 3, 32, 64), 0.5), torch.eye(4).expand(2, 4, 4), Equirect(32, 64))
    assert spherical_tsed(views).pairs == (Pair(0, 1, 0, float("inf")),)
    assert spherical_tsed(views).at(180) == 0


def test_the_curve_counts_pairs_below_the_threshold_with_enough_matches():
    pairs = (Pair(0, 1, 10, 0.5), Pair(1, 2, 9, 0.1), Pair(2, 3, 50, 1.0), Pair(3, 4, 0, float("inf")))
    found = Tsed(pairs, "px")
    assert found.curve([0.5, 0.6, 1, 2]) == [0, 0.25, 0.25, 0.5]
    assert found.mean([0.5, 0.6, 1, 2]) == 0.25


@pytest.mark.parametrize("step", [(0.5, 0.0, 0.0), (0.0, 0.3, 0.0), (0.0, 0.1, -0.7), (0.2, -0.3, 0.4)])
def test_the_distance_from_epipolar_lines_is_that_of_opencv(step):
    camera = Perspective(48, 64, 75)
    dice = torch.Generator().manual_seed(0)
    pixels = torch.rand(2, 40, 2, generator=dice, dtype=torch.float64) * torch.tensor([64.0, 48.0])
    a, b = (Keypoints(p, camera.pixels_to_dirs(p), torch.zeros(40, 128)) for p in pixels)
    a_to_b = relative_pose(torch.eye(4).double(), pose(rotation(10, 20, -5).double(), torch.tensor(step).double()))
    found = _line_distance(a, b, a_to_b, camera)

    focal = 32 / np.tan(np.radians(37.5))
    inverse = np.linalg.inv(np.array([[focal, 0, 32], [0, focal, 24], [0, 0, 1]]))
    flip = np.diag([1.0, -1, -1, 1])
    motion = flip @ a_to_b.numpy() @ flip
    assert np.allclose(opengl_to_opencv(torch.eye(4)).numpy(), flip)
    x, y, z = motion[:3, 3]
    fundamental = inverse.T @ np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]]) @ motion[:3, :3] @ inverse
    lines = cv2.computeCorrespondEpilines(pixels[0].numpy()[:, None], 1, fundamental).reshape(-1, 3)
    expected = np.abs((lines[:, :2] * pixels[1].numpy()).sum(1) + lines[:, 2])
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-5, atol=1e-5)


def test_panoramas_have_no_epipolar_lines(room):
    with pytest.raises(ValueError, match="use spherical_tsed for panoramas"):
        tsed(room)


def test_a_missing_package_is_named_in_one_line(room, monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(ValueError, match=r'pip install "cyclorama\[metrics\]"$'):
        spherical_tsed(room)
