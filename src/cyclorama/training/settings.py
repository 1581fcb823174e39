"""How to train, and the learning rate that follows from it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class LoopSettings:
    """Settings of the loop. All but `prefetch`, `shard` and the `_every` ones change the weights.

    `batch_size` counts the samples of one update, over all processes and `accumulation` pieces. `ema_decay` None is no
    averaging. `precision` "bf16" is autocast, the weights stay as they are. `optimizer` "adamw8bit" keeps the moments
    in 8 bits (bitsandbytes, on a GPU). `shard` spreads the frozen weights over the processes. `num_steps` 0 means that
    a recipe decides.
    """

    num_steps: int
    batch_size: int = 32
    accumulation: int = 1
    lr: float = 1e-3
    warmup: int = 200
    decay_fraction: float = 0.0
    weight_decay: float = 0.01
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    grad_clip: float = 1.0
    optimizer: Literal["adamw", "adamw8bit"] = "adamw"
    ema_decay: float | None = 0.999
    precision: Literal["fp32", "bf16"] = "fp32"
    seed: int = 0
    checkpoint_every: int = 500
    sample_every: int = 500
    log_every: int = 20
    num_threads: int | None = None
    prefetch: bool = False
    shard: bool = False

    def __post_init__(self) -> None:
        if self.num_steps < 0 or self.batch_size < 1 or self.accumulation < 1:
            raise ValueError("num_steps, batch_size and accumulation count things; give each of them at least 1")
        if min(self.checkpoint_every, self.sample_every, self.log_every) < 1:
            raise ValueError("checkpoint_every, sample_every and log_every count steps; give each of them at least 1")
        if not 0 <= self.decay_fraction <= 1:
            raise ValueError(f"decay_fraction is {self.decay_fraction}; give a part of the run, from 0 to 1")
        if self.precision not in ("fp32", "bf16"):
            raise ValueError(f"precision is {self.precision!r}; give 'fp32' or 'bf16'")
        if self.optimizer not in ("adamw", "adamw8bit"):
            raise ValueError(f"optimizer is {self.optimizer!r}; give 'adamw' or 'adamw8bit'")


def learning_rate(settings: LoopSettings, step: int) -> float:
    """Linear warm-up over `warmup` steps, constant, linear decay to zero over the last `decay_fraction`."""
    rise = (step + 1) / max(1, settings.warmup)
    fall = (settings.num_steps - step) / max(1.0, settings.decay_fraction * settings.num_steps)
    return settings.lr * min(1.0, rise, fall if settings.decay_fraction > 0 else 1.0)
