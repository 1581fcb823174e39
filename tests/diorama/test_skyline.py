"""The polar table of a terrain sees what marching along every ray sees; a plain is known exactly."""

import math

import pytest
import torch
import torch.nn.functional as F

from cyclorama.diorama.landscapes.skyline import FARTHEST_M, NEAREST_M, Skyline
from cyclorama.diorama.landscapes.terrain import LANDSCAPES, Terrain

NUM_RAYS, NUM_STEPS = 64, 4000
HILLY = [kind for kind in LANDSCAPES if kind != "plain"]


def terrain_of(kind, seed=0):
    return Terrain(kind, (math.sin(1.0 + seed), math.cos(1.0 + seed)), (3.0 + 7 * seed, 20.0), 1.0)


def eye_over(terrain):
    return torch.tensor([0.0, float(terrain.height(torch.zeros(2))) + 2.0, 0.0])


def rays_around(lowest, highest, seed=0):
    generator = torch.Generator().manual_seed(seed)
    lon = torch.rand(NUM_RAYS, generator=generator) * 2 * math.pi
    up = lowest + (highest - lowest) * torch.rand(NUM_RAYS, generator=generator)
    return F.normalize(torch.stack([lon.sin(), up, lon.cos()], -1), dim=-1)


def marched(terrain, eye, dirs):
    """Distance along each ray to its first step below the ground (inf: none), and its clearance on the way."""
    radius = torch.logspace(math.log10(NEAREST_M), math.log10(FARTHEST_M), NUM_STEPS)
    t = radius / dirs[:, ::2].norm(dim=-1, keepdim=True)
    points = eye + t[..., None] * dirs[:, None]
    clearance = (points[..., 1] - terrain.height(points[..., ::2])) / radius
    below = clearance < 0
    first = below.int().argmax(1)
    return torch.where(below.any(1), t.gather(1, first[:, None])[:, 0], torch.inf), clearance


@pytest.mark.parametrize("kind", HILLY)
def test_hits_equal_ray_marching(kind):
    terrain = terrain_of(kind)
    eye, dirs = eye_over(terrain), rays_around(-0.3, 0.15)
    seen = Skyline.of(terrain, eye).hit(dirs)
    expected, clearance = marched(terrain, eye, dirs)
    # rays that graze a crest may pass in one and not in the other
    clear_cut = clearance.abs().amin(1) > 0
    assert (seen.isinf() == expected.isinf())[clear_cut].float().mean() > 0.95
    both = seen.isfinite() & expected.isfinite()
    error = (seen / expected - 1).abs()[both]
    assert error.median() < 0.005
    assert (error < 0.05).float().mean() > 0.9


@pytest.mark.parametrize("kind", HILLY)
def test_hits_lie_on_the_ground(kind):
    terrain = terrain_of(kind, seed=1)
    eye, dirs = eye_over(terrain), rays_around(-0.4, 0.1, seed=1)
    distance = Skyline.of(terrain, eye).hit(dirs)
    met = distance.isfinite()
    points = eye + distance[met, None] * dirs[met]
    gap = (points[:, 1] - terrain.height(points[:, ::2])).abs() / distance[met]
    assert gap.median() < 0.003


def test_on_a_plain_the_depth_is_the_eye_height_over_the_descent():
    terrain = Terrain("plain", (0.0, 1.0), (0.0, 0.0))
    eye, dirs = torch.tensor([3.0, 1.65, -7.0]), rays_around(-30.0, -0.001)
    torch.testing.assert_close(Skyline.of(terrain, eye).hit(dirs), eye[1] / -dirs[:, 1], rtol=1e-3, atol=0)
    assert Skyline.of(terrain, eye).hit(rays_around(0.0, 1.0)).isinf().all()


def test_the_mirrored_table_sees_the_land_beyond_the_water_from_below():
    terrain = Terrain("lake", (0.6, 0.8), (5.0, 9.0), water=0.0)
    eye = torch.tensor([0.0, 3.0, 0.0])
    twin = Skyline.of(terrain, eye).mirrored()
    assert twin.origin.tolist() == [0.0, -3.0, 0.0]
    dirs = rays_around(0.005, 0.25)
    distance = twin.hit(dirs)
    met = distance.isfinite()
    assert met.float().mean() > 0.2
    points = twin.origin + distance[met, None] * dirs[met]
    assert (points[:, 1] > terrain.water).float().mean() > 0.9
    gap = (points[:, 1] - terrain.height(points[:, ::2])).abs() / distance[met]
    assert gap.median() < 0.012


def test_the_table_has_the_azimuths_that_the_pixels_need():
    terrain, eye = terrain_of("hills"), torch.tensor([0.0, 5.0, 0.0])
    coarse, fine = (len(Skyline.of(terrain, eye, pixel_angle=2 * math.pi / width).heights) for width in (256, 1024))
    assert coarse >= 256
    assert fine >= 1024
    assert fine == 4 * coarse


def test_a_low_sun_leaves_valleys_dark_and_a_high_one_does_not():
    terrain = terrain_of("mountains")
    skyline = Skyline.of(terrain, eye_over(terrain))
    flat = 600 * (torch.rand(200, 2, generator=torch.Generator().manual_seed(0)) - 0.5)
    points = torch.stack([flat[:, 0], terrain.height(flat), flat[:, 1]], -1)
    low, high = (
        skyline.sunlit(F.normalize(torch.tensor([1.0, up, 0.3]), dim=0), points).mean().item() for up in (0.1, 3.0)
    )
    assert low < 0.7
    assert high > 0.9
    assert high - low > 0.3
