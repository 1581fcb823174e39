"""Fréchet distance of the Gaussians that fit two sets of vectors (Dowson and Landau 1982; FID: Heusel et al. 2017).

    |mu1 - mu2|^2 + tr(S1) + tr(S2) - 2 tr((S1 S2)^(1/2)),   S unbiased, float64

With any F such that F^T F = S the last trace is the nuclear norm of F1 F2^T: (S1 S2)^(1/2) has the singular values of
F1 F2^T as eigenvalues. F is the centred vectors / sqrt(n - 1) where n <= d, the triangle of their QR decomposition
where n > d, and the root of the covariance by its eigenvectors where only moments are left. No matrix square root, no
product of covariances, no complex numbers, nothing added to a diagonal.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from cyclorama.evaluation.distributions.moments import Moments
from cyclorama.evaluation.distributions.vectors import to_pair

NUM_FACES = 6
FEW_PER_FEATURE = 10


class _Gaussian(NamedTuple):
    mean: Float64[Tensor, " features"]
    factor: Float64[Tensor, "rank features"]


def frechet_distance(real: Float[Tensor, "num features"], fake: Float[Tensor, "num_fake features"]) -> float:
    """Of two sets in memory; exactly 0 from a set to itself. `ValueError`: fewer than 2 vectors, or lengths differ."""
    real, fake = to_pair(real, fake)
    return _distance(_of_vectors(real), _of_vectors(fake))


def frechet_of_moments(real: Moments, fake: Moments) -> float:
    """Of two sets of which only the moments are left; agrees with `frechet_distance` to about 1e-7 of the traces."""
    if len(real.mean) != len(fake.mean):
        raise ValueError(
            f"got moments of {len(real.mean)} and {len(fake.mean)} features, wanted one length; use one network"
        )
    return _distance(_of_moments(real), _of_moments(fake))


def omni_frechet(real: Float[Tensor, "num 6 features"], fake: Float[Tensor, "num_fake 6 features"]) -> float:
    """OmniFID (Christensen et al. 2024): (up + mean of the four sides + down) / 3 of the distances face by face.

    Faces in the order of `cyclorama.geometry.FACES`: front, right, back, left, up, down.
    """
    front, right, back, left, up, down = (frechet_distance(real[:, face], fake[:, face]) for face in range(NUM_FACES))
    return (up + (front + right + back + left) / 4 + down) / 3


def sample_warnings(num_real: int, num_fake: int, num_features: int) -> list[str]:
    """What to say of a Fréchet distance of so few vectors; nothing where there are ten for each feature."""
    fewer = min(num_real, num_fake)
    if fewer >= FEW_PER_FEATURE * num_features:
        return []
    numbers = f"{num_real} real and {num_fake} fake vectors for {num_features} features"
    if fewer > num_features:
        return [f"{numbers}: the Fréchet distance is biased upwards; compare at equal numbers only"]
    return [
        f"{numbers}: a covariance is singular and much of the Fréchet distance is bias; compare with the floor and "
        "with KID, at equal numbers only"
    ]


def _of_vectors(vectors: Float64[Tensor, "num features"]) -> _Gaussian:
    mean = vectors.mean(0)
    centred = (vectors - mean) / (len(vectors) - 1) ** 0.5
    tall = len(vectors) > vectors.shape[1]
    return _Gaussian(mean, torch.linalg.qr(centred, mode="r").R if tall else centred)


def _of_moments(moments: Moments) -> _Gaussian:
    eigenvalues, vectors = torch.linalg.eigh(moments.covariance)
    rounding = eigenvalues[-1] * len(eigenvalues) * torch.finfo(torch.float64).eps
    kept = eigenvalues > rounding
    return _Gaussian(moments.mean, (vectors[:, kept] * eigenvalues[kept].sqrt()).T)


def _distance(real: _Gaussian, fake: _Gaussian) -> float:
    apart = (real.mean - fake.mean).square().sum()
    spread = real.factor.square().sum() + fake.factor.square().sum()
    shared = torch.linalg.svdvals(real.factor @ fake.factor.T).sum()
    rounding = spread * torch.finfo(torch.float64).eps * max(*real.factor.shape, *fake.factor.shape)
    distance = apart + spread - 2 * shared
    return 0.0 if distance <= rounding else distance.item()
