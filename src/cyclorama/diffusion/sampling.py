"""The pieces of a sampling loop that know no sphere and no model family."""

from typing import Any

import torch
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from jaxtyping import Float
from torch import Tensor


class EulerSolver:
    """diffusers' Euler solver of dx = v dt on the noise levels `sigmas` (descending, ending in 0); fresh for every run.

    `times` are the levels at which the loop evaluates the model, one call of `step` each.
    """

    def __init__(self, sigmas: Float[Tensor, " steps_and_end"]) -> None:
        self._scheduler: Any = FlowMatchEulerDiscreteScheduler(shift=1.0)
        self._scheduler.set_timesteps(sigmas=sigmas[:-1].tolist())
        self._scheduler.set_begin_index(0)

    @property
    def times(self) -> Float[Tensor, " steps"]:
        return self._scheduler.sigmas[:-1]

    def step(self, velocity: Float[Tensor, "*shape"], latents: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """The latents at the next noise level, computed in float32."""
        scheduler = self._scheduler
        timestep = scheduler.timesteps[scheduler.step_index or 0]
        return scheduler.step(velocity.float(), timestep, latents, return_dict=False)[0]


def guide(
    conditional: Float[Tensor, "*shape"], unconditional: Float[Tensor, "*shape"], guidance_scale: float
) -> Float[Tensor, "*shape"]:
    """Classifier-free guidance (Ho and Salimans 2022, eq. 6, in the convention where 1 means no guidance)."""
    return unconditional + guidance_scale * (conditional - unconditional)


def noised(
    data: Float[Tensor, "batch *shape"], noise: Float[Tensor, "batch *shape"], t: Float[Tensor, " batch"]
) -> Float[Tensor, "batch *shape"]:
    """x_t = (1 - t) x_0 + t noise, one time per sample."""
    return torch.lerp(data, noise, t.to(data).reshape(-1, *[1] * (data.ndim - 1)))
