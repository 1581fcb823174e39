"""Fidelity and diversity apart: neighbourhoods of the k-th nearest neighbour round every vector.

Precision, share of fakes inside the neighbourhood of some real, and recall, share of reals inside that of some fake
(Kynkäänniemi et al. 2019, equations 1 and 2); density, in how many reals' neighbourhoods a fake lies on average, over
k, and coverage, share of reals whose neighbourhood holds a fake (Naeem et al. 2020, equations 3 and 4). A neighbourhood
is open, as in the package of the latter; that matters for duplicates only. Distances are Euclidean and computed in
blocks, so that 50,000 by 50,000 are never in memory.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Float64
from torch import Tensor

from cyclorama.evaluation.distributions.vectors import row_blocks, squared_distances, to_pair

NUM_NEIGHBOURS = 5


class Neighbours(NamedTuple):
    """Shares in [0, 1] and the density, about 1 between equal distributions and not bounded above."""

    precision: float
    recall: float
    density: float
    coverage: float


def precision_recall_density_coverage(
    real: Float[Tensor, "num features"],
    fake: Float[Tensor, "num_fake features"],
    *,
    num_neighbours: int = NUM_NEIGHBOURS,
) -> Neighbours:
    """All four with `num_neighbours` = k: 3 in Kynkäänniemi et al., 5 in Naeem et al.

    `ValueError`: a set of k vectors or fewer. Coverage of equal distributions tends to 1 - 2^-k; the rest depends on
    the numbers of vectors: compare at equal numbers only.
    """
    if num_neighbours < 1:
        raise ValueError(f"got {num_neighbours} neighbours, wanted 1 or more; 5 is usual")
    real, fake = to_pair(real, fake, smallest=num_neighbours + 1)
    centre = real.mean(0)
    real, fake = real - centre, fake - centre
    of_real, of_fake = (squared_radii(vectors, num_neighbours=num_neighbours) for vectors in (real, fake))
    precise, recalled, covered, inside = torch.zeros(len(fake), dtype=torch.bool), [], [], 0
    for block in row_blocks(len(real), len(fake)):
        distances = squared_distances(real[block], fake)
        near_real: Bool[Tensor, "block num_fake"] = distances < of_real[block, None]
        precise |= near_real.any(0)
        inside += int(near_real.sum())
        covered.append(near_real.any(1))
        recalled.append((distances < of_fake).any(1))
    shares = (_share(precise), _share(torch.cat(recalled)), inside / (num_neighbours * len(fake)))
    return Neighbours(*shares, _share(torch.cat(covered)))


def squared_radii(vectors: Float64[Tensor, "num features"], *, num_neighbours: int) -> Float64[Tensor, " num"]:
    """Squared distance of every vector to its k-th nearest other one."""
    blocks = row_blocks(len(vectors), len(vectors))
    return torch.cat([_radii(vectors, rows=rows, num_neighbours=num_neighbours) for rows in blocks])


def _radii(vectors: Tensor, *, rows: slice, num_neighbours: int) -> Float64[Tensor, " block"]:
    distances = squared_distances(vectors[rows], vectors)
    distances.diagonal(rows.start).fill_(torch.inf)
    return distances.topk(num_neighbours, largest=False).values[:, -1]


def _share(hits: Bool[Tensor, " num"]) -> float:
    return hits.double().mean().item()
