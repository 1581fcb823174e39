"""Air between the eye and far things: aerial perspective, and the lawn that is seen through a room's windows."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import tint
from cyclorama.diorama.noise import fbm, smoothstep
from cyclorama.diorama.sky import Sky

LAWN, LAWN_BELOW_FLOOR_M, LAWN_VISIBILITY_M = (0.12, 0.22, 0.06), 5, 160.0


def haze(
    sky: Sky, light: Float[Tensor, "n 3"], distance: Float[Tensor, " n"], rays: Float[Tensor, "n 3"]
) -> Float[Tensor, "n 3"]:
    """Aerial perspective: exponential in the distance, toward the sky's colour at the horizon in that direction."""
    sky_ray = distance.isinf()
    far = torch.where(sky_ray, torch.zeros_like(distance), distance)
    amount = 1 - torch.exp(-far / sky.visibility_m)
    if sky.weather == "fog":
        air = sky.haze
        amount = torch.where(sky_ray, smoothstep(0.5, 0.0, rays[:, 1]), amount)
    else:
        level = rays * tint((1.0, 0.0, 1.0), rays) + tint((0.0, 0.03, 0.0), rays)
        air = sky.colour(F.normalize(level, dim=-1))
    return light + (air - light) * amount[:, None]


def lawn(sky: Sky, rays: Float[Tensor, "n 3"], eye: Float[Tensor, "3"]) -> Float[Tensor, "n 3"]:
    """What rays below the horizon meet outside a window: grass far below, fading into the horizon."""
    distance = (eye[1] + LAWN_BELOW_FLOOR_M) / (-rays[:, 1]).clamp(min=1e-3)
    flat = (rays * distance[:, None])[:, ::2]
    grass = tint(LAWN, rays) * (1 + 0.4 * fbm(flat / 14, 3))[:, None]
    lit = grass * (sky.direct * 0.5 + sky.ambient * 1.3)
    horizon = sky.colour(rays * tint((1.0, 0.0, 1.0), rays))
    amount = 1 - torch.exp(-distance / min(LAWN_VISIBILITY_M, sky.visibility_m))
    return lit + (horizon - lit) * amount[:, None]
