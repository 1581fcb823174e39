import numpy as np
import pytest
import torch

from cyclorama.geometry import (
    Cubemap,
    Equirect,
    Perspective,
    adjoint,
    equirect_to_cubemap,
    fibonacci,
    reproject,
    rings,
    rotate_dirs,
    rotation_matrix,
    stitch,
)
from cyclorama.geometry.stitching import BLENDS

CAMERA, SPHERE = Perspective(48, 48, 100), Equirect(32, 64)
ROTATIONS = rings({0: 4, 90: 1, -90: 1})


def views_of_directions() -> np.ndarray:
    dirs = CAMERA.pixel_dirs(like=np.empty(()))
    return np.stack([rotate_dirs(dirs, turned) for turned in ROTATIONS]).astype(np.float32)


def as_tensor(views: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(views).movedim(-1, -3).contiguous()


@pytest.mark.parametrize("blend", BLENDS)
def test_views_of_their_own_directions_show_the_spheres(blend: str):
    picture, weight = stitch(views_of_directions(), CAMERA, ROTATIONS, SPHERE, blend=blend, mode="bicubic")
    assert (weight > 0).all()
    np.testing.assert_allclose(picture, SPHERE.pixel_dirs(), rtol=0, atol=2e-3)


@pytest.mark.parametrize("mode", ["nearest", "bilinear", "bicubic"])
@pytest.mark.parametrize("blend", BLENDS)
def test_the_kernel_and_torch_stitch_the_same_picture(blend: str, mode: str):
    views = np.random.default_rng(0).random((2, 6, 48, 48, 3), dtype=np.float32)
    compiled, weight = stitch(views, CAMERA, ROTATIONS, SPHERE, blend=blend, mode=mode)
    lent, _ = stitch(as_tensor(views), CAMERA, ROTATIONS, SPHERE, blend=blend, mode=mode)
    watched, same = stitch(as_tensor(views).requires_grad_(), CAMERA, ROTATIONS, SPHERE, blend=blend, mode=mode)
    assert np.array_equal(weight, same)
    np.testing.assert_allclose(lent.movedim(-3, -1).numpy(), compiled, rtol=0, atol=1e-5)
    np.testing.assert_allclose(watched.detach().movedim(-3, -1).numpy(), compiled, rtol=0, atol=1e-5)


def test_bytes_are_the_rounded_floats():
    views = np.random.default_rng(0).integers(0, 256, (6, 48, 48, 3), dtype=np.uint8)
    exact, _ = stitch(views.astype(np.float32), CAMERA, ROTATIONS, SPHERE)
    for rounded in (
        stitch(views, CAMERA, ROTATIONS, SPHERE)[0],
        stitch(as_tensor(views), CAMERA, ROTATIONS, SPHERE)[0].movedim(0, -1).numpy(),
    ):
        assert np.abs(rounded - exact).max() <= 1


def test_six_faces_without_overlap_are_the_cube_map_away_from_its_edges():
    panorama = np.random.default_rng(0).random((32, 64, 3), dtype=np.float32)
    faces = equirect_to_cubemap(panorama, 48)
    stitched, weight = stitch(faces, Perspective(48, 48, 90), ROTATIONS, SPHERE, blend="uniform")
    whole = reproject(faces, Cubemap(48), SPHERE, antialias=False)
    inside = (weight == 1) & (np.abs(stitched - whole).max(-1) < 1e-4)
    assert inside.mean() > 0.85


def test_where_no_view_looks_the_picture_is_black_and_weighs_nothing():
    views = np.full((1, 48, 48, 3), 200, np.uint8)
    picture, weight = stitch(views, CAMERA, ROTATIONS[:1], SPHERE)
    assert (picture[weight == 0] == 0).all()
    assert (picture[weight > 0] == 200).all()
    assert 0.1 < (weight > 0).mean() < 0.4


def test_weights_of_the_views_own_pixels_decide():
    views = np.stack([np.full((48, 48, 3), level, np.uint8) for level in (10, 200)])
    left = np.zeros((48, 48))
    left[:, :24] = 1
    twice = np.stack([ROTATIONS[0], ROTATIONS[0]])
    picture, weight = stitch(views, CAMERA, twice, SPHERE, blend=left)
    assert set(np.unique(picture[weight > 0])) == {105}
    assert (weight[:, 40:] == 0).all()


def test_the_adjoint_is_the_transpose():
    def linear(x: torch.Tensor) -> torch.Tensor:
        return stitch(x, CAMERA, ROTATIONS, SPHERE)[0]

    generator = torch.Generator().manual_seed(0)
    x = torch.rand(6, 1, 48, 48, generator=generator, dtype=torch.float64)
    y = torch.rand(1, 32, 64, generator=generator, dtype=torch.float64)
    transposed = adjoint(linear, x, y)
    assert (linear(x) * y).sum().item() == pytest.approx((x * transposed).sum().item(), rel=1e-9)


def test_look_up_and_its_adjoint_are_a_pair_for_views_of_a_panorama():
    turned = rotation_matrix(170, 60, 10)
    views = [lambda x, r=r: reproject(x, SPHERE, CAMERA, rotation=r, antialias=False) for r in (np.eye(3), turned)]
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(2, 32, 64, generator=generator, dtype=torch.float64)
    for look in views:
        y = torch.rand(2, 48, 48, generator=generator, dtype=torch.float64)
        assert (look(x) * y).sum().item() == pytest.approx((x * adjoint(look, x, y)).sum().item(), rel=1e-9)


def test_bad_views_end_in_one_line():
    views = np.zeros((6, 48, 48, 3), np.uint8)
    faults = [
        (lambda: stitch(views[:5], CAMERA, ROTATIONS, SPHERE), "wanted 6 views of 48x48"),
        (lambda: stitch(views, CAMERA, ROTATIONS, SPHERE, blend="soft"), "got blend 'soft', wanted one of feather"),
        (lambda: stitch(views, CAMERA, ROTATIONS, SPHERE, mode="cubic"), "got mode 'cubic'"),
        (lambda: stitch(views, CAMERA, 2 * ROTATIONS, SPHERE), "no rotation"),
        (lambda: stitch(views, CAMERA, ROTATIONS, SPHERE, blend=-np.ones((48, 48))), "none below 0"),
        (lambda: fibonacci(0), "wanted at least 1"),
        (lambda: rings({100: 3}), "pitch -90 to 90"),
    ]
    for call, message in faults:
        with pytest.raises(ValueError, match=message) as fault:
            call()
        assert "\n" not in str(fault.value)
