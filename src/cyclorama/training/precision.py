"""The arithmetic of a forward pass."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def autocast(device: torch.device, precision: str) -> Iterator[None]:
    """bfloat16 autocast, or nothing for "fp32".

    Left out: torch's notes that RMS norm then runs unfused on the CPU, and that a sharded module gives out a view.
    """
    with warnings.catch_warnings(), torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
        warnings.filterwarnings("ignore", message="Mismatch dtype between input and weight")
        warnings.filterwarnings("ignore", message="FSDP2-wrapped module")
        yield
