"""Flow matching along straight lines, in the project's convention: t = 1 is noise, t = 0 is data.

    x_t = (1 - t) x_0 + t noise,    dx_t/dt = v = noise - x_0      (Liu et al. 2022, eq. 1; Lipman et al. 2022, eq. 22)

The network predicts v. How the times of training are spread is a choice: uniform (Liu et al. 2022; DiT360) or
logit-normal (Esser et al. 2024, eq. 19), each of them shifted towards noise for long sequences (ibid., eq. 23).
"""

from dataclasses import dataclass
from typing import Literal

import torch
from einops import reduce
from jaxtyping import Float
from torch import Tensor

from cyclorama.diffusion.sampling import noised
from cyclorama.diffusion.schedule import shift_times


@dataclass(frozen=True)
class Times:
    """How training times are spread: `kind`, `mean` and `std` of the logit (logit-normal only), `mu` of the shift."""

    kind: Literal["uniform", "logit_normal"] = "logit_normal"
    mean: float = 0.0
    std: float = 1.0
    mu: float = 0.0


def draw_times(times: Times, num: int, *, generator: torch.Generator) -> Float[Tensor, " num"]:
    """Times in [0, 1] on the generator's device: u uniform, or sigmoid(mean + std n), n normal; then shifted by mu."""
    if times.kind == "uniform":
        t = torch.rand(num, generator=generator, device=generator.device)
    else:
        normal = torch.randn(num, generator=generator, device=generator.device)
        t = torch.sigmoid(times.mean + times.std * normal)
    return shift_times(t, times.mu)


@dataclass(frozen=True)
class FlowSample:
    """A point x_t of each line from data to noise, its time, and the velocity wanted there."""

    noisy: Float[Tensor, "batch *shape"]
    t: Float[Tensor, " batch"]
    velocity: Float[Tensor, "batch *shape"]


def draw_flow(data: Float[Tensor, "batch *shape"], times: Times, *, generator: torch.Generator) -> FlowSample:
    """x_t = (1 - t) x_0 + t noise and v = noise - x_0, noise and t from `generator`."""
    t = draw_times(times, len(data), generator=generator).to(data.device)
    noise = torch.randn(data.shape, generator=generator, device=generator.device).to(data)
    return FlowSample(noised(data, noise, t), t, noise - data)


def flow_matching_loss(
    predicted: Float[Tensor, "batch *shape"],
    velocity: Float[Tensor, "batch *shape"],
    *,
    mask: Float[Tensor, "#batch #channels #height #width"] | None = None,
) -> Float[Tensor, ""]:
    """Mean of (predicted - velocity)^2 in float32, over the mask if there is one (1 = supervised, 0 = ignored)."""
    squares = (predicted.float() - velocity.float()).square()
    return squares.mean() if mask is None else masked_mean(squares, mask)


def masked_mean(
    values: Float[Tensor, "batch channels height width"], mask: Float[Tensor, "#batch #channels #height #width"]
) -> Float[Tensor, ""]:
    """sum(m v) / sum(m), the mask broadcast; 0 where the mask is empty everywhere."""
    weights = mask.to(values).expand_as(values)
    return (weights * values).sum() / weights.sum().clamp_min(torch.finfo(values.dtype).tiny)


def error_by_time(
    predicted: Float[Tensor, "batch *shape"], velocity: Float[Tensor, "batch *shape"], t: Float[Tensor, " batch"]
) -> dict[str, Float[Tensor, ""]]:
    """Mean squared error of the samples with t below and above a half: what hides in one mean. Absent where empty."""
    squares = reduce((predicted.detach().float() - velocity.float()).square(), "b ... -> b", "mean")
    halves = {"loss_low_t": squares[t < 0.5], "loss_high_t": squares[t >= 0.5]}
    return {name: part.mean() for name, part in halves.items() if len(part)}
