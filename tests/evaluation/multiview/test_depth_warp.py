import math
from dataclasses import replace

import pytest
import torch

from cyclorama.evaluation.multiview.depth_warp import depth_warp
from cyclorama.geometry import backward_warp, relative_pose, solid_angles


def test_exact_geometry_reaches_the_ceiling(room, photographs):
    for views in (room, photographs):
        found = depth_warp(views)
        assert found.psnr > 33
        assert found.mean_psnr == pytest.approx(found.psnr, abs=1)
        assert [(pair.target, pair.source) for pair in found.pairs] == [(0, 1), (1, 0), (1, 2), (2, 1)]
        assert all(pair.visible > 0.7 for pair in found.pairs)


def test_wrong_colours_lower_it(room):
    images = room.images.clone()
    images[1] = images[1] * 0.8
    assert depth_warp(replace(room, images=images)).psnr < depth_warp(room).psnr - 10


def test_wrong_poses_lower_it_and_hide_pixels(room):
    poses = room.cam_to_world.clone()
    poses[1, 0, 3] += 0.15
    right, wrong = depth_warp(room), depth_warp(replace(room, cam_to_world=poses))
    assert wrong.psnr < right.psnr - 3
    assert all(off.visible < pair.visible - 0.1 for off, pair in zip(wrong.pairs, right.pairs, strict=True))


def test_a_pair_is_the_warp_of_one_picture(room):
    motion = relative_pose(room.cam_to_world[0], room.cam_to_world[1])
    warped, seen = backward_warp(room.images[1], room.depth[1], room.depth[0], motion)
    errors = (warped - room.images[0]).square().mean(0).double()
    pair = depth_warp(room).pairs[0]
    assert pair.psnr == pytest.approx(-10 * math.log10(errors[seen].mean()), abs=1e-3)
    assert pair.visible == pytest.approx(seen.double().mean().item(), abs=1e-4)
    areas = solid_angles(128, dtype=torch.float64)
    weighted = (errors * areas * seen).sum() / (areas * seen).sum()
    found = depth_warp(room, latitude_weighted=True).pairs[0]
    assert found.psnr == pytest.approx(-10 * math.log10(weighted), abs=1e-3)
    assert found.visible == pytest.approx(((areas * seen).sum() / areas.sum()).item(), abs=1e-4)


def test_pooling_counts_pixels_not_pairs(room):
    depth = room.depth.clone()
    depth[2, :, 10:] = 0  # unknown: the second pair has few pixels
    found = depth_warp(replace(room, depth=depth))
    errors = [10 ** (-pair.psnr / 10) * pair.visible for pair in found.pairs]
    pooled = sum(errors) / sum(pair.visible for pair in found.pairs)
    assert found.psnr == pytest.approx(-10 * math.log10(pooled), abs=1e-6)


def test_a_camera_that_stands_still_sees_the_same(room):
    still = replace(
        room,
        images=room.images[[0, 0]],
        depth=room.depth[[0, 0]],
        cam_to_world=room.cam_to_world[[0, 0]],
    )
    found = depth_warp(still)
    assert found.psnr == math.inf
    assert found.pairs[0].visible == 1


def test_without_anything_visible_there_is_no_figure(room):
    found = depth_warp(replace(room, depth=torch.zeros_like(room.depth)))
    assert math.isnan(found.psnr)
    assert math.isnan(found.mean_psnr)
    assert all(pair.visible == 0 for pair in found.pairs)


def test_views_without_depth_and_weighted_photographs_are_refused(room, photographs):
    with pytest.raises(ValueError, match="wanted distances along the rays"):
        depth_warp(replace(room, depth=None))
    with pytest.raises(ValueError, match="wanted panoramas"):
        depth_warp(photographs, latitude_weighted=True)
