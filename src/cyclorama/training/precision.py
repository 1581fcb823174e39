"""bfloat16 autocast as training uses it."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from torch.overrides import TorchFunctionMode


@contextmanager
def autocast(device: torch.device, precision: str) -> Iterator[None]:
    """bfloat16 autocast, or nothing for "fp32"; torch's note that RMS norm then runs unfused on the CPU is left out.

    On the CPU attention stays in float32: the backward pass of its bfloat16 kernel takes three times as long.
    """
    enabled = precision == "bf16"
    attention = _FloatAttention() if enabled and device.type == "cpu" else nullcontext()
    with warnings.catch_warnings(), torch.autocast(device.type, torch.bfloat16, enabled=enabled), attention:
        warnings.filterwarnings("ignore", message="Mismatch dtype between input and weight")
        yield


class _FloatAttention(TorchFunctionMode):
    """Within the context `scaled_dot_product_attention` computes in float32 and answers in the dtype of its query."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is not scaled_dot_product_attention:
            return func(*args, **kwargs)
        query = args[0] if args else kwargs["query"]
        with torch.autocast("cpu", enabled=False):
            attended = func(*map(_to_float, args), **{name: _to_float(value) for name, value in kwargs.items()})
        return attended.to(query.dtype)


def _to_float(value: Any) -> Any:
    return value.float() if isinstance(value, Tensor) and value.is_floating_point() else value
