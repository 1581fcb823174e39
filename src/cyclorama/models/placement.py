"""Where a pipeline's weights live: on one device, or in main memory until they are needed."""

from typing import Any

import torch

OFFLOADS = ("model", "group")


def check_offload(offload: str | None, device: torch.device) -> None:
    """`ValueError` unless this offload exists and the device is a GPU that it can move weights to."""
    if offload not in (None, *OFFLOADS):
        raise ValueError(f"got offload {offload!r}; wanted {' or '.join(OFFLOADS)}")
    if offload and device.type == "cpu":
        raise ValueError(f"got offload {offload!r} on the CPU; offloading wants a GPU: leave it out")


def place(pipe: Any, device: torch.device, offload: str | None, *, dtype: torch.dtype) -> None:
    """Move the pipeline to the device, or set up its offloading to it.

    An auto-encoder whose activations overflow in float16 (`force_upcast`) is kept in float32.
    """
    if dtype == torch.float16 and pipe.vae.config.get("force_upcast"):
        pipe.vae.to(torch.float32)
    if offload == "model":
        pipe.enable_model_cpu_offload(device=device)
    elif offload == "group":
        pipe.enable_group_offload(onload_device=device, offload_type="leaf_level", use_stream=True)
    else:
        pipe.to(device)
