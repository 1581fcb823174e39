from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.sparse.linalg import lsmr as scipy_lsmr

from cyclorama.diffusion.least_squares import lsmr


def problem(rows: int, columns: int, batch: int = 1, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A matrix, targets and zeros to start from, in float64."""
    rng = np.random.default_rng(seed)
    matrix = torch.from_numpy(rng.normal(size=(rows, columns)))
    return matrix, torch.from_numpy(rng.normal(size=(batch, rows))), torch.zeros(batch, columns, dtype=torch.float64)


def solve(matrix: torch.Tensor, target: torch.Tensor, start: torch.Tensor, num_iterations: int) -> torch.Tensor:
    return lsmr(lambda x: x @ matrix.mT, lambda y: y @ matrix, target, start, num_iterations=num_iterations)


def lstsq(matrix: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The shortest of the best solutions."""
    return torch.from_numpy(np.linalg.lstsq(matrix.numpy(), target.mT.numpy(), rcond=1e-10)[0].T)


@pytest.mark.parametrize(("rows", "columns"), [(20, 8), (8, 20), (12, 12), (1, 5), (5, 1)])
def test_enough_iterations_find_the_least_squares_solution(rows, columns):
    matrix, target, zero = problem(rows, columns, batch=3)
    found = solve(matrix, target, zero, 60)
    torch.testing.assert_close(found, lstsq(matrix, target), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("num_iterations", [1, 2, 5, 9])
def test_every_iteration_is_that_of_scipy(num_iterations):
    matrix, target, zero = problem(40, 20)
    wanted = scipy_lsmr(matrix.numpy(), target[0].numpy(), atol=0, btol=0, conlim=0, maxiter=num_iterations)[0]
    np.testing.assert_allclose(solve(matrix, target, zero, num_iterations)[0].numpy(), wanted, rtol=1e-9, atol=1e-12)


def test_a_rank_that_is_missing_gives_the_shortest_solution():
    matrix, target, zero = problem(20, 4)
    matrix = torch.cat([matrix, matrix[:, :2], torch.zeros(20, 1, dtype=torch.float64)], dim=1)
    zero = torch.zeros(1, 7, dtype=torch.float64)
    torch.testing.assert_close(solve(matrix, target, zero, 30), lstsq(matrix, target), rtol=1e-6, atol=1e-9)


def test_samples_of_a_batch_do_not_know_of_each_other():
    matrix, target, zero = problem(20, 8, batch=4)
    target[1] *= 1e6
    target[2] = 0
    together = solve(matrix, target, zero, 5)
    for index in range(4):
        alone = solve(matrix, target[index : index + 1], zero[:1], 5)
        torch.testing.assert_close(together[index : index + 1], alone, rtol=1e-9, atol=1e-12)


def test_the_normal_residual_falls_in_every_iteration():
    matrix, target, zero = problem(40, 30)
    rests = [((target - (x := solve(matrix, target, zero, num)) @ matrix.mT) @ matrix).norm() for num in range(12)]
    assert torch.equal(x, solve(matrix, target, zero, 11))
    assert all(later < earlier for earlier, later in pairwise(rests))


def test_a_good_start_comes_closer_than_none():
    matrix, target, zero = problem(40, 30)
    best = lstsq(matrix, target)
    warm, cold = solve(matrix, target, best + 1e-3, 3), solve(matrix, target, zero, 3)
    assert (warm - best).norm() < 0.1 * (cold - best).norm()
    torch.testing.assert_close(solve(matrix, target, best + 1, 60), best, rtol=1e-6, atol=1e-8)


def test_what_the_map_does_not_see_stays_as_it_started():
    matrix, target, zero = problem(20, 6)
    matrix[:, 2] = 0
    start = zero + 5
    assert solve(matrix, target, start, 10)[0, 2] == 5


@pytest.mark.parametrize("num_iterations", [0, 1, 20])
def test_what_is_solved_already_stays_bit_by_bit(num_iterations):
    """Whole numbers, so that the residual is exactly zero."""
    matrix = torch.arange(12, dtype=torch.float64).reshape(4, 3)
    start = torch.tensor([[1.0, -2.0, 3.0], [0.0, 0.0, 0.0]], dtype=torch.float64)
    assert torch.equal(solve(matrix, start @ matrix.mT, start, num_iterations), start)


def test_no_iteration_is_the_start():
    matrix, target, zero = problem(5, 4)
    assert torch.equal(solve(matrix, target, zero + 2, 0), zero + 2)


def test_many_more_iterations_than_unknowns_stay_finite():
    matrix, target, zero = problem(9, 3)
    found = solve(matrix.float(), target.float(), zero.float(), 300)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, lstsq(matrix, target).float(), rtol=1e-4, atol=1e-5)


def test_pictures_are_solved_in_their_own_shapes():
    generator = torch.Generator().manual_seed(0)
    scale = 0.5 + torch.rand(3, 4, generator=generator)
    target = torch.randn(2, 3, 4, generator=generator)
    found = lsmr(lambda x: x * scale, lambda y: y * scale, target, torch.zeros_like(target), num_iterations=40)
    torch.testing.assert_close(found, target / scale, rtol=1e-4, atol=1e-4)
