"""Shrinking without moire."""

from typing import Any

import numpy as np
import pytest
import torch

from cyclorama.geometry import Cubemap, Equirect, Fisheye, Perspective, Projection, reproject, rotation_matrix
from cyclorama.geometry.minification import ONE_LOOK, looks_into

BIG = Equirect(512, 1024)
SMALL = [Perspective(32, 32, 90), Cubemap(32), Equirect(64, 128), Fisheye(64, 64, 300, "stereographic")]


def checkerboard(sphere: Equirect) -> np.ndarray:
    """Squares of one pixel: all of it is finer than any small picture can show, so its shrunk picture is plain grey."""
    rows, columns = np.indices((sphere.height, sphere.width))
    return ((rows + columns) % 2).astype(np.float32)[..., None]


@pytest.mark.parametrize("target", SMALL, ids=str)
def test_what_is_too_fine_becomes_its_mean(target: Projection):
    turned = rotation_matrix(20, 10)
    shrunk = reproject(checkerboard(BIG), BIG, target, rotation=turned)
    picked = reproject(checkerboard(BIG), BIG, target, rotation=turned, antialias=False)
    assert np.abs(shrunk - 0.5).mean() < 0.02
    assert np.abs(picked - 0.5).mean() > 0.1


def test_waves_beyond_the_views_limit_do_not_alias():
    sphere, view = Equirect(1024, 2048), Perspective(128, 128, 90)  # the ratio: 4096 to 512 at half the size
    lon = np.arange(2048) * 2 * np.pi / 2048
    wave = np.broadcast_to(np.sin(2048 / 3 * lon)[None, :, None], (1024, 2048, 1)).astype(np.float32)
    aliased = np.sqrt((reproject(wave, sphere, view, antialias=False) ** 2).mean())
    filtered = np.sqrt((reproject(wave, sphere, view) ** 2).mean())
    assert aliased > 0.3
    assert filtered < 0.04


def test_what_the_view_can_show_stays():
    sphere, view = Equirect(1024, 2048), Perspective(128, 128, 90)
    dirs = sphere.pixel_dirs()
    shrunk = reproject(dirs, sphere, view)
    np.testing.assert_allclose(shrunk, view.pixel_dirs(), atol=1e-3)


@pytest.mark.parametrize("target", [Perspective(600, 600, 90), BIG, Cubemap(256)], ids=str)
def test_a_picture_that_is_not_shrunk_is_looked_at_once(target: Projection):
    assert [group.looks for group in looks_into(BIG, target)] == [ONE_LOOK[0].looks]


@pytest.mark.parametrize("target", SMALL, ids=str)
def test_weights_sum_to_one_and_groups_cover_the_picture(target: Projection):
    groups = looks_into(BIG, target)
    for group in groups:
        assert sum(weight for _, _, weight in group.looks) == pytest.approx(1)
    masks = [group.mask for group in groups if group.mask is not None]
    assert len(masks) in (0, len(groups))
    assert not masks or (np.sum(masks, axis=0) == 1).all()


@pytest.mark.parametrize(
    "target", [Perspective(16, 16, 90), Cubemap(16), Fisheye(64, 64, 300, "stereographic")], ids=str
)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_the_kernel_and_torch_shrink_alike(target: Projection, dtype: Any):
    sphere = Equirect(64, 128)
    picture = (np.random.default_rng(0).random((64, 128, 3)) * 255).astype(dtype)
    compiled = reproject(picture, sphere, target).astype(np.float32)
    watched = torch.from_numpy(picture.astype(np.float32)).movedim(-1, 0).requires_grad_()
    differentiable = reproject(watched, sphere, target).detach().movedim(-3, -1).numpy()
    differing = np.abs(compiled - differentiable) > (0.51 if dtype == np.uint8 else 2.55e-2)
    assert differing.mean() < 1e-3
