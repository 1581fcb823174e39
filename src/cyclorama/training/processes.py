"""The processes of one run: a single one, or those that `torchrun` or `accelerate launch` started.

Each holds the trained parameters whole and computes its part of every batch; the loop takes the mean of the gradients.
With `shard` the frozen weights, nearly everything of a LoRA training, are spread over the processes besides (FSDP2).
"""

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch
from accelerate import Accelerator
from torch import distributed, nn

OTHER_ENGINES = {"ACCELERATE_USE_FSDP": "FSDP", "ACCELERATE_USE_DEEPSPEED": "DeepSpeed"}
"""What `accelerate launch` sets when it is configured for an engine that would take over the loop."""


def make_accelerator(device: str | torch.device | None = None) -> Accelerator:
    """accelerate's view of this process; call it before anything else asks accelerate.

    Several processes without a GPU, or with device "cpu", talk through the CPU (accelerate needs to be told so).

    Raises:
        ValueError: when accelerate is configured for FSDP or DeepSpeed.
    """
    for variable, engine in OTHER_ENGINES.items():
        if os.environ.get(variable, "").lower() in ("true", "1"):
            raise ValueError(f"accelerate is configured for {engine}; launch it for plain processes and set shard=true")
    several = int(os.environ.get("WORLD_SIZE", "1")) > 1
    on_cpu = not torch.cuda.is_available() if device is None else torch.device(device).type == "cpu"
    accelerator = Accelerator(mixed_precision="no", cpu=several and on_cpu)
    if several:
        _leave_in_order()
    return accelerator


@cache
def _leave_in_order() -> None:
    """At exit the connections are closed before the interpreter is taken apart: else gloo's threads may abort it."""
    atexit.register(lambda: distributed.is_initialized() and distributed.destroy_process_group())


def shard_frozen(module: nn.Module, *, num_processes: int, device: torch.device) -> None:
    """Leave each process its part of the frozen weights; a block is whole only while it is computed.

    From then on every evaluation is an act of all processes together. Blocks are what diffusers never splits.
    """
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    mesh = init_device_mesh(device.type, (num_processes,))
    trained = {parameter for parameter in module.parameters() if parameter.requires_grad}
    whole = set(getattr(module, "_no_split_modules", None) or ())
    for part in [*(part for part in module.modules() if type(part).__name__ in whole), module]:
        # resharded at once, or a process that has read its state gathers when the others do not
        fully_shard(part, mesh=mesh, reshard_after_forward=True, ignored_params=trained)


@contextmanager
def threads(number: int | None) -> Iterator[None]:
    """Inside, torch computes with so many threads of the CPU; None leaves them as they are."""
    before = torch.get_num_threads()
    torch.set_num_threads(number or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
