"""Photos on the sphere: on their face, the right way round, and the mask with them."""

import numpy as np
import pytest
import torch

from cyclorama.data.photos import latent_mask, place_supervised
from cyclorama.geometry.cubemap import FACES, dirs_to_cubemap_pixels
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.reprojection import equirect_to_perspective


def smooth_photo(height: int, width: int) -> torch.Tensor:
    y, x = torch.meshgrid(torch.linspace(0, 1, height), torch.linspace(0, 1, width), indexing="ij")
    return torch.stack([x, y, (x + y) / 2])


@pytest.mark.parametrize("height", [32, 128])
def test_the_mask_is_a_lateral_face_of_the_cube(height):
    _, mask = place_supervised(smooth_photo(256, 256), height)
    face, _ = dirs_to_cubemap_pixels(np.asarray(Equirect(height, 2 * height).pixel_dirs()), 4)
    assert torch.equal(mask.bool(), torch.from_numpy(face == FACES.index("front")))
    for quarter, name in ((1, "right"), (2, "back"), (3, "left")):
        rolled = mask.roll(quarter * height // 2, -1).bool()
        assert torch.equal(rolled, torch.from_numpy(face == FACES.index(name)))


def test_the_photo_is_seen_again_and_grey_is_outside():
    photo = smooth_photo(64, 64)
    panorama, mask = place_supervised(photo, 128)
    seen = equirect_to_perspective(panorama, 64, 64, 90.0)
    assert (seen - photo)[:, 4:-4, 4:-4].abs().max() < 0.02
    assert torch.equal(panorama[:, mask == 0].unique(), torch.tensor([0.5]))


def test_without_a_field_of_view_the_middle_square_is_taken():
    wide = torch.cat([torch.zeros(3, 64, 16), smooth_photo(64, 64), torch.ones(3, 64, 16)], dim=-1)
    torch.testing.assert_close(place_supervised(wide, 64)[0], place_supervised(smooth_photo(64, 64), 64)[0])


def test_a_known_camera_puts_the_photo_where_it_looked():
    panorama, mask = place_supervised(smooth_photo(64, 96), 64, fov_deg=60.0, pitch_deg=20.0)
    seen = equirect_to_perspective(panorama, 64, 96, 60.0, pitch_deg=20.0)
    assert (seen - smooth_photo(64, 96))[:, 8:-8, 8:-8].abs().max() < 0.05
    assert mask[:32].sum() > mask[32:].sum()


def test_a_large_photo_is_averaged_and_not_picked():
    fine = torch.tensor([0.0, 1.0]).repeat(512).expand(3, 1024, 1024)
    panorama, mask = place_supervised(fine, 32)
    assert (panorama[:, mask > 0] - 0.5).abs().mean() < 0.1


def test_a_photos_own_mask_goes_with_it():
    photo = smooth_photo(64, 64)
    left = torch.zeros(64, 64)
    left[:, :32] = 1
    _, mask = place_supervised(photo, 64, mask=left)
    whole = place_supervised(photo, 64)[1]
    assert (mask <= whole).all()
    assert mask[:, 64:].sum() == 0
    assert mask[:, :63].sum() > 0.8 * whole[:, :63].sum()


def test_a_latent_is_supervised_if_all_its_pixels_are():
    mask = torch.zeros(32, 64)
    mask[8:24, 12:40] = 1
    latents = latent_mask(mask, 4, 8)
    wanted = torch.zeros(1, 4, 8)
    wanted[0, 1:3, 2:5] = 1
    assert torch.equal(latents, wanted)
