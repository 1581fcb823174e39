"""The run's `log.jsonl`: one line of mean figures every few steps."""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cyclorama.media.atomic import write_text


class Log:
    """Collects the figures of steps, on whatever device they are, and writes their means."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.means: dict[str, float] = {}
        self._figures: dict[str, list[Tensor]] = {}
        self._num_steps, self._since = 0, time.monotonic()

    def add(self, figures: dict[str, Any]) -> None:
        for key, value in figures.items():
            self._figures.setdefault(key, []).append(torch.as_tensor(value).detach().float().mean())

    def end_step(self) -> None:
        self._num_steps += 1

    def is_empty(self) -> bool:
        return self._num_steps == 0

    def flush(
        self, step: int, *, batch_size: int, lr: float, write: bool, gather: Callable[[list], list] = list
    ) -> None:
        """Append the means since the last line. `ValueError`, and no line, when loss or gradient are not finite.

        `gather` makes the list of all processes out of those of one; the means are over all.
        """
        totals = {
            key: (float(torch.stack(values).double().sum()), len(values)) for key, values in self._figures.items()
        }
        self.means = _means(gather([totals]))
        for key in ("loss", "grad_norm"):
            if not math.isfinite(self.means.get(key, 0.0)):
                raise ValueError(f"{key} is not finite by step {step}; resume with a lower lr or a longer warmup")
        rate = self._num_steps * batch_size / max(time.monotonic() - self._since, 1e-9)
        line = {"step": step} | {k: float(f"{v:.6g}") for k, v in self.means.items()}
        line |= {"lr": float(f"{lr:.6g}"), "samples_per_second": float(f"{rate:.4g}")}
        if write:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        self._figures, self._num_steps, self._since = {}, 0, time.monotonic()

    def truncate(self, step: int) -> None:
        """Drop the lines after `step`: what a killed run did after its last checkpoint is done again."""
        if self.path.exists():
            lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
            write_text("".join(line for line in lines if _is_until(line, step)), self.path)


def _means(parts: list[dict[str, tuple[float, int]]]) -> dict[str, float]:
    """Sums and counts of several processes to means."""
    names = sorted({name for part in parts for name in part})
    found = {name: [part[name] for part in parts if name in part] for name in names}
    return {name: sum(total for total, _ in rows) / sum(count for _, count in rows) for name, rows in found.items()}


def _is_until(line: str, step: int) -> bool:
    try:
        return json.loads(line)["step"] <= step
    except (ValueError, KeyError):
        return False
