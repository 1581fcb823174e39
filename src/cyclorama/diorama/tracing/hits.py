"""Where rays end and what is there: the index of a solid in the world, or one of the negative numbers below."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

GROUND, SKY, ROOM, WATER = -1, -2, -3, -4


@dataclass(frozen=True)
class Hits:
    """Where rays end: distance (inf for the sky), world point, unit normal toward the eye and what was met.

    For the sky the point is the eye and the normal means nothing.
    """

    distance: Float[Tensor, " n"]
    points: Float[Tensor, "n 3"]
    normals: Float[Tensor, "n 3"]
    what: Int[Tensor, " n"]

    def where(self, chosen: Bool[Tensor, " n"] | Int[Tensor, " m"]) -> "Hits":
        """Some of the hits, by mask or by number."""
        at = chosen.nonzero()[:, 0] if chosen.dtype == torch.bool else chosen
        return Hits(self.distance[at], self.points[at], self.normals[at], self.what[at])
