"""Pictures tell which things they show, where and how large, and captions name these things and no others."""

import math
import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest
import torch

from cyclorama import diorama
from cyclorama.diorama import (
    OBJECTS,
    PLACES,
    Scene,
    objects_in,
    render_camera,
    sample_scene,
    sightings,
    visible_objects,
    write_caption,
)
from cyclorama.diorama.captions.naming import THING_NAMES
from cyclorama.diorama.colours import PAINTS
from cyclorama.diorama.look import look
from cyclorama.diorama.objects import SMALLEST_SHARE, UNNAMED, shares_of, sightings_around
from cyclorama.diorama.places import build
from cyclorama.diorama.rooms.panels import FRAMES_M
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.projection import Projection
from cyclorama.geometry.resampling import camera_dirs
from cyclorama.geometry.rotations import rotation

CPU = torch.device("cpu")
SOME = ("beach", "village", "kitchen", "gallery")
EVERY_PLACE = [pytest.param(place, marks=[] if place in SOME else pytest.mark.slow) for place in PLACES]
MADE = re.compile(r'^@makes\("([^"]+)"\)', re.MULTILINE)


@lru_cache(maxsize=len(PLACES))
def around(place: str):
    """A scene, its world and what is around its eye."""
    scene = sample_scene(7, place=place)
    return scene, build(scene, CPU), sightings_around(scene, height=32)


def seen_in(scene: Scene, projection: Projection, turn=None):
    rendered = render_camera(scene, projection, rotation=turn, antialias=0)
    return sightings(rendered, build(scene, CPU), projection, rotation=turn)


def test_objects_are_all_things_that_are_made_and_captions_can_name_them():
    sources = Path(diorama.__file__).parent.rglob("*.py")
    made = {name for source in sources for name in MADE.findall(source.read_text())}
    assert made | set(FRAMES_M) == {*OBJECTS, *UNNAMED}
    assert tuple(THING_NAMES) == OBJECTS


@pytest.mark.parametrize("place", EVERY_PLACE)
def test_every_solid_of_a_thing_is_in_a_group_of_that_thing_alone(place: str):
    kinds: dict[int, set[str]] = {}
    for solid in around(place)[1].solids:
        if solid.thing:
            kinds.setdefault(solid.group, set()).add(solid.thing)
    assert -1 not in kinds
    assert all(len(names) == 1 and names <= {*OBJECTS, *UNNAMED} for names in kinds.values())
    assert {one.colour_word for one in around(place)[2]} <= {"", *PAINTS}


@pytest.mark.parametrize("place", ["beach", "kitchen"])
def test_names_change_no_picture(place: str):
    world = build(sample_scene(4, place=place), CPU)
    nameless = replace(world, solids=tuple(replace(solid, thing="", colour_word="") for solid in world.solids))
    rays = camera_dirs(Equirect(16, 32)).reshape(-1, 3).float()
    eye = torch.tensor(world.eye)
    (light, hits), (again, same) = look(world, eye, rays), look(nameless, eye, rays)
    assert torch.equal(light, again)
    assert torch.equal(hits.distance, same.distance)


@pytest.mark.parametrize("place", ["village", "kitchen"])
def test_a_panorama_shows_what_rays_from_the_eye_meet(place: str):
    scene = sample_scene(3, place=place)
    shares, shown = shares_of(sightings_around(scene, height=24)), shares_of(seen_in(scene, Equirect(24, 48)))
    assert shares == pytest.approx(shown, abs=1e-3)
    assert set(visible_objects(scene, height=24)) == {name for name in OBJECTS if shares[name] >= SMALLEST_SHARE}


@pytest.mark.parametrize("place", ["village", "gallery"])
def test_the_directions_of_sightings_turn_with_the_camera(place: str):
    scene, panorama = sample_scene(5, place=place), Equirect(48, 96)
    level = sightings_around(scene, height=48)
    turned = [one for one in seen_in(scene, panorama, rotation(yaw_deg=90.0)) if one.share > 0.002]
    assert len(turned) >= 3
    for one in turned:
        same = [
            other
            for other in level
            if other.thing == one.thing
            and math.cos(math.radians(other.yaw_deg - 90 - one.yaw_deg)) > math.cos(math.radians(5))
            and other.distance_m == pytest.approx(one.distance_m, rel=0.02)
            and other.share == pytest.approx(one.share, rel=0.02)
        ]
        assert same, one


@pytest.mark.parametrize("place", ["gallery", "village"])
def test_a_thing_is_in_the_middle_of_a_view_that_turns_to_it(place: str):
    scene = sample_scene(1, place=place)
    largest = sightings_around(scene)[0]
    turn = rotation(yaw_deg=largest.yaw_deg, pitch_deg=largest.pitch_deg)
    view = seen_in(scene, Perspective(32, 32, 100.0), turn)
    found = [one for one in view if one.thing == largest.thing and abs(one.yaw_deg) < 25 and abs(one.pitch_deg) < 25]
    assert found
    assert max(one.share for one in found) > largest.share  # a part of the picture is less than of the sphere


@pytest.mark.parametrize("place", EVERY_PLACE)
def test_sightings_are_sorted_known_and_add_up(place: str):
    _, _, things = around(place)
    assert list(things) == sorted(things, key=lambda one: -one.share)
    assert {one.thing for one in things} <= set(OBJECTS)
    assert sum(one.share for one in things) < 1
    assert all(0 < one.distance_m < 5000 for one in things)


@pytest.mark.parametrize("place", EVERY_PLACE)
def test_a_thing_in_a_caption_is_seen(place: str):
    scene, _, things = around(place)
    shares, named = shares_of(things), 0
    for seed in range(20):
        wanted = objects_in(write_caption(scene, seed, sightings=things))
        assert all(shares[name] >= SMALLEST_SHARE for name in wanted)
        named += len(wanted)
    assert named > 10


def test_columns_are_seen_where_they_stand():
    scene = sample_scene(0, place="hall")
    world = build(scene, CPU)
    seen = [one for one in sightings_around(scene, height=48) if one.thing == "column"]
    columns = [solid for solid in world.solids if solid.thing == "column"]
    assert 0 < len(seen) <= len({solid.group for solid in columns})
    x, _, z = world.eye
    yaws = [math.degrees(math.atan2(solid.centre[0] - x, z - solid.centre[2])) for solid in columns]
    for one in seen[:4]:
        assert min(abs((one.yaw_deg - yaw + 180) % 360 - 180) for yaw in yaws) < 4
