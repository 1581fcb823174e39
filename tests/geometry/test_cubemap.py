import math
from typing import Any

import pytest
import torch
from torch import Tensor

from cyclorama.geometry import (
    FACES,
    Cubemap,
    Equirect,
    angle_between,
    camera_dirs,
    cubemap_to_equirect,
    dirs_to_cubemap_pixels,
    equirect_to_cubemap,
    equirect_to_perspective,
    pixel_centres,
    reproject,
    roll,
)
from cyclorama.geometry.lookup import MODES

FRONT, RIGHT, BACK, LEFT, UP, DOWN = range(6)


def noise(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64).to(dtype)


def cubemap_dirs(size: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return camera_dirs(Cubemap(size), dtype=dtype).unflatten(0, (6, size))


def test_faces_look_where_they_are_named():
    wanted = [[0, 0, -1], [1, 0, 0], [0, 0, 1], [-1, 0, 0], [0, 1, 0], [0, -1, 0]]
    assert FACES == ("front", "right", "back", "left", "up", "down")
    assert cubemap_dirs(1)[:, 0, 0].tolist() == wanted


def test_neighbouring_faces_touch_along_the_whole_edge():
    dirs = cubemap_dirs(256, dtype=torch.float64)
    edges = [
        (dirs[FRONT, :, -1], dirs[RIGHT, :, 0]),
        (dirs[RIGHT, :, -1], dirs[BACK, :, 0]),
        (dirs[BACK, :, -1], dirs[LEFT, :, 0]),
        (dirs[LEFT, :, -1], dirs[FRONT, :, 0]),
        (dirs[UP, -1], dirs[FRONT, 0]),
        (dirs[DOWN, 0], dirs[FRONT, -1]),
        (dirs[UP, :, -1], dirs[RIGHT, 0].flip(0)),
    ]
    for one, other in edges:
        assert math.degrees(angle_between(one, other).max().item()) < 0.5


@pytest.mark.parametrize("size", [1, 2, 7, 16])
def test_dirs_to_cubemap_pixels_inverts_cubemap_dirs(size: int):
    face, pixels = dirs_to_cubemap_pixels(3 * cubemap_dirs(size, dtype=torch.float64), size)
    assert face.equal(torch.arange(6).reshape(6, 1, 1).expand(6, size, size))
    torch.testing.assert_close(pixels, pixel_centres(size, size, dtype=torch.float64).expand(6, -1, -1, -1))


@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_solid_angles_sum_to_four_pi(size: int):
    weights = Cubemap(size).solid_angles()
    assert weights.sum() == pytest.approx(4 * math.pi, abs=1e-12)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("watched", [False, True])
def test_faces_at_their_own_directions_are_themselves(mode: str, watched: bool):
    faces = noise(2, 6, 3, 16, 16).requires_grad_(watched)
    assert reproject(faces, Cubemap(16), Cubemap(16), mode=mode).equal(faces)


@pytest.mark.parametrize("mode", MODES)
def test_a_face_is_the_perspective_view(mode: str):
    panorama = noise(2, 3, 16, 32, dtype=torch.float64)
    faces = equirect_to_cubemap(panorama, 8, mode=mode)
    turns = [(0, 0), (90, 0), (180, 0), (-90, 0), (0, 90), (0, -90)]
    for index, (yaw_deg, pitch_deg) in enumerate(turns):
        angles: Any = {"yaw_deg": yaw_deg, "pitch_deg": pitch_deg}
        view = equirect_to_perspective(panorama, 8, 8, 90, **angles, mode=mode)
        torch.testing.assert_close(faces[:, index], view, rtol=0, atol=1e-12)


@pytest.mark.parametrize("mode", MODES)
def test_a_quarter_turn_moves_the_sides_and_turns_the_caps(mode: str):
    panorama = noise(3, 16, 32, dtype=torch.float64)
    faces, turned = (equirect_to_cubemap(p, 8, mode=mode) for p in (panorama, roll(panorama, 90)))
    torch.testing.assert_close(turned[:4], faces[:4].roll(-1, dims=0), rtol=0, atol=1e-12)
    torch.testing.assert_close(turned[UP], faces[UP].rot90(-1, (-2, -1)), rtol=0, atol=1e-12)
    torch.testing.assert_close(turned[DOWN], faces[DOWN].rot90(1, (-2, -1)), rtol=0, atol=1e-12)


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_a_panorama_of_faces_turned_by_a_quarter_is_torch_roll(mode: str):
    faces = noise(6, 3, 8, 8, dtype=torch.float64)
    turned = torch.stack([*faces[:4].roll(-1, dims=0), faces[UP].rot90(-1, (-2, -1)), faces[DOWN].rot90(1, (-2, -1))])
    # 32 columns: no pixel's centre lies on an edge between two sides, where either face may answer
    wanted = cubemap_to_equirect(faces, 16, mode=mode).roll(-8, dims=-1)
    torch.testing.assert_close(cubemap_to_equirect(turned, 16, mode=mode), wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("mode", "degrees"), [("bilinear", 0.05), ("bicubic", 0.02)])
def test_faces_and_back_show_the_directions(mode: str, degrees: float):
    wanted = camera_dirs(Equirect(96, 192), dtype=torch.float64)
    faces = cubemap_dirs(64, dtype=torch.float64).movedim(-1, 1)
    shown = cubemap_to_equirect(faces, 96, mode=mode)
    assert math.degrees(angle_between(shown.movedim(0, -1), wanted).max().item()) < degrees


def test_there_and_back_is_the_inverse():
    panorama = camera_dirs(Equirect(96, 192), dtype=torch.float64).permute(2, 0, 1)
    back = cubemap_to_equirect(equirect_to_cubemap(panorama, 64, mode="bicubic"), 96, mode="bicubic")
    torch.testing.assert_close(back, panorama, rtol=0, atol=3e-4)


def test_nearest_keeps_labels_and_batches():
    labels = torch.arange(6, dtype=torch.uint8).reshape(1, 6, 1, 1, 1).repeat(2, 1, 1, 8, 8)
    panorama = cubemap_to_equirect(labels, 16, mode="nearest")
    assert panorama.dtype == torch.uint8
    assert panorama.shape == (2, 1, 16, 32)
    assert panorama[0, 0, 8, [16, 24, 0, 8]].tolist() == [FRONT, RIGHT, BACK, LEFT]
    assert panorama[0, 0, [0, -1], 3].tolist() == [UP, DOWN]


def test_gradients_reach_the_panorama_and_the_faces():
    panorama, faces = noise(1, 4, 8, dtype=torch.float64), noise(6, 1, 3, 3, dtype=torch.float64)
    panorama.requires_grad_()
    faces.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: equirect_to_cubemap(x, 2), (panorama,))
    assert torch.autograd.gradcheck(lambda x: reproject(x, Cubemap(3), Equirect(4, 8), antialias=False), (faces,))
