"""Light follows the time of day, the weather and what stands in its way; surfaces have the colours of their place."""

import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from cyclorama.diorama import PLACES, TIMES, render, render_panorama, render_view, sample_scene
from cyclorama.diorama.landscapes.terrain import Terrain
from cyclorama.diorama.look import look
from cyclorama.diorama.noise import noise, smoothstep
from cyclorama.diorama.places import build
from cyclorama.diorama.scene import INDOOR, Lamp, World, light_of
from cyclorama.diorama.solids import Solid
from cyclorama.diorama.tracing import WATER
from cyclorama.geometry import Equirect, camera_dirs

CPU = torch.device("cpu")
OUTDOOR = [place for place in PLACES if place not in INDOOR]


def brightness(scene):
    return render_panorama(scene, 16, antialias=0).colours.mean().item()


def ground_colours(place, seed):
    scene = sample_scene(seed, place=place, time="noon", sky="overcast")
    colours = render_view(scene, 16, 32, 90, pitch_deg=-45, antialias=0).colours
    return colours.flatten(1).mean(1)


def bare_world(*solids, time="noon", sky="clear", lamps=()):
    """Paving without end under a sky, and some solids on it."""
    scene = sample_scene(4, place="city", time=time, sky=sky)
    terrain = Terrain("plain", (0.0, 1.0), (0.0, 0.0))
    return World((0.0, 1.6, 0.0), solids, terrain=terrain, lamps=lamps, scene=scene, sky=light_of(scene, CPU))


def look_at(world, *targets):
    """Light from world points, and their distance along the ray, as seen from the world's eye."""
    eye = torch.tensor(world.eye)
    toward = torch.tensor(targets) - eye
    light, hits = look(world, eye, toward / toward.norm(dim=-1, keepdim=True))
    return light, hits.distance


@pytest.mark.parametrize(
    "place",
    [pytest.param(place, marks=[] if k % 5 == 0 else pytest.mark.slow) for k, place in enumerate(OUTDOOR)],
)
def test_night_is_darker_than_every_other_time(place):
    dawn, noon, sunset, night = (brightness(sample_scene(2, place=place, time=time, sky="clear")) for time in TIMES)
    assert night < 0.75 * min(dawn, sunset, noon)


@pytest.mark.parametrize("place", INDOOR)
def test_a_room_is_lit_at_night(place):
    night, noon = (brightness(sample_scene(2, place=place, time=time, sky="clear")) for time in ("night", "noon"))
    assert 0.15 < night < noon


def test_each_ground_has_its_colour():
    snow, grass, sand = (ground_colours(place, 5) for place in ("mountains", "hills", "desert"))
    assert snow.min() > grass.max()
    assert snow.max() - snow.min() < 0.15
    assert grass[1] > grass[0] > grass[2]
    assert sand[0] > sand[1] > sand[2]


def test_a_sunset_is_red_toward_the_sun_and_noon_is_not():
    def redness(time):
        sky = light_of(sample_scene(6, place="hills", time=time, sky="clear"), CPU)
        above_the_sun = sky.sun_dir * torch.tensor([1.0, 0.0, 1.0]) + torch.tensor([0.0, 0.3, 0.0])
        red, _, blue = sky.colour(F.normalize(above_the_sun, dim=0)[None])[0]
        return red / blue

    assert redness("sunset") > 1.5
    assert redness("noon") < 1


def test_fog_hides_what_is_far():
    dirs = camera_dirs(Equirect(16, 32))
    for place in ("mountains", "hills"):
        clear, fog = (render(sample_scene(8, place=place, time="noon", sky=sky), dirs) for sky in ("clear", "fog"))
        assert torch.equal(clear.depth, fog.depth)
        far = clear.depth.isfinite() & (clear.depth > 300)
        assert fog.colours[:, far].std() < 0.3 * clear.colours[:, far].std()


def test_the_sun_stands_where_the_sky_says():
    scene = sample_scene(3, place="hills", time="noon", sky="clear")
    sky = build(scene, CPU).sky
    dirs = camera_dirs(Equirect(32, 64)).flatten(0, 1)
    brightest = dirs[sky.colour(dirs).sum(-1).argmax()]
    assert (brightest @ sky.sun_dir).item() > math.cos(math.radians(6))
    assert (sky.colour(sky.sun_dir[None]) >= sky.colour(dirs) - 1e-4).all()


@pytest.mark.parametrize(("sky", "contrast"), [("clear", 1.5), ("overcast", 1.0)])
def test_a_box_in_the_sun_casts_a_shadow(sky, contrast):
    plate = Solid("box", (0.0, 6.0, -6.0), (1.0, 0.05, 1.0))
    world = bare_world(plate, sky=sky)
    sun = world.sky.sun_dir
    foot = (torch.tensor(plate.centre) - 6.0 / sun[1] * sun).tolist()
    beside = (foot[0] + 4.0, 0.0, foot[2])
    dark, bright = (look_at(bare_world(*solids, sky=sky), foot)[0].sum() for solids in ([plate], []))
    assert bright / dark > contrast
    there, without = (look_at(bare_world(*solids, sky=sky), beside)[0] for solids in ([plate], []))
    torch.testing.assert_close(there, without, rtol=0.05, atol=0)


def test_a_crown_lets_some_of_the_sun_through():
    shades = []
    for leafy in (None, 1.0, 0.0):
        crown = [] if leafy is None else [Solid("sphere", (0.0, 6.0, -6.0), (1.5, 1.5, 1.5), leafy=leafy)]
        world = bare_world(*crown)
        sun = world.sky.sun_dir
        foot = torch.tensor([0.0, 6.0, -6.0]) - 6.0 / sun[1] * sun
        around = [(float(foot[0]) + 0.1 * k, 0.0, float(foot[2]) + 0.07 * k) for k in range(-5, 6)]
        shades.append(look_at(world, *around)[0].sum())
    free, under_leaves, under_stone = shades
    assert free > 1.2 * under_leaves > 1.2 * 1.05 * under_stone


def test_things_darken_the_ground_beside_them_and_only_there():
    box = Solid("box", (0.0, 0.5, -6.0), (1.0, 0.5, 1.0))
    places = [(0.0, 0.0, -5.0 + gap) for gap in (0.05, 0.4, 0.9, 3.0)]
    there, without = (look_at(bare_world(*solids, sky="overcast"), *places)[0].sum(-1) for solids in ([box], []))
    share = there / without
    assert share[0] < 0.85
    assert (share.diff() > 0).all()
    assert share[3] == 1


def test_a_lamp_makes_a_pool_of_light_at_night_and_none_at_noon():
    lamp = Lamp((0.0, 3.0, -6.0), (6.0, 4.5, 3.0))
    places = [(0.0, 0.0, -6.0 - away) for away in (0.0, 2.0, 6.0, 18.0, 300.0)]
    for time in ("night", "noon"):
        there, without = (look_at(bare_world(time=time, lamps=lamps), *places)[0].sum(-1) for lamps in ((lamp,), ()))
        added = there - without
        if time == "noon":
            assert (added == 0).all()
        else:
            assert (added[:4].diff() < 0).all()
            assert added[0] > without[0]
            assert added[4] == 0


def test_water_mirrors_what_stands_in_it():
    scene = sample_scene(2, place="lake", time="noon", sky="overcast")
    built = build(scene, CPU)
    post = Solid("box", (0.0, 4.0, 0.0), (3.0, 4.0, 0.3), (0.9, 0.02, 0.02), glow=2.0)
    assert built.terrain is not None
    axis = torch.tensor(built.terrain.axis)
    x, z = (axis * 146).tolist()
    eye = torch.tensor([x, built.terrain.water + 1.5, z])
    post = replace(post, centre=(x, 4.0, z - 12.0))
    light = []
    for solids in ((post,), ()):
        world = replace(built, solids=solids)
        toward = F.normalize(torch.tensor([[0.0, -0.12, -0.6]]), dim=-1)
        seen, hits = look(world, eye, toward)
        assert hits.what.item() == WATER
        light.append(seen[0])
    assert light[0][0] > light[1][0] + 0.1


def test_depth_is_the_distance_along_the_ray():
    ball = Solid("sphere", (0.0, 1.6, -10.0), (2.0, 2.0, 2.0))
    _, distance = look_at(bare_world(ball), (0.0, 1.6, -10.0), (3.0, 0.0, 4.0), (0.0, 9.0, 5.0))
    assert distance[0].item() == pytest.approx(8.0, rel=1e-5)
    assert distance[1].item() == pytest.approx(math.hypot(3.0, 1.6, 4.0), rel=1e-4)
    assert distance[2].isinf()


def test_a_glowing_solid_is_seen_in_the_dark():
    lamp = Solid("sphere", (0.0, 1.6, -5.0), (0.3, 0.3, 0.3), (1.0, 0.8, 0.5), glow=2.0)
    light, _ = look_at(bare_world(lamp, time="night"), (0.0, 1.6, -5.0))
    assert (light > torch.tensor([1.5, 1.2, 0.7])).all()


def test_noise_is_fixed_to_the_world_smooth_and_about_one_high():
    points = 50 * torch.rand(4000, 2, generator=torch.Generator().manual_seed(0))
    values = noise(points)
    assert torch.equal(values, noise(points))
    torch.testing.assert_close(noise(points + 64), values, atol=1e-3, rtol=0)
    assert (noise(points + 0.01) - values).abs().max() < 0.05
    assert values.abs().max() < 1.3
    assert abs(values.mean().item()) < 0.1


def test_smoothstep_rises_or_falls_between_its_ends():
    x = torch.tensor([-1.0, 0.0, 1.0, 2.0, 3.0])
    assert smoothstep(0, 2, x).tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]
    assert smoothstep(2, 0, x).tolist() == [1.0, 1.0, 0.5, 0.0, 0.0]
