"""The spherical losses: linear operators with known weights, and what the published ones do instead."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from cyclorama.geometry.equirect import roll_each, solid_angles
from cyclorama.training.spherical_losses import (
    Objectives,
    cube_loss,
    cube_operator,
    equivariance_loss,
    spherical_losses,
    turned,
    yaw_loss,
)

CPU = torch.device("cpu")


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def mean_square(error: Tensor) -> Tensor:
    return error.square().mean((1, 2, 3))


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.floats(-720, 720))
def test_the_yaw_loss_of_an_exact_turn_is_the_flow_loss(degrees):
    error = noise(2, 3, 4, 8)
    torch.testing.assert_close(yaw_loss(error, degrees=degrees, kind="exact"), mean_square(error))


@pytest.mark.parametrize("degrees", [60.0, 180.0, 300.0, 17.0])
def test_the_published_turn_is_a_blur_of_two_columns_and_a_roll(degrees):
    error = noise(2, 3, 4, 8)
    blurred = (error + error.roll(-1, -1)) / 2
    torch.testing.assert_close(yaw_loss(error, degrees=degrees), mean_square(blurred))
    assert (yaw_loss(error, degrees=degrees) < mean_square(error)).all()
    alternating = torch.tensor([1.0, -1.0]).repeat(4).expand(1, 1, 4, 8)
    assert yaw_loss(alternating, degrees=degrees) == 0


def test_a_turn_of_the_camera_to_the_right_moves_the_picture_to_the_left():
    assert torch.equal(turned(noise(1, 1, 2, 4), degrees=90.0, kind="exact"), noise(1, 1, 2, 4).roll(-1, -1))


@pytest.mark.parametrize("kind", ["published", "solid_angle"])
@pytest.mark.parametrize("height", [4, 6, 16])
def test_the_cube_operator_keeps_constants_and_its_weights_are_the_sphere(kind, height):
    operator = cube_operator(height, 2 * height, kind, CPU)
    faces = operator.apply(torch.full((2, 3, height, 2 * height), 7.0))
    torch.testing.assert_close(faces, torch.full_like(faces, 7.0))
    assert float(operator.weights.double().sum()) == pytest.approx(4 * math.pi, rel=1e-6)
    constant = torch.full((2, 3, height, 2 * height), -3.0)
    torch.testing.assert_close(cube_loss(constant, kind=kind), torch.tensor([9.0, 9.0]))


@pytest.mark.parametrize("kind", ["published", "solid_angle"])
def test_the_cube_operator_is_linear(kind):
    operator = cube_operator(8, 16, kind, CPU)
    a, b = noise(2, 3, 8, 16, seed=1), noise(2, 3, 8, 16, seed=2)
    torch.testing.assert_close(operator.apply(2 * a - b), 2 * operator.apply(a) - operator.apply(b))


@pytest.mark.parametrize("height", [4, 16, 20])
def test_every_latent_counts_by_its_solid_angle(height):
    operator = cube_operator(height, 2 * height, "solid_angle", CPU)
    counted = torch.sparse.mm(operator.matrix.t(), operator.weights[:, None]).view(height, -1)
    torch.testing.assert_close(counted, solid_angles(height))


def test_the_published_operator_leaves_latents_out_and_ours_does_not():
    """15 % of 128x256 latents have no weight in the release (methods/dit360)."""
    counted = {
        kind: torch.sparse.mm(operator.matrix.t(), operator.weights[:, None])
        for kind in ("published", "solid_angle")
        for operator in [cube_operator(128, 256, kind, CPU)]
    }
    assert float((counted["published"] == 0).float().mean()) == pytest.approx(0.15, abs=0.005)
    assert counted["solid_angle"].min() > 0


def test_our_cube_loss_does_not_know_the_seam():
    """A quarter turn maps the cube onto itself."""
    error = noise(1, 2, 8, 16)
    for quarter in (4, 8, 12):
        torch.testing.assert_close(cube_loss(error.roll(quarter, -1)), cube_loss(error))
    assert not torch.allclose(cube_loss(error.roll(4, -1), kind="published"), cube_loss(error, kind="published"))


def test_a_loss_is_a_samples_own():
    error = noise(3, 2, 4, 8)
    for loss in (cube_loss, lambda e: yaw_loss(e, degrees=60.0)):
        torch.testing.assert_close(loss(error), torch.cat([loss(one[None]) for one in error]))


def test_the_gradients_are_those_of_the_formulas():
    error = noise(1, 1, 4, 8).double().requires_grad_()
    for loss in (cube_loss, lambda e: yaw_loss(e, degrees=60.0)):
        direction = noise(1, 1, 4, 8, seed=3).double()
        [gradient] = torch.autograd.grad(loss(error).sum(), error)
        step = 1e-3 * direction
        numeric = (loss(error + step) - loss(error - step)).sum() / 2e-3
        torch.testing.assert_close((gradient * direction).sum().float(), numeric.float(), rtol=1e-2, atol=1e-4)


def test_a_network_that_commutes_with_turns_has_no_equivariance_loss():
    x = noise(2, 2, 4, 8)
    sideways = lambda grid: grid.roll(1, -1) * 2  # noqa: E731
    placed = lambda grid: grid * torch.arange(8.0)  # noqa: E731
    rolled = roll_each(x, [3, 5])
    assert equivariance_loss(sideways(x), sideways(rolled), [3, 5]).abs().max() == 0
    difference = roll_each(placed(x), [3, 5]) - placed(rolled)
    torch.testing.assert_close(equivariance_loss(placed(x), placed(rolled), [3, 5]), 0.5 * mean_square(difference))


def test_only_weighted_losses_are_computed():
    error = noise(2, 1, 4, 8)
    assert spherical_losses(error, Objectives()) == {}
    assert spherical_losses(error, Objectives(yaw_weight=0.5, cube_weight=0.5)).keys() == {"yaw", "cube"}


@pytest.mark.parametrize(
    ("fields", "fault"), [({"cube_weight": -1.0}, "from 0 upwards"), ({"yaw_weight": 1.0, "yaw_degrees": ()}, "empty")]
)
def test_impossible_objectives_are_refused(fields, fault):
    with pytest.raises(ValueError, match=fault):
        Objectives(**fields)


def test_a_grid_that_is_no_panorama_is_refused():
    with pytest.raises(ValueError, match="wants a panorama, 2:1"):
        cube_loss(noise(1, 1, 8, 8))


def test_losses_are_computed_in_float32_under_autocast_too():
    error = noise(1, 2, 8, 16)
    with torch.autocast("cpu", torch.bfloat16):
        losses = [cube_loss(error), yaw_loss(error, degrees=60.0), equivariance_loss(error, 2 * error, [1])]
    exact = [cube_loss(error), yaw_loss(error, degrees=60.0), equivariance_loss(error, 2 * error, [1])]
    assert all(torch.equal(a, b) for a, b in zip(losses, exact, strict=True))
