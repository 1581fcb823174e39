"""Exponential moving average of the trained parameters, in float32 whatever their own dtype."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class EMA:
    """`shadow <- shadow + (1 - d) (parameter - shadow)`, with `d = min(decay, (1 + n) / (10 + n))` at update n.

    The growing decay lets a short run forget its initial weights (Adam-style warm-up of TensorFlow's
    `ExponentialMovingAverage(num_updates)`). Only parameters that require a gradient have a shadow.
    """

    def __init__(self, modules: dict[str, nn.Module], *, decay: float) -> None:
        self.decay = decay
        self.parameters = {
            f"{name}.{key}": parameter
            for name, module in modules.items()
            for key, parameter in module.named_parameters()
            if parameter.requires_grad
        }
        self.shadow = {key: parameter.detach().float().clone() for key, parameter in self.parameters.items()}

    @torch.no_grad()
    def update(self, num_updates: int) -> None:
        """Move the shadow towards the parameters; `num_updates` counts the updates made before this one."""
        decay = min(self.decay, (1 + num_updates) / (10 + num_updates))
        current = [parameter.detach().float() for parameter in self.parameters.values()]
        torch._foreach_lerp_(list(self.shadow.values()), current, 1.0 - decay)  # pyright: ignore[reportPrivateImportUsage]

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The modules carry the averaged weights inside; the trained weights are back, bit for bit, after it."""
        trained = {key: parameter.detach().clone() for key, parameter in self.parameters.items()}
        self._write(self.shadow)
        try:
            yield
        finally:
            self._write(trained)

    @torch.no_grad()
    def _write(self, values: dict[str, Tensor]) -> None:
        for key, parameter in self.parameters.items():
            parameter.copy_(values[key])

    def load(self, shadow: dict[str, Tensor]) -> None:
        """Continue from a saved `shadow`; `ValueError` when it belongs to other parameters."""
        if shadow.keys() != self.shadow.keys():
            odd = sorted(shadow.keys() ^ self.shadow.keys())[0]
            raise ValueError(
                f"the EMA of the checkpoint has other parameters than the modules ({odd}); start a new run"
            )
        for key, value in shadow.items():
            self.shadow[key].copy_(value)
