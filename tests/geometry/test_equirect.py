import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from cyclorama.geometry import (
    Equirect,
    angle_between,
    camera_dirs,
    dirs_to_pixels,
    lonlat_to_pixels,
    pad_sphere,
    pixel_centres,
    pixels_to_lonlat,
    roll,
    rotate,
    rotate_dirs,
    rotation,
    solid_angles,
)
from cyclorama.geometry.lookup import MODES

derandomised = settings(derandomize=True, deadline=None, max_examples=25)
FLOATS = [torch.float16, torch.bfloat16, torch.float32, torch.float64]


def noise(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64).to(dtype)


def panorama_of_dirs(height: int) -> Tensor:
    """The panorama whose value is its own direction."""
    return camera_dirs(Equirect(height, 2 * height), dtype=torch.float64).permute(2, 0, 1)


def worst_angle(shown: Tensor, wanted: Tensor) -> float:
    """The largest angle in radians between the directions that an image shows and those that it should show."""
    return angle_between(shown.movedim(-3, -1), wanted).max().item()


def test_the_corners_the_centre_and_the_poles_of_the_pixel_grid():
    pixels = torch.tensor([[4.0, 2.0], [0.0, 0.0], [6.0, 1.0]], dtype=torch.float64)
    lon, lat = pixels_to_lonlat(pixels, 4, 8)
    assert lon.tolist() == [0, -math.pi, math.pi / 2]
    assert lat.tolist() == [0, math.pi / 2, math.pi / 4]


@derandomised
@given(st.floats(0, 64, exclude_max=True), st.floats(0, 32))
def test_lonlat_to_pixels_inverts_pixels_to_lonlat(x: float, y: float):
    pixels = torch.tensor([x, y], dtype=torch.float64)
    torch.testing.assert_close(lonlat_to_pixels(*pixels_to_lonlat(pixels, 32, 64), 32, 64), pixels, rtol=0, atol=1e-13)


@pytest.mark.parametrize(("height", "width"), [(1, 2), (16, 32), (8, 32), (7, 10)])
def test_dirs_to_pixels_inverts_the_directions_of_the_pixels(height: int, width: int):
    dirs = camera_dirs(Equirect(height, width), dtype=torch.float64)
    wanted = pixel_centres(height, width, dtype=torch.float64)
    torch.testing.assert_close(dirs_to_pixels(5 * dirs, height, width), wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("height", "width"), [(1, 2), (16, 32), (9, 6), (512, 1024)])
def test_solid_angles_sum_to_four_pi_and_weigh_the_sphere(height: int, width: int):
    weights = solid_angles(height, width, dtype=torch.float64)
    assert weights.sum().item() == pytest.approx(4 * math.pi, abs=1e-12)
    dirs = camera_dirs(Equirect(height, width), dtype=torch.float64)
    torch.testing.assert_close(
        (weights.unsqueeze(-1) * dirs).sum((0, 1)), torch.zeros_like(dirs[0, 0]), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("mode", MODES)
def test_no_rotation_is_the_identity(mode: str, dtype: torch.dtype):
    image = noise(2, 3, 16, 32, dtype=dtype)
    assert rotate(image, torch.eye(3), mode=mode).equal(image)
    assert roll(image, 0, mode=mode).equal(image)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("columns", [1, 5, 16, -7, 31, 32])
def test_a_yaw_by_whole_pixels_is_torch_roll(columns: int, mode: str, dtype: torch.dtype):
    image, yaw_deg = noise(3, 16, 32, dtype=dtype), columns * 360 / 32
    wanted = image.roll(-columns, dims=-1)
    matrix = rotation(yaw_deg, dtype=torch.promote_types(dtype, torch.float32))
    assert rotate(image, matrix, mode=mode).equal(wanted)
    assert roll(image, yaw_deg, mode=mode).equal(wanted)


@pytest.mark.parametrize(("height", "width"), [(512, 1024), (480, 960), (64, 4096)])
def test_whole_pixels_stay_exact_in_float32_on_large_images(height: int, width: int):
    image = noise(1, height, width)
    for columns in (0, 1, width // 3, width - 1):
        assert rotate(image, rotation(columns * 360 / width)).equal(image.roll(-columns, dims=-1))


def test_half_turns_are_exact_flips():
    image = noise(3, 16, 32)
    upside_down = image.flip(-2, -1)
    assert rotate(image, rotation(roll_deg=180)).equal(upside_down)
    assert rotate(image, rotation(pitch_deg=180)).equal(upside_down.roll(16, dims=-1))


@pytest.mark.parametrize(("mode", "degrees"), [("bilinear", 0.03), ("bicubic", 0.002)])
@pytest.mark.parametrize("turn", [(33.3, 0, 0), (10, 47, -21), (170, -90, 5), (0, 0, 90)])
def test_a_turned_panorama_shows_the_turned_directions(turn: tuple[float, float, float], mode: str, degrees: float):
    matrix = rotation(*turn, dtype=torch.float64)
    wanted = rotate_dirs(camera_dirs(Equirect(128, 256), dtype=torch.float64), matrix)
    assert math.degrees(worst_angle(rotate(panorama_of_dirs(128), matrix, mode=mode), wanted)) < degrees


def test_rotating_there_and_back_is_the_inverse():
    image, matrix = panorama_of_dirs(128), rotation(40, 60, 20, dtype=torch.float64)
    back = rotate(rotate(image, matrix, mode="bicubic"), matrix.mT, mode="bicubic")
    torch.testing.assert_close(back, image, rtol=0, atol=2e-4)


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_roll_by_parts_of_a_pixel_is_rotate(mode: str):
    image = noise(3, 16, 32, dtype=torch.float64)
    wanted = rotate(image, rotation(17.3, dtype=torch.float64), mode=mode)
    torch.testing.assert_close(roll(image, 17.3, mode=mode), wanted, rtol=0, atol=1e-12)


def test_roll_takes_any_type_by_whole_pixels():
    image = torch.arange(96, dtype=torch.uint8).reshape(3, 4, 8)
    assert roll(image, 45).equal(image.roll(-1, dims=-1))


def test_a_rotation_has_gradients_in_the_image_and_the_matrix():
    image = noise(1, 4, 8, dtype=torch.float64).requires_grad_()
    matrix = rotation(10.3, 20.7, 31.1, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(rotate, (image, matrix))


def test_pad_sphere_shows_the_directions_beyond_the_border():
    height, width = 4, 8
    padded = pad_sphere(panorama_of_dirs(height), left=3, right=2, top=2, bottom=5)
    lon, lat = pixels_to_lonlat(pixel_centres(11, 13, dtype=torch.float64) - torch.tensor([3.0, 2.0]), height, width)
    wanted = torch.stack([lat.cos() * lon.sin(), lat.sin(), -lat.cos() * lon.cos()])
    torch.testing.assert_close(padded, wanted, rtol=0, atol=1e-14)


def test_pad_sphere_of_nothing_is_the_identity_and_keeps_the_middle():
    image = noise(2, 3, 4, 8)
    assert pad_sphere(image).equal(image)
    assert pad_sphere(image, left=9, right=1, top=4, bottom=6)[..., 4:8, 9:17].equal(image)


def test_pad_sphere_wraps_an_odd_width_but_not_over_the_poles():
    image = noise(1, 2, 5)
    assert pad_sphere(image, left=1, right=1).shape == (1, 2, 7)
    with pytest.raises(ValueError, match="5 pixels wide, wanted an even width"):
        pad_sphere(image, top=1)
    with pytest.raises(ValueError, match="wanted none below 0"):
        pad_sphere(image, left=-1)
