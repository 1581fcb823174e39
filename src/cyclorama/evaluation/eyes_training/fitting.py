"""The one loop of the small networks' training: seeded draws, one cycle of the learning rate."""

from collections.abc import Callable

import torch
from torch import Tensor

from cyclorama.evaluation.eyes_training.renders import Report


def fit(
    loss_of: Callable[[Tensor], Tensor],
    optimiser: torch.optim.Optimizer,
    *,
    num: int,
    num_epochs: int,
    num_each_epoch: int,
    batch_size: int,
    peak_rate: float,
    warm_up: float,
    generator: torch.Generator,
    report: Report | None = None,
) -> None:
    """Minimise `loss_of` batches of rows, drawn by the generator: `num_each_epoch` of `num` rows an epoch.

    The learning rate rises to `peak_rate` over the share `warm_up` of all steps and falls to nothing. `report` gets
    "loss 1.2345", the epoch and the number of epochs.
    """
    num_steps = num_epochs * -(-num_each_epoch // batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, peak_rate, total_steps=num_steps + 1, pct_start=warm_up)
    for epoch in range(num_epochs):
        losses = []
        for rows in torch.randperm(num, generator=generator)[:num_each_epoch].split(batch_size):
            loss = loss_of(rows)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        if report:
            report(f"loss {sum(losses) / len(losses):.4f}", epoch + 1, num_epochs)
