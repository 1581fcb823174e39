"""Points on solids, as the rules of materials see them, and what a rule says of them."""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.noise import Real, smoothstep


@dataclass(frozen=True)
class Surface:
    """Points of one material, on any number of solids: everything is given per point.

    `points` in the world and in the axes of their solids: `local` in units of the half `size`, `metres` in metres.
    `base`, `glow` and `seed` are those of the solids; `distance` is that of the eye in metres.
    """

    points: Float[Tensor, "n 3"]
    local: Float[Tensor, "n 3"]
    size: Float[Tensor, "n 3"]
    normals: Float[Tensor, "n 3"]
    base: Float[Tensor, "n 3"]
    glow: Float[Tensor, " n"]
    seed: Float[Tensor, " n"]
    distance: Float[Tensor, " n"]

    @property
    def metres(self) -> Float[Tensor, "n 3"]:
        return self.local * self.size


@dataclass(frozen=True)
class Finish:
    """What a surface does with light: linear albedo, and light that it gives off itself (None: base times glow)."""

    albedo: Float[Tensor, "n 3"]
    emission: Float[Tensor, "n 3"] | None = None


def fade(distance: Float[Tensor, " n"], scale_m: Real) -> Float[Tensor, " n"]:
    """1 near, 0 where a texture of wavelength `scale_m` would be finer than a pixel (about 1/160 rad)."""
    return smoothstep(90.0 * scale_m, 25.0 * scale_m, distance)


def varied(base: Float[Tensor, "n 3"], amount: Float[Tensor, " n"]) -> Float[Tensor, "n 3"]:
    """The colour made brighter by the share `amount` (darker where it is negative)."""
    return base * (1 + amount)[:, None]
