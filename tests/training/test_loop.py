"""The loop: killed and resumed runs equal undisturbed ones; pieces do not change the gradient."""

import json
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from cyclorama.training.checkpoints import latest_checkpoint, list_checkpoints
from cyclorama.training.loop import LoopSettings, Task, learning_rate, train


class Regression(Task):
    """A two-layer network with dropout learns a fixed linear map from noise."""

    def __init__(self, pause: float = 0.0) -> None:
        torch.manual_seed(0)
        self.modules = {"net": nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.1), nn.BatchNorm1d(8), nn.Linear(8, 2))}
        self.target = torch.linspace(-1, 1, 8).view(4, 2)
        self.pause = pause
        self.exported = False

    def batch(self, step, generator):
        time.sleep(self.pause)
        return {"x": torch.randn(8, 4, generator=generator), "names": [str(step)] * 8}

    def loss(self, batch, generator):
        x = batch["x"] + 0.1 * torch.randn(batch["x"].shape, generator=generator)
        error = self.modules["net"](x).float() - batch["x"] @ self.target
        return error.square().mean(), {"absolute": error.abs().mean(), "count": len(batch["names"])}

    def sample(self, modules):
        return modules["net"](torch.ones(2, 4)).sigmoid().mean() * torch.ones(3, 3, 4, 8)

    def export(self, run_dir):
        self.exported = True
        torch.save(self.modules["net"].state_dict(), run_dir / "net.pt")


SETTINGS = LoopSettings(
    num_steps=12, batch_size=8, lr=0.01, warmup=3, decay_fraction=0.3, ema_decay=0.9, checkpoint_every=4,
    sample_every=6, log_every=2,
)  # fmt: skip


def run(folder: Path, task: Task | None = None, settings: LoopSettings = SETTINGS, **options):
    return train(task or Regression(), folder, settings, device="cpu", progress=False, **options)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    last = latest_checkpoint(folder)
    assert last is not None
    modules, ema = load_file(last / "modules.safetensors"), load_file(last / "ema.safetensors")
    return modules | {f"ema.{key}": value for key, value in ema.items()}


def assert_equal(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> None:
    assert a.keys() == b.keys()
    for key in a:
        assert torch.equal(a[key], b[key]), key


def test_a_run_learns_and_writes_its_files(tmp_path):
    task = Regression()
    result = run(tmp_path, task)
    assert result.finished
    assert result.step == 12
    assert task.exported
    assert [path.name for path in list_checkpoints(tmp_path)] == ["checkpoint-0000008", "checkpoint-0000012"]
    assert sorted(path.name for path in (tmp_path / "samples").iterdir()) == ["step-0000006.png", "step-0000012.png"]
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [2, 4, 6, 8, 10, 12]
    assert lines[-1]["loss"] < lines[0]["loss"]
    assert {"absolute", "grad_norm", "lr", "samples_per_second", "count"} <= lines[0].keys()


def test_the_number_of_threads_is_the_runs_own(tmp_path):
    before = torch.get_num_threads()
    seen = []

    class Watching(Regression):
        def loss(self, batch, generator):
            seen.append(torch.get_num_threads())
            return super().loss(batch, generator)

    run(tmp_path, Watching(), replace(SETTINGS, num_threads=before + 1))
    assert set(seen) == {before + 1}
    assert torch.get_num_threads() == before


def test_stopping_and_resuming_equals_an_undisturbed_run(tmp_path):
    run(tmp_path / "whole")
    stopped = run(tmp_path / "parts", max_minutes=0.0)
    assert not stopped.finished
    for _ in range(400):
        if run(tmp_path / "parts", Regression(pause=0.01), max_minutes=0.03 / 60).finished:
            break
    assert_equal(weights(tmp_path / "whole"), weights(tmp_path / "parts"))
    steps = [json.loads(line)["step"] for line in (tmp_path / "parts" / "log.jsonl").read_text().splitlines()]
    assert steps == sorted(set(steps))


SCRIPT = """
    import sys, time
    from pathlib import Path
    sys.path.insert(0, {tests!r})
    import test_loop
    from cyclorama.training import checkpoints
    flush = checkpoints._flush
    checkpoints._flush = lambda path: (time.sleep(0.03), flush(path))
    test_loop.run(Path(sys.argv[1]), test_loop.Regression(pause=0.02))
"""


@pytest.mark.parametrize("moment", ["log.jsonl", ".partial-*", "checkpoint-*"])
def test_a_killed_run_resumes_to_the_same_weights(tmp_path, moment):
    """SIGKILL after some steps, in the middle of writing a checkpoint, right after one."""
    run(tmp_path / "whole")
    script = textwrap.dedent(SCRIPT.format(tests=str(Path(__file__).parent)))
    process = subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "killed")], stderr=subprocess.DEVNULL)
    wait_for(tmp_path / "killed", moment, process)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    run(tmp_path / "killed")
    assert_equal(weights(tmp_path / "whole"), weights(tmp_path / "killed"))


def wait_for(folder: Path, pattern: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline and not list(folder.glob(pattern)):
        time.sleep(0.002)


def test_half_written_checkpoints_are_ignored(tmp_path):
    run(tmp_path / "whole")
    run(tmp_path / "broken")
    last = latest_checkpoint(tmp_path / "broken")
    assert last is not None
    (last / "modules.safetensors").write_bytes((last / "modules.safetensors").read_bytes()[:-10])
    (tmp_path / "broken" / ".partial-checkpoint-0000099").mkdir()
    run(tmp_path / "broken")
    assert_equal(weights(tmp_path / "whole"), weights(tmp_path / "broken"))
    assert not list((tmp_path / "broken").glob(".partial-*"))


def test_accumulated_pieces_draw_the_same_batch_and_prefetch_changes_nothing(tmp_path):
    run(tmp_path / "a", settings=SETTINGS)
    run(tmp_path / "b", settings=replace(SETTINGS, prefetch=True))
    assert_equal(weights(tmp_path / "a"), weights(tmp_path / "b"))
    result = run(tmp_path / "c", settings=replace(SETTINGS, accumulation=2, precision="bf16"))
    assert result.finished
    assert result.metrics["count"] == 4


def test_schedule_rises_stays_and_falls():
    settings = LoopSettings(num_steps=100, lr=1.0, warmup=10, decay_fraction=0.5)
    rates = [learning_rate(settings, step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9:51] == [1.0] * 42
    assert rates[75] == pytest.approx(0.5)
    assert 0 < rates[99] < 0.03


def test_a_used_folder_is_not_overwritten(tmp_path):
    run(tmp_path)
    with pytest.raises(ValueError, match="resume='latest' or give a new folder"):
        run(tmp_path, resume=None)


def test_a_batch_that_does_not_divide_is_refused(tmp_path):
    with pytest.raises(ValueError, match="make it a multiple of 3"):
        run(tmp_path, settings=LoopSettings(num_steps=1, batch_size=8, accumulation=3))


def test_a_loss_that_is_not_finite_stops_before_a_checkpoint(tmp_path):
    class Broken(Regression):
        def loss(self, batch, generator):
            loss, scalars = super().loss(batch, generator)
            return loss * float("nan"), scalars

    with pytest.raises(ValueError, match="not finite by step 2"):
        run(tmp_path, Broken())
    assert latest_checkpoint(tmp_path) is None


PROCESSES = """
    import sys
    from dataclasses import replace
    from pathlib import Path
    from torch import nn
    sys.path.insert(0, {tests!r})
    import test_loop

    task = test_loop.Regression()
    task.modules = {{"net": nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.1), nn.Linear(8, 2))}}
    test_loop.run(Path(sys.argv[1]), task, replace(test_loop.SETTINGS, accumulation=int(sys.argv[2])))
"""


@pytest.mark.slow
def test_two_processes_compute_what_one_does_in_two_pieces(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(PROCESSES.format(tests=str(Path(__file__).parent))))
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    subprocess.run([sys.executable, script, tmp_path / "one", "2"], check=True, capture_output=True)
    subprocess.run([*launch, script, tmp_path / "two", "1"], check=True, capture_output=True)
    one, two = weights(tmp_path / "one"), weights(tmp_path / "two")
    for key in one:
        torch.testing.assert_close(one[key], two[key])
