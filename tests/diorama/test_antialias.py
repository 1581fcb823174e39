"""More rays go where neighbours differ, and bring the picture nearer to the average over each pixel."""

import pytest
import torch
import torch.nn.functional as F

from cyclorama.diorama import render_camera, render_panorama, render_view, sample_scene
from cyclorama.diorama.antialiasing import in_tiles, rough_pixels, sub_pixels
from cyclorama.diorama.exposure import develop, display, light_shown_as
from cyclorama.diorama.tracing import GROUND, SKY, Hits
from cyclorama.geometry import Equirect, Perspective

CITY = sample_scene(4, place="city", time="noon", sky="clear")
ROOM = sample_scene(4, place="living room", time="noon", sky="clear")
SCENES = pytest.mark.parametrize("scene", [CITY, ROOM], ids=["city", "living room"])
GAMMA = 2.2


def mean_error(one, other):
    return (one - other).abs().mean().item()


def flat_hits(height, width, distance=5.0):
    n = height * width
    normals = torch.tensor([0.0, 1.0, 0.0]).expand(n, 3)
    return Hits(torch.full((n,), distance), torch.zeros(n, 3), normals, torch.full((n,), GROUND))


@SCENES
def test_extra_rays_bring_the_picture_nearer_to_a_heavily_sampled_one(scene):
    fine = render_panorama(scene, 192, antialias=0).colours
    reference = F.avg_pool2d(fine[None] ** GAMMA, 6)[0] ** (1 / GAMMA)
    plain, four, sixteen = (render_panorama(scene, 32, antialias=n).colours for n in (0, 4, 16))
    assert mean_error(four, reference) < 0.7 * mean_error(plain, reference)
    assert mean_error(sixteen, reference) < mean_error(four, reference)


def test_smooth_pixels_and_all_geometry_are_those_of_the_centre():
    plain, smoothed = (render_view(CITY, 48, 64, 70, antialias=n) for n in (0, 4))
    for name in ("depth", "normals", "points", "ids"):
        assert torch.equal(getattr(plain, name), getattr(smoothed, name))
    changed = (plain.colours != smoothed.colours).any(0)
    assert 0.01 < changed.float().mean() < 0.8


def test_a_picture_without_edges_has_no_rough_pixels_and_an_edge_has_both_sides():
    light = torch.full((48, 3), 0.25)
    hits = flat_hits(6, 8)
    assert len(rough_pixels(light, hits, 6, 8, wrap=True)) == 0
    hits.what.view(6, 8)[:, :4] = SKY
    inner, around = (
        sorted({pixel % 8 for pixel in rough_pixels(light, hits, 6, 8, wrap=wrap).tolist()}) for wrap in (False, True)
    )
    assert inner == [3, 4]
    assert around == [0, 3, 4, 7]


@pytest.mark.parametrize("change", ["light", "distance", "normals"])
def test_each_kind_of_step_is_found(change):
    light, hits = torch.full((48, 3), 0.25), flat_hits(6, 8)
    hits = Hits(hits.distance, hits.points, hits.normals.clone(), hits.what)
    if change == "light":
        light.view(6, 8, 3)[3:, :, 1] = 0.5
    elif change == "distance":
        hits.distance.view(6, 8)[3:] = 9.0
    else:
        hits.normals.view(6, 8, 3)[3:] = torch.tensor([1.0, 0.0, 0.0])
    assert sorted({pixel // 8 for pixel in rough_pixels(light, hits, 6, 8, wrap=True).tolist()}) == [2, 3]


def test_sub_pixels_lie_in_their_pixels_in_rows_and_columns_of_their_own():
    camera, pixels = Equirect(8, 16), torch.tensor([5, 77])
    inside, _ = camera.dirs_to_pixels(sub_pixels(camera, pixels, 4, like=torch.zeros(1)))
    corners = torch.stack([pixels % 16, pixels // 16], -1)[:, None]
    part = inside - corners
    assert ((part > 0) & (part < 1)).all()
    for axis in range(2):
        assert (part[..., axis] * 4).floor().sort().values.tolist() == [[0, 1, 2, 3]] * 2


def test_tiles_list_every_pixel_once_and_keep_neighbours_together():
    order = in_tiles(10, 12, 4, torch.device("cpu"))
    assert order.sort().values.tolist() == list(range(120))
    assert order[:16].tolist() == [12 * y + x for y in range(4) for x in range(4)]


def test_the_curve_rises_from_black_and_its_inverse_finds_the_light():
    light = torch.linspace(0, 5, 50)[:, None].expand(50, 3)
    shown = develop(display(light))[:, 0]
    assert shown[0] == 0
    assert (shown.diff() > 0).all()
    assert shown.max() <= 1
    again = [light_shown_as(value) for value in shown.tolist()]
    torch.testing.assert_close(torch.tensor(again), light[:, 0], rtol=1e-3, atol=1e-5)


def test_a_negative_number_of_rays_is_named():
    with pytest.raises(ValueError, match="got antialias -1, wanted 0 or more"):
        render_camera(CITY, Perspective(4, 4, 90), antialias=-1)
