"""What the first call costs, and the command on one picture from process start to exit; projections.py prints both.

python benchmarks/cold.py    # only these two
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from contenders import NAMES, OURS, PACKAGES, contender

OPERATIONS = ("e2p", "e2c", "c2e", "rot", "stitch")
SCRIPT = """
import sys
import numpy as np
import py360convert
from PIL import Image
panorama = np.asarray(Image.open(sys.argv[1]))
Image.fromarray(py360convert.e2p(panorama, 90, 40, 20, (512, 512))).save(sys.argv[2], quality=95)
"""


def first_calls(num_runs: int) -> dict[str, Any]:
    """Medians over processes of the import, and of each operation's first call and the calls after it, uint8."""
    runs: dict[str, list[Any]] = {name: [] for name in NAMES}
    for _ in range(num_runs):
        for name in NAMES:
            command = [sys.executable, __file__, "--child", name]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            runs[name].append(json.loads(done.stdout.splitlines()[-1]))
    return {name: {key: median(run[key] for run in those) for key in those[0]} for name, those in runs.items()}


def run_once(name: str) -> dict[str, float]:
    """Seconds of the import, and milliseconds of every operation's first call, its tables included, and of the next."""
    from operations import job

    begin = time.perf_counter()
    who = contender(name, os.cpu_count() or 1)
    figures = {"import_s": time.perf_counter() - begin}
    for operation in OPERATIONS:
        pixels = np.random.default_rng(0).integers(256, size=_shape(operation), dtype=np.uint8)
        marks = [time.perf_counter()]
        done = job(who, operation, pixels)
        if done is None:
            continue
        for _ in range(4):
            done.call()
            marks.append(time.perf_counter())
        first, *rest = 1e3 * np.diff(marks)
        figures |= {f"{operation} first": float(first), f"{operation} next": float(median(rest))}
    return figures


def first_table(figures: dict[str, Any]) -> str:
    """Import and first calls as Markdown; the calls after the first in brackets."""
    lines = ["| first call in ms (the next) | import, s | " + " | ".join(OPERATIONS) + " |", "|---" * 7 + "|"]
    for name, row in figures.items():
        cells = [
            f"{row[f'{operation} first']:.1f} ({row[f'{operation} next']:.1f})" if f"{operation} first" in row else "-"
            for operation in OPERATIONS
        ]
        lines.append(f"| {name} | {row['import_s']:.2f} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def commands(num_runs: int) -> dict[str, Any]:
    """JPEG panorama 1024x2048 to JPEG view 512x512, process start to exit, in a random order, medians and ratios."""
    seconds: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        panorama, view = Path(folder) / "panorama.jpg", Path(folder) / "view.jpg"
        _write_panorama(panorama)
        contenders = _commands(str(panorama), str(view))
        for turn in range(num_runs + 1):  # the first round fills the page cache
            for name in random.Random(turn).sample(list(contenders), len(contenders)):
                begin = time.perf_counter()
                subprocess.run(contenders[name], check=True, capture_output=True)
                seconds.setdefault(name, []).append(time.perf_counter() - begin)
                view.unlink()
    ours = seconds[OURS][1:]
    return {
        name: {
            "s": median(times[1:]),
            "ours_over_this": median(a / b for a, b in zip(ours, times[1:], strict=True)),
        }
        for name, times in seconds.items()
    }


def command_table(figures: dict[str, Any]) -> str:
    """The commands as Markdown."""
    lines = ["| one picture, cold process | s | ours / theirs |", "|---|---|---|"]
    lines += [f"| {name} | {row['s']:.2f} | {row['ours_over_this']:.2f} |" for name, row in figures.items()]
    return "\n".join(lines)


def command_verdicts(figures: dict[str, Any]) -> list[str]:
    """Where the command is slower than a peer's; empty where it is not."""
    slower = {name: row["ours_over_this"] for name, row in figures.items() if row["ours_over_this"] > 1}
    return [f"one picture, cold process: {ratio:.2f} of {name}, wanted at most 1" for name, ratio in slower.items()]


def versions() -> dict[str, str]:
    """The versions of the peers."""
    return {name: version(name) for name in PACKAGES}


def _commands(panorama: str, view: str) -> dict[str, list[str]]:
    scripts = Path(sys.executable).parent
    to_view = ["--to", "perspective", "--fov-deg", "90", "--yaw-deg", "40", "--pitch-deg", "20"]
    convert360 = ["--height", "512", "--width", "512", "--h-fov", "90", "--v-fov", "90", "--yaw", "40", "--pitch", "20"]
    return {
        OURS: [sys.executable, "-m", "cyclorama", "convert", panorama, view, *to_view, "--size", "512x512"],
        "py360convert, four lines": [sys.executable, "-c", SCRIPT, panorama, view],
        "py360convert, convert360": [str(scripts / "convert360"), "e2p", panorama, view, *convert360],
    }


def _write_panorama(path: Path) -> None:
    from analytic import equirect_dirs, picture
    from PIL import Image

    Image.fromarray(picture(equirect_dirs(1024), "detailed", "uint8")).save(path, quality=95)


def _shape(operation: str) -> tuple[int, ...]:
    return {"c2e": (6, 512, 512, 3), "stitch": (16, 512, 512, 3)}.get(operation, (1024, 2048, 3))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(run_once(sys.argv[2])))
    else:
        print(first_table(first_calls(5)), command_table(commands(15)), sep="\n\n")
