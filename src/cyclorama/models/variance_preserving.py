"""Networks that predict epsilon or v, in the protocol's coordinates.

They were trained on y = a x_0 + s n with a^2 + s^2 = 1 (Ho et al. 2020, eq. 4). With t = s / (a + s) this is the
protocol's picture x_t = (1 - t) x_0 + t n = y / (a + s), so that y = x_t / r with r = sqrt((1 - t)^2 + t^2), and

    epsilon = n             velocity n - x_0 = (epsilon - x_t) / (1 - t)
    v = a n - s x_0         velocity n - x_0 = (v + (2 t - 1) x_t / r) / r      (v: Salimans and Ho 2022, appendix D)

An Euler step of the velocity is then a DDIM step (Song et al. 2021, eq. 12 with sigma = 0).
"""

from dataclasses import dataclass
from typing import Any, Literal

import torch
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from jaxtyping import Float
from torch import Tensor

from cyclorama.models.loading import quiet_loading

PURE_NOISE = 1 - 1e-6
"""Times from here on are pure noise: a table of zero terminal signal-to-noise ends there."""


@dataclass(frozen=True)
class NoiseTable:
    """The times t of the trained timesteps, ascending, and what the network predicts at them."""

    times: Float[Tensor, " timesteps"]
    predicts: Literal["epsilon", "v_prediction"]

    @property
    def max_time(self) -> float:
        """The largest t that the network knows; epsilon tells nothing about the picture in pure noise."""
        last = float(self.times[-1])
        if last < PURE_NOISE:
            return last
        return 1.0 if self.predicts == "v_prediction" else float(self.times[self.times < PURE_NOISE][-1])

    def timesteps(self, t: Float[Tensor, " batch"]) -> Float[Tensor, " batch"]:
        """The fractional timestep of t, linear between those of the table; outside of it the first or the last."""
        precision = torch.float32 if t.device.type == "mps" else torch.float64
        times, t = self.times.to(t.device, precision), t.to(precision)
        above = torch.searchsorted(times, t.contiguous()).clamp(1, len(times) - 1)
        low, high = times[above - 1], times[above]
        return (above - 1 + (t - low) / (high - low)).clamp(0, len(times) - 1).float()

    def to_velocity(
        self, output: Float[Tensor, "batch *shape"], x_t: Float[Tensor, "batch *shape"], t: Float[Tensor, " batch"]
    ) -> Float[Tensor, "batch *shape"]:
        """noise - data from what the network predicts: the equations above."""
        t = _per_sample(t, x_t)
        if self.predicts == "epsilon":
            return (output - x_t) / (1 - t)
        r = noise_radius(t)
        return (output + (2 * t - 1) * x_t / r) / r

    def error_scale(self, t: Float[Tensor, " batch"]) -> Float[Tensor, " batch"]:
        """The error of the network's own output per error of the velocity."""
        return 1 - t if self.predicts == "epsilon" else noise_radius(t)


def read_noise_table(config: Any) -> NoiseTable:
    """The table of a diffusers scheduler configuration of the DDPM kind.

    Raises:
        ValueError: for a scheduler without betas, or a network that predicts something else than epsilon or v.
    """
    if config.get("beta_start") is None and config.get("trained_betas") is None:
        raise ValueError(f"got a {config.get('_class_name', 'scheduler')} without betas; wanted one of the DDPM kind")
    predicts = config.get("prediction_type", "epsilon")
    if predicts not in ("epsilon", "v_prediction"):
        raise ValueError(f"got a scheduler with prediction_type {predicts!r}; wanted epsilon or v_prediction")
    signal = ddim_scheduler(config).alphas_cumprod.double()
    noise = (1 - signal).sqrt()
    return NoiseTable(noise / (signal.sqrt() + noise), predicts)


def ddim_scheduler(config: Any) -> Any:
    """diffusers' DDIM solver with the betas and the spacing of another scheduler's configuration."""
    with quiet_loading():
        return DDIMScheduler.from_config(config)


def scheduled_times(config: Any, table: NoiseTable, num_steps: int) -> Float[Tensor, " steps_and_end"]:
    """The scheduler's timesteps as times, 1 first and 0 last, `num_steps` + 1 of them.

    A table that ends before pure noise needs one interval from t = 1 to its first timestep; the network is not
    evaluated for it, so one evaluation less than steps.

    Raises:
        ValueError: for fewer steps than that takes, or more than the table has.
    """
    last = len(table.times) // 2
    fewest = 1 if table.max_time == 1 else 2
    if not fewest <= num_steps <= last:
        raise ValueError(f"got {num_steps} steps; this model wants {fewest} to {last}")
    times = _times(config, table, num_steps)
    if times[0] < PURE_NOISE:
        times = _times(config, table, num_steps - 1) if num_steps > 1 else times[:0]
        times = torch.cat([times.new_ones(1), times])
    return torch.cat([times, times.new_zeros(1)]).float()


def _times(config: Any, table: NoiseTable, num_steps: int) -> Tensor:
    scheduler = ddim_scheduler(config)
    scheduler.set_timesteps(num_steps)
    return table.times[scheduler.timesteps.clamp(max=len(table.times) - 1)]


def noise_radius(t: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
    """r = sqrt((1 - t)^2 + t^2), what x_t of unit data and noise is divided by to have unit variance."""
    return torch.hypot(1 - t, t)


def _per_sample(t: Tensor, like: Tensor) -> Tensor:
    return t.to(like).reshape(-1, *[1] * (like.ndim - 1))
