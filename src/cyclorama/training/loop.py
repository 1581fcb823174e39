"""The one training loop.

What a step does is a pure function of the weights, the optimiser's state and (seed, step): the batch, the noise and
dropout are all drawn from generators seeded by them. A run that is killed at any moment and resumed from its last
checkpoint therefore ends in the same weights, bit for bit, as one left alone (on CPU with an equal thread count; on
a GPU as far as its kernels are deterministic).

A batch is cut into `num_processes * accumulation` pieces along its first axis; piece i has its own seed, so two
processes compute what one process computes in two accumulated pieces.
"""

import json
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from accelerate.utils import broadcast, gather_object
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from torch import Tensor, nn

from cyclorama.media.atomic import write_text
from cyclorama.training.batches import batch_length, batch_reader, move_batch, slice_batch, step_seed
from cyclorama.training.checkpoints import (
    Checkpoint,
    clear_partial,
    latest_checkpoint,
    load_checkpoint,
    load_trained_state,
    save_checkpoint,
    trained_state,
)
from cyclorama.training.ema import EMA
from cyclorama.training.log import Log
from cyclorama.training.optimizers import make_optimizer
from cyclorama.training.precision import autocast
from cyclorama.training.processes import make_accelerator, shard_frozen, threads
from cyclorama.training.settings import LoopSettings, learning_rate
from cyclorama.training.sheets import write_sheet
from cyclorama.training.task import Task

__all__ = ["LoopSettings", "Task", "TrainedRun", "learning_rate", "train"]


@dataclass(frozen=True)
class TrainedRun:
    """Where a call of `train` stopped."""

    run_dir: Path
    step: int
    finished: bool
    metrics: dict[str, float]


def train(
    task: Task,
    run_dir: Path,
    settings: LoopSettings,
    *,
    resume: Literal["latest"] | None = "latest",
    device: str | torch.device | None = None,
    max_minutes: float | None = None,
    progress: bool = True,
) -> TrainedRun:
    """Train `task` for `settings.num_steps` updates in all, writing everything under `run_dir`.

    `resume="latest"` continues from the newest whole checkpoint, if there is one; `num_steps` may differ from before.
    `max_minutes` stops early, with a checkpoint, and changes nothing else. Files: `log.jsonl`, `settings.json`,
    `samples/step-*.png`, `checkpoint-*/`, and what `task.export` writes once all steps are done.
    """
    with threads(settings.num_threads):
        run = _Run(task, run_dir, settings, device=device)
        start = run.begin(resume)
        deadline = math.inf if max_minutes is None else time.monotonic() + 60 * max_minutes
        step = start
        reader = batch_reader(task.batch, seed=settings.seed, num_steps=settings.num_steps, prefetch=settings.prefetch)
        with run.bar(progress) as bar, reader as read:
            bar_task = bar.add_task("train", total=settings.num_steps, completed=start, loss="")
            while step < settings.num_steps and not run.is_late(deadline):
                run.update(step, read(step))
                step += 1
                last = step == settings.num_steps
                sampled = last or step % settings.sample_every == 0
                if sampled:
                    run.write_sample(step)
                if sampled or step % settings.log_every == 0:
                    run.write_log(step)
                    bar.update(bar_task, completed=step, loss=f"loss {run.log.means['loss']:.4f}")
                if last or step % settings.checkpoint_every == 0:
                    run.save(step)
        return run.finish(step)


class _Run:
    """The state of one call of `train`."""

    def __init__(self, task: Task, run_dir: Path, settings: LoopSettings, *, device: str | torch.device | None) -> None:
        self.accelerator = make_accelerator(device)
        self.device = torch.device(device) if device is not None else self.accelerator.device
        self.task, self.run_dir, self.settings = task, run_dir, settings
        pieces = self.accelerator.num_processes * settings.accumulation
        if settings.num_steps < 1:
            raise ValueError("num_steps is 0; give the number of steps to train in all")
        if settings.batch_size % pieces:
            raise ValueError(
                f"batch_size is {settings.batch_size}; make it a multiple of {pieces} (processes x accumulation)"
            )
        self.sharded = settings.shard and self.accelerator.num_processes > 1
        for module in task.modules.values():
            module.to(self.device)
            if self.sharded:
                shard_frozen(module, num_processes=self.accelerator.num_processes, device=self.device)
        self.groups = task.parameter_groups()
        self.parameters = [p for group in self.groups for p in group["params"]]
        self.optimizer = make_optimizer(self.groups, settings)
        self.log = Log(run_dir / "log.jsonl")

    def begin(self, resume: str | None) -> int:
        """Prepare the folder, load the last checkpoint, and give the step to start from."""
        latest = latest_checkpoint(self.run_dir)
        if latest is not None and resume is None:
            raise ValueError(
                f"{self.run_dir} holds {latest.name}; continue it with resume='latest' or give a new folder"
            )
        self.ema = None
        if latest is None:
            self._equalise_processes()
        checkpoint = load_checkpoint(latest) if latest is not None else None
        if checkpoint is not None:
            load_trained_state(self.task.modules, checkpoint.modules)
        if self.settings.ema_decay is not None:
            self.ema = EMA(self.task.modules, decay=self.settings.ema_decay)
        if checkpoint is not None:
            self._restore(checkpoint)
        if self.accelerator.is_main_process:
            self._prepare_folder(checkpoint.step if checkpoint else 0)
        self.accelerator.wait_for_everyone()
        return checkpoint.step if checkpoint else 0

    def _restore(self, checkpoint: Checkpoint) -> None:
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": checkpoint.optimizer["state"], "param_groups": groups})
        if self.ema is not None and checkpoint.ema is not None:
            self.ema.load(checkpoint.ema)

    def _equalise_processes(self) -> None:
        if self.accelerator.num_processes > 1:
            for parameter in self.parameters:
                parameter.data = broadcast(parameter.data)

    def _prepare_folder(self, step: int) -> None:
        self.run_dir.mkdir(parents=True, exist_ok=True)
        clear_partial(self.run_dir)
        write_text(json.dumps(asdict(self.settings), indent=1) + "\n", self.run_dir / "settings.json")
        self.log.truncate(step)

    def bar(self, visible: bool) -> Progress:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        show = visible and self.accelerator.is_main_process
        return Progress(
            *columns,
            TimeRemainingColumn(),
            TextColumn("{task.fields[loss]}"),
            console=Console(stderr=True),
            disable=not show,
        )

    def is_late(self, deadline: float) -> bool:
        """Whether any process is past the deadline (all must agree, or the others wait for ever)."""
        late = time.monotonic() > deadline
        if deadline == math.inf or self.accelerator.num_processes == 1:
            return late
        flag = torch.tensor(float(late), device=self.device)
        return bool(self.accelerator.reduce(flag, reduction="sum") > 0)  # pyright: ignore[reportOperatorIssue]

    def update(self, step: int, batch: Any) -> None:
        """One optimiser step."""
        settings = self.settings
        rate = learning_rate(settings, step)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group.get("lr_scale", 1.0)
        first = self.accelerator.process_index * settings.accumulation
        for piece in range(first, first + settings.accumulation):
            self._accumulate(step, piece, batch)
        self._reduce_gradients()
        self.log.add({"grad_norm": nn.utils.clip_grad_norm_(self.parameters, settings.grad_clip)})
        self.log.end_step()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        if self.ema is not None:
            self.ema.update(step)

    def _accumulate(self, step: int, piece: int, batch: Any) -> None:
        pieces = self.accelerator.num_processes * self.settings.accumulation
        size = self.settings.batch_size // pieces
        assert batch_length(batch) == size * pieces, (
            f"task.batch gave {batch_length(batch)} samples, not {size * pieces}"
        )
        part = move_batch(slice_batch(batch, piece * size, (piece + 1) * size), self.device)
        seed = step_seed(self.settings.seed, step, 1 + piece)
        torch.manual_seed(seed)
        generator = torch.Generator(self.device).manual_seed(seed)
        with autocast(self.device, self.settings.precision):
            loss, scalars = self.task.loss(part, generator)
        (loss / self.settings.accumulation).backward()
        self.log.add({"loss": loss, **scalars})

    def _reduce_gradients(self) -> None:
        """Mean of the gradients over the processes, in one message."""
        if self.accelerator.num_processes == 1:
            return
        gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in self.parameters]
        flat = self.accelerator.reduce(torch.cat([g.flatten() for g in gradients]), reduction="mean")
        assert isinstance(flat, Tensor)
        for parameter, gradient in zip(self.parameters, flat.split([p.numel() for p in self.parameters]), strict=True):
            parameter.grad = gradient.view_as(parameter)

    def write_log(self, step: int) -> None:
        settings, write = self.settings, self.accelerator.is_main_process
        gather = gather_object if self.accelerator.num_processes > 1 else list
        rate = learning_rate(settings, step - 1)
        self.log.flush(step, batch_size=settings.batch_size, lr=rate, write=write, gather=gather)

    def averaged(self) -> Any:
        return self.ema.applied() if self.ema is not None else nullcontext()

    def write_sample(self, step: int) -> None:
        if not (self.accelerator.is_main_process or self.sharded):
            return
        with self.averaged(), _in_eval_mode(self.task.modules), torch.no_grad():
            images = self.task.sample(self.task.modules)
        if images is not None and self.accelerator.is_main_process:
            write_sheet(images, self.run_dir / "samples" / f"step-{step:07d}.png")
            self.log.add(self.task.sample_figures(images))

    def save(self, step: int) -> None:
        if not self.log.is_empty():
            self.write_log(step)
        if self.accelerator.is_main_process:
            ema = {k: v.cpu() for k, v in self.ema.shadow.items()} if self.ema is not None else None
            state = trained_state(self.task.modules)
            settings = asdict(self.settings)
            save_checkpoint(self.run_dir, Checkpoint(step, state, self.optimizer.state_dict(), ema, settings))
        self.accelerator.wait_for_everyone()

    def finish(self, step: int) -> TrainedRun:
        finished = step >= self.settings.num_steps
        if not finished:
            self.save(step)
        elif self.accelerator.is_main_process:
            with self.averaged(), _in_eval_mode(self.task.modules), torch.no_grad():
                self.task.export(self.run_dir)
        self.accelerator.wait_for_everyone()
        return TrainedRun(self.run_dir, step, finished, self.log.means)


@contextmanager
def _in_eval_mode(modules: dict[str, nn.Module]) -> Iterator[None]:
    """No dropout inside; each submodule's own mode is back after it."""
    parts = [part for module in modules.values() for part in module.modules()]
    modes = [part.training for part in parts]
    for module in modules.values():
        module.eval()
    try:
        yield
    finally:
        for part, mode in zip(parts, modes, strict=True):
            part.training = mode
