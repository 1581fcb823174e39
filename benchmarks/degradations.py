"""Does each metric find the fault that it is made for? Folders of renders, each spoilt in one way, are evaluated.

    python benchmarks/degradations.py             # 2 x 200 renders of 256x512 (8 minutes, once), then the evaluations
    python benchmarks/degradations.py --num 12    # a rehearsal, kept out of results/

A folder of renders is compared with renders of other scenes: as it is ("clean"), with a step at the seam, with blurred
poles, with its colours shifted. Every evaluation is the command line's, offline, with the default protocol.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from provenance import WORK, write_result
from torch import Tensor

from cyclorama.geometry import Cubemap, Equirect, dirs_to_lonlat, reproject
from cyclorama.geometry.resampling import camera_dirs
from cyclorama.media.images import read_image, write_panorama

HEIGHT = 256
SEEDS = {"real": 3_000_000, "clean": 4_000_000}
MEANT_FOR = {
    "seam": ("DS", "seam_ratio", "relative_end_continuity"),
    "poles": ("pole_sharpness_down", "FD_pole"),
    "colour": ("FD", "FAED_mini"),
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


def ranks_worst(name: str, metric: str, rows: dict[str, dict[str, Any]]) -> bool:
    """Whether the folder of this fault is the worst in a metric, with an interval apart from the clean folder's."""
    badness = {folder: distance_from_good(found[metric]) for folder, found in rows.items()}
    ours, clean = rows[name][metric], rows["clean"][metric]
    apart = ours["low"] > clean["high"] or ours["high"] < clean["low"]
    return apart and max(badness, key=lambda folder: badness[folder]) == name


def distance_from_good(row: dict[str, Any]) -> float:
    if row["direction"] == "real":
        return abs(row["value"] - row["real_value"]["value"])
    return row["value"] if row["direction"] == "lower" else -row["value"]


def table(rows: dict[str, dict[str, Any]]) -> str:
    """Every metric's value of every folder as a Markdown table; the folder that is worst is marked."""
    lines = [f"| | {' | '.join(rows)} |", "|---" * (len(rows) + 1) + "|"]
    for metric in rows["clean"]:
        marks = {name: "**" if name != "clean" and ranks_worst(name, metric, rows) else "" for name in rows}
        cells = [f"{marks[name]}{found[metric]['value']:.4g}{marks[name]}" for name, found in rows.items()]
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
    found = {name: {metric: ranks_worst(name, metric, rows) for metric in MEANT_FOR[name]} for name in DEGRADATIONS}
    print(table(rows))
    print(json.dumps(found, indent=1))
    figures = {
        "seconds": {name: seconds for name, (_, seconds) in results.items()},
        "found": found,
        "values": {name: {metric: row["value"] for metric, row in found.items()} for name, found in rows.items()},
    }
    write_result("degradations", figures, rehearsal=num < 200)


if __name__ == "__main__":
    main()
