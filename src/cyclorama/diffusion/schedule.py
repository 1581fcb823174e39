"""Flow-matching times and the shift of FLUX for long sequences.

A larger picture keeps its large shapes visible at more noise, so its times are shifted towards 1 (Esser et al. 2024,
section 5.3.2): t' = e^mu / (e^mu + 1/t - 1), with mu growing linearly in the number of tokens.
"""

import math
from typing import Any

import numpy as np
import torch
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from jaxtyping import Float
from torch import Tensor


def sequence_shift(
    num_tokens: int,
    *,
    base_tokens: int = 256,
    max_tokens: int = 4096,
    base_shift: float = 0.5,
    max_shift: float = 1.15,
) -> float:
    """mu for a picture of `num_tokens` tokens, extrapolated beyond `max_tokens`.

    >>> round(sequence_shift(8192), 4), round(sequence_shift(8320), 4)
    (1.8433, 1.865)
    """
    slope = (max_shift - base_shift) / (max_tokens - base_tokens)
    return base_shift + slope * (num_tokens - base_tokens)


def shift_times(t: Float[Tensor, "*batch"], mu: float) -> Float[Tensor, "*batch"]:
    """t' = e^mu / (e^mu + 1/t - 1), written so that t = 0 stays 0 and t = 1 stays 1."""
    scale = math.exp(mu)
    return scale * t / (1 + (scale - 1) * t)


def scheduler_sigmas(
    scheduler: FlowMatchEulerDiscreteScheduler, num_steps: int, num_tokens: int
) -> Float[Tensor, " steps_and_end"]:
    """The descending noise levels 1 .. 0 that a diffusers scheduler configuration gives a picture of `num_tokens`.

    Raises:
        ValueError: for less than one step.
    """
    if num_steps < 1:
        raise ValueError(f"got {num_steps} steps; wanted at least 1")
    config: Any = scheduler.config
    fresh: Any = FlowMatchEulerDiscreteScheduler.from_config(config)
    mu = sequence_shift(
        num_tokens,
        base_tokens=config.get("base_image_seq_len", 256),
        max_tokens=config.get("max_image_seq_len", 4096),
        base_shift=config.get("base_shift", 0.5),
        max_shift=config.get("max_shift", 1.15),
    )
    fresh.set_timesteps(sigmas=np.linspace(1.0, 1 / num_steps, num_steps).tolist(), mu=mu)
    return torch.as_tensor(fresh.sigmas)
