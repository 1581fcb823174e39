"""Renders as training data: balanced, the same bytes every time, and cameras that know what they see."""

import math

import pytest
import torch

from cyclorama.diorama import Sighting
from cyclorama.training.miniature import renders
from cyclorama.training.miniature.renders import Camera, read_shard, render_shards, shard_path


def thing(yaw_deg: float, pitch_deg: float = 0.0, share: float = 0.01) -> Sighting:
    return Sighting("boat", "red", share, yaw_deg, pitch_deg, 5.0)


def test_the_stride_visits_every_combination():
    assert math.gcd(renders.STRIDE, len(renders.COMBINATIONS)) == 1


@pytest.mark.parametrize("yaw", [-170.0, 0.0, 95.0, 179.0])
def test_a_camera_sees_what_is_ahead_and_not_what_is_behind(yaw):
    camera = Camera(yaw, 0.0, 80.0)
    (ahead,) = camera.sees([thing(yaw + 10)])
    assert ahead.yaw_deg == pytest.approx(10)
    assert camera.sees([thing(yaw + 180), thing(yaw + 60)]) == ()


def test_the_mirror_image_swaps_left_and_right_only():
    camera = Camera(20.0, 5.0, 90.0)
    (plain,), (mirrored,) = camera.sees([thing(40.0)]), camera.sees([thing(40.0)], flipped=True)
    assert mirrored.yaw_deg == -plain.yaw_deg == -20
    assert (mirrored.pitch_deg, mirrored.share) == (plain.pitch_deg, plain.share)


def test_shares_are_of_the_picture():
    # a square pinhole picture of 90 degrees is one face of a cube, a sixth of the sphere
    (seen,) = Camera(0.0, 0.0, 90.0).sees([thing(0.0, share=0.02)])
    assert seen.share == pytest.approx(0.12)


@pytest.fixture
def tiny(monkeypatch):
    for name, value in (("SCENES_PER_SHARD", 2), ("PANORAMA_HEIGHT", 32), ("VIEW_SIZE", 16), ("LARGE_VIEW_SIZE", 32)):
        monkeypatch.setattr(renders, name, value)


def test_shards_are_the_same_bytes_whoever_renders_them(tiny, tmp_path):
    render_shards(tmp_path / "one", 4)
    for part in (1, 0):
        render_shards(tmp_path / "two", 4, part=part, num_parts=2)
    for number in range(2):
        one, two = (shard_path(tmp_path / name, number).read_bytes() for name in ("one", "two"))
        assert one == two


def test_a_shard_is_read_as_it_was_rendered(tiny, tmp_path):
    render_shards(tmp_path, 2)
    shard = read_shard(shard_path(tmp_path, 0))
    assert [facts.scene for facts in shard.facts] == [renders.scene_of(0), renders.scene_of(1)]
    assert shard.panoramas.shape == (2, 3, 32, 64)
    assert shard.panoramas.dtype == torch.uint8
    assert shard.views.shape == (2, renders.NUM_VIEWS, 3, 16, 16)
    assert shard.large_views.shape == (2, renders.NUM_LARGE_VIEWS, 3, 32, 32)
    assert all(len(facts.views) == renders.NUM_VIEWS and facts.things for facts in shard.facts)
