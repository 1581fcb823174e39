import pytest
import torch

from cyclorama.evaluation.distributions import Neighbours, precision_recall_density_coverage, vectors


def normal(num: int, num_features: int = 4, *, seed: int, offset: float = 0.0) -> torch.Tensor:
    draw = torch.Generator().manual_seed(seed)
    return offset + torch.randn(num, num_features, generator=draw, dtype=torch.float64)


def brute_force(real: torch.Tensor, fake: torch.Tensor, k: int) -> Neighbours:
    def radii(points: torch.Tensor) -> list[float]:
        return [sorted((x - y).norm().item() for j, y in enumerate(points) if j != i)[k - 1] for i, x in each(points)]

    def each(points: torch.Tensor):
        return enumerate(points)

    distance = [[(x - y).norm().item() for y in fake] for x in real]
    of_real, of_fake = radii(real), radii(fake)
    near_real = [[row[j] < of_real[i] for j in range(len(fake))] for i, row in enumerate(distance)]
    near_fake = [[row[j] < of_fake[j] for j in range(len(fake))] for row in distance]
    return Neighbours(
        precision=sum(any(row[j] for row in near_real) for j in range(len(fake))) / len(fake),
        recall=sum(map(any, near_fake)) / len(real),
        density=sum(map(sum, near_real)) / (k * len(fake)),
        coverage=sum(map(any, near_real)) / len(real),
    )


@pytest.mark.parametrize("k", [1, 3, 5])
def test_equals_the_brute_force(k: int):
    real, fake = normal(30, seed=0), normal(22, seed=1, offset=0.7)
    found = precision_recall_density_coverage(real, fake, num_neighbours=k)
    assert found == pytest.approx(brute_force(real, fake, k))
    assert 0 < found.precision < 1


def test_a_set_is_all_of_itself():
    assert precision_recall_density_coverage(normal(40, seed=2), normal(40, seed=2)) == (1, 1, 1, 1)


def test_sets_far_apart_share_nothing():
    assert precision_recall_density_coverage(normal(40, seed=3), normal(40, seed=4, offset=100)) == (0, 0, 0, 0)


def test_a_collapsed_set_is_precise_and_covers_little():
    real = normal(200, seed=5)
    found = precision_recall_density_coverage(real, real[:1] + 0.01 * normal(200, seed=6))
    assert found.precision == 1
    assert found.recall < 0.05
    assert found.coverage < 0.3
    assert found.density > 1


def test_coverage_of_equal_distributions_is_nearly_one_and_density_one():
    found = precision_recall_density_coverage(normal(1500, 8, seed=7), normal(1500, 8, seed=8))
    assert found.coverage == pytest.approx(1 - 2**-5, abs=0.02)
    assert found.density == pytest.approx(1, abs=0.1)


def test_blocks_and_an_offset_do_not_matter(monkeypatch: pytest.MonkeyPatch):
    real, fake = normal(50, seed=9), normal(45, seed=10, offset=0.5)
    expected = precision_recall_density_coverage(real, fake)
    monkeypatch.setattr(vectors, "BLOCK_ELEMENTS", 100)
    assert precision_recall_density_coverage(real + 1000, fake + 1000) == pytest.approx(expected)


def test_one_line_says_what_is_wrong():
    with pytest.raises(ValueError, match="got 5 feature vectors, wanted 6 or more"):
        precision_recall_density_coverage(normal(5, seed=0), normal(9, seed=0))
    with pytest.raises(ValueError, match="got 0 neighbours"):
        precision_recall_density_coverage(normal(5, seed=0), normal(9, seed=0), num_neighbours=0)
