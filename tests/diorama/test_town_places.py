"""Village, city, harbour and ruins: what every seed of them keeps."""

import math
from functools import lru_cache

import pytest
import torch

from cyclorama.diorama.landscapes.built import EDGE_M, MOLE_HALF_M, MOLE_M, QUAY_M
from cyclorama.diorama.landscapes.terrain import Terrain
from cyclorama.diorama.materials.building import BUILDING
from cyclorama.diorama.materials.surface import Surface
from cyclorama.diorama.places.towns import TOWN_PLACES
from cyclorama.diorama.places.townscape import LIT_WINDOWS, MOST_SOLIDS
from cyclorama.diorama.scene import Dice, Layout, Scene
from cyclorama.diorama.solid_table import SolidTable

SEEDS, MORE_SEEDS, SOME_SEEDS = range(12), range(12, 40), range(10)
CLEAR_M = 1.5
PLACES = tuple(TOWN_PLACES)
PATTERNS = ("brick facade", "town house", "tower", "cottage", "warehouse")


@lru_cache(maxsize=400)
def _layout(place: str, seed: int, time: str = "noon") -> Layout:
    return _made(place, seed, time)


def _made(place: str, seed: int, time: str) -> Layout:
    return TOWN_PLACES[place](Dice(seed * 3 + 11), Scene(place, time, "clear", seed))


def _gaps(layout: Layout) -> torch.Tensor:
    """Metres from the eye to the boxes around the solids."""
    table = SolidTable.of(layout.solids, torch.device("cpu"))
    local = table.local(torch.arange(len(table)), torch.tensor(layout.eye).expand(len(table), 3))
    return ((local.abs() - 1).clamp(min=0) * table.size.T).norm(dim=-1)


@pytest.mark.parametrize("seeds", [SEEDS, pytest.param(MORE_SEEDS, marks=pytest.mark.slow)], ids=["some", "more"])
@pytest.mark.parametrize("place", PLACES)
def test_every_seed_builds_within_the_budget_and_leaves_the_eye_free(place, seeds):
    for seed in seeds:
        layout = _layout(place, seed)
        assert 40 <= len(layout.solids) <= MOST_SOLIDS
        assert _gaps(layout).min() >= CLEAR_M, seed


@pytest.mark.parametrize("place", PLACES)
def test_the_eye_stands_above_dry_ground(place):
    for seed in SOME_SEEDS:
        layout = _layout(place, seed)
        assert layout.terrain is not None
        ground = float(layout.terrain.height(torch.tensor([layout.eye[0], layout.eye[2]])))
        assert layout.eye[1] - ground == pytest.approx(1.65, abs=0.01)
        assert ground > layout.terrain.water


@pytest.mark.parametrize("place", PLACES)
def test_another_seed_is_another_place(place):
    one, two = _layout(place, 1), _layout(place, 2)
    assert {s.centre for s in one.solids}.isdisjoint(s.centre for s in two.solids if s.size[0] < 100)
    assert one.terrain != two.terrain


@pytest.mark.parametrize("place", PLACES)
def test_a_place_is_the_same_when_it_is_made_again(place):
    one, two = _layout(place, 5), _made(place, 5, "noon")
    assert [(s.centre, s.size, s.colour) for s in one.solids] == [(s.centre, s.size, s.colour) for s in two.solids]


@pytest.mark.parametrize(
    ("place", "things"),
    [
        ("village", {"house", "church", "street lamp", "tree"}),
        ("city", {"building", "tower", "street lamp", "tree", "car"}),
        ("harbour", {"boat", "lighthouse", "bollard", "street lamp", "building"}),
        ("ruins", {"arch", "wall", "column"}),
    ],
)
def test_a_place_has_what_it_is_known_by(place, things):
    counted = dict.fromkeys(things, 0)
    for seed in SOME_SEEDS:
        seen = {solid.thing for solid in _layout(place, seed).solids}
        for thing in things & seen:
            counted[thing] += 1
    assert min(counted.values()) >= 8, counted


@pytest.mark.parametrize("place", PLACES)
def test_lamps_shine_only_in_the_dark(place):
    for seed in range(4):
        assert not _layout(place, seed, "noon").lamps
        assert place == "ruins" or _layout(place, seed, "night").lamps
        assert not any(solid.glow > 0 for solid in _layout(place, seed, "noon").solids)


def test_boats_bob_and_nothing_else_of_the_harbour_rises():
    layout = _layout("harbour", 3)
    boats = [solid for solid in layout.solids if solid.thing == "boat"]
    assert boats
    for boat in boats:
        assert boat.motion is not None
        (dx, dy, dz), turn = boat.motion(1.0)
        assert (dx, dz, turn) == (0.0, 0.0, 0.0)
        assert abs(dy) < 0.15
    for group in {boat.group for boat in boats}:
        assert len({boat.motion for boat in boats if boat.group == group}) == 1
    rest = [s for s in layout.solids if s.thing != "boat" and s.motion is not None]
    assert all(solid.motion is not None and solid.motion(1.0)[0][1] == 0.0 for solid in rest)


def test_water_lies_before_the_edge_of_the_quay_and_not_behind_it():
    for seed in SOME_SEEDS:
        terrain = _layout("harbour", seed).terrain
        assert terrain is not None
        assert terrain.water < QUAY_M
        edge, aside = EDGE_M[terrain.kind], torch.linspace(5, 60, 12)
        axis, aside = torch.tensor(terrain.axis), torch.cat([aside, -aside])
        side = torch.stack([-axis[1], axis[0]])
        before, behind = ((edge + step) * axis + aside[:, None] * side for step in (0.2, -1.0))
        assert (terrain.height(before) < terrain.water - 2).all()
        assert (terrain.height(behind) > terrain.water + 1).all()


def test_boats_float_before_the_quay_and_beside_the_mole():
    for seed in SOME_SEEDS:
        layout = _layout("harbour", seed)
        terrain = layout.terrain
        assert terrain is not None
        x, z = terrain.axis
        for boat in (solid for solid in layout.solids if solid.thing == "boat"):
            out = boat.centre[0] * x + boat.centre[2] * z - EDGE_M[terrain.kind]
            across = boat.centre[2] * x - boat.centre[0] * z
            assert out > 0
            assert terrain.kind == "quay" or abs(across) > MOLE_HALF_M or out > MOLE_M


def _wall(distance: float, glow: float, count: int = 64) -> Surface:
    """The middle of a wall of 24 x 24 metres, densely sampled, seen from so far."""
    steps = (torch.arange(count) + 0.5) / count * 1.2 - 0.6
    up, along = torch.meshgrid(steps, steps, indexing="ij")
    local = torch.stack([along.flatten(), up.flatten(), torch.full((count**2,), -1.0)], -1)
    size = torch.tensor([12.0, 12.0, 5.0]).expand_as(local)
    normals = torch.tensor([0.0, 0.0, -1.0]).expand_as(local)
    each = torch.ones(count**2)
    base = torch.tensor([0.6, 0.5, 0.4]).expand_as(local)
    return Surface(local * size, local, size, normals, base, glow * each, 4.2 * each, distance * each)


@pytest.mark.parametrize("name", PATTERNS)
def test_far_away_a_facade_turns_into_its_own_mean(name):
    near, far = (BUILDING[name](_wall(distance, 0.0)).albedo for distance in (4.0, 900.0))
    torch.testing.assert_close(near.mean(0), far.mean(0), rtol=0.16, atol=0.015)
    assert far.std(0).mean() < 0.6 * near.std(0).mean()


@pytest.mark.parametrize("name", PATTERNS)
def test_windows_shine_in_the_dark_only_and_some_stay_dark(name):
    assert not BUILDING[name](_wall(15.0, 0.0)).emission.any()
    light = BUILDING[name](_wall(15.0, LIT_WINDOWS["night"])).emission.amax(-1)
    assert 0.01 < float((light > 0.2).float().mean()) < 0.8


def test_all_materials_of_towns_are_finite_colours():
    for name, rule in BUILDING.items():
        finish = rule(_wall(9.0, 0.5, 24))
        assert finish.albedo.isfinite().all(), name
        assert (finish.albedo >= 0).all(), name
        assert (finish.albedo < 1.2).all(), name


def test_the_square_of_the_city_is_level():
    terrain = _layout("city", 2).terrain
    assert isinstance(terrain, Terrain)
    assert math.isinf(terrain.water)
    assert not terrain.height(torch.randn(50, 2) * 100).any()
