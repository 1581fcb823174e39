"""Rooms: every seed furnishes a room that can be stood in, with what its name promises and the sky in its windows."""

from functools import lru_cache

import pytest
import torch

from cyclorama.diorama.materials.patterns import cell, line, seams, square
from cyclorama.diorama.places.floorplan import FloorPlan, clearance
from cyclorama.diorama.places.indoors import INDOOR_PLACES
from cyclorama.diorama.rooms.panels import Panel
from cyclorama.diorama.rooms.pictures import painting
from cyclorama.diorama.rooms.room import CEILING, FLOOR, Ceiling, Floor, Room, Walls
from cyclorama.diorama.scene import INDOOR, SKIES, TIMES, Dice, Layout, Scene
from cyclorama.diorama.solids import Solid

NUM_SEEDS, MANY_SEEDS, MOST_SOLIDS = 12, 40, 120
PROMISED = {
    "living room": {"sofa", "table", "rug", "window", "curtain"},
    "bedroom": {"bed", "rug", "window", "ceiling lamp"},
    "kitchen": {"counter", "stove", "sink", "fridge", "table", "chair", "pot", "ceiling lamp", "window"},
    "office": {"desk", "computer", "chair", "window"},
    "gallery": {"painting", "window", "door"},
    "library": {"bookshelf", "ladder", "table", "table lamp", "rug", "window"},
    "hall": {"column", "chandelier", "rug", "window", "door"},
}
OFTEN = {
    "living room": {"armchair", "plant", "painting", "floor lamp", "door", "bookshelf"},
    "bedroom": {"wardrobe", "nightstand", "mirror", "table lamp", "door"},
    "kitchen": {"clock", "door", "painting"},
    "office": {"bookshelf", "whiteboard", "clock", "plant", "door"},
    "gallery": {"bench", "statue", "bust"},
    "library": {"globe", "armchair", "door"},
    "hall": {"painting", "bench", "statue"},
}


@lru_cache
def layouts(place: str, count: int = NUM_SEEDS) -> list[Layout]:
    scenes = [Scene(place, TIMES[seed % 4], SKIES[seed % 5], seed) for seed in range(count)]
    return [INDOOR_PLACES[place](Dice(scene.seed * 3 + 11), scene) for scene in scenes]


def room_of(layout: Layout) -> Room:
    assert layout.room is not None
    return layout.room


def things(layout: Layout) -> set[str]:
    return {solid.thing for solid in layout.solids} | {panel.kind for panel in room_of(layout).panels}


def even_rays(count: int) -> torch.Tensor:
    return torch.nn.functional.normalize(torch.randn(count, 3, generator=torch.Generator().manual_seed(3)), dim=-1)


def corners(solid: Solid) -> torch.Tensor:
    signs = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0])] * 3)
    if solid.shape == "sphere":  # the sphere's own extent: its box's corners stick out
        axes = solid.to_world() * torch.tensor(solid.size)
        return torch.tensor(solid.centre) + signs * axes.square().sum(1).sqrt()
    return (signs * torch.tensor(solid.size)) @ solid.to_world().T + torch.tensor(solid.centre)


@pytest.mark.parametrize("count", [NUM_SEEDS, pytest.param(MANY_SEEDS, marks=pytest.mark.slow)])
@pytest.mark.parametrize("place", INDOOR)
def test_every_seed_has_what_its_place_promises(place: str, count: int):
    found = [things(layout) for layout in layouts(place, count)]
    assert all(PROMISED[place] <= names for names in found)
    for thing in OFTEN[place]:
        assert sum(thing in names for names in found) >= count / 3, thing


@pytest.mark.parametrize("count", [NUM_SEEDS, pytest.param(MANY_SEEDS, marks=pytest.mark.slow)])
@pytest.mark.parametrize("place", INDOOR)
def test_the_eye_is_clear_of_solids_and_walls(place: str, count: int):
    for layout in layouts(place, count):
        x, _, z = layout.eye
        assert float(clearance(list(layout.solids), torch.tensor([layout.eye]))) > 0.8
        assert min(room_of(layout).half_x - abs(x), room_of(layout).half_z - abs(z)) > 0.8


@pytest.mark.parametrize("place", INDOOR)
def test_eyes_are_not_always_in_the_middle(place: str):
    away = [max(abs(l.eye[0]) / room_of(l).half_x, abs(l.eye[2]) / room_of(l).half_z) for l in layouts(place)]
    assert max(away) > 0.4
    assert max(away) - min(away) > 0.1


@pytest.mark.parametrize("place", INDOOR)
def test_solids_stand_inside_the_room_and_are_few(place: str):
    for layout in layouts(place):
        room = room_of(layout)
        assert len(layout.solids) <= MOST_SOLIDS
        for solid in layout.solids:
            if solid.material == "foliage":  # leaves may touch a wall and go on behind it, where nobody sees them
                continue
            x, y, z = corners(solid).unbind(-1)
            assert float(x.abs().max()) < room.half_x + 0.15, (solid.thing, solid.centre)
            assert float(z.abs().max()) < room.half_z + 0.15, (solid.thing, solid.centre)
            assert float(y.min()) > -0.05, (solid.thing, solid.centre)
            assert float(y.max()) < room.height + 0.05, (solid.thing, solid.centre)


@pytest.mark.parametrize("place", INDOOR)
def test_the_sky_is_seen_through_windows_on_at_least_two_sides(place: str):
    rays = even_rays(4000)
    for layout in layouts(place):
        room, eye = room_of(layout), torch.tensor(layout.eye)
        assert len({window.wall for window in room.windows}) >= 2
        distance, side = room.exit(eye.expand_as(rays), rays)
        open_ = room.through_window(eye + distance[:, None] * rays, side)
        assert float(open_.float().mean()) > 0.02
        assert float((open_ & (rays[:, 1] > 0)).float().mean()) > 0.01


@pytest.mark.parametrize("place", INDOOR)
def test_seeds_differ_in_room_materials_and_things(place: str):
    seen = layouts(place)
    assert len({(room_of(l).half_x, room_of(l).half_z, room_of(l).height) for l in seen}) == NUM_SEEDS
    assert len({(room_of(l).walls.kind, room_of(l).floor.kind, room_of(l).ceiling.kind) for l in seen}) >= 3
    assert len({room_of(l).walls.colour for l in seen}) == NUM_SEEDS
    assert len({frozenset(things(l)) for l in seen}) >= 2
    assert len({s.colour_word for l in seen for s in l.solids if s.colour_word}) >= 2


@pytest.mark.parametrize("place", INDOOR)
def test_lamps_shine_at_night_and_not_at_a_clear_noon(place: str):
    night, noon = (INDOOR_PLACES[place](Dice(5), Scene(place, time, "clear", 5)) for time in ("night", "noon"))
    assert sum(max(lamp.light) for lamp in night.lamps) > 2 * sum(max(lamp.light) for lamp in noon.lamps)
    assert [s.centre for s in night.solids] == [s.centre for s in noon.solids]


def test_a_vault_is_inside_its_box_and_its_normals_face_the_rays():
    shape = {"walls": Walls("plaster", (0.5, 0.5, 0.5)), "floor": Floor("planks", (0.3, 0.2, 0.1))}
    box, vault = Room(4.0, 6.0, 7.0, **shape), Room(4.0, 6.0, 7.0, spring=4.0, facets=11, **shape)
    rays, eyes = even_rays(500), torch.tensor([[0.5, 1.6, -1.0]]).expand(500, 3)
    (near, side), (far, _) = vault.exit(eyes, rays), box.exit(eyes, rays)
    assert (near <= far + 1e-4).all()
    assert (side[near < far - 1e-3] > CEILING).all()
    assert ((vault.inward_normal(side) * rays).sum(-1) < 0).all()
    points = eyes + near[:, None] * rays
    arch = (points[:, 0] / 4) ** 2 + ((points[:, 1] - 4).clamp(min=0) / 3) ** 2
    assert (arch < 1.0 + 1e-4).all()
    assert (arch[side > CEILING] > 0.95).all()


def test_the_room_has_a_colour_everywhere_and_at_every_distance():
    for layout in layouts("hall")[:3] + layouts("living room")[:6]:
        room, rays = room_of(layout), even_rays(800)
        eyes = torch.tensor(layout.eye).expand_as(rays)
        distance, side = room.exit(eyes, rays)
        for scale in (0.2, 1.0, 20.0):
            colour = room.colour(eyes + distance[:, None] * rays, side, distance * scale)
            assert colour.isfinite().all()
            assert (colour >= 0).all()
            assert (colour < 1.3).all()


@pytest.mark.parametrize("arched", [False, True])
def test_a_panel_is_as_wide_as_it_says(arched: bool):
    panel = Panel(0, "window", (0.3, 1.5), (0.6, 0.9), arched=arched, bars=(1, 1))
    u, v = torch.meshgrid(torch.linspace(-1, 1, 401), torch.linspace(-1, 1, 401), indexing="ij")
    share = panel.glass(u.flatten(), v.flatten()).float().mean() * 4
    full = 4 * 0.6 * 0.9
    expected = full - (1 - torch.pi / 4) * 2 * 0.6 * 0.6 if arched else full
    assert float(share) == pytest.approx(float(expected), rel=0.02)


def test_patterns_keep_their_mean_however_wide_a_pixel_is():
    x = torch.linspace(0, 20, 20001)[:-1]
    for pixel in (0.001, 0.1, 0.9, 7.0):
        wide = torch.full_like(x, pixel)
        assert float(seams(x, 1.0, 0.05, wide).mean()) == pytest.approx(0.1, abs=5e-3)
        assert float(square(x, wide).mean()) == pytest.approx(0.0, abs=2e-3)
    assert float(square(x, torch.full_like(x, 2.0)).abs().max()) < 1e-5
    assert float(line(x - 10, 0.5, 2.0).mean() * 20) == pytest.approx(1.0, abs=2e-2)


def test_cells_are_spread_evenly():
    i, j = (grid.flatten().float() for grid in torch.meshgrid(torch.arange(60), torch.arange(60), indexing="ij"))
    drawn = cell(i, j)
    assert 0 <= float(drawn.min()) <= float(drawn.max()) < 1
    assert (torch.histc(drawn, 10, 0, 1) / len(drawn) - 0.1).abs().max() < 0.02


def test_paintings_differ():
    u, v = (
        grid.flatten() for grid in torch.meshgrid(torch.linspace(-1, 1, 24), torch.linspace(-1, 1, 24), indexing="xy")
    )
    canvases = torch.stack([painting(u, v, 1.3, 1.7 * seed) for seed in range(12)])
    apart = torch.cdist(canvases.flatten(1), canvases.flatten(1)) / len(u) ** 0.5
    assert (apart + torch.eye(12) > 0.03).all()
    assert canvases.isfinite().all()


def test_nothing_is_placed_on_what_is_taken():
    walls, floor = Walls("plaster", (0.5, 0.5, 0.5)), Floor("planks", (0.3, 0.2, 0.1))
    window = Panel(0, "window", (0.0, 1.5), (1.5, 0.7))
    plan = FloorPlan(Room(2.5, 2.5, 2.7, walls, floor, Ceiling(), (window,)))
    assert plan.against(Dice(1), 0, 1.0, 0.4, 2.0) is None or abs(plan.floor[-1][0]) > 1.5
    assert plan.stand(0.0, 0.0, 1.0, 1.0)
    assert not plan.stand(0.5, 0.5, 0.3, 0.3)
    assert not plan.stand(2.4, 0.0, 0.3, 0.3)
    assert FLOOR < CEILING
