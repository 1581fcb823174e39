"""Camera paths meet nothing: the oracle is the tracer, asked with rays from and between their poses."""

import itertools
import math
from functools import cache

import pytest
import torch

from cyclorama.diorama import PLACES, TIMES, sample_scene
from cyclorama.diorama.free_space import CLEARANCE_M
from cyclorama.diorama.landscapes.skyline import Skyline
from cyclorama.diorama.places import build
from cyclorama.diorama.scene import EYE_HEIGHT_M, INDOOR
from cyclorama.diorama.tracing import WATER, trace
from cyclorama.diorama.walks import MOVES, free_walk
from cyclorama.geometry import Equirect, camera_dirs
from cyclorama.geometry.poses import require_pose

LENGTH_M = 3.0
SCENES = [sample_scene(40 + k, place=place, time=TIMES[k % 4], sky="clear") for k, place in enumerate(PLACES)]
by_place = pytest.mark.parametrize(
    "scene",
    [
        pytest.param(scene, id=scene.place, marks=[] if k % 3 == 0 else pytest.mark.slow)
        for k, scene in enumerate(SCENES)
    ],
)
AROUND = camera_dirs(Equirect(16, 32)).reshape(-1, 3).float()


def met(world, eye, rays):
    skyline = None if world.terrain is None else Skyline.of(world.terrain, eye, num_azimuths=256)
    return trace(world, skyline, eye, rays)


@cache
def walk_of(scene):
    return require_pose(free_walk(scene, length_m=LENGTH_M, num_poses=13))


@by_place
def test_a_walk_meets_nothing(scene):
    world = build(scene, torch.device("cpu"))
    places = walk_of(scene)[::3, :3, 3]
    for here, there in itertools.pairwise(places):
        step = float((there - here).norm())
        toward = ((there - here) / step)[None]
        hits = met(world, here, torch.cat([AROUND, toward]))
        assert float(hits.distance.min()) >= CLEARANCE_M - 1e-3
        assert float(hits.distance[-1]) >= step + CLEARANCE_M - 1e-2 or not hits.distance[-1].isfinite()


@by_place
def test_a_walk_stays_at_eye_height_on_dry_ground(scene):
    world = build(scene, torch.device("cpu"))
    for eye in walk_of(scene)[::4, :3, 3]:
        hits = met(world, eye, torch.tensor([[0.0, -1.0, 0.0]]))
        assert int(hits.what[0]) != WATER
        assert 0.7 < float(hits.distance[0]) < EYE_HEIGHT_M + 0.45
        if world.terrain is not None:
            assert float(eye[1]) >= world.terrain.water + 0.5


@by_place
def test_a_walk_is_level_even_and_smooth(scene):
    walk = walk_of(scene)
    steps = (walk[1:, :3, 3] - walk[:-1, :3, 3]).norm(dim=-1)
    assert float(steps.sum()) == pytest.approx(LENGTH_M, rel=0.05)
    assert float(steps.max() / steps.min()) < 1.1
    assert walk[:, 1, 0].abs().max() < 1e-5, "the camera's right is level"
    turns = (walk[1:, :3, 2] * walk[:-1, :3, 2]).sum(-1).clamp(-1, 1).acos()
    assert math.degrees(float(turns.max())) < 60


def test_a_walk_looks_where_it_goes():
    walk = free_walk(sample_scene(3, place="city", sky="clear"), length_m=8, num_poses=33)
    going = walk[1:, :3, 3] - walk[:-1, :3, 3]
    going = going / going.norm(dim=-1, keepdim=True)
    assert (going * -walk[:-1, :3, 2]).sum(-1).min() > math.cos(math.radians(30))


def test_equal_seeds_walk_equal_ways_and_others_do_not():
    scene = sample_scene(8, place="living room")
    first, again, other = (free_walk(scene, length_m=2, num_poses=4, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)


@pytest.mark.parametrize("move", ["line", "orbit", "look-around"])
@pytest.mark.parametrize("place", ["beach", "city", "living room"])
def test_other_moves_meet_nothing_either(move, place):
    scene = sample_scene(5, place=place, sky="clear")
    world, path = build(scene, torch.device("cpu")), MOVES[move](scene, length_m=1.5, num_poses=6)
    require_pose(path)
    for here in path[:, :3, 3]:
        assert float(met(world, here, AROUND).distance.min()) >= CLEARANCE_M - 1e-3


def test_an_orbit_looks_at_its_middle():
    path = MOVES["orbit"](sample_scene(5, place="city", sky="clear"), length_m=3, num_poses=8)
    middle = path[:, :3, 3].mean(0)
    ahead = middle - path[:, :3, 3]
    assert (ahead / ahead.norm(dim=-1, keepdim=True) * -path[:, :3, 2]).sum(-1).min() > 0.999


@pytest.mark.parametrize("move", ["walk", "line", "orbit"])
def test_what_does_not_fit_is_one_line(move):
    scene = sample_scene(2, place=INDOOR[1])
    with pytest.raises(ValueError, match=r"^found no free .* in the bedroom of seed 2 .*shorter one.*$"):
        MOVES[move](scene, length_m=5000 if move != "walk" else 200, num_poses=4)


@pytest.mark.parametrize(("length_m", "num_poses"), [(0, 4), (math.inf, 4), (3, 1)])
def test_impossible_paths_are_refused(length_m, num_poses):
    with pytest.raises(ValueError, match="wanted"):
        free_walk(sample_scene(0), length_m=length_m, num_poses=num_poses)
