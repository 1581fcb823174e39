"""Squared maximum mean discrepancies (Gretton et al. 2012), computed in blocks: any number of vectors, little memory.

    mean k(x, x') + mean k(y, y') - 2 mean k(x, y)

Unbiased (lemma 6): pairs of a vector with itself are left out; the estimate is 0 on average between equal
distributions and so often negative. Biased (equation 5): they are counted; never negative, 0 from a set to itself.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float, Float64
from torch import Tensor
from torch.nn.functional import normalize

from cyclorama.evaluation.distributions.vectors import row_blocks, squared_distances, to_pair

Kernel = Callable[[Tensor, Tensor], Tensor]
"""Two sets [n, d] and [m, d] to the values [n, m] of the kernel, up to a constant, which cancels."""

CMMD_SIGMA, CMMD_SCALE = 10.0, 1000.0


class SubsetKid(NamedTuple):
    """Mean and standard deviation (of the population) over subsets."""

    mean: float
    std: float


def kid(real: Float[Tensor, "num features"], fake: Float[Tensor, "num_fake features"]) -> float:
    """Kernel inception distance (Bińkowski et al. 2018): unbiased, k = (x.y / d + 1)^3, all pairs, not scaled.

    Unbiased holds for independent vectors: several views of each of n panoramas leave a bias that falls as 1/n.
    """
    real, fake = to_pair(real, fake)
    return _discrepancy(_cubic, real, fake, unbiased=True)


def kid_of_subsets(
    real: Float[Tensor, "num features"],
    fake: Float[Tensor, "num_fake features"],
    *,
    subset_size: int = 1000,
    num_subsets: int = 100,
    seed: int = 0,
) -> SubsetKid:
    """The same over seeded random subsets of equal size, as most figures are published (100 of 1,000: torchmetrics).

    The subsets overlap: their deviation is not the error of the mean.
    """
    real, fake = to_pair(real, fake)
    if not 2 <= subset_size <= min(len(real), len(fake)):
        raise ValueError(
            f"got a subset size of {subset_size} for {len(real)} and {len(fake)} vectors, wanted 2 up to the smaller; "
            "use kid, which takes all pairs"
        )
    draw = torch.Generator().manual_seed(seed)
    values = []
    for _ in range(num_subsets):
        of_real, of_fake = (torch.randperm(len(vectors), generator=draw)[:subset_size] for vectors in (real, fake))
        values.append(_discrepancy(_cubic, real[of_real], fake[of_fake], unbiased=True))
    found = torch.tensor(values, dtype=torch.float64)
    return SubsetKid(found.mean().item(), found.std(unbiased=False).item())


def mmd_rbf(
    real: Float[Tensor, "num features"],
    fake: Float[Tensor, "num_fake features"],
    *,
    sigma: float,
    unbiased: bool = False,
) -> float:
    """With the Gaussian kernel exp(-|x - y|^2 / (2 sigma^2)); `sigma` in the units of the features."""
    if not sigma > 0:
        raise ValueError(f"got sigma {sigma}, wanted a width above 0; CMMD takes {CMMD_SIGMA:g}")
    real, fake = to_pair(real, fake)
    centre = real.mean(0)

    def kernel(rows: Tensor, columns: Tensor) -> Tensor:
        return squared_distances(rows, columns).div_(-2 * sigma**2).expm1_()

    return _discrepancy(kernel, real - centre, fake - centre, unbiased=unbiased)


def cmmd(real: Float[Tensor, "num features"], fake: Float[Tensor, "num_fake features"]) -> float:
    """CLIP-MMD (Jayasumana et al. 2024): biased, sigma 10, times 1000, of embeddings normalised to length 1 here.

    The published figures are of the image embeddings of CLIP ViT-L/14 at 336 pixels.
    """
    real, fake = to_pair(real, fake)
    return CMMD_SCALE * mmd_rbf(normalize(real), normalize(fake), sigma=CMMD_SIGMA)


def _cubic(rows: Float64[Tensor, "num features"], columns: Float64[Tensor, "num_columns features"]) -> Tensor:
    return (rows @ columns.T).div_(rows.shape[1]).add_(1).pow_(3)


def _discrepancy(kernel: Kernel, real: Tensor, fake: Tensor, *, unbiased: bool) -> float:
    within = _mean(kernel, real, real, without_self=unbiased) + _mean(kernel, fake, fake, without_self=unbiased)
    return within - 2 * _mean(kernel, real, fake, without_self=False)


def _mean(kernel: Kernel, rows: Tensor, columns: Tensor, *, without_self: bool) -> float:
    total = 0.0
    for block in row_blocks(len(rows), len(columns)):
        values = kernel(rows[block], columns)
        total += values.sum().item() - (values.diagonal(block.start).sum().item() if without_self else 0.0)
    return total / (len(rows) * (len(columns) - without_self))
