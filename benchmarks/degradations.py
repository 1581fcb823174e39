"""Does each metric find the fault that it is made for? Folders of renders, each spoilt in one way, are evaluated.

    python benchmarks/degradations.py             # 2 x 200 renders of 256x512 (8 minutes, once), then the evaluations
    python benchmarks/degradations.py --num 12    # a rehearsal, kept out of results/

A folder of renders is compared with renders of other scenes: as it is ("clean"), with a step at the seam, with blurred
poles, with its colours shifted. Every evaluation is the command line's, offline, with the default protocol.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from provenance import WORK, write_result
from torch import Tensor

from cyclorama.evaluation.run.comparison import compare
from cyclorama.geometry import Cubemap, Equirect, dirs_to_lonlat, reproject
from cyclorama.geometry.resampling import camera_dirs
from cyclorama.media.images import read_image, write_panorama

HEIGHT = 256
SEEDS = {"real": 3_000_000, "clean": 4_000_000}
MEANT_FOR = {
    "seam": ("DS", "seam_ratio", "end_continuity", "seam_rank"),
    "poles": ("pole_sharpness_up", "pole_sharpness_down", "FD_pole"),
    "colour": ("FD_equ", "FAED_mini"),
}


def step_at_seam(image: Tensor) -> Tensor:
    """A slope of brightness around the picture that ends 0.08 higher than it begins."""
    width = image.shape[-1]
    return image + 0.08 * ((torch.arange(width) + 0.5) / width - 0.5)


def blur_poles(image: Tensor) -> Tensor:
    """Beyond 60 degrees of latitude what a cube map of 16 x 16 pixels a face keeps, blended over 10 degrees."""
    panorama = Equirect(*image.shape[-2:])
    coarse = reproject(reproject(image, panorama, Cubemap(16)), Cubemap(16), panorama)
    _, lat = dirs_to_lonlat(camera_dirs(panorama))
    share = ((lat.abs().rad2deg() - 55) / 10).clamp(0, 1)
    return torch.lerp(image, coarse, share)


def shift_colours(image: Tensor) -> Tensor:
    """Eight per cent more red, eight per cent less blue."""
    return image * torch.tensor([1.08, 1.0, 0.92])[:, None, None]


DEGRADATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "seam": step_at_seam,
    "poles": blur_poles,
    "colour": shift_colours,
}


def render(folder: Path, num: int, *, seed: int) -> None:
    """A folder of renders with its metadata, by the command line; nothing when it is there."""
    if folder.exists():
        return
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    run("render", "-o", part, "--num-images", num, "--height", HEIGHT, "--seed", seed)
    part.rename(folder)


def degrade(source: Path, folder: Path, spoil: Callable[[Tensor], Tensor]) -> None:
    """The pictures of `source`, spoilt, with its metadata; nothing when they are there."""
    if folder.exists():
        return
    part = folder.with_name(f"{folder.name}.part")
    part.mkdir(exist_ok=True)
    for path in sorted(source.glob("*.png")):
        write_panorama(spoil(read_image(path)).clamp(0, 1), part / path.name)
    (part / "metadata.jsonl").write_bytes((source / "metadata.jsonl").read_bytes())
    part.rename(folder)


def evaluate(real: Path, fake: Path, report: Path) -> tuple[dict[str, Any], float]:
    """The metrics of a report by their names, and the seconds that the command took."""
    begin = time.monotonic()
    run("evaluate", "--real", real, "--fake", fake, "-o", report, "--cache", report.parent / "cache")
    found = json.loads((report / "report.json").read_text(encoding="utf-8"))
    return {row["name"]: row for row in found["metrics"] if row["status"] == "ok"}, time.monotonic() - begin


def run(*arguments: Any) -> None:
    subprocess.run([sys.executable, "-m", "cyclorama", *map(str, arguments)], check=True)


def is_worse(work: Path, name: str) -> dict[str, bool]:
    """By metric whether the paired comparison of this fault's report with the clean folder's says "worse"."""
    done = compare(work / "report-clean", work / f"report-{name}")
    return {row.name: row.verdict == "worse" for row in done.rows}


def worst(metric: str, rows: dict[str, dict[str, Any]]) -> str:
    """The folder that is the worst in a metric."""
    return max(rows, key=lambda folder: _badness(rows[folder][metric]))


def _badness(row: dict[str, Any]) -> float:
    if row["direction"] == "real":
        return abs(row["value"] - row["real_value"]["value"])
    return row["value"] if row["direction"] == "lower" else -row["value"]


def table(rows: dict[str, dict[str, Any]], worse: dict[str, dict[str, bool]]) -> str:
    """Every metric's value of every folder as Markdown; bold: worse than clean, an arrow: worst."""
    lines = [f"| | real | {' | '.join(rows)} |", "|---" * (len(rows) + 2) + "|"]
    for metric, clean in rows["clean"].items():
        real = clean["real_value"] or clean["floor"]
        cells = [f"{real['value']:.3g}" if real else ""]
        for name, found in rows.items():
            value = f"{found[metric]['value']:.3g}"
            bold = name != "clean" and worse[name][metric]
            cells.append(f"**{value}**{' ←' if worst(metric, rows) == name else ''}" if bold else value)
        lines.append(f"| {metric} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--num", type=int, default=200, help="pictures a folder; fewer are a rehearsal")
    num = parser.parse_args().num
    work = WORK / f"degradations-{num}"
    work.mkdir(parents=True, exist_ok=True)
    for name, seed in SEEDS.items():
        render(work / name, num, seed=seed)
    for name, spoil in DEGRADATIONS.items():
        degrade(work / "clean", work / name, spoil)
    results = {name: evaluate(work / "real", work / name, work / f"report-{name}") for name in ("clean", *DEGRADATIONS)}
    rows = {name: found for name, (found, _) in results.items()}
    worse = {name: is_worse(work, name) for name in DEGRADATIONS}
    meant = {
        name: {metric: {"worse": worse[name][metric], "worst": worst(metric, rows)} for metric in MEANT_FOR[name]}
        for name in DEGRADATIONS
    }
    print(table(rows, worse))
    print(json.dumps(meant, indent=1))
    figures = {
        "pictures": num,
        "seconds": {name: seconds for name, (_, seconds) in results.items()},
        "meant_for": meant,
        "values": {name: {metric: row["value"] for metric, row in found.items()} for name, found in rows.items()},
        "worse_than_clean": {
            name: [metric for metric, is_so in found.items() if is_so] for name, found in worse.items()
        },
    }
    write_result("degradations", figures, rehearsal=num < 200)


if __name__ == "__main__":
    main()
