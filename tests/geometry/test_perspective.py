import math
from typing import Any

import pytest
import torch
from torch import Tensor

from cyclorama.geometry import (
    Equirect,
    Perspective,
    angle_between,
    camera_dirs,
    equirect_to_perspective,
    perspective_to_equirect,
    pixel_centres,
    resample,
    roll,
    rotate_dirs,
    rotation,
    solid_angles,
)
from cyclorama.geometry.lookup import MODES

TURNS = [(0, 0, 0), (180, 0, 0), (30, 90, 0), (-75, -60, 25)]


def noise(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64).to(dtype)


def test_the_field_of_view_is_horizontal_and_spans_the_outer_edges():
    dirs = camera_dirs(Perspective(2, 200, 90), dtype=torch.float64)
    edge_to_edge = math.degrees(angle_between(dirs[0, 0], dirs[0, -1]).item())
    assert edge_to_edge == pytest.approx(90, abs=0.6)
    left, _ = Perspective(2, 200, 90).dirs_to_pixels(torch.tensor([-1.0, 0, -1]))
    assert left.tolist() == [0, 1]


def test_the_picture_is_upright_and_not_mirrored():
    dirs = camera_dirs(Perspective(4, 6, 100))
    assert (dirs[0, :, 1] > 0).all()
    assert (dirs[:, -1, 0] > 0).all()
    assert (dirs[..., 2] < 0).all()


@pytest.mark.parametrize("fov_deg", [1, 60, 90, 150])
@pytest.mark.parametrize("turn", TURNS)
def test_dirs_to_pixels_inverts_the_directions_of_the_pixels(turn: tuple[int, int, int], fov_deg: int):
    matrix = rotation(*turn, dtype=torch.float64)
    camera = Perspective(5, 8, fov_deg)
    dirs = camera_dirs(camera, rotation=matrix, dtype=torch.float64)
    pixels, seen = camera.dirs_to_pixels(rotate_dirs(3 * dirs, matrix.mT))
    assert seen.all()
    torch.testing.assert_close(pixels, pixel_centres(5, 8, dtype=torch.float64), rtol=0, atol=1e-12)
    assert not camera.dirs_to_pixels(rotate_dirs(-dirs, matrix.mT))[1].any()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("turn", TURNS)
def test_a_view_at_its_own_directions_is_itself(turn: tuple[int, int, int], mode: str):
    view, matrix = noise(3, 96, 128), rotation(*turn)
    dirs = camera_dirs(Perspective(96, 128, 90), rotation=matrix)
    pixels, _ = Perspective(96, 128, 90).dirs_to_pixels(rotate_dirs(dirs, matrix.mT))
    assert resample(view, pixels, mode=mode, wrap="edge").equal(view)


@pytest.mark.parametrize(("mode", "degrees"), [("bilinear", 0.03), ("bicubic", 0.002)])
@pytest.mark.parametrize("turn", TURNS)
def test_a_view_shows_its_own_directions(turn: tuple[int, int, int], mode: str, degrees: float):
    panorama = camera_dirs(Equirect(128, 256), dtype=torch.float64).permute(2, 0, 1)
    yaw, pitch, roll_ = turn
    angles: Any = {"yaw_deg": yaw, "pitch_deg": pitch, "roll_deg": roll_}
    view = equirect_to_perspective(panorama, 30, 40, 110, **angles, mode=mode, antialias=False)
    matrix = rotation(*turn, dtype=torch.float64)
    wanted = camera_dirs(Perspective(30, 40, 110), rotation=matrix, dtype=torch.float64)
    assert math.degrees(angle_between(view.movedim(0, -1), wanted).max().item()) < degrees


@pytest.mark.parametrize("mode", MODES)
def test_turning_the_camera_is_rolling_the_panorama(mode: str):
    panorama = noise(3, 32, 64, dtype=torch.float64)
    yaw_deg = 21 * 360 / 64
    turned = equirect_to_perspective(panorama, 12, 17, 80, yaw_deg=yaw_deg, pitch_deg=40, mode=mode)
    rolled = equirect_to_perspective(roll(panorama, yaw_deg), 12, 17, 80, pitch_deg=40, mode=mode)
    torch.testing.assert_close(turned, rolled, rtol=0, atol=1e-12)


def test_a_quarter_turn_of_the_view_is_a_roll_of_the_panorama():
    view = noise(3, 16, 16)
    straight, mask = perspective_to_equirect(view, 32, 64, 70)
    turned, turned_mask = perspective_to_equirect(view, 32, 64, 70, yaw_deg=90)
    assert turned_mask.equal(mask.roll(16, dims=-1))
    torch.testing.assert_close(turned, straight.roll(16, dims=-1), rtol=0, atol=1e-5)


@pytest.mark.parametrize("turn", TURNS)
def test_there_and_back_is_the_inverse_where_the_camera_looks(turn: tuple[int, int, int]):
    panorama = camera_dirs(Equirect(64, 128), dtype=torch.float64).permute(2, 0, 1)
    yaw, pitch, roll_ = turn
    view = equirect_to_perspective(panorama, 96, 96, 90, yaw_deg=yaw, pitch_deg=pitch, roll_deg=roll_, mode="bicubic")
    back, mask = perspective_to_equirect(
        view, 64, None, 90, yaw_deg=yaw, pitch_deg=pitch, roll_deg=roll_, mode="bicubic"
    )
    assert (back * ~mask).abs().max().item() == 0
    error = ((back - panorama) * mask).abs().max().item()
    assert error < 0.01  # the outermost half pixel of a view repeats its border; inside the error is far smaller


def test_the_mask_covers_a_sixth_of_the_sphere_at_90_degrees():
    _, mask = perspective_to_equirect(torch.ones(1, 8, 8), 256, None, 90, yaw_deg=20, pitch_deg=50)
    covered = (solid_angles(256) * mask).sum().item()
    assert covered == pytest.approx(4 * math.pi / 6, rel=5e-3)


@pytest.mark.parametrize("size", [1, 2, 9])
def test_six_views_of_90_degrees_have_solid_angles_of_4_pi(size: int):
    weights = Perspective(size, size, 90).solid_angles()
    assert 6 * weights.sum() == pytest.approx(4 * math.pi, abs=1e-13)
    assert (weights > 0).all()


def test_solid_angles_are_the_area_times_the_cubed_cosine():
    weights = torch.from_numpy(Perspective(200, 300, 100).solid_angles())
    pixel = 2 * math.tan(math.radians(50)) / 300
    cosine = -camera_dirs(Perspective(200, 300, 100), dtype=torch.float64)[..., 2]
    torch.testing.assert_close(weights, pixel**2 * cosine**3, rtol=1e-4, atol=0)


def test_gradients_reach_the_panorama_and_the_view():
    panorama, view = noise(1, 4, 8, dtype=torch.float64), noise(1, 3, 3, dtype=torch.float64)
    panorama.requires_grad_()
    view.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: equirect_to_perspective(x, 3, 4, 80, yaw_deg=7.3), (panorama,))
    assert torch.autograd.gradcheck(lambda x: perspective_to_equirect(x, 4, 8, 130, pitch_deg=7.3)[0], (view,))


@pytest.mark.parametrize("fov_deg", [0, 180, -90, float("nan")])
def test_an_impossible_field_of_view_is_refused(fov_deg: float):
    with pytest.raises(ValueError, match="wanted more than 0 and less than 180"):
        Perspective(4, 4, fov_deg)
