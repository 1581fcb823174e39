"""The diorama's rooms and streets are level, so a render that was turned is tilted by a known angle."""

import math

import numpy as np
import pytest

from cyclorama.diorama import render_panorama, sample_scene
from cyclorama.evaluation.panorama_facts import panorama_facts
from cyclorama.evaluation.tilt import guess_tilt
from cyclorama.geometry import rotate, rotation_matrix


@pytest.fixture(scope="module")
def renders():
    scenes = [sample_scene(301, place=place) for place in ("city", "gallery")]
    pictures = [render_panorama(scene, 256).colours.permute(1, 2, 0) for scene in scenes]
    return [np.round(picture.numpy() * 255).astype(np.uint8) for picture in pictures]


def error_deg(tilt, turned):
    """The angle between the guessed and the true direction of up in the picture of a camera turned by `turned`."""
    guessed = rotation_matrix(pitch_deg=tilt.pitch_deg, roll_deg=tilt.roll_deg)[:, 1]
    return math.degrees(math.acos(min(1.0, guessed @ turned[1])))


@pytest.mark.parametrize(("yaw_deg", "pitch_deg", "roll_deg"), [(0, 0, 0), (70, 6, -3), (-160, -20, 12), (10, 2, 30)])
def test_a_known_tilt_is_found(renders, yaw_deg, pitch_deg, roll_deg):
    turned = rotation_matrix(yaw_deg, pitch_deg, roll_deg)
    for picture in renders:
        tilt = guess_tilt(rotate(picture, turned))
        assert tilt is not None
        assert error_deg(tilt, turned) < 3
        assert tilt.tilt_deg == pytest.approx(math.degrees(math.acos(turned[1, 1])), abs=3)


def test_turning_by_the_guess_levels_the_picture(renders):
    tilted = rotate(renders[1], rotation_matrix(30, 15, -10))
    tilt = guess_tilt(tilted)
    assert tilt is not None
    level = guess_tilt(rotate(tilted, rotation_matrix(pitch_deg=tilt.pitch_deg, roll_deg=tilt.roll_deg)))
    assert level is not None
    assert level.tilt_deg < 0.5


def test_a_straight_horizon_is_enough():
    height = np.repeat(np.linspace(1, -1, 256)[:, None], 512, axis=1)
    sea = np.where(height > 0, 220, 90).astype(np.uint8)[..., None].repeat(3, -1)
    turned = rotation_matrix(40, 8, -5)
    tilt = guess_tilt(rotate(sea, turned))
    assert tilt is not None
    assert error_deg(tilt, turned) < 0.5


@pytest.mark.parametrize("kind", ["flat", "noise", "tiny", "slope"])
def test_without_evidence_there_is_no_guess(kind):
    random = np.random.default_rng(0)
    picture = {
        "flat": np.full((128, 256, 3), 90, np.uint8),
        "noise": random.integers(0, 256, (128, 256, 3), np.uint8),
        "tiny": random.integers(0, 256, (8, 16, 3), np.uint8),
        "slope": np.linspace(0, 255, 128)[:, None, None].repeat(256, 1).repeat(3, 2).astype(np.uint8),
    }[kind]
    assert guess_tilt(picture) is None


def test_depth_of_the_pixels_does_not_matter(renders):
    tilted = rotate(renders[0], rotation_matrix(0, 10, 5))
    deep = guess_tilt(tilted.astype(np.uint16) * 257)
    assert deep == guess_tilt(tilted)


def test_facts_tell_a_seam_and_calm_poles():
    picture = np.broadcast_to(np.arange(128)[None, :, None], (64, 128, 3)).astype(np.uint8)
    facts = panorama_facts(picture)
    assert facts.seam_ratio == pytest.approx(127, rel=1e-4)
    assert facts.pole_levels == pytest.approx((36.95, 36.95), abs=0.01)
    calm = panorama_facts(np.full((64, 128, 3), 7, np.uint8))
    assert (calm.seam_ratio, calm.pole_levels, calm.tilt) == (None, (0, 0), None)


def test_a_big_picture_has_the_facts_of_a_small_one():
    small = np.random.default_rng(0).integers(0, 256, (512, 1024, 3), np.uint8)
    big = np.repeat(np.repeat(small, 3, 0), 3, 1)
    assert panorama_facts(big).pole_levels == pytest.approx(panorama_facts(small).pole_levels, rel=1e-3)
    assert panorama_facts(big).seam_ratio == pytest.approx(3, rel=0.1)
