"""LSMR: least squares with a linear map that is only known by what it does (Fong and Saunders 2011).

Every sample is a problem of its own with the same map; it may start from a guess. Written in torch, because SciPy's
knows neither devices nor batches.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

Linear = Callable[[Tensor], Tensor]


def lsmr(
    forward: Linear,
    adjoint: Linear,
    target: Float[Tensor, "batch *rows"],
    start: Float[Tensor, "batch *columns"],
    *,
    num_iterations: int,
) -> Float[Tensor, "batch *columns"]:
    """What minimises |forward(x) - target|^2 for every sample, after `num_iterations` from `start`.

    `adjoint` is the transpose of `forward`; both map a whole batch. |adjoint(residual)| falls in every iteration.
    """
    u, beta = _normalised(target - forward(start))
    v, alpha = _normalised(adjoint(u))
    direction, inner = v, torch.zeros_like(v)
    change, zeta_bar, alpha_bar = torch.zeros_like(v), alpha * beta, alpha
    rho, rho_bar, cos_bar, sin_bar = (torch.full_like(alpha, value) for value in (1.0, 1.0, 1.0, 0.0))
    for _ in range(num_iterations):
        u, beta = _normalised(forward(v) - _like(alpha, u) * u)
        v, alpha = _normalised(adjoint(u) - _like(beta, v) * v)
        previous, previous_bar = rho, rho_bar
        cos, sin, rho = _rotation(alpha_bar, beta)
        theta, alpha_bar = sin * alpha, cos * alpha
        theta_bar = sin_bar * rho
        cos_bar, sin_bar, rho_bar = _rotation(cos_bar * rho, theta)
        zeta, zeta_bar = cos_bar * zeta_bar, -sin_bar * zeta_bar
        inner = direction - _like(_over(theta_bar * rho, previous * previous_bar), v) * inner
        change = change + _like(_over(zeta, rho * rho_bar), v) * inner
        direction = v - _like(_over(theta, rho), v) * direction
    return start + change


def _normalised(vectors: Tensor) -> tuple[Tensor, Tensor]:
    norms = vectors.flatten(1).norm(dim=1)
    return vectors * _like(_over(torch.ones_like(norms), norms), vectors), norms


def _rotation(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Cosine, sine and length of the plane rotation that takes (a, b) to (length, 0)."""
    length = torch.hypot(a, b)
    return _over(a, length), _over(b, length), length


def _over(a: Tensor, b: Tensor) -> Tensor:
    """a / b, 0 where b is 0: a sample that is solved stays as it is."""
    return torch.where(b > 0, a / b, 0.0)


def _like(scalars: Tensor, vectors: Tensor) -> Tensor:
    return scalars.reshape(-1, *[1] * (vectors.ndim - 1))
