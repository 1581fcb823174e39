"""The natural places: every seed is a world of its own in which an eye can stand."""

import math
from functools import cache

import pytest
import torch

from cyclorama.diorama.landscapes.terrain import LANDSCAPES, Terrain
from cyclorama.diorama.materials import MATERIALS
from cyclorama.diorama.objects import KINDS, visible_objects
from cyclorama.diorama.places import build
from cyclorama.diorama.places.wild import WILD_PLACES
from cyclorama.diorama.scene import EYE_HEIGHT_M, Dice, Layout, Scene, sample_scene
from cyclorama.diorama.solids import Solid, to_local

SEEDS, MANY_SEEDS = 5, 30
WET = ("beach", "islands", "lake", "canyon")
MOST_SOLIDS = 210
TYPICAL_SOLIDS = 170
SOMETHING_OF = {
    "beach": {"palm"},
    "islands": {"palm", "pine"},
    "lake": {"pine", "tree"},
    "canyon": {"rock"},
    "desert": {"cactus"},
    "mountains": {"pine"},
    "hills": {"tree"},
    "forest": {"pine"},
    "savanna": {"acacia"},
    "farmland": {"barn", "fence"},
}


@cache
def layout(place: str, seed: int, time: str = "night") -> Layout:
    return WILD_PLACES[place](Dice(seed), Scene(place, time, "clear", seed))


def gap(solid: Solid, point: tuple[float, float, float]) -> float:
    """At most the distance of a point from a solid (negative: perhaps inside), by its box in its own axes."""
    local, _ = to_local(solid, torch.tensor([point]), torch.zeros(1, 3))
    beside = (local[0].abs() - 1) * torch.tensor(solid.size)
    return float(beside.clamp(min=0).norm()) if (beside > 0).any() else float(beside.max())


def spots(step: float, reach: float) -> torch.Tensor:
    line = torch.arange(-reach, reach, step)
    return torch.stack(torch.meshgrid(line, line, indexing="ij"), -1).reshape(-1, 2)


@pytest.mark.parametrize(
    ("place", "seeds"),
    [(place, range(SEEDS)) for place in WILD_PLACES]
    + [pytest.param(place, range(SEEDS, MANY_SEEDS), marks=pytest.mark.slow) for place in WILD_PLACES],
)
def test_every_seed_is_a_world_whose_eye_stands_free_above_the_ground(place, seeds):
    counts = []
    for seed in seeds:
        world = layout(place, seed)
        assert world.terrain is not None
        x, y, z = (float(c) for c in world.eye)
        assert EYE_HEIGHT_M - 0.01 <= y - float(world.terrain.height(torch.tensor([x, z]))) <= EYE_HEIGHT_M + 1.5
        assert all(solid.material in MATERIALS and solid.thing for solid in world.solids)
        near = [solid for solid in world.solids if math.dist(solid.centre, (x, y, z)) < solid.reach + 1.5]
        assert all(gap(solid, (x, y, z)) > 0.25 for solid in near)
        counts.append(len(world.solids))
    assert max(counts) <= MOST_SOLIDS
    assert sum(counts) / len(counts) <= TYPICAL_SOLIDS


@pytest.mark.parametrize("place", WILD_PLACES)
def test_the_ground_around_the_eye_is_dry_and_walkable(place):
    for seed in range(SEEDS):
        world = layout(place, seed)
        assert world.terrain is not None
        around = spots(0.25, 2.0)
        heights = world.terrain.height(around)
        assert heights.max() - heights.min() < 1.6
        assert float(world.terrain.height(torch.zeros(2))) > world.terrain.water + 0.05


@pytest.mark.parametrize("place", WET)
def test_places_by_the_water_have_water_near_the_eye(place):
    for seed in range(SEEDS):
        terrain = layout(place, seed).terrain
        assert terrain is not None
        below = terrain.height(spots(2.0, 40.0)) < terrain.water
        assert below.float().mean() > 0.08


@pytest.mark.parametrize("place", sorted(set(WILD_PLACES) - set(WET)))
def test_other_places_are_dry(place):
    terrain = layout(place, 1).terrain
    assert terrain is not None
    assert terrain.water == -math.inf


@pytest.mark.parametrize("place", WILD_PLACES)
def test_every_place_has_what_it_is_known_by_in_reach_of_the_eye(place):
    for seed in range(SEEDS):
        world = layout(place, seed)
        near = {solid.thing for solid in world.solids if math.dist(solid.centre, world.eye) < 40}
        assert near & SOMETHING_OF[place]
        assert len({solid.group for solid in world.solids if math.dist(solid.centre, world.eye) < 16}) >= 5


@pytest.mark.parametrize("place", WILD_PLACES)
def test_what_is_sighted_stands_there(place):
    scene = sample_scene(5, place=place, time="noon", sky="clear")
    shown, standing = (
        set(visible_objects(scene, height=32)),
        {s.thing for s in build(scene, torch.device("cpu")).solids},
    )
    assert shown & SOMETHING_OF[place]
    assert shown <= standing | {kind for kind, things in KINDS.items() if standing & set(things)}


@pytest.mark.parametrize("place", WILD_PLACES)
def test_seeds_differ_in_layout_and_things(place):
    worlds = [layout(place, seed) for seed in range(SEEDS)]
    assert len({world.terrain for world in worlds}) == SEEDS
    assert len({tuple(sorted(solid.thing for solid in world.solids)) for world in worlds}) >= SEEDS - 2


@pytest.mark.parametrize("place", WILD_PLACES)
def test_the_same_seed_is_the_same_world_but_for_its_lights(place):
    def shapes(world: Layout) -> list[tuple]:
        return [
            (s.shape, s.centre, s.size, s.colour, s.thing) for s in world.solids if not s.glow and s.thing != "campfire"
        ]

    assert layout(place, 3).terrain == layout(place, 3, "noon").terrain
    assert {c for _, c, *_ in shapes(layout(place, 3))} <= {s.centre for s in layout(place, 3, "noon").solids}


def test_fires_and_windows_burn_in_the_dark_only():
    for place in WILD_PLACES:
        for seed in (3,):
            assert not any(solid.glow for solid in layout(place, seed, "noon").solids)
            assert not layout(place, seed, "noon").lamps
    lit = [bool(layout(place, seed).lamps) for place in WILD_PLACES for seed in range(SEEDS)]
    assert 0.25 < sum(lit) / len(lit) < 0.95


@pytest.mark.parametrize("kind", LANDSCAPES)
def test_heights_are_finite_and_continuous(kind):
    terrain = Terrain(kind, (0.6, 0.8), (3.7, 41.2), 1.2)
    points = (torch.rand(4000, 2, generator=torch.Generator().manual_seed(1)) - 0.5) * 900
    heights, beside = terrain.height(points), terrain.height(points + 0.01)
    assert heights.isfinite().all()
    assert (heights - beside).abs().max() < 0.5


@pytest.mark.parametrize("kind", LANDSCAPES)
def test_ground_colours_are_albedos_that_differ_between_terrains(kind):
    flat = (torch.rand(2000, 2, generator=torch.Generator().manual_seed(2)) - 0.5) * 60
    up = torch.tensor([[0.0, 1.0, 0.0]]).expand(2000, 3)
    colours = []
    for k in range(4):
        terrain = Terrain(kind, (0.6, 0.8), (3.7 + 9.1 * k, 41.2 - 5.3 * k), 1.0, 0.0)
        points = torch.stack([flat[:, 0], terrain.height(flat), flat[:, 1]], -1)
        colours.append(terrain.colour(points, up, flat.norm(dim=-1)))
        assert (colours[-1] >= 0).all()
        assert (colours[-1] <= 0.95).all()
    if kind != "plain":
        assert all((colours[0] - other).abs().mean() > 1e-3 for other in colours[1:])
