import pytest
import torch

from cyclorama.evaluation.distributions import (
    Moments,
    frechet_distance,
    frechet_of_moments,
    merge_all,
    omni_frechet,
    sample_warnings,
)
from cyclorama.evaluation.distributions.vectors import to_pair
from cyclorama.geometry import FACES

SHAPES = [(80, 60, 12), (12, 60, 40), (60, 12, 40), (10, 9, 40), (13, 12, 12)]


def vectors(num: int, num_features: int, *, seed: int, scale: float = 1.0, offset: float = 0.0) -> torch.Tensor:
    draw = torch.Generator().manual_seed(seed)
    mixing = torch.randn(num_features, num_features, generator=draw, dtype=torch.float64)
    return offset + scale * torch.randn(num, num_features, generator=draw, dtype=torch.float64) @ mixing


def with_variances(variances: torch.Tensor, mean: torch.Tensor, *, num: int, seed: int) -> torch.Tensor:
    """Vectors whose sample mean is `mean` and whose unbiased sample covariance is diag(`variances`), exactly."""
    draw = torch.Generator().manual_seed(seed)
    columns = torch.randn(num, len(variances), generator=draw, dtype=torch.float64)
    orthonormal = torch.linalg.qr(columns - columns.mean(0)).Q
    return mean + orthonormal * (variances * (num - 1)).sqrt()


def pair(num: int, num_fake: int, num_features: int) -> tuple[torch.Tensor, torch.Tensor]:
    return vectors(num, num_features, seed=0), vectors(num_fake, num_features, seed=1, scale=1.3, offset=0.4)


def from_moments(real: torch.Tensor, fake: torch.Tensor) -> float:
    return frechet_of_moments(Moments.of(real), Moments.of(fake))


@pytest.mark.parametrize("distance", [frechet_distance, from_moments])
def test_diagonal_gaussians_have_a_closed_form(distance):
    first, second = torch.linspace(0.1, 4, 9).double(), torch.linspace(3, 0.5, 9).double()
    shift = torch.linspace(-1, 1, 9).double()
    real = with_variances(first, torch.zeros(9).double(), num=40, seed=0)
    fake = with_variances(second, shift, num=31, seed=1)
    expected = shift.square().sum() + (first.sqrt() - second.sqrt()).square().sum()
    assert distance(real, fake) == pytest.approx(expected.item(), rel=1e-12)


def test_so_they_have_with_fewer_vectors_than_features():
    dead = torch.zeros(30).double()
    real = torch.cat([with_variances(torch.full((9,), 4.0).double(), dead[:9], num=10, seed=0), dead.repeat(10, 1)], 1)
    fake = torch.cat([with_variances(torch.full((9,), 1.0).double(), dead[:9], num=12, seed=1), dead.repeat(12, 1)], 1)
    assert frechet_distance(real, fake) == pytest.approx(9.0, rel=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_set_is_at_zero_from_itself_in_any_order(shape: tuple[int, int, int]):
    real, _ = pair(*shape)
    assert frechet_distance(real, real.clone()) == 0
    assert frechet_distance(real, real.flip(0)) == 0
    assert from_moments(real, real) == pytest.approx(0, abs=1e-10 * Moments.of(real).covariance.trace().item())


@pytest.mark.parametrize("shape", SHAPES)
def test_a_rotation_a_shift_and_the_order_of_the_sets_change_nothing(shape: tuple[int, int, int]):
    real, fake = pair(*shape)
    turn = torch.linalg.qr(vectors(shape[2], shape[2], seed=7)).Q
    expected = frechet_distance(real, fake)
    assert frechet_distance(real @ turn + 3, fake @ turn + 3) == pytest.approx(expected, rel=1e-10)
    assert frechet_distance(fake, real) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_moments_of_merged_processes_give_the_distance_of_the_vectors(shape: tuple[int, int, int]):
    real, fake = pair(*shape)
    merged = merge_all([Moments.of(part) for part in real.split(5)])
    assert frechet_of_moments(merged, Moments.of(fake)) == pytest.approx(frechet_distance(real, fake), rel=1e-9)


@pytest.mark.parametrize("shape", SHAPES)
def test_equals_torchmetrics(shape: tuple[int, int, int]):
    fid = pytest.importorskip("torchmetrics.image.fid")
    real, fake = pair(*shape)
    theirs = fid._compute_fid(real.mean(0), real.T.cov(), fake.mean(0), fake.T.cov()).item()
    full_rank = min(shape[:2]) > shape[2]
    assert frechet_distance(real, fake) == pytest.approx(theirs, rel=1e-10 if full_rank else 1e-4)


def test_equals_the_matrix_square_root_of_scipy():
    linalg = pytest.importorskip("scipy.linalg")
    real, fake = pair(80, 60, 12)
    first, second = real.T.cov(), fake.T.cov()
    root = torch.from_numpy(linalg.sqrtm((first @ second).numpy()).real)
    expected = (real.mean(0) - fake.mean(0)).square().sum() + (first + second - 2 * root).trace()
    assert frechet_distance(real, fake) == pytest.approx(expected.item(), rel=1e-10)


def test_single_precision_is_widened_before_anything_is_summed():
    real, fake = (part.float() for part in pair(50, 50, 8))
    assert frechet_distance(real, fake) == frechet_distance(real.double(), fake.double())


def test_one_face_counts_a_third_at_a_pole_and_a_twelfth_at_a_side():
    real = torch.stack([vectors(30, 5, seed=face) for face in range(6)], 1)
    for face, weight in (("up", 1 / 3), ("down", 1 / 3), ("front", 1 / 12), ("left", 1 / 12)):
        fake, which = real.clone(), FACES.index(face)
        fake[:, which] += torch.linspace(0, 1, 5)
        expected = weight * frechet_distance(real[:, which], fake[:, which])
        assert omni_frechet(real, fake) == pytest.approx(expected, rel=1e-10)


def test_too_few_vectors_are_named():
    assert sample_warnings(30_000, 30_000, 2048) == []
    [few] = sample_warnings(200, 5000, 2048)
    assert "200 real and 5000 fake" in few
    assert "singular" in few
    [biased] = sample_warnings(30_000, 5000, 2048)
    assert "biased upwards" in biased
    assert "singular" in sample_warnings(2048, 30_000, 2048)[0]


def test_one_line_says_what_is_wrong():
    with pytest.raises(ValueError, match="wanted one length"):
        to_pair(torch.zeros(3, 4), torch.zeros(3, 5))
    with pytest.raises(ValueError, match="wanted one length"):
        frechet_of_moments(Moments.empty(3), Moments.empty(4))
    with pytest.raises(ValueError, match="got 1 feature vectors"):
        frechet_distance(torch.zeros(1, 4), torch.zeros(3, 4))
    with pytest.raises(ValueError, match="1 of 3 feature vectors not finite"):
        frechet_distance(torch.zeros(3, 1), torch.tensor([[0.0], [1.0], [float("inf")]]))
