"""Exact intersections equal dense sampling along the ray; normals point out of the solid; `reach` holds all of it."""

import pytest
import torch
import torch.nn.functional as F

from cyclorama.diorama.solids import SHAPES, Solid, first_hit, to_local, world_normal

NUM_RAYS, NUM_STEPS, FARTHEST = 96, 2400, 12.0
TILTED = {"centre": (0.4, -0.3, 0.2), "size": (1.3, 0.7, 0.9), "yaw_deg": 35.0, "pitch_deg": -20.0}


def solid_of(shape):
    return Solid(shape, **TILTED)


def is_inside(solid, points):
    x, y, z = to_local(solid, points, points)[0].unbind(-1)
    return {
        "sphere": x * x + y * y + z * z <= 1,
        "box": (x.abs() <= 1) & (y.abs() <= 1) & (z.abs() <= 1),
        "cylinder": (x * x + z * z <= 1) & (y.abs() <= 1),
        "cone": (x * x + z * z <= ((1 - y) / 2) ** 2) & (y.abs() <= 1),
        "gable": (2 * x.abs() + y <= 1) & (y >= -1) & (z.abs() <= 1),
    }[solid.shape]


def sampled_hit(solid, origins, dirs):
    """The first of many steps whose inside differs from the origin's; inf if there is none."""
    steps = torch.linspace(0, FARTHEST, NUM_STEPS)
    inside = is_inside(solid, origins[:, None] + steps[:, None] * dirs[:, None])
    changed = inside != inside[:, :1]
    return torch.where(changed.any(1), steps[changed.int().argmax(1)], torch.inf)


def rays_toward(solid, seed):
    generator = torch.Generator().manual_seed(seed)
    origins = 4 * F.normalize(torch.randn(NUM_RAYS, 3, generator=generator), dim=-1)
    targets = torch.tensor(solid.centre) + 1.1 * torch.randn(NUM_RAYS, 3, generator=generator)
    return origins, F.normalize(targets - origins, dim=-1)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_first_hit_is_the_first_change_of_inside(shape):
    solid = solid_of(shape)
    origins, dirs = rays_toward(solid, 1)
    exact, _ = first_hit(solid, origins, dirs)
    sampled = sampled_hit(solid, origins, dirs)
    met = sampled.isfinite()
    assert met.sum() > NUM_RAYS / 4
    step = FARTHEST / (NUM_STEPS - 1)
    # a step over a thin corner can only make the sampled hit later
    assert (exact[met] <= sampled[met] + 1e-4).all()
    assert (sampled[met] - exact[met] < 2 * step).float().mean() > 0.95
    assert (exact.isfinite() & ~met).sum() <= 2


@pytest.mark.parametrize("shape", SHAPES)
def test_a_ray_from_inside_meets_the_way_out(shape):
    solid = solid_of(shape)
    origins = torch.tensor(solid.centre).expand(NUM_RAYS, 3)
    _, dirs = rays_toward(solid, 2)
    exact, _ = first_hit(solid, origins, dirs)
    torch.testing.assert_close(exact, sampled_hit(solid, origins, dirs), atol=FARTHEST / (NUM_STEPS - 1), rtol=0)


@pytest.mark.parametrize("shape", SHAPES)
def test_normals_are_unit_and_point_out(shape):
    solid = solid_of(shape)
    origins, dirs = rays_toward(solid, 3)
    t, local = first_hit(solid, origins, dirs)
    met = t.isfinite()
    points, normals = origins[met] + t[met, None] * dirs[met], world_normal(solid, local[met])
    torch.testing.assert_close(normals.norm(dim=-1), torch.ones(int(met.sum())))
    assert not is_inside(solid, points + 1e-2 * normals).any()
    # a step inward may leave again beside an edge
    assert is_inside(solid, points - 1e-2 * normals).float().mean() > 0.95
    assert ((normals * dirs[met]).sum(-1) < 1e-3).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_reach_holds_the_solid(shape):
    solid = solid_of(shape)
    origins, dirs = rays_toward(solid, 4)
    t, _ = first_hit(solid, origins, dirs)
    met = t.isfinite()
    points = origins[met] + t[met, None] * dirs[met]
    assert (points - torch.tensor(solid.centre)).norm(dim=-1).max() <= solid.reach + 1e-4


def test_hits_of_hand_made_solids_are_where_geometry_says():
    origin, ahead = torch.tensor([[0.0, 0.0, 0.0]]), torch.tensor([[0.0, 0.0, -1.0]])
    # at half its height a cone is half as wide
    expected = {"sphere": 8.0, "box": 8.0, "cylinder": 8.0, "cone": 9.0, "gable": 8.0}
    for shape, distance in expected.items():
        t, local = first_hit(Solid(shape, (0, 0, -10), (3, 4, 2)), origin, ahead)
        assert t.item() == pytest.approx(distance, rel=1e-5)
        toward = world_normal(Solid(shape, (0, 0, -10), (3, 4, 2)), local)[0, 2].item()
        assert toward == pytest.approx(1.0 if shape != "cone" else 4 / 17**0.5, rel=1e-4)


def test_a_ray_behind_or_beside_misses():
    for shape in SHAPES:
        solid = Solid(shape, (0, 0, -10), (1, 1, 1))
        dirs = F.normalize(torch.tensor([[0.0, 0.0, 1.0], [1.0, 0.0, -1.0], [0.0, 1.0, -1.0]]), dim=-1)
        assert first_hit(solid, torch.zeros(3, 3), dirs)[0].isinf().all()
