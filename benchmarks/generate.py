"""Seconds and memory for one panorama on the CPU, split into the parts of the work, each size in processes of its own.

    python benchmarks/generate.py             # 256x512 and 512x1024, three runs each, the median counts
    python benchmarks/generate.py --limit 1   # a rehearsal: one run at 256x512, kept out of results/

Start-up runs from the start of the process to the end of the imports. `command` is `cyclorama generate` from process
start to exit.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

PROMPT = "a snowy mountain valley at sunset"
PARTS = ("start_up", "model_load", "text", "denoising", "decoding", "writing")


class TimedModel:
    """A model whose text encoding and decoding are timed; everything else is the model's own."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.seconds = {"text": 0.0, "decoding": 0.0}
        self.encode_text = self._timed("text", model.encode_text)
        self.decode_latents = self._timed("decoding", model.decode_latents)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def _timed(self, part: str, function: Callable) -> Callable:
        def timed(*args: Any, **kwargs: Any) -> Any:
            begin = time.perf_counter()
            result = function(*args, **kwargs)
            self.seconds[part] += time.perf_counter() - begin
            return result

        return timed


def run_once(height: int, started: float) -> dict[str, float]:
    """One panorama in this process, which began at the wall-clock time `started`."""
    import cyclorama

    names = [getattr(cyclorama, name) for name in ("load_model", "generate_panoramas", "write_panorama")]
    load_model, generate_panoramas, write_panorama = names
    seconds = {"start_up": time.time() - started}
    marks = [time.perf_counter()]
    model = TimedModel(load_model("miniature"))
    marks.append(time.perf_counter())
    images = generate_panoramas(model, [PROMPT], seeds=[7], height=height)
    marks.append(time.perf_counter())
    with tempfile.TemporaryDirectory() as folder:
        write_panorama(images[0], Path(folder) / "out.jpg", parameters={"prompt": PROMPT, "seed": 7})
        marks.append(time.perf_counter())
    load, generate, write = (end - begin for begin, end in pairwise(marks))
    seconds |= {"model_load": load, **model.seconds, "denoising": generate - sum(model.seconds.values())}
    return seconds | {"writing": write, "total": time.time() - started, "peak_gib": peak_gib()}


def peak_gib() -> float:
    """Largest resident memory of this process so far."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 2**20
    unit = 2**30 if sys.platform == "darwin" else 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def in_a_process(height: int) -> dict[str, float]:
    """`run_once` in a fresh interpreter."""
    command = [sys.executable, __file__, "--child", str(height), "--started", repr(time.time())]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])


def command_seconds(height: int) -> float:
    """`cyclorama generate` from process start to exit, the file written."""
    script = Path(sys.executable).with_name("cyclorama")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.jpg"
        command = [str(script), "generate", PROMPT, "-o", str(out), "--seed", "7", "--height", str(height)]
        begin = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds = time.perf_counter() - begin
        assert out.stat().st_size > 0
    return seconds


def measure(height: int, *, num_runs: int) -> dict[str, Any]:
    """Medians over `num_runs` processes, all runs beside them."""
    runs = []
    for k in range(num_runs):
        print(f"\r{height}x{2 * height}: run {k + 1} of {num_runs}", end="", file=sys.stderr, flush=True)
        runs.append(in_a_process(height) | {"command": command_seconds(height)})
    print(file=sys.stderr)
    return {"median": {name: median(run[name] for run in runs) for name in runs[0]}, "runs": runs}


def table(sizes: dict[str, dict[str, Any]]) -> str:
    """Markdown, one line for each size, seconds."""
    names = [*PARTS, "total", "command", "peak_gib"]
    lines = ["| size | " + " | ".join(name.replace("_", " ") for name in names) + " |", "|---" * (len(names) + 1) + "|"]
    for size, figures in sizes.items():
        lines.append(f"| {size} | " + " | ".join(f"{figures['median'][name]:.2f}" for name in names) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Seconds and memory for one panorama on the CPU.")
    parser.add_argument("--heights", type=int, nargs="+", default=[256, 512])
    parser.add_argument("--num-runs", type=int, default=3)
    parser.add_argument("--limit", type=int, help="a rehearsal with so many runs of the first height")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--started", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if options.child:
        print(json.dumps(run_once(options.child, options.started)))
        return
    heights = options.heights[:1] if options.limit else options.heights
    sizes = {f"{h}x{2 * h}": measure(h, num_runs=options.limit or options.num_runs) for h in heights}
    print(table(sizes))

    from provenance import write_result

    print(write_result("generate", {"prompt": PROMPT, "sizes": sizes}, rehearsal=options.limit is not None))


if __name__ == "__main__":
    main()
