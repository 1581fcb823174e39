"""What the ground looks like: albedo of the landscapes as functions of the world point.

Every rule takes a `Site` and returns linear colours [n, 3]; colours differ between terrains by `Site.variety`.
"""

import math
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import blend
from cyclorama.diorama.landscapes.built import BUILT_GROUNDS
from cyclorama.diorama.landscapes.dry_grounds import DRY_GROUNDS
from cyclorama.diorama.landscapes.green_grounds import GREEN_GROUNDS
from cyclorama.diorama.landscapes.site import Site
from cyclorama.diorama.materials.surface import fade
from cyclorama.diorama.noise import Real, fbm, length, noise, smoothstep

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


def _paving(site: Site) -> Tensor:
    cell = torch.floor(site.flat / 1.2)
    stone = blend((0.34, 0.31, 0.28), (0.48, 0.44, 0.39), 0.5 + 0.5 * noise(cell * 0.37 + 5))
    edge = ((site.flat / 1.2 - cell - 0.5).abs()).amax(-1)
    joint = smoothstep(0.455, 0.485, edge) * fade(site.distance, 0.30)
    radius = length(site.flat)
    rings = smoothstep(0.5, 0.2, (radius - 8.5).abs()) + smoothstep(0.5, 0.2, (radius - 15).abs())
    return blend(blend(stone, (0.24, 0.15, 0.12), 0.8 * rings.clamp(0, 1)), (0.14, 0.13, 0.12), 0.75 * joint)


GROUNDS: dict[str, Callable[[Site], Tensor]] = {"plain": _paving, **GREEN_GROUNDS, **DRY_GROUNDS, **BUILT_GROUNDS}
