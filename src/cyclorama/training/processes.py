"""The processes of one run: a single one, or those that `torchrun` or `accelerate launch` started."""

import os

import torch
from accelerate import Accelerator


def make_accelerator(device: str | torch.device | None = None) -> Accelerator:
    """accelerate's view of this process; call it before anything else asks accelerate.

    Several processes without a GPU, or with device "cpu", talk through the CPU (accelerate needs to be told so).
    """
    several = int(os.environ.get("WORLD_SIZE", "1")) > 1
    on_cpu = not torch.cuda.is_available() if device is None else torch.device(device).type == "cpu"
    return Accelerator(mixed_precision="no", cpu=several and on_cpu)
