import numpy as np
import pytest
import torch

from cyclorama.geometry import Equirect, Perspective, equirect_to_perspective, rings, rotation_matrix
from cyclorama.methods.fusion import Views, falloff, flat
from cyclorama.methods.view_blending import blend_views, encode_views, look_in_pixels
from tests.methods.fake_model import FakeModel

SIZE, PIXELS = 8, 16
MODEL = FakeModel()


def around(fov: float = 90, tau: float = 0.3) -> Views:
    """All around, and one of another camera."""
    rotations = np.concatenate([rings({0: 6, 60: 5, -60: 5, 90: 1, -90: 1}), rotation_matrix(33, -8)[None]])
    cameras = (*[Perspective(SIZE, SIZE, fov)] * 18, Perspective(SIZE, SIZE, 50))
    return Views(cameras, rotations, np.stack([*[falloff(SIZE, tau)] * 18, flat(SIZE)]))


def smooth(height: int) -> torch.Tensor:
    """The panorama whose colour is its own direction."""
    return torch.from_numpy(Equirect(height, 2 * height).pixel_dirs()).movedim(-1, 0).float() / 2 + 0.5


@pytest.mark.parametrize("tau", [0.1, 0.3, 10.0])
def test_views_of_a_constant_are_a_constant_panorama(tau):
    panorama = blend_views(MODEL, around(tau=tau), torch.full((19, 3, SIZE, SIZE), 0.7), 48)
    assert panorama.shape == (3, 48, 96)
    assert panorama.dtype == torch.float32
    torch.testing.assert_close(panorama, torch.full_like(panorama, 0.7), rtol=0, atol=1e-4)


def test_views_that_were_encoded_blend_back_to_their_panorama():
    """A quarter of a latent to one side would be off by more."""
    panorama, views = smooth(64), around()
    again = blend_views(MODEL, views, encode_views(MODEL, panorama, views), 64)
    off = again - panorama
    assert off.abs().mean() < 0.01
    assert off.mean((1, 2)).abs().max() < 0.003
    moved = panorama.roll(1, -1) - panorama
    assert (off * moved).sum().abs() / moved.square().sum() < 0.05  # of a pixel, to the right


def test_what_is_decoded_beyond_black_and_white_is_cut_off():
    latents = torch.randn(19, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0)) * 5
    panorama = blend_views(MODEL, around(), latents, 48)
    assert 0 <= panorama.min() <= panorama.max() <= 1


def test_a_view_is_seen_where_it_looks_and_heavier_views_are_seen_more():
    views = around()
    latents = torch.zeros(19, 3, SIZE, SIZE)
    latents[0, 0], latents[18, 1] = 1, 1
    panorama = blend_views(MODEL, views, latents, 64)
    assert panorama[0, 32, 64] > 0.8  # ahead, in the middle
    assert not panorama[0, 32, 0].any()  # behind
    thing = equirect_to_perspective(panorama, 9, 9, 20, yaw_deg=33, pitch_deg=-8)
    assert (thing[1] > thing[0]).all()
    assert thing[1, 4, 4] > 0.5
    assert not panorama[2].any()


def test_the_order_of_views_does_not_matter():
    views, order = around(), np.random.default_rng(0).permutation(19)
    latents = torch.rand(19, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    shuffled = Views(tuple(views.cameras[k] for k in order), views.rotations[order], views.weights[order])
    one, other = blend_views(MODEL, views, latents, 48), blend_views(MODEL, shuffled, latents[torch.tensor(order)], 48)
    torch.testing.assert_close(one, other, rtol=0, atol=1e-5)


def test_views_are_seen_in_the_pixels_of_the_model():
    panorama, views = smooth(64), around()
    seen = look_in_pixels(MODEL, panorama, views)
    assert seen.shape == (19, 3, PIXELS, PIXELS)
    wanted = equirect_to_perspective(panorama, PIXELS, PIXELS, 50, yaw_deg=33, pitch_deg=-8)
    torch.testing.assert_close(seen[18], wanted, rtol=0, atol=1e-5)
    assert look_in_pixels(MODEL, panorama[:1], views).shape == (19, 1, PIXELS, PIXELS)


def test_views_are_encoded_one_by_one():
    panorama, views = smooth(64), around()
    latents = encode_views(MODEL, panorama, views)
    torch.testing.assert_close(latents, MODEL.encode_images(look_in_pixels(MODEL, panorama, views)))
