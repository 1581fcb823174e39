from itertools import pairwise

import numpy as np
import pytest
import torch

from cyclorama.geometry import Equirect, Perspective, rings
from cyclorama.methods.fusion import Fusion, LeastSquares, PointMeans, ViewMeans, Views, falloff
from cyclorama.methods.noise_field import NoiseField, num_shares
from cyclorama.methods.sphere_latents import FieldNoise, SphereLatents, StoredNoise

SIZE, CHANNELS = 8, 4
CAMERA, SPHERE = Perspective(SIZE, SIZE, 90), Equirect(24, 48)
SIGMAS = (1.0, 0.9, 0.6, 0.3, 0.1, 0.0)
ROTATIONS = rings({0: 6, 60: 5, -60: 5, 90: 1, -90: 1})
AROUND = Views((CAMERA,) * len(ROTATIONS), ROTATIONS, np.stack([falloff(SIZE, 0.3)] * len(ROTATIONS)))


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def field(seed: int = 0) -> NoiseField:
    return NoiseField.draw(num_shares(CAMERA), CHANNELS, torch.Generator().manual_seed(seed))


def panorama() -> torch.Tensor:
    """Four channels that change slowly over the sphere."""
    x, y, z = torch.from_numpy(SPHERE.pixel_dirs().reshape(-1, 3)).unbind(-1)
    return torch.stack([x, y, z, x * y])


def go_down(latents: SphereLatents, data: torch.Tensor, sigmas=SIGMAS) -> None:
    """All steps by the velocity of a model that knows what every view is to show."""
    for t, lower in pairwise(sigmas):
        seen = latents.look(AROUND, t)
        latents.step(AROUND, seen, (seen - data) / t, t, lower)


@pytest.mark.parametrize("distinct", [True, False])
def test_stored_noise_becomes_the_data_of_all_cells_that_a_view_shows(distinct):
    fusion = PointMeans(560, distinct=distinct)
    data, start = noise(CHANNELS, 560), noise(CHANNELS, 560, seed=1)
    latents = StoredNoise(fusion, start)
    go_down(latents, fusion.look(data, AROUND))
    visited = (latents.values != start).any(0)
    assert visited.float().mean() > 0.8
    torch.testing.assert_close(latents.values[:, visited], data[:, visited], rtol=0, atol=1e-4)
    torch.testing.assert_close(latents.look(AROUND, 0.0), fusion.look(data, AROUND), rtol=0, atol=1e-4)


@pytest.mark.parametrize("fusion", [ViewMeans(SPHERE), LeastSquares(SPHERE)], ids=["views", "least squares"])
def test_a_field_of_noise_leaves_a_smooth_panorama(fusion: Fusion):
    latents = FieldNoise(fusion, field())
    data = fusion.look(panorama(), AROUND)
    go_down(latents, data)
    off = latents.look(AROUND, 0.0) - data
    assert off.square().mean().sqrt() < 0.03
    assert off.abs().max() < 0.15


def test_a_field_of_noise_and_point_means_give_the_data_exactly():
    fusion, data = PointMeans(560), noise(CHANNELS, 560)
    latents = FieldNoise(fusion, field())
    go_down(latents, fusion.look(data, AROUND))
    torch.testing.assert_close(latents.look(AROUND, 0.0), fusion.look(data, AROUND), rtol=0, atol=1e-4)


@pytest.mark.parametrize("start", [0.9, 0.5])
def test_a_field_may_start_from_a_panorama_on_the_way(start):
    """With the panorama that the model wants, every view sees (1 - t) data + t noise all the way down."""
    fusion, data = PointMeans(560), noise(CHANNELS, 560)
    noisy, wanted = field(), fusion.look(data, AROUND)
    latents = FieldNoise(fusion, noisy, clean=data, t=start)
    white = torch.stack([noisy.look(CAMERA, turned) for turned in ROTATIONS])
    for t, lower in pairwise((start, 0.4, 0.2, 0.0)):
        seen = latents.look(AROUND, t)
        torch.testing.assert_close(seen, (1 - t) * wanted + t * white, rtol=0, atol=1e-4)
        latents.step(AROUND, seen, (seen - wanted) / t, t, lower)
    torch.testing.assert_close(latents.look(AROUND, 0.0), wanted, rtol=0, atol=1e-4)


def test_velocities_of_zero_leave_stored_noise_as_it_is():
    start = noise(CHANNELS, 560)
    latents = StoredNoise(PointMeans(560), start.clone())
    for t, lower in pairwise(SIGMAS):
        seen = latents.look(AROUND, t)
        latents.step(AROUND, seen, torch.zeros_like(seen), t, lower)
    torch.testing.assert_close(latents.values, start, rtol=0, atol=1e-5)


def test_stored_noise_takes_euler_steps_of_each_view():
    fusion = PointMeans(560)
    one_view = Views((CAMERA,), ROTATIONS[:1], AROUND.weights[:1])
    latents, velocity = StoredNoise(fusion, noise(CHANNELS, 560)), noise(1, CHANNELS, SIZE, SIZE, seed=1)
    before = latents.look(one_view, 0.8)
    latents.step(one_view, before, velocity, 0.8, 0.5)
    torch.testing.assert_close(latents.look(one_view, 0.5), before - 0.3 * velocity, rtol=0, atol=1e-5)


def test_a_field_keeps_its_noise_and_mixes_the_signal_at_every_step():
    fusion = PointMeans(560)
    one_view = Views((CAMERA,), ROTATIONS[:1], AROUND.weights[:1])
    noisy, velocity = field(), noise(1, CHANNELS, SIZE, SIZE, seed=1)
    latents = FieldNoise(fusion, noisy)
    before, white = latents.look(one_view, 1.0), noisy.look(CAMERA, ROTATIONS[0])
    latents.step(one_view, before, velocity, 1.0, 0.6)
    torch.testing.assert_close(latents.look(one_view, 0.6), before - 0.4 * velocity, rtol=0, atol=1e-5)
    torch.testing.assert_close(latents.look(one_view, 0.6)[0] - 0.4 * latents.clean[:, points(fusion)], 0.6 * white)


def points(fusion: PointMeans) -> torch.Tensor:
    """The point that each pixel of the first view shows."""
    one_view = Views((CAMERA,), ROTATIONS[:1], AROUND.weights[:1])
    return fusion.look(torch.arange(fusion.num, dtype=torch.float32)[None], one_view)[0, 0].long()


@pytest.mark.parametrize("fusion", [ViewMeans(SPHERE), PointMeans(560), LeastSquares(SPHERE)])
def test_all_views_of_a_field_are_white_at_the_beginning(fusion: Fusion):
    many = torch.stack([FieldNoise(fusion, field(seed)).look(AROUND, 1.0) for seed in range(12)])
    assert many.mean().item() == pytest.approx(0, abs=0.02)
    assert many.var().item() == pytest.approx(1, abs=0.03)
    across, down = (many[..., 1:] * many[..., :-1]).mean(), (many[..., 1:, :] * many[..., :-1, :]).mean()
    assert abs(across) < 0.02
    assert abs(down) < 0.02


def test_looking_changes_nothing():
    for latents in (StoredNoise(PointMeans(560), noise(CHANNELS, 560)), FieldNoise(ViewMeans(SPHERE), field())):
        assert torch.equal(latents.look(AROUND, 0.7), latents.look(AROUND, 0.7))
