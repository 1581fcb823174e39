"""Skies: no seams, no singular points, nothing that jumps in time, and light that tells the time and the weather."""

import math

import pytest
import torch
import torch.nn.functional as F

from cyclorama.diorama.atmosphere import haze
from cyclorama.diorama.colours import tint
from cyclorama.diorama.exposure import develop, display
from cyclorama.diorama.scene import SKIES, TIMES
from cyclorama.diorama.sky import make_sky
from cyclorama.diorama.sky.clouds import CURVATURE_RADIUS, shell_distance
from cyclorama.diorama.sky.gradients import gradient_colour
from cyclorama.diorama.sky.luminaries import MOON_RADIUS, moon
from cyclorama.diorama.sky.palettes import BRIGHTEST, light_of_paint
from cyclorama.diorama.sky.stars import star_turn, stars
from cyclorama.diorama.sky.tile import PARTS, TILE_CELLS, billows
from cyclorama.geometry import Equirect, camera_dirs

CPU = torch.device("cpu")
EVERY_SKY = [(time, weather) for time in TIMES for weather in SKIES]


def sky_of(time, weather, seed=3, seconds=0.0):
    return make_sky(time, weather, torch.Generator().manual_seed(seed), CPU, seconds=seconds)


def direction(azimuth_deg, elevation_deg):
    azimuth, elevation = (torch.deg2rad(torch.as_tensor(a, dtype=torch.float32)) for a in (azimuth_deg, elevation_deg))
    across = elevation.cos()
    return torch.stack([across * azimuth.sin(), elevation.sin() + 0 * azimuth, -across * azimuth.cos()], -1)


def random_dirs(count=3000):
    return F.normalize(torch.randn(count, 3, generator=torch.Generator().manual_seed(0)), dim=-1)


def upper_half(height=32):
    dirs = camera_dirs(Equirect(height, 2 * height)).flatten(0, 1)
    return dirs[dirs[:, 1] > 0.02]


@pytest.mark.parametrize(("time", "weather"), EVERY_SKY)
def test_light_is_finite_and_not_negative_everywhere(time, weather):
    sky = sky_of(time, weather)
    special = direction(torch.tensor([0.0, 90.0, 0.0, 0.0]), torch.tensor([90.0, 0.0, -90.0, 0.0]))
    dirs = torch.cat([random_dirs(), special, sky.sun_dir[None], -sky.sun_dir[None]])
    for colour in (sky.colour(dirs), sky.colour(dirs, sharp=False), sky.air(dirs), sky.direct, sky.ambient, sky.haze):
        assert colour.isfinite().all()
        assert (colour >= 0).all()
    assert (sky.ambient > 0).all()


@pytest.mark.parametrize(("time", "weather"), EVERY_SKY)
def test_no_azimuth_is_a_seam(time, weather):
    # the step over +-180 degrees is like the steps beside it
    elevations = torch.linspace(1, 80, 200)
    sky = sky_of(time, weather)
    left, right, far_left, far_right = (
        sky.colour(direction(torch.full_like(elevations, a), elevations)) for a in (-179.99, 179.99, -179.97, 179.97)
    )
    beside = (left - far_left).abs().mean() + (right - far_right).abs().mean()
    assert (left - right).abs().mean() <= 2 * beside + 1e-4


@pytest.mark.parametrize("weather", SKIES)
def test_around_the_zenith_the_sky_is_smooth(weather):
    sky = sky_of("noon", weather, seed=11)
    around = direction(torch.linspace(0, 360, 50), torch.full((50,), 89.99))
    colours = sky.colour(around)
    assert (colours - colours.mean(0)).abs().max() < 0.02


@pytest.mark.parametrize(("time", "weather"), EVERY_SKY)
def test_nothing_jumps_in_time(time, weather):
    dirs = upper_half(24)
    steps = []
    for seconds in (1e-3, 1e-2, 1e-1):
        now, later = sky_of(time, weather, seconds=5.0), sky_of(time, weather, seconds=5.0 + seconds)
        steps.append((now.colour(dirs) - later.colour(dirs)).abs().mean().item())
    assert steps[0] < 2e-3
    assert steps[0] <= steps[1] + 1e-5
    assert steps[1] <= steps[2] + 1e-5


def test_clouds_move_and_the_sun_goes_on():
    dirs = upper_half()
    for weather in ("scattered clouds", "overcast", "snowfall"):
        begin, later = (sky_of("noon", weather, seconds=s).colour(dirs) for s in (0.0, 20.0))
        assert (begin - later).abs().mean() > 1e-3
    for time, rises in (("dawn", 1), ("sunset", -1)):
        begin, later = (sky_of(time, "clear", seconds=s).sun_dir[1].item() for s in (0.0, 30.0))
        assert (later - begin) * rises > 0
    assert sky_of("sunset", "clear", seconds=1e5).sun_dir[1] > 0


def test_equal_seeds_make_equal_skies_and_others_do_not():
    dirs = upper_half()
    one, same, other = (sky_of("noon", "scattered clouds", seed).colour(dirs) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert (one - other).abs().mean() > 0.02


def test_skies_differ_in_how_much_the_clouds_cover():
    dirs = upper_half()

    def covered(seed):
        broken, clear = (sky_of("noon", weather, seed) for weather in ("scattered clouds", "clear"))
        return ((broken.colour(dirs) - clear.colour(dirs)).abs().sum(-1) > 0.15).float().mean().item()

    shares = [covered(seed) for seed in range(12)]
    assert min(shares) > 0.02
    assert max(shares) < 0.95
    assert max(shares) - min(shares) > 0.2


@pytest.mark.parametrize("weather", SKIES)
def test_noon_lights_the_land_most_and_night_least(weather):
    def light(time):
        skies = [sky_of(time, weather, seed) for seed in range(6)]
        return sum((sky.direct * sky.sun_dir[1] + sky.ambient).mean().item() for sky in skies) / len(skies)

    dawn, noon, sunset, night = map(light, TIMES)
    assert noon > max(dawn, sunset)
    assert night < 0.65 * min(dawn, sunset)


def test_the_sun_is_strong_in_open_skies_only():
    for time in TIMES:
        direct = {weather: sky_of(time, weather).direct.mean().item() for weather in SKIES}
        assert min(direct["clear"], direct["scattered clouds"]) > 8 * max(
            direct[w] for w in ("overcast", "fog", "snowfall")
        )


def test_grey_skies_are_grey_and_a_clear_noon_is_blue():
    def saturation(weather):
        colours = develop(display(sky_of("noon", weather).colour(upper_half())))
        return ((colours.amax(-1) - colours.amin(-1)) / colours.amax(-1)).mean().item()

    assert saturation("clear") > 0.4
    assert max(saturation(w) for w in ("overcast", "fog", "snowfall")) < 0.15


def test_dawn_is_cool_and_sunset_warm_toward_the_sun():
    def redness(time):
        sky = sky_of(time, "clear")
        low = F.normalize(sky.sun_dir * tint((1.0, 0.0, 1.0), sky.sun_dir) + tint((0.0, 0.12, 0.0), sky.sun_dir), dim=0)
        red, _, blue = sky.colour(low[None])[0].tolist()
        return red / blue

    assert redness("sunset") > 3 * redness("dawn")
    assert redness("dawn") > 1.2 * redness("noon")


def test_one_sees_less_far_in_fog_than_in_snow_than_under_clouds():
    for time in TIMES:
        sight = [sky_of(time, weather).visibility_m for weather in ("fog", "snowfall", "overcast")]
        assert sight == sorted(sight)
        assert 35 < sight[0] < 95
        assert 120 < sight[1] < 190


@pytest.mark.parametrize(("time", "weather"), EVERY_SKY)
def test_far_land_fades_into_the_air_and_near_land_does_not(time, weather):
    sky = sky_of(time, weather)
    dirs = random_dirs(200)
    black = torch.zeros_like(dirs)
    near, far = (haze(sky, black, torch.full((200,), d * sky.visibility_m), dirs) for d in (0.0, 3.0))
    torch.testing.assert_close(near, black)
    torch.testing.assert_close(far, sky.air(dirs), rtol=2e-4, atol=1e-4)
    at_sight = haze(sky, black, torch.full((200,), sky.visibility_m), dirs)
    torch.testing.assert_close(at_sight, sky.air(dirs) * (1 - math.exp(-3)), rtol=1e-3, atol=1e-4)
    skies = torch.full((200,), torch.inf)
    torch.testing.assert_close(haze(sky, dirs.abs(), skies, dirs), dirs.abs())


def test_fog_meets_the_ground_smoothly():
    sky = sky_of("noon", "fog")
    above, below = (sky.colour(direction(torch.linspace(0, 350, 60), torch.full((60,), e))) for e in (0.5, -0.5))
    far = haze(sky, torch.zeros_like(below), torch.full((60,), 1e4), direction(torch.linspace(0, 350, 60), -0.5))
    torch.testing.assert_close(above, far, atol=0.02, rtol=0)


def star_extents(elevation_deg):
    """Widths in degrees, along elevation and along azimuth, of the brightest star within 6 degrees."""
    upright = torch.linspace(-6, 6, 481)
    up, aside = torch.meshgrid(upright, upright, indexing="ij")
    # an orthonormal frame about the middle, so that both axes are true angles
    middle, pole = direction(20.0, elevation_deg), direction(20.0, elevation_deg + 90.0)
    right = torch.linalg.cross(middle, pole)
    dirs = F.normalize(
        middle + torch.tan(torch.deg2rad(up))[..., None] * pole + torch.tan(torch.deg2rad(aside))[..., None] * right,
        dim=-1,
    )
    light = stars(dirs.flatten(0, 1), turn=torch.eye(3)).sum(-1).reshape(481, 481)
    row, column = divmod(int(light[40:-40, 40:-40].argmax()), 401)
    patch = light[row : row + 81, column : column + 81] > 0.5 * light[row + 40, column + 40]
    return (patch[:, 40].sum().item() / 40, patch[40].sum().item() / 40)


@pytest.mark.parametrize("elevation_deg", [10.0, 45.0, 85.0])
def test_stars_are_round_and_as_large_at_every_elevation(elevation_deg):
    high, wide = star_extents(elevation_deg)
    assert high == pytest.approx(wide, abs=0.051)
    assert high == pytest.approx(star_extents(30.0)[0], abs=0.2)


def test_stars_differ_in_brightness_and_colour_and_are_points():
    dirs = camera_dirs(Equirect(512, 1024)).flatten(0, 1)
    dirs = dirs[dirs[:, 1] > 0.5]
    light = stars(dirs, turn=torch.eye(3))
    lit = light[light.sum(-1) > 0.35]
    assert 0.0005 < len(lit) / len(light) < 0.05
    assert lit.sum(-1).std() > 0.1
    assert (lit[:, 0] / lit[:, 2]).std() > 0.05


def test_stars_turn_together():
    dirs = random_dirs(2000)
    dirs = dirs[dirs[:, 1] > 0.4]
    turn = star_turn(30.0, 25.0, like=dirs)
    torch.testing.assert_close(turn @ turn.T, torch.eye(3), atol=1e-5, rtol=0)
    back = dirs @ turn  # what `turn` brings to dirs
    high = back[:, 1] > 0.3
    torch.testing.assert_close(stars(back[high], turn=turn), stars(dirs[high], turn=torch.eye(3)), atol=2e-2, rtol=0.1)


@pytest.mark.parametrize("phase", [0.0, 0.8, -1.57, 1.9])
def test_the_moon_shows_its_phase(phase):
    middle = direction(40.0, 35.0)
    offsets = torch.randn(20000, 3, generator=torch.Generator().manual_seed(1)) * MOON_RADIUS
    dirs = F.normalize(middle + offsets, dim=-1)
    light = moon(torch.zeros_like(dirs), dirs, middle, phase=phase, tilt=0.3, light=(1.0, 1.0, 1.0))
    inside = (dirs - middle).square().sum(-1) < (0.9 * MOON_RADIUS) ** 2
    lit = (light[inside].mean(-1) > 0.25).float().mean().item()
    assert lit == pytest.approx((1 + math.cos(phase)) / 2, abs=0.14)
    outside = (dirs - middle).square().sum(-1) > (1.2 * MOON_RADIUS) ** 2
    assert (light[outside] == 0).all()


def test_the_sun_stands_out_and_its_disc_fades_to_the_rim():
    for time in ("dawn", "noon", "sunset"):
        sky = sky_of(time, "clear")
        beside = F.normalize(
            sky.sun_dir + torch.randn(500, 3, generator=torch.Generator().manual_seed(2)) * 0.2, dim=-1
        )
        middle = sky.colour(sky.sun_dir[None])[0]
        assert (middle >= sky.colour(beside) - 1e-4).all()
        assert (middle > 1.5 * sky.colour(sky.sun_dir[None], sharp=False)[0]).all()
        seconds = torch.linalg.cross(sky.sun_dir, tint((0.0, 1.0, 0.0), sky.sun_dir))
        across = F.normalize(sky.sun_dir + torch.linspace(0, 0.03, 12)[:, None] * F.normalize(seconds, dim=0), dim=-1)
        profile = sky.colour(across).sum(-1)
        assert (profile.diff() <= 1e-4).all()


def test_clouds_lie_on_a_sphere_above_the_land():
    y = torch.linspace(0, 1, 50, dtype=torch.float64)
    away = shell_distance(y, 1.0)
    # law of cosines in the triangle of the planet's middle, the eye and the cloud
    from_middle = (CURVATURE_RADIUS**2 + away**2 + 2 * CURVATURE_RADIUS * away * y).sqrt()
    torch.testing.assert_close(from_middle, torch.full_like(y, CURVATURE_RADIUS + 1))
    assert away[-1].item() == pytest.approx(1.0)
    assert (away.diff() < 0).all()


@pytest.mark.parametrize("part", PARTS)
def test_billows_repeat_without_a_seam_and_know_their_slopes(part):
    points = torch.rand(4000, 2, generator=torch.Generator().manual_seed(4)) * 50
    height, slope_x, slope_y = billows(points, part)
    torch.testing.assert_close(billows(points + TILE_CELLS, part)[0], height, atol=2e-3, rtol=0)
    step = 0.02
    for axis, slope in ((0, slope_x), (1, slope_y)):
        offset = F.one_hot(torch.tensor(axis), 2) * step
        measured = (billows(points + offset, part)[0] - billows(points - offset, part)[0]) / (2 * step)
        assert torch.corrcoef(torch.stack([measured, slope]))[0, 1] > 0.97
    at_seam = torch.tensor([[TILE_CELLS - 1e-3, 3.3], [TILE_CELLS + 1e-3, 3.3]])
    one, other = billows(at_seam, part)[0].tolist()
    assert abs(one - other) < 0.05


def test_the_whole_of_billows_is_its_parts():
    points = torch.rand(500, 2, generator=torch.Generator().manual_seed(5)) * 30
    whole, broad, detail = (billows(points, part) for part in ("whole", "broad", "detail"))
    torch.testing.assert_close(whole, broad + detail, atol=1e-3, rtol=1e-4)


def test_paint_is_shown_as_it_was_mixed():
    for paint in ("#101c40", "#5c4c6c", "#88aa99"):
        shown = develop(display(torch.tensor([light_of_paint(paint)])))[0]
        wanted = torch.tensor([int(paint[at : at + 2], 16) / 255 for at in (1, 3, 5)])
        torch.testing.assert_close(shown, wanted, atol=0.03, rtol=0)
    assert max(light_of_paint("#ffffff")) < BRIGHTEST


def test_a_gradient_has_one_colour_at_the_zenith():
    sky = sky_of("sunset", "clear")
    ring = direction(torch.linspace(0, 360, 30), torch.full((30,), 89.9))
    colours = gradient_colour(sky.gradient, ring, sky.sun_dir)
    assert (colours - colours[0]).abs().max() < 0.01
