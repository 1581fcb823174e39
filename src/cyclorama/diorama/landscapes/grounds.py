"""What the ground looks like: albedo of the landscapes as functions of the world point.

Every rule takes a `Site` and returns linear colours [n, 3]; colours differ between terrains by `Site.variety`.
"""

import math
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.landscapes.built import BUILT_GROUNDS
from cyclorama.diorama.landscapes.dry_grounds import DRY_GROUNDS
from cyclorama.diorama.landscapes.green_grounds import GREEN_GROUNDS
from cyclorama.diorama.landscapes.site import Site
from cyclorama.diorama.materials.surface import fade
from cyclorama.diorama.noise import Real, fbm

GRAIN = 0.2


def ground_colour(
    kind: str,
    points: Float[Tensor, "n 3"],
    normals: Float[Tensor, "n 3"],
    distance: Float[Tensor, " n"],
    water: Real,
    *,
    axis: tuple[Real, Real] = (0.0, 1.0),
    offset: tuple[Real, Real] = (0.0, 0.0),
    relief: Real = 1.0,
) -> Float[Tensor, "n 3"]:
    """Albedo of the landscape `kind` at world points seen from `distance` metres; `water` is its level or -inf."""
    flat = points[:, ::2]
    grain = fbm(flat / 1.4, 2) * fade(distance, 1.2) + fbm(flat / 0.16, 3) * fade(distance, 0.12)
    height = points[:, 1] - (water if math.isfinite(water) else 0.0)
    shift = torch.tensor(offset, device=flat.device)
    patch = fbm(flat / 21 + 5 * shift, 3)
    site = Site(flat, normals[:, 1], patch, height, distance, torch.tensor(axis, device=flat.device), shift, relief)
    return (GROUNDS[kind](site) * (1 + GRAIN * grain)[:, None]).clamp(0, 0.95)


GROUNDS: dict[str, Callable[[Site], Tensor]] = {**GREEN_GROUNDS, **DRY_GROUNDS, **BUILT_GROUNDS}
