"""The optimisers by name."""

from typing import Any

import torch

from cyclorama.training.settings import LoopSettings


def make_optimizer(groups: list[dict[str, Any]], settings: LoopSettings) -> torch.optim.Optimizer:
    """AdamW (Loshchilov and Hutter 2019) on parameter groups, its moments in 32 or in 8 bits.

    Raises:
        ValueError: for 8 bits without bitsandbytes.
    """
    how: dict[str, Any] = {
        "lr": settings.lr,
        "betas": settings.betas,
        "eps": settings.eps,
        "weight_decay": settings.weight_decay,
    }
    if settings.optimizer == "adamw8bit":
        return _eight_bit_adamw()(groups, **how)
    fused = all(p.device.type in ("cpu", "cuda") for group in groups for p in group["params"])
    return torch.optim.AdamW(groups, **how, fused=fused)


def _eight_bit_adamw() -> Any:
    try:
        from bitsandbytes.optim import AdamW8bit  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise ValueError(
            "optimizer 'adamw8bit' wants bitsandbytes: `pip install bitsandbytes`, or take optimizer=adamw"
        ) from error
    return AdamW8bit
