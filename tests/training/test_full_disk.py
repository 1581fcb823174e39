"""A disk that is full, for the operating system's own reasons: no earlier checkpoint is lost, and the run goes on."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from cyclorama.training.checkpoints import Checkpoint, list_checkpoints, load_checkpoint, save_checkpoint


@contextmanager
def at_most(num_bytes: int) -> Iterator[None]:
    """No file grows beyond `num_bytes`: writing more fails as on a full disk (EFBIG instead of ENOSPC)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def checkpoint(step: int, size: int = 50_000) -> Checkpoint:
    weights = {"net.w": torch.full((size,), float(step))}
    optimizer = {"state": {0: {"exp_avg": torch.ones(size)}}, "param_groups": []}
    return Checkpoint(step, weights, optimizer, weights, {"lr": 1.0})


def files(run: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("model", "optimizer"), [(50_000, 50_000), (100, 50_000)])
def test_a_full_disk_loses_no_earlier_checkpoint(tmp_path, model, optimizer):
    """The weights do not fit, or only the optimiser's state does not."""
    for step in (1, 2):
        save_checkpoint(tmp_path, checkpoint(step))
    before = files(tmp_path)
    third = checkpoint(3, model)
    third.optimizer["state"][0]["exp_avg"] = torch.ones(optimizer)
    with (
        at_most(20_000),
        pytest.raises(ValueError, match=r"cannot write .*checkpoint-0000003 .*free some space") as told,
    ):
        save_checkpoint(tmp_path, third)
    assert "\n" not in str(told.value)
    assert files(tmp_path) == before
    save_checkpoint(tmp_path, third)
    assert [load_checkpoint(path).step for path in list_checkpoints(tmp_path)] == [2, 3]
