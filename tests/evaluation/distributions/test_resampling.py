from math import inf, isnan
from statistics import stdev

import pytest
import torch

from cyclorama.evaluation.distributions import (
    curve,
    floor,
    frechet_distance,
    half_indices,
    inception_score,
    kid,
    one_set_interval,
    paired_difference,
    precision_recall_density_coverage,
    set_interval,
    set_intervals,
)
from cyclorama.evaluation.distributions.resampling import default_resamples


def panoramas(num: int, *, seed: int, num_views: int = 2, num_features: int = 4, offset: float = 0.0) -> torch.Tensor:
    """Two views share half of their variance."""
    draw = torch.Generator().manual_seed(seed)
    shared = torch.randn(num, 1, num_features, generator=draw, dtype=torch.float64)
    own = torch.randn(num, num_views, num_features, generator=draw, dtype=torch.float64)
    return offset + (shared + own) / 2**0.5


def mean_gap(real: torch.Tensor, fake: torch.Tensor) -> float:
    return (fake.mean() - real.mean()).item()


def test_halves_depend_on_number_and_seed_alone_and_draw_nothing_twice():
    halves = half_indices(11, num_resamples=6, seed=3)
    assert halves.shape == (6, 5)
    assert all(len(set(row.tolist())) == 5 for row in halves)
    assert torch.equal(halves[:4], half_indices(11, num_resamples=4, seed=3))
    assert not torch.equal(halves, half_indices(11, num_resamples=6, seed=4))


def test_the_spread_of_half_samples_is_the_standard_error_of_a_mean():
    real, fake = torch.zeros(200, 1, 1), panoramas(200, seed=0, num_views=1, num_features=1)
    replicates = set_interval(mean_gap, real, fake, num_resamples=2000).replicates
    assert stdev(replicates) == pytest.approx((fake.var() / 200).sqrt().item(), rel=0.05)


@pytest.mark.parametrize(
    ("statistic", "offset"),
    [
        (mean_gap, 0.3),
        (frechet_distance, 0.5),
        (kid, 0.5),
        (lambda a, b: precision_recall_density_coverage(a, b).coverage, 0.8),
    ],
)
def test_the_interval_covers_the_mean_figure_of_such_sets_about_as_often_as_it_says(statistic, offset: float):
    found = [
        set_interval(
            statistic, panoramas(40, seed=2 * seed), panoramas(40, seed=2 * seed + 1, offset=offset), num_resamples=30
        ).interval
        for seed in range(50)
    ]
    truth = sum(interval.value for interval in found) / len(found)
    assert sum(truth in interval for interval in found) >= 43


def test_views_of_one_panorama_are_one_witness():
    real, fake = panoramas(30, seed=1, num_views=1), panoramas(30, seed=2, num_views=1)
    once = set_interval(mean_gap, real, fake)
    eight = set_interval(mean_gap, real.repeat(1, 8, 1), fake.repeat(1, 8, 1))
    assert eight.replicates == pytest.approx(once.replicates)
    assert eight.interval.num == 30


def test_the_same_sets_and_seed_give_the_same_interval():
    real, fake = panoramas(20, seed=3), panoramas(24, seed=4)
    assert set_interval(kid, real, fake) == set_interval(kid, real, fake)
    assert set_interval(kid, real, fake) != set_interval(kid, real, fake, seed=1)
    assert set_interval(kid, real, fake).interval.num == 20


def test_several_figures_at_once_are_those_one_by_one():
    real, fake = panoramas(24, seed=5), panoramas(24, seed=6, offset=0.5)
    together = set_intervals(precision_recall_density_coverage, real, fake, num_resamples=5)
    alone = set_interval(lambda a, b: precision_recall_density_coverage(a, b).density, real, fake, num_resamples=5)
    assert together[2] == alone
    assert len(together) == 4


def test_matched_halves_know_that_a_copy_is_a_copy():
    real = panoramas(40, seed=7)
    matched = set_interval(mean_gap, real, real + 0.25, matched=True).interval
    assert (matched.low, matched.high) == pytest.approx((0.25, 0.25))
    apart = set_interval(mean_gap, real, real + 0.25).interval
    assert apart.high - apart.low > 0.1


def test_the_same_halves_of_two_fakes_pair_their_difference():
    real, fake = panoramas(60, seed=8), panoramas(60, seed=9)
    better = set_interval(frechet_distance, real, fake + 0.6)
    worse = set_interval(frechet_distance, real, fake + 0.7)
    difference = paired_difference(worse, better)
    assert difference.value == worse.interval.value - better.interval.value
    assert difference.low > 0
    assert worse.interval.low < better.interval.high
    assert paired_difference(better, better).high == 0


def test_a_statistic_may_want_the_views_apart():
    def by_view(real: torch.Tensor, fake: torch.Tensor) -> float:
        assert real.shape[1:] == fake.shape[1:] == (2, 4)
        return mean_gap(real[:, 0], fake[:, 0])

    real, fake = panoramas(20, seed=10), panoramas(20, seed=11)
    assert set_interval(by_view, real, fake, pooled=False).interval.value == mean_gap(real[:, 0], fake[:, 0])
    assert floor(by_view, real, pooled=False) is not None
    assert len(curve(by_view, real, fake, pooled=False).points) == 4


def test_one_set_has_an_interval_too():
    classes = panoramas(30, seed=12, num_features=6).softmax(-1)
    found = one_set_interval(inception_score, classes, num_resamples=10)
    assert found.interval.value == inception_score(classes.flatten(0, 1))
    assert found.interval.value in found.interval
    assert len(set(found.replicates)) == 10


def test_too_few_panoramas_leave_the_ends_open():
    real, fake = panoramas(7, seed=13), panoramas(9, seed=14)
    found = set_interval(kid, real, fake, smallest=4)
    assert (found.interval.low, found.interval.high, found.replicates) == (-inf, inf, ())
    assert isnan(found.value_at_half)
    assert paired_difference(found, found).high == inf
    assert floor(kid, real, smallest=4) is None
    assert curve(kid, real, fake, smallest=7).points == ((9, kid(real.flatten(0, 1), fake.flatten(0, 1))),)
    assert isnan(curve(kid, real, fake, smallest=7).extrapolated)
    assert len(curve(kid, real[:3], fake[:3]).points) == 1


def test_equal_distributions_measure_their_floor_at_half():
    real, fake = panoramas(200, seed=15), panoramas(200, seed=16)
    lowest = floor(frechet_distance, real)
    assert lowest is not None
    assert lowest.num == 100
    assert set_interval(frechet_distance, real, fake).value_at_half == pytest.approx(lowest.value, rel=0.5)
    assert set_interval(frechet_distance, real, fake + 1).value_at_half > 3 * lowest.high


def test_the_floor_of_an_unbiased_statistic_is_about_zero():
    real = panoramas(200, seed=17, num_views=1)
    lowest = floor(kid, real)
    assert lowest is not None
    assert 0.0 in lowest


def test_the_curve_finds_the_limit_of_a_bias_that_falls_as_one_over_n():
    found = curve(
        lambda _, fake: 5 + 3 / len(fake), panoramas(40, seed=18, num_views=1), panoramas(40, seed=19, num_views=1)
    )
    assert [num for num, _ in found.points] == [10, 20, 30, 40]
    assert found.extrapolated == pytest.approx(5)


def test_the_limit_of_the_frechet_distance_is_nearer_to_the_truth_than_its_value():
    curves = [
        curve(
            frechet_distance,
            panoramas(160, seed=2 * seed, num_views=1, num_features=10),
            panoramas(160, seed=2 * seed + 1, num_views=1, num_features=10, offset=0.5),
        )
        for seed in range(20)
    ]
    value, limit = (
        sum(values) / 20 for values in zip(*((c.points[-1][1], c.extrapolated) for c in curves), strict=True)
    )
    assert abs(limit - 2.5) < abs(value - 2.5) / 2
    assert all([value for _, value in c.points] == sorted((v for _, v in c.points), reverse=True) for c in curves)


def test_a_linear_figure_has_a_flat_curve():
    real, fake = panoramas(40, seed=20), panoramas(40, seed=21)
    whole = mean_gap(real, fake)
    assert [value for _, value in curve(mean_gap, real, fake).points] == pytest.approx([whole] * 4)


def test_resamples_become_fewer_where_sets_are_large():
    small, large = torch.zeros(200, 1, 256), torch.zeros(1092, 1, 2048)
    assert default_resamples(small, small) == 100
    assert default_resamples(large, large) == 25


def test_one_line_says_what_is_wrong():
    real, fake = panoramas(8, seed=22), panoramas(10, seed=23)
    with pytest.raises(ValueError, match="got 8 and 10 matched panoramas"):
        set_interval(kid, real, fake, matched=True)
    with pytest.raises(ValueError, match="evaluate both on the same files"):
        paired_difference(set_interval(kid, real, fake), set_interval(kid, fake, fake))
