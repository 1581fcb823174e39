"""Neighbouring panoramas of the diorama are consistent with their poses in every kind of place, and with no others."""

from dataclasses import replace

import pytest
import torch

from cyclorama.diorama import render_panorama, sample_scene
from cyclorama.diorama.places import build
from cyclorama.evaluation.multiview import PosedViews
from cyclorama.evaluation.multiview.tsed import THRESHOLD_DEG, spherical_tsed
from cyclorama.geometry import Equirect, pose, rotation

pytest.importorskip("cv2")

HEIGHT = 128
STEP_M = torch.tensor([0.25, 0.03, -0.2])


def neighbours(place: str) -> PosedViews:
    scene = sample_scene(3, place=place, time="noon", sky="overcast")
    eye = torch.tensor(build(scene, torch.device("cpu")).eye)
    poses = torch.stack([pose(torch.eye(3), eye + k * STEP_M) for k in range(2)])
    images = torch.stack([render_panorama(scene, HEIGHT, origin=one[:3, 3]).colours for one in poses])
    return PosedViews(images, poses, Equirect(HEIGHT, 2 * HEIGHT))


@pytest.mark.parametrize("place", ["village", "city", "forest", "library", "kitchen"])
def test_true_poses_are_consistent_and_wrong_ones_are_not(place):
    views = neighbours(place)
    found = spherical_tsed(views)
    assert all(pair.num_matches >= 30 for pair in found.pairs)
    assert found.at(THRESHOLD_DEG) == 1
    wrong = views.cam_to_world.clone()
    wrong[1, :3, :3] = wrong[1, :3, :3] @ rotation(pitch_deg=3).to(wrong)
    wrong[1, 1, 3] += 0.15
    assert spherical_tsed(replace(views, cam_to_world=wrong)).at(THRESHOLD_DEG) == 0
