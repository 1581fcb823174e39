"""Where and when a figure was measured, and the JSON file that says so."""

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
WORK = ROOT / "build" / "benchmarks"


def hardware() -> str:
    """Processor, cores, memory and, where there is one, the GPU."""
    gib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    return f"{_processor()}, {os.cpu_count()} cores ({threads} threads used), {gib:.0f} GiB{_gpu()}"


def commit() -> str:
    """The short hash of the checkout, with a + when tracked files differ from it; "unknown" outside a repository."""
    short = _output("git", "rev-parse", "--short", "HEAD")
    return (short + "+" * bool(_output("git", "status", "--porcelain", "-uno"))) if short else "unknown"


def write_result(name: str, figures: dict[str, Any], *, rehearsal: bool = False) -> Path:
    """Figures with date, hardware, commit and versions to results/NAME.json; a rehearsal's go to the build folder."""
    import diffusers
    import torch

    facts = {
        "benchmark": name,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "hardware": hardware(),
        "commit": commit(),
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "diffusers": diffusers.__version__,
        },
    }
    path = (WORK / "rehearsals" if rehearsal else RESULTS) / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(facts | figures, indent=2, ensure_ascii=False) + "\n")
    return part.replace(path)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    names = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return names[0].split(":", 1)[1].strip() if names else platform.processor() or platform.machine()


def _gpu() -> str:
    import torch

    return f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""


def _output(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
