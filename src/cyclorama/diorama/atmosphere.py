"""Air between the eye and far things: aerial perspective, and the lawn that is seen through a room's windows."""

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import tint
from cyclorama.diorama.noise import fbm
from cyclorama.diorama.sky import Sky
from cyclorama.diorama.sky.snow import SNOW

LAST_CONTRAST = 3.0
"""-log of the contrast that is left at the visibility distance."""
LAWN, LAWN_BELOW_FLOOR_M, LAWN_VISIBILITY_M = (0.12, 0.22, 0.06), 5, 800.0


def haze(
    sky: Sky, light: Float[Tensor, "n 3"], distance: Float[Tensor, " n"], rays: Float[Tensor, "n 3"]
) -> Float[Tensor, "n 3"]:
    """Aerial perspective: light after `distance` metres of air along unit rays; that of the sky (inf) is unchanged."""
    met = distance.isfinite().nonzero()[:, 0]
    seen, along = light[met], rays[met]
    amount = 1 - torch.exp(-LAST_CONTRAST * distance[met] / sky.visibility_m)
    hazed = light.clone()
    hazed[met] = seen + (sky.air(along) - seen) * amount[:, None]
    return hazed


def outside(sky: Sky, rays: Float[Tensor, "n 3"], eye: Float[Tensor, "3"]) -> Float[Tensor, "n 3"]:
    """What rays below the horizon meet outside a window: grass or snow far below, fading into the horizon."""
    distance = (eye[1] + LAWN_BELOW_FLOOR_M) / (-rays[:, 1]).clamp(min=1e-3)
    flat = (rays * distance[:, None])[:, ::2]
    ground = tint(SNOW if sky.weather == "snowfall" else LAWN, rays)
    ground = ground * (1 + 0.25 * fbm(flat / 14, 3))[:, None]
    lit = ground * (sky.direct * 0.5 + sky.ambient * 1.3)
    amount = 1 - torch.exp(-LAST_CONTRAST * distance / min(LAWN_VISIBILITY_M, sky.visibility_m))
    return lit + (sky.air(rays) - lit) * amount[:, None]
