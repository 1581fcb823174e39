import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclorama.geometry import Equirect, dirs_to_lonlat
from cyclorama.methods.membrane import Membrane, harmonic_fill, paste
from tests.properties import assert_yaw_equivariant

SIZES = [(16, 32), (15, 30), (20, 20), (17, 23)]


def noise(height: int, width: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(seed))


def some_known(height: int, width: int, share: float, seed: int = 0) -> torch.Tensor:
    known = torch.rand(height, width, generator=torch.Generator().manual_seed(seed)) < share
    known[height // 2, width // 3] = True
    return known


def solve_exactly(image: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """The dense matrix of the forces between unknown pixels, one column per pixel, solved in float64."""
    height, width = known.shape
    membrane = Membrane.over(torch.zeros_like(known), panorama=width == 2 * height)
    impulses = torch.eye(height * width).reshape(height * width, height, width)
    matrix = membrane.force(impulses).reshape(height * width, height * width).double().T
    free, fixed = ~known.flatten(), known.flatten()
    values = image.reshape(3, -1).double()
    values[:, free] = torch.linalg.solve(matrix[free][:, free], -(matrix[free][:, fixed] @ values[:, fixed].T)).T
    return values.reshape(image.shape).float()


@pytest.mark.parametrize("share", [0.02, 0.5])
@pytest.mark.parametrize(("height", "width"), SIZES)
def test_the_membrane_is_the_solution_of_its_equations(height, width, share):
    image, known = noise(height, width), some_known(height, width, share)
    torch.testing.assert_close(harmonic_fill(image, known), solve_exactly(image, known), rtol=0, atol=4e-3)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_known_pixels_keep_their_bits_and_no_value_leaves_their_range(height, width):
    image, known = noise(height, width), some_known(height, width, 0.05)
    filled = harmonic_fill(image, known)
    assert torch.equal(filled[:, known], image[:, known])
    assert filled.min() >= image[:, known].min() - 2e-3
    assert filled.max() <= image[:, known].max() + 2e-3


def test_what_is_under_the_hole_is_not_looked_at():
    known = some_known(16, 32, 0.5)
    image, other = noise(16, 32), noise(16, 32, seed=1)
    assert torch.equal(harmonic_fill(image, known), harmonic_fill(torch.where(known, image, other), known))


def test_a_turn_of_the_panorama_turns_its_membrane():
    layers = torch.cat([noise(16, 32), some_known(16, 32, 0.1)[None].float()])
    assert_yaw_equivariant(lambda both: harmonic_fill(both[:3], both[3] > 0), layers, atol=2e-3)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_harmonic_functions_of_the_sphere_continue_over_the_pole(order):
    """tan(theta / 2)^k cos(k lon) solves Laplace's equation on the sphere around the pole theta = 0."""
    lon, lat = dirs_to_lonlat(torch.from_numpy(Equirect(64, 128).pixel_dirs()))
    wave = ((math.pi / 4 - lat / 2).tan() ** order * (order * lon).cos())[None].clamp(-1, 1)
    known = lat < math.radians(30)
    torch.testing.assert_close(harmonic_fill(wave, known), wave, rtol=0, atol=0.01)


def test_a_slope_continues_to_the_border_of_a_plane():
    slope = torch.linspace(0, 1, 20)[None, :, None].expand(1, 20, 20)
    known = torch.ones(20, 20, dtype=torch.bool)
    known[5:15, 3:] = False
    torch.testing.assert_close(harmonic_fill(slope, known), slope, rtol=0, atol=2e-3)


def test_nothing_known_is_refused_and_everything_known_is_returned():
    image = noise(8, 16)
    with pytest.raises(ValueError, match="without a known pixel"):
        harmonic_fill(image, torch.zeros(8, 16, dtype=torch.bool))
    assert torch.equal(harmonic_fill(image, torch.ones(8, 16, dtype=torch.bool)), image)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(light=st.tuples(*[st.floats(-0.2, 0.2)] * 3), share=st.floats(0.05, 0.9))
def test_another_light_on_the_same_picture_does_not_show(light, share):
    """But for the step across the border, which is taken from the kept pixels alone."""
    x = torch.arange(32) / 32
    original = (0.5 + 0.2 * torch.stack([(2 * math.pi * k * x).sin() for k in (0, 1, 2)]))[:, None].expand(3, 16, 32)
    step = (original - original.roll(1, -1)).abs().max().item()
    mask = (~some_known(16, 32, share)).float()
    pasted = paste(original, original + torch.tensor(light)[:, None, None], mask)
    assert (pasted - original).abs().max() < step + 2e-3


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_a_step_painted_along_the_border_is_gone(height, width):
    original, mask = torch.full((3, height, width), 0.4), torch.zeros(height, width)
    mask[height // 4 :, : width // 2] = 1
    painted = original + 0.3 * mask
    torch.testing.assert_close(paste(original, painted, mask), original, rtol=0, atol=2e-3)


def test_a_paste_keeps_the_bits_of_the_kept_and_blends_grey():
    original, painted = noise(16, 32), noise(16, 32, seed=1)
    mask = noise(16, 32, seed=2)[0].mul(3).sub(1).clamp(0, 1)
    pasted = paste(original, painted, mask)
    assert torch.equal(pasted[:, mask == 0], original[:, mask == 0])
    barely = paste(original, painted, mask * 1e-4)
    torch.testing.assert_close(barely, original, rtol=0, atol=2e-4)
