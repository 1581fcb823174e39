import pytest
import torch

from cyclorama.evaluation.multiview.matching import Keypoints, keypoints, match
from cyclorama.geometry import Equirect, Perspective, angle_between, rotate, rotate_dirs, rotation

pytest.importorskip("cv2")
PANORAMA = Equirect(128, 256)


def blobs(places: list[tuple[float, float]], height: int = 64, width: int = 96) -> torch.Tensor:
    rows, columns = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    image = sum(torch.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 18) for x, y in places)
    return torch.as_tensor(image).expand(3, height, width).clamp(0, 1)


def test_points_stand_where_the_picture_has_them():
    places = [(20.0, 20.0), (60.5, 30.25), (40.0, 50.75)]
    found = keypoints(blobs(places), Perspective(64, 96, 70)).pixels
    for place in places:
        assert (found - torch.tensor(place)).norm(dim=1).min() < 0.1


def test_points_of_a_panorama_lie_in_their_directions(room):
    found = keypoints(room.images[0], PANORAMA)
    assert len(found) > 60
    assert len(found.dirs) == len(found.descriptors) == len(found)
    torch.testing.assert_close(found.dirs.norm(dim=1), torch.ones(len(found)).double())
    assert angle_between(PANORAMA.pixels_to_dirs(found.pixels), found.dirs).max() < 1e-6
    torch.testing.assert_close(found.descriptors.norm(dim=1), torch.ones(len(found)))


def test_a_picture_matches_itself_point_for_point(room):
    found = keypoints(room.images[0], PANORAMA)
    matches = match(found, found)
    assert torch.equal(matches[:, 0], matches[:, 1])
    assert len(matches) > 0.9 * len(found.dirs.unique(dim=0))


@pytest.mark.parametrize("turn", [{"yaw_deg": 90}, {"yaw_deg": 40, "pitch_deg": 30}])
def test_a_turned_panorama_has_its_points_in_turned_directions(room, turn):
    turned = rotation(**turn).double()
    image = rotate(room.images[0], turned.float(), mode="bicubic")
    a, b = keypoints(room.images[0], PANORAMA), keypoints(image, PANORAMA)
    matches = match(a, b)
    errors = torch.rad2deg(angle_between(a.dirs[matches[:, 0]], rotate_dirs(b.dirs[matches[:, 1]], turned)))
    assert len(matches) >= 20
    assert errors.median() < 0.5
    assert (errors < 1.5).double().mean() > 0.8  # a pixel is 1.4 degrees; rooms repeat themselves


def test_matches_are_mutual_nearest_and_distinct():
    dice = torch.Generator().manual_seed(0)
    a, b = (torch.nn.functional.normalize(torch.rand(n, 128, generator=dice), dim=1) for n in (30, 40))
    b[:10] = torch.nn.functional.normalize(a[:10] + 0.05 * b[:10], dim=1)
    distances = torch.cdist(a, b)
    expected = [
        (i, j)
        for i in range(30)
        for j in range(40)
        if distances[i, j] == distances[i].min() == distances[:, j].min()
        and distances[i, j] < 0.8 * distances[i].sort().values[1]
        and distances[i, j] < 0.8 * distances[:, j].sort().values[1]
    ]
    points = [Keypoints(torch.zeros(len(d), 2), torch.zeros(len(d), 3), d) for d in (a, b)]
    found = match(*points)
    assert [tuple(pair) for pair in found.tolist()] == expected == [(i, i) for i in range(10)]
    assert torch.equal(match(*reversed(points)).flip(1), found)


def test_pictures_without_texture_have_no_points():
    flat = keypoints(torch.full((3, 64, 128), 0.5), Equirect(64, 128))
    assert len(flat) == 0
    assert match(flat, flat).shape == (0, 2)
