import pytest
import torch

from cyclorama.evaluation import Interval, difference_interval, intervals, mean_interval, ratio_interval, share_interval
from cyclorama.evaluation.intervals import cluster_mean_interval


def normal(num: int, mean: float, seed: int) -> torch.Tensor:
    return mean + torch.randn(num, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_interval_of_a_normal_mean_is_about_two_standard_errors():
    interval = mean_interval(normal(400, 3.0, 0))
    assert interval.high - interval.low == pytest.approx(2 * 1.96 / 20, rel=0.1)
    assert interval.value in interval


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    hits = sum(3.0 in mean_interval(normal(60, 3.0, seed), num_resamples=400, seed=seed) for seed in range(200))
    assert 180 <= hits <= 199


def test_constant_values_leave_no_doubt_and_the_seed_decides():
    assert mean_interval(torch.full((5,), 2.0)) == Interval(2.0, 2.0, 2.0, 5)
    values = normal(30, 0.0, 1)
    assert mean_interval(values, seed=4) == mean_interval(values, seed=4) != mean_interval(values, seed=5)


def test_difference_and_ratio_of_known_means():
    ours, theirs = normal(500, 12.0, 2), normal(400, 10.0, 3)
    assert 2.0 in difference_interval(ours, theirs)
    assert 1.2 in ratio_interval(ours, theirs)
    assert 0.0 not in difference_interval(ours, theirs)
    assert difference_interval(ours, theirs).num == 400


def test_pairing_removes_what_both_share():
    shared = 10 * normal(100, 0.0, 4)
    paired = difference_interval(shared + 1, shared, paired=True)
    assert (paired.low, paired.high) == pytest.approx((1, 1))
    unpaired = difference_interval(shared + 1, shared)
    assert unpaired.high - unpaired.low > 1


def test_share_is_the_wilson_interval_even_at_the_ends():
    half = share_interval(50, 100)
    assert (half.low, half.high) == pytest.approx((0.40383, 0.59617), abs=1e-5)
    certain = share_interval(20, 20)
    assert (certain.value, certain.high) == (1.0, 1.0)
    assert certain.low == pytest.approx(0.83887, abs=1e-5)


@pytest.mark.parametrize("values", [torch.tensor([]), torch.tensor([1.0, float("nan")])])
def test_nothing_and_nan_are_refused(values):
    with pytest.raises(ValueError, match="all finite"):
        mean_interval(values)


def test_pairs_of_different_length_are_refused():
    with pytest.raises(ValueError, match="as many of each"):
        difference_interval(torch.ones(3), torch.ones(4), paired=True)


def test_a_reference_that_may_be_zero_leaves_the_ratio_unbounded():
    interval = ratio_interval(torch.ones(3), torch.tensor([0.0, 0.0, 1.0]))
    assert interval.value == pytest.approx(3)
    assert interval.high == float("inf")


def test_views_of_one_panorama_are_one_witness():
    of_panoramas = normal(50, 3.0, 5)
    copies = of_panoramas[:, None].expand(-1, 8)
    assert cluster_mean_interval(copies) == mean_interval(of_panoramas)
    assert cluster_mean_interval(copies).num == 50


def test_the_cluster_interval_covers_the_truth_where_views_are_alike():
    def interval(seed: int) -> Interval:
        own, shared = normal(240, 0.0, seed).view(60, 4), normal(60, 3.0, 1000 + seed)
        return cluster_mean_interval(shared[:, None] + 0.2 * own, num_resamples=400, seed=seed)

    assert 180 <= sum(3.0 in interval(seed) for seed in range(200)) <= 199


def test_memory_does_not_decide_the_interval(monkeypatch: pytest.MonkeyPatch):
    values = normal(37, 0.0, 6)
    expected = mean_interval(values)
    monkeypatch.setattr(intervals, "BLOCK_ELEMENTS", 1000)
    assert mean_interval(values) == expected
