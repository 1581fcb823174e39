"""Water mirrors at grazing angles, shows its bottom from above, moves in time and glitters below the sun."""

import math

import pytest
import torch

from cyclorama.diorama.landscapes.skyline import Skyline
from cyclorama.diorama.landscapes.terrain import Terrain
from cyclorama.diorama.sky import make_sky
from cyclorama.diorama.tracing import WATER, Hits
from cyclorama.diorama.water import BODIES, water_light

CPU = torch.device("cpu")
EYE = torch.tensor([0.0, 3.0, 0.0])


def sky_of(time="noon", weather="clear", seconds=0.0):
    return make_sky(time, weather, torch.Generator().manual_seed(5), CPU, seconds=seconds)


def sea(kind="coast"):
    return Skyline.of(Terrain(kind, (0.0, -1.0), (3.0, 4.0), water=0.0), EYE, num_azimuths=64)


def seen(distances, azimuths_deg: float | torch.Tensor = 0.0):
    """Rays to the water's surface, and where they meet it."""
    azimuth = torch.deg2rad(torch.as_tensor(azimuths_deg)).expand_as(distances)
    points = torch.stack([distances * azimuth.sin(), torch.zeros_like(distances), -distances * azimuth.cos()], -1)
    gap = points - EYE
    away = gap.norm(dim=-1)
    up = torch.tensor([0.0, 1.0, 0.0]).expand_as(points)
    return Hits(away, points, up, torch.full(distances.shape, WATER)), gap / away[:, None]


def mirror_of(value):
    return lambda origins, dirs: torch.full_like(dirs, value)


def light_at(distances, *, sky=None, kind="coast", mirror=0.0, azimuths_deg: float | torch.Tensor = 0.0):
    hits, rays = seen(distances, azimuths_deg)
    return water_light(sky_of(weather="overcast") if sky is None else sky, sea(kind), hits, rays, mirror_of(mirror))


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("time", ["noon", "night"])
def test_light_of_water_is_finite_and_not_negative(kind, time):
    distances, azimuths = torch.logspace(0, 3.5, 400), torch.linspace(-180, 180, 400)
    light = light_at(distances, sky=sky_of(time), kind=kind, mirror=0.2, azimuths_deg=azimuths)
    assert light.isfinite().all()
    assert (light >= 0).all()


def test_mirrored_rays_leave_the_surface_upward_with_length_one():
    asked = []

    def mirrored(origins, dirs):
        asked.append((origins, dirs))
        return torch.zeros_like(dirs)

    hits, rays = seen(torch.logspace(0.5, 3, 500))
    water_light(sky_of(), sea(), hits, rays, mirrored)
    ((origins, dirs),) = asked
    assert torch.equal(origins, hits.points)
    assert (dirs[:, 1] > 0).all()
    torch.testing.assert_close(dirs.norm(dim=-1), torch.ones(500))


def test_water_mirrors_more_the_flatter_one_looks():
    distances = torch.cat([torch.linspace(3, 5, 200), torch.linspace(30, 50, 200)])
    share = (light_at(distances, kind="lake", mirror=1.0) - light_at(distances, kind="lake", mirror=0.0)).mean(-1)
    near, far = share.chunk(2)
    assert (share > 0).all()
    assert (share <= 1).all()
    assert far.mean() > 3 * near.mean()


def test_the_fresnel_share_of_still_water_is_near_the_exact_one():
    distances = torch.linspace(3.0, 12.0, 2000)
    share = (light_at(distances, kind="lake", mirror=1.0) - light_at(distances, kind="lake", mirror=0.0)).mean(-1)
    _, rays = seen(distances)
    cosine = -rays[:, 1]
    inside = (1 - (1 - cosine**2) / 1.333**2).sqrt()
    across = ((cosine - 1.333 * inside) / (cosine + 1.333 * inside)) ** 2
    along = ((inside - 1.333 * cosine) / (inside + 1.333 * cosine)) ** 2
    exact = 0.5 * (across + along)
    assert share.mean().item() == pytest.approx(exact.mean().item(), rel=0.35)


def test_the_water_moves_without_jumps():
    distances = torch.linspace(5, 60, 3000)
    moments = [light_at(distances, sky=sky_of(seconds=s), mirror=0.4) for s in (10.0, 10.001, 11.0)]
    small, large = ((moments[0] - later).abs().mean().item() for later in moments[1:])
    assert large > 1e-3
    assert small < 0.05 * large


@pytest.mark.parametrize("time", ["noon", "sunset", "night"])
def test_the_glitter_lies_below_the_sun_or_moon(time):
    sky = sky_of(time)
    toward = math.degrees(math.atan2(sky.sun_dir[0], -sky.sun_dir[2]))
    distances = torch.logspace(0.3, 2.2, 400)
    open_sea = Skyline.of(Terrain("plain", (0.0, 1.0), (0.0, 0.0), water=0.5), EYE, num_azimuths=64)

    def glitter(azimuth_deg):
        hits, rays = seen(distances, azimuth_deg)
        return water_light(sky, open_sea, hits, rays, mirror_of(0.0)).sum(-1).max()

    assert glitter(toward) > 2 * glitter(toward + 90)
    assert glitter(toward) > 2 * glitter(toward + 180)


def test_ripples_do_not_alias_far_away():
    # neighbouring pixels far away are alike, whatever the wave that each would meet
    generator = torch.Generator().manual_seed(0)
    distances = 900 + 100 * torch.rand(500, generator=generator)
    hits, rays = seen(distances)
    light = water_light(sky_of(weather="overcast"), sea("lake"), hits, rays, lambda o, d: d.abs())
    assert (light.std(0) < 0.05).all()


def test_the_edge_of_the_sea_is_white_and_deep_water_is_not():
    generator = torch.Generator().manual_seed(1)
    distances, azimuths = 3 + 60 * torch.rand(20000, generator=generator), 360 * torch.rand(20000, generator=generator)
    hits, _ = seen(distances, azimuths)
    depth = -sea().terrain.height(hits.points[:, ::2])
    light = light_at(distances, azimuths_deg=azimuths)
    edge, deep = light[(depth > 0) & (depth < 0.05)], light[depth > 1.5]
    assert len(edge) > 50
    assert len(deep) > 50
    assert edge.mean() > 2 * deep.mean()
    assert (edge.amax(-1) - edge.amin(-1)).mean() < 0.35 * edge.mean()
