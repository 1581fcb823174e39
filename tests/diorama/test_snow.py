"""Snow lies on what faces up, and flakes fall through the air without jumps."""

import pytest
import torch
import torch.nn.functional as F

from cyclorama.diorama.scene import SKIES
from cyclorama.diorama.sky import make_sky
from cyclorama.diorama.sky.cells import cell_numbers
from cyclorama.diorama.sky.snow import LAYERS, fallen, falling_snow, snow_cover

CPU = torch.device("cpu")


def sky_of(weather="snowfall", seconds=0.0, time="noon"):
    return make_sky(time, weather, torch.Generator().manual_seed(1), CPU, seconds=seconds)


def random_dirs(count=40000):
    return F.normalize(torch.randn(count, 3, generator=torch.Generator().manual_seed(0)), dim=-1)


def surfaces(count=2000):
    generator = torch.Generator().manual_seed(2)
    albedo = 0.3 * torch.rand(count, 3, generator=generator)
    points = 40 * torch.rand(count, 3, generator=generator)
    return albedo, points, random_dirs(count), 50 * torch.rand(count, generator=generator)


def flakes(sky, rays, distance_m=100.0, **where):
    """How much brighter black becomes along the rays."""
    return falling_snow(sky, torch.zeros_like(rays), rays, torch.full((len(rays),), distance_m), **where).sum(-1)


def test_snow_lies_only_on_what_faces_up():
    albedo, points, normals, distance = surfaces()
    covered = snow_cover(sky_of(), albedo, points, normals, distance)
    down = normals[:, 1] <= 0.05
    assert torch.equal(covered[down], albedo[down])
    flat = normals[:, 1] > 0.97
    assert (covered[flat] > 0.7).all()
    assert (covered <= 1).all()


@pytest.mark.parametrize("weather", [weather for weather in SKIES if weather != "snowfall"])
def test_other_weather_brings_no_snow(weather):
    albedo, points, normals, distance = surfaces()
    assert torch.equal(snow_cover(sky_of(weather), albedo, points, normals, distance), albedo)
    assert torch.equal(falling_snow(sky_of(weather), albedo, normals, distance), albedo)


def test_flakes_are_the_same_every_time_and_fall_on():
    rays = random_dirs()
    assert torch.equal(flakes(sky_of(), rays), flakes(sky_of(), rays))
    steps = [
        (flakes(sky_of(seconds=3.0), rays) - flakes(sky_of(seconds=3.0 + s), rays)).abs().mean() for s in (1e-3, 1)
    ]
    assert steps[0] < 0.02 * steps[1]


def test_flakes_fill_a_small_part_of_every_direction():
    rays = random_dirs()
    seen = flakes(sky_of(), rays) > 0.05
    for axis in range(3):
        for half in (rays[:, axis] > 0.5, rays[:, axis] < -0.5):
            assert 0.002 < seen[half].float().mean() < 0.12


def test_flakes_are_not_seen_behind_things():
    rays = random_dirs()
    nearest, farthest = LAYERS[0].radius, LAYERS[-1].radius
    assert (flakes(sky_of(), rays, 0.9 * nearest) == 0).all()
    some, more = (flakes(sky_of(), rays, d) for d in (1.1 * nearest, 1.1 * farthest))
    assert (more >= some - 1e-5).all()
    assert more.mean() > 1.5 * some.mean()


def test_flakes_are_round():
    # the extents of a flake in two directions across the ray, averaged over many
    rays = random_dirs(200000)
    bright = rays[flakes(sky_of(), rays) > 0.9 * flakes(sky_of(), rays).max()][:60]
    up = torch.tensor([0.0, 1.0, 0.0])
    aside = F.normalize(torch.linalg.cross(bright, up.expand_as(bright)), dim=-1)
    above = torch.linalg.cross(aside, bright)
    widths = []
    for axis in (aside, above):
        offsets = torch.linspace(-0.03, 0.03, 121)
        line = F.normalize(bright[:, None] + offsets[:, None] * axis[:, None], dim=-1)
        widths.append((flakes(sky_of(), line.flatten(0, 1)).reshape(len(bright), -1) > 0.2).float().sum(-1).mean())
    assert widths[0] == pytest.approx(widths[1].item(), rel=0.12)


def test_an_eye_that_moves_with_the_air_sees_the_same_flakes():
    # flakes stay in the world: shifting the eye by as much as the air has moved changes nothing
    rays = random_dirs(3000)
    rest, later = torch.tensor(fallen(0.0, 0)), torch.tensor(fallen(0.4, 0))
    near = 1.2 * LAYERS[0].radius
    here = flakes(sky_of(), rays, near, eye=torch.zeros(3))
    there = flakes(sky_of(seconds=0.4), rays, near, eye=later - rest)
    torch.testing.assert_close(here, there, atol=2e-2, rtol=0)


def test_cells_have_even_numbers_of_their_own():
    axis = torch.arange(-20, 20)
    x, y, z = (a.flatten() for a in torch.meshgrid(axis, axis, axis, indexing="ij"))
    numbers = cell_numbers(x, y, z)
    assert torch.equal(numbers, cell_numbers(x, y, z))
    assert (numbers - cell_numbers(x, y, z, salt=1)).abs().mean() > 0.2
    torch.testing.assert_close(numbers.mean(0), torch.full((4,), 0.5), atol=0.02, rtol=0)
    torch.testing.assert_close(numbers.std(0), torch.full((4,), 12**-0.5), atol=0.02, rtol=0)
    beside = cell_numbers(x + 1, y, z)
    assert torch.corrcoef(torch.stack([numbers[:, 0], beside[:, 0]]))[0, 1].abs() < 0.05
