import math
from pathlib import Path

import pytest
import torch

from cyclorama.geometry import Equirect, Perspective, equirect_to_perspective, rotate_dirs, rotation_matrix
from cyclorama.geometry.placing import place_photo
from cyclorama.methods.outpaint import outpaint
from cyclorama.models.registry import load_model
from tests.methods.fake_model import COLOURS, FakeModel

PROMPT = "a snowy mountain valley"
CAMERAS = [(90, 0, 0, 0), (60, 175, 20, 10), (110, -60, -45, -30), (40, 10, 85, 0)]


@pytest.fixture(scope="module")
def model(tiny_flux_folder: Path):
    return load_model(tiny_flux_folder, device="cpu")


def angles(yaw, pitch, roll) -> dict[str, float]:
    return {"yaw_deg": yaw, "pitch_deg": pitch, "roll_deg": roll}


def dirs_as_colours(height: int) -> torch.Tensor:
    """The panorama whose colour is its own direction."""
    return torch.from_numpy(Equirect(height, 2 * height).pixel_dirs()).movedim(-1, 0) / 2 + 0.5


@pytest.mark.parametrize(("fov", "yaw", "pitch", "roll"), CAMERAS)
def test_a_photo_lands_where_its_camera_looked(fov, yaw, pitch, roll):
    """The photo of directions, taken by the formula, is the panorama of directions, wherever it covers it."""
    camera = Perspective(90, 120, fov)
    dirs = rotate_dirs(torch.from_numpy(camera.pixel_dirs()), rotation_matrix(yaw, pitch, roll))
    placed, kept = place_photo(dirs.movedim(-1, 0).float() / 2 + 0.5, 64, fov_deg=fov, **angles(yaw, pitch, roll))
    off = (placed - dirs_as_colours(64).float())[:, kept].abs()
    assert off.mean() < 1e-3
    assert off.max() < 0.4 * math.pi / 64 / 2  # at the photo's edge: under half a pixel
    share = camera.solid_angles().sum() / (4 * math.pi)
    covered = (kept * torch.from_numpy(Equirect(64, 128).solid_angles())).sum().item() / (4 * math.pi)
    assert covered == pytest.approx(share, rel=0.07)


@pytest.mark.parametrize("size", [(30, 40), (300, 400), (700, 500)])
def test_the_edge_of_a_photo_is_not_mixed_with_black(size):
    placed, kept = place_photo(torch.full((3, *size), 0.75), 64, fov_deg=70, yaw_deg=33, pitch_deg=12, roll_deg=5)
    torch.testing.assert_close(placed[:, kept], torch.full_like(placed[:, kept], 0.75), rtol=0, atol=1e-5)
    assert not placed[:, ~kept].any()


def test_a_large_photo_is_averaged_not_picked():
    checkers = (torch.arange(512)[:, None] + torch.arange(512)) % 2
    placed, kept = place_photo(checkers.float().expand(3, 512, 512), 32, fov_deg=90)
    torch.testing.assert_close(placed[:, kept], torch.full_like(placed[:, kept], 0.5), rtol=0, atol=0.05)


def test_a_yaw_by_whole_pixels_is_a_roll():
    photo = torch.rand(3, 24, 32, generator=torch.Generator().manual_seed(0))
    straight, kept = place_photo(photo, 32, fov_deg=83)
    turned, there = place_photo(photo, 32, fov_deg=83, yaw_deg=90)
    assert torch.equal(there, kept.roll(16, -1))
    torch.testing.assert_close(turned, straight.roll(16, -1), rtol=0, atol=1e-4)


def test_the_photo_stays_bit_by_bit_and_the_panorama_shows_it_again(model):
    photo = torch.rand(3, 6, 8, generator=torch.Generator().manual_seed(0))
    photo = torch.nn.functional.interpolate(photo[None], scale_factor=8, mode="bilinear")[0]
    camera = {"fov_deg": 100, **angles(170, 10, 0)}
    panorama, kept = outpaint(model, photo, PROMPT, **camera, seed=1, height=64, num_steps=1)
    placed, covered = place_photo(photo, 64, **camera)
    assert panorama.shape == (3, 64, 128)
    assert torch.equal(kept, covered)
    assert torch.equal(panorama[:, kept], placed[:, kept])
    again = equirect_to_perspective(panorama, 48, 64, 100, yaw_deg=170, pitch_deg=10)
    inside = (slice(None), slice(6, -6), slice(6, -6))
    assert (again - photo)[inside].abs().mean() < 0.02


@pytest.mark.parametrize(
    ("fov_deg", "message"), [(0, "field of view"), (180, "field of view"), (0.5, "covers no pixel")]
)
def test_impossible_cameras_are_refused(model, fov_deg, message):
    with pytest.raises(ValueError, match=message):
        outpaint(model, torch.zeros(3, 8, 8), PROMPT, fov_deg=fov_deg, seed=1, height=32)


def test_an_impossible_height_names_the_nearest(model):
    with pytest.raises(ValueError, match="use 32"):
        outpaint(model, torch.zeros(3, 8, 8), PROMPT, fov_deg=90, seed=1, height=33)


def test_a_perspective_model_paints_around_the_photo_too():
    photo = torch.rand(3, 24, 32, generator=torch.Generator().manual_seed(0))
    panorama, kept = outpaint(FakeModel(), photo, "green", fov_deg=80, yaw_deg=30, seed=0, height=48, method="sphere")
    placed, _ = place_photo(photo, 48, fov_deg=80, yaw_deg=30, pitch_deg=0, roll_deg=0)
    assert torch.equal(panorama[:, kept], placed[:, kept])
    off = panorama[:, ~kept].mean(1) - torch.tensor(COLOURS["green"])
    assert off.abs().max() < 0.3  # lifted to meet the photo's grey
