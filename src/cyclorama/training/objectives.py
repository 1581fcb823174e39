"""Flow matching along straight lines, in the project's convention: t = 1 is noise, t = 0 is data.

    x_t = (1 - t) x_0 + t noise,    dx_t/dt = v = noise - x_0      (Liu et al. 2022, eq. 1; Lipman et al. 2022, eq. 22)

The network predicts v. How the times of training are spread is a choice: uniform (Liu et al. 2022), uniform
on the 1000 levels of a scheduler ("table"; DiT360) or logit-normal (Esser et al. 2024, eq. 19), each of them shifted
towards noise for long sequences (ibid., eq. 23).
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

    kind: Literal["uniform", "table", "logit_normal"] = "logit_normal"
    mean: float = 0.0
    std: float = 1.0
    mu: float = 0.0


TABLE = 1000
"""Noise levels of a published scheduler: 1/1000, 2/1000 ... 1."""


def draw_times(times: Times, num: int, *, generator: torch.Generator) -> Float[Tensor, " num"]:
    """Times in [0, 1] on the generator's device: u uniform, or sigmoid(mean + std n), n normal; then shifted by mu."""
    if times.kind != "logit_normal":
        u = torch.rand(num, generator=generator, device=generator.device)
        t = u if times.kind == "uniform" else (1 + (u * TABLE).floor()) / TABLE
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


def draw_flow(
    data: Float[Tensor, "batch *shape"], times: Times, *, generator: torch.Generator, max_time: float = 1.0
) -> FlowSample:
    """x_t = (1 - t) x_0 + t noise and v = noise - x_0, noise and t from `generator`, t spread over [0, `max_time`]."""
    t = max_time * draw_times(times, len(data), generator=generator).to(data.device)
    noise = torch.randn(data.shape, generator=generator, device=generator.device).to(data)
    return FlowSample(noised(data, noise, t), t, noise - data)


def flow_matching_loss(
    predicted: Float[Tensor, "batch *shape"], velocity: Float[Tensor, "batch *shape"]
) -> Float[Tensor, ""]:
    """Mean of (predicted - velocity)^2 in float32."""
    return (predicted.float() - velocity.float()).square().mean()


def masked_mean_square(
    error: Float[Tensor, "batch channels height width"],
    mask: Float[Tensor, "batch 1 height width"] | None = None,
) -> Float[Tensor, " batch"]:
    """Mean of error^2 of every sample, over its mask if there is one (1 = supervised); 0 where a mask is empty."""
    squares = error.float().square()
    if mask is None:
        return reduce(squares, "b c h w -> b", "mean")
    weights = mask.to(squares).expand_as(squares)
    total = reduce(weights, "b c h w -> b", "sum").clamp_min(torch.finfo(squares.dtype).tiny)
    return reduce(weights * squares, "b c h w -> b", "sum") / total


def error_by_time(
    predicted: Float[Tensor, "batch *shape"], velocity: Float[Tensor, "batch *shape"], t: Float[Tensor, " batch"]
) -> dict[str, Float[Tensor, ""]]:
    """`means_by_time` of each sample's mean squared error."""
    squares = (predicted.detach().float() - velocity.float()).square()
    return means_by_time(reduce(squares, "b ... -> b", "mean"), t)


def means_by_time(losses: Float[Tensor, " batch"], t: Float[Tensor, " batch"]) -> dict[str, Float[Tensor, ""]]:
    """The mean of the samples with t below and above a half: what hides in one mean. Absent where empty."""
    halves = {"loss_low_t": losses[t < 0.5], "loss_high_t": losses[t >= 0.5]}
    return {name: part.mean() for name, part in halves.items() if len(part)}
