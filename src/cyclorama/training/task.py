"""What the loop asks of the thing that is trained."""

from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn


@runtime_checkable
class Task(Protocol):
    """What is trained. Subclass it: `sample` and `export` may be left out."""

    modules: dict[str, nn.Module]
    """The modules that hold trained parameters; those that require a gradient are trained, averaged and saved."""

    def parameter_groups(self) -> list[dict[str, Any]]:
        """AdamW groups `{"params": [...]}`; each may set `weight_decay` and `lr_scale` (times the schedule)."""
        parameters = [p for module in self.modules.values() for p in module.parameters() if p.requires_grad]
        return [{"params": parameters}]

    def batch(self, step: int, generator: torch.Generator) -> Any:
        """The whole batch of one step, from `step` and the CPU `generator` alone.

        A tensor, a list, anything else that `[i:j]` slices along the batch, or a dict or tuple of such.
        """
        ...

    def loss(self, batch: Any, generator: torch.Generator) -> tuple[Tensor, dict[str, Any]]:
        """The scalar loss of a piece of the batch and figures to log; `generator` is on the training device."""
        ...

    def sample(self, modules: dict[str, nn.Module]) -> Tensor | None:
        """Images [B, 3, H, W] in [0, 1] for the sheet; the modules carry the averaged weights meanwhile."""
        return None

    def sample_figures(self, images: Tensor) -> dict[str, float]:
        """Figures of the sampled images, for the log."""
        return {}

    def export(self, run_dir: Path) -> None:
        """Write the finished product; the modules carry the averaged weights meanwhile."""
