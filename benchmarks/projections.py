"""Cyclorama and its peers on the operations of a projection library, side by side in one run.

    pip install 'cyclorama[bench]'
    python benchmarks/projections.py            # about 30 minutes on a machine that does nothing else
    python benchmarks/projections.py --quick    # a rehearsal of a few minutes, kept out of results/

In every round each contender has its turn, in a new random order: a pause, one call that does not count, a few that do;
their median is the contender's time in this round. The figure is the median over the rounds of OUR time over THEIRS of
the same round, which a busy machine disturbs little; milliseconds are information. One process for each number of
threads, held to as many cores. Before its turn comes, every contender's picture is compared with the analytic truth
(dB, detailed function): below 20 dB it is another picture than the one that was asked for, and is marked with an !.

The memory floor is a copy that moves as many bytes as the operation must: the pixels of the source that are looked at,
read once, and the result, written once. The first calls and the command on one picture are those of cold.py.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from statistics import median, quantiles
from typing import Any

import numpy as np
from analytic import Array, View, dirs_to_equirect, psnr, value
from contenders import FLOOR, KEPT_MAPS, NAMES, OURS, contenders
from operations import OPERATIONS, VIEW, job, source, target_dirs

DTYPES = ("uint8", "float32")
WRONG_DB = 20


def measure(num_threads: int, operations: list[str], *, rounds: int, seconds: float) -> dict[str, Any]:
    """Every operation's figures for every type of picture, in this process."""
    everyone, figures = contenders(num_threads), {}
    for operation in operations:
        dirs = target_dirs(operation)
        exact = value(dirs, "detailed")
        for dtype in DTYPES:
            print(f"\r{num_threads} threads, {operation}, {dtype}      ", end="", file=sys.stderr, flush=True)
            pixels = source(operation, "detailed", dtype)
            calls, ratings = prepare(everyone, operation, pixels, exact)
            calls[FLOOR] = floor(bytes_moved(operation, pixels, dirs), num_threads)
            times = race(calls, rounds=rounds, seconds=seconds)
            figures[f"{operation} {dtype}"] = summary(times, ratings)
    print(file=sys.stderr)
    return figures


def prepare(
    everyone: list[Any], operation: str, pixels: Array, exact: Array
) -> tuple[dict[str, Callable[[], Any]], dict[str, float]]:
    """The call of every contender that has the operation, and the PSNR in dB of what it makes."""
    calls, ratings = {}, {}
    for contender in everyone:
        done = job(contender, operation, pixels)
        if done is None:
            continue
        calls[contender.name] = _new_cameras(done.call) if operation == "new" else done.call
        result = done.call(VIEW) if operation == "new" else done.call()
        ratings[contender.name] = psnr(done.pixels(result), exact)
    return calls, ratings


def race(calls: dict[str, Callable[[], Any]], *, rounds: int, seconds: float) -> dict[str, dict[int, float]]:
    """Milliseconds of every contender in the rounds that it took part in; slow ones sit rounds out to save time."""
    strides, repeats, times = {}, {}, {name: {} for name in calls}
    for name, call in calls.items():
        one = timed(call)
        repeats[name] = max(1, min(20, int(0.02 / one)))
        strides[name] = max(1, min(rounds // 3, round(rounds * one * (repeats[name] + 1) / seconds)))
    for turn in range(rounds):
        for name in random.Random(turn).sample(list(calls), len(calls)):
            if turn % strides[name] == 0:
                time.sleep(0.01)  # idle threads of the last contender spin for a few milliseconds
                calls[name]()
                times[name][turn] = 1e3 * median(timed(calls[name]) for _ in range(repeats[name]))
    return times


def timed(call: Callable[[], Any]) -> float:
    """Seconds of one call."""
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def summary(times: dict[str, dict[int, float]], ratings: dict[str, float]) -> dict[str, Any]:
    """Milliseconds, PSNR, and our time over theirs with its quartiles, by contender."""
    figures = {}
    times |= {FLOOR: dict.fromkeys(times[FLOOR], min(times[FLOOR].values()))}  # a limit: the fastest copy of all rounds
    for name, rounds in times.items():
        ratios = [times[OURS][turn] / theirs for turn, theirs in rounds.items() if turn in times[OURS]]
        low, _, high = quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
        figures[name] = {
            "ms": median(rounds.values()),
            "ours_over_this": {"median": median(ratios), "low": low, "high": high, "rounds": len(ratios)},
            "psnr_db": ratings.get(name),
        }
    return figures


def bytes_moved(operation: str, pixels: Array, dirs: Array) -> int:
    """Bytes of the source's pixels that bilinear look-ups touch and of the result."""
    result = dirs.size * pixels.itemsize
    if operation in ("e2c", "c2e", "stitch", "rot"):
        return pixels.nbytes + result
    touched, height = 0, pixels.shape[-3]
    groups = [dirs[:1]] * len(dirs) if operation == "video" else [dirs]
    for group in groups[:1]:
        seen = np.zeros((height, 2 * height), bool)
        columns, rows = (np.floor(c).astype(int) for c in dirs_to_equirect(group, height))
        for right, below in ((0, 0), (0, 1), (1, 0), (1, 1)):
            seen[(rows + below).clip(0, height - 1), (columns + right) % (2 * height)] = True
        touched = len(groups) * int(seen.sum()) * pixels.shape[-1] * pixels.itemsize
    return touched + result


def floor(num_bytes: int, num_threads: int) -> Callable[[], Any]:
    """A copy that reads and writes so many bytes in all, on so many threads."""
    import torch

    torch.set_num_threads(num_threads)
    given = torch.ones(num_bytes // 8, dtype=torch.float32)
    result = torch.empty_like(given)
    return lambda: result.copy_(given)


def tables(figures: dict[str, Any], operations: list[str]) -> str:
    """Milliseconds, and our time over theirs, of all contenders for both types; threads are separated by slashes."""
    cells = {
        "ms": lambda row: f"{row['ms']:.3g}" + "!" * bool(row["psnr_db"] and row["psnr_db"] < WRONG_DB),
        "ours / theirs": lambda row: f"{row['ours_over_this']['median']:.2f}",
    }
    blocks = []
    for dtype in DTYPES:
        for title, cell in cells.items():
            lines = [f"| {dtype}, {title}, threads {' / '.join(figures)} | " + " | ".join(operations) + " |"]
            lines.append("|---" * (len(operations) + 1) + "|")
            for name in (*NAMES, FLOOR):
                rows = [[threads[f"{op} {dtype}"].get(name) for threads in figures.values()] for op in operations]
                texts = [" / ".join(map(cell, row)) if all(row) else "-" for row in rows]
                lines.append(f"| {name} | " + " | ".join(texts) + " |")
            blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def verdicts(figures: dict[str, Any]) -> list[str]:
    """Where we are not first, and where we take more than 0.8 of OpenCV with kept maps; empty where all is well."""
    lines = []
    for threads, columns in figures.items():
        for column, rows in columns.items():
            for name, row in rows.items():
                ratio, limit = row["ours_over_this"]["median"], 0.8 if name == KEPT_MAPS else 1.0
                limit = 1.0 if column.startswith(("new", "bicubic")) else limit
                if not name.startswith(OURS) and name != FLOOR and ratio > limit:
                    lines.append(f"{column}, {threads} threads: {ratio:.2f} of {name}, wanted at most {limit}")
    return lines


def _new_cameras(call: Callable[[View], Any]) -> Callable[[], Any]:
    turns = count(1)

    def new() -> Any:
        turn = next(turns)
        return call(View(137.508 * turn % 360, 60 * np.sin(turn), 0.1 * turn))

    return new


def _in_a_process(num_threads: int, options: argparse.Namespace) -> dict[str, Any]:
    environment = os.environ | {name: str(num_threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    command = [sys.executable, __file__, "--child", str(num_threads), "--operations", *options.operations]
    command += ["--rounds", str(options.rounds), "--seconds", str(options.seconds)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def _hold_to_cores(num_threads: int) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:num_threads])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Cyclorama and its peers on the operations of projections.")
    parser.add_argument("--quick", action="store_true", help="a rehearsal: three rounds")
    parser.add_argument("--operations", nargs="+", choices=OPERATIONS, default=list(OPERATIONS))
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each contender and column")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds = 3, 0.2
    return options


def main() -> None:
    options = _options()
    if options.child:
        _hold_to_cores(options.child)
        figures = measure(options.child, options.operations, rounds=options.rounds, seconds=options.seconds)
        print(json.dumps(figures))
        return
    import cold
    from provenance import write_result

    figures = {str(threads): _in_a_process(threads, options) for threads in options.threads}
    first, commands = cold.first_calls(1 if options.quick else 5), cold.commands(3 if options.quick else 15)
    print(tables(figures, options.operations), cold.first_table(first), cold.command_table(commands), sep="\n\n")
    missed = verdicts(figures) + cold.command_verdicts(commands)
    print("\n".join(missed) or "First in every column, and at most 0.8 of OpenCV with kept maps.")
    rehearsal = options.quick or set(options.operations) < set(OPERATIONS)
    facts = {"operations": OPERATIONS, "rounds": options.rounds, "missed": missed, "versions_of_peers": cold.versions()}
    figures = facts | {"threads": figures, "first_calls": first, "commands": commands}
    print(write_result("projections", figures, rehearsal=rehearsal))


if __name__ == "__main__":
    main()
