from itertools import product
from math import exp

import pytest
import torch
from torch.nn.functional import normalize

from cyclorama.evaluation.distributions import cmmd, kid, kid_of_subsets, mmd_rbf, vectors


def normal(num: int, num_features: int, *, seed: int, offset: float = 0.0) -> torch.Tensor:
    draw = torch.Generator().manual_seed(seed)
    return offset + torch.randn(num, num_features, generator=draw, dtype=torch.float64)


def pair() -> tuple[torch.Tensor, torch.Tensor]:
    return normal(23, 6, seed=0), normal(17, 6, seed=1, offset=0.5)


def brute_force(kernel, real: torch.Tensor, fake: torch.Tensor, *, unbiased: bool) -> float:
    def mean(rows: torch.Tensor, columns: torch.Tensor, *, within: bool) -> float:
        pairs = product(enumerate(rows), enumerate(columns))
        values = [kernel(x, y).item() for (i, x), (j, y) in pairs if not (within and unbiased and i == j)]
        return sum(values) / len(values)

    return mean(real, real, within=True) + mean(fake, fake, within=True) - 2 * mean(real, fake, within=False)


def test_kid_is_the_sum_over_pairs():
    real, fake = pair()
    expected = brute_force(lambda x, y: (x @ y / 6 + 1) ** 3, real, fake, unbiased=True)
    assert kid(real, fake) == pytest.approx(expected, rel=1e-10)


def test_kid_equals_torchmetrics():
    theirs = pytest.importorskip("torchmetrics.image.kid")
    real, fake = normal(40, 9, seed=2), normal(40, 9, seed=3, offset=0.2)
    assert kid(real, fake) == pytest.approx(theirs.poly_mmd(real, fake).item(), rel=1e-10)


def test_kid_is_zero_on_average_between_equal_distributions():
    values = torch.tensor([kid(normal(20, 5, seed=seed), normal(25, 5, seed=10_000 + seed)) for seed in range(400)])
    assert abs(values.mean()) < 4 * values.std() / 20
    assert values.min() < 0


def test_a_subset_of_all_is_all_and_the_seed_decides():
    real, fake = normal(30, 4, seed=4), normal(30, 4, seed=5, offset=0.3)
    whole = kid_of_subsets(real, fake, subset_size=30, num_subsets=3)
    assert whole.mean == pytest.approx(kid(real, fake), rel=1e-10)
    assert whole.std == pytest.approx(0, abs=1e-12)
    half = kid_of_subsets(real, fake, subset_size=15, num_subsets=3, seed=1)
    assert half == kid_of_subsets(real, fake, subset_size=15, num_subsets=3, seed=1)
    assert half != kid_of_subsets(real, fake, subset_size=15, num_subsets=3, seed=2)


@pytest.mark.parametrize("unbiased", [True, False])
def test_rbf_is_the_sum_over_pairs(unbiased: bool):
    real, fake = pair()
    expected = brute_force(lambda x, y: (-(x - y).square().sum() / 8).exp(), real, fake, unbiased=unbiased)
    assert mmd_rbf(real, fake, sigma=2.0, unbiased=unbiased) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("sigma", [1.0, 3.0])
def test_rbf_between_shifted_normals_has_a_closed_form(sigma: float):
    num, num_features, shift = 300, 4, 0.8
    wide = sigma**2 + 2
    distance = num_features * shift**2
    expected = 2 * (sigma**2 / wide) ** (num_features / 2) * (1 - exp(-distance / (2 * wide)))
    sets = [(normal(num, 4, seed=s), normal(num, 4, seed=99 + s, offset=shift)) for s in range(50)]
    values = torch.tensor([mmd_rbf(*both, sigma=sigma, unbiased=True) for both in sets])
    assert values.mean().item() == pytest.approx(expected, abs=4 * values.std().item() / 50**0.5)
    assert values.std() / 50**0.5 < 0.03 * expected


def test_biased_is_zero_from_a_set_to_itself_and_never_negative():
    real, _ = pair()
    assert mmd_rbf(real, real, sigma=1.0) == 0
    assert cmmd(real, real) == 0
    assert all(mmd_rbf(normal(9, 3, seed=s), normal(9, 3, seed=99 + s), sigma=10.0) > 0 for s in range(20))


def test_cmmd_is_a_thousand_biased_discrepancies_of_normalised_embeddings():
    real, fake = pair()
    kernel = lambda x, y: (-(x - y).square().sum() / 200).exp()  # noqa: E731
    expected = 1000 * brute_force(kernel, normalize(real), normalize(fake), unbiased=False)
    assert cmmd(real, fake) == pytest.approx(expected, rel=1e-9)
    assert cmmd(7 * real, fake) == pytest.approx(expected, rel=1e-9)


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch):
    real, fake = pair()
    expected = kid(real, fake), mmd_rbf(real, fake, sigma=1.0, unbiased=True)
    monkeypatch.setattr(vectors, "BLOCK_ELEMENTS", 50)
    assert (kid(real, fake), mmd_rbf(real, fake, sigma=1.0, unbiased=True)) == pytest.approx(expected, rel=1e-12)


def test_one_line_says_what_is_wrong():
    real, fake = pair()
    with pytest.raises(ValueError, match="wanted 2 up to the smaller"):
        kid_of_subsets(real, fake, subset_size=18)
    with pytest.raises(ValueError, match="wanted a width above 0"):
        mmd_rbf(real, fake, sigma=0.0)
