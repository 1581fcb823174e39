"""How good is the miniature? Panoramas of 500 prompts against renders of the same scenes, by `cyclorama evaluate`.

    python benchmarks/miniature.py             # 500 prompts at its own size: every place, time and sky, things by name
    python benchmarks/miniature.py --limit 16  # a rehearsal; its figures go to build/benchmarks/rehearsals
    python benchmarks/miniature.py --pictures  # makes the pictures only: several such processes share the work
    python benchmarks/miniature.py --limit 16 --sheet docs/images/miniature.jpg  # the first sixteen, unselected

The renders are the ceiling of the agreement (their captions, judged by the same eyes) and the real set of the
distances; the floor is what two halves of them measure against each other. The report with pictures is left in
build/benchmarks.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import panoramas
import torch
from PIL import Image
from provenance import WORK, write_result

from cyclorama.diorama.datasets import save_sheet
from cyclorama.evaluation import ratio_interval
from cyclorama.evaluation.agreement import agreement, asked_in
from cyclorama.evaluation.networks.eyes import load_eyes_panorama
from cyclorama.evaluation.run.results import Report, read_report
from cyclorama.evaluation.sharpness import gradient_energy

HEADS = ("place", "time", "sky")
AGREEMENT = ("agreement_place", "agreement_time", "agreement_sky", "agreement_objects")
DISTANCES = ("FD", "FD_pole", "FD_equ", "OmniFD", "FAED_mini")
FACTS = ("DS", "seam_ratio", "seam_rank", "sharpness", "pole_sharpness_up", "pole_sharpness_down", "NIQE")
THUMBNAIL, COLUMNS = (512, 256), 4


def evaluate(generated: Path, rendered: Path) -> Report:
    """The default protocol's report, as the command line writes it."""
    folder = WORK / f"report-{generated.name}"
    command = [sys.executable, "-m", "cyclorama", "evaluate", "--real", rendered, "--fake", generated, "-o", folder]
    subprocess.run([*map(str, command)], check=True)
    return read_report(folder)


def per_label(generated: Path, num: int) -> dict[str, dict[str, float]]:
    """Share of agreeing pictures for each label of each head: which words the model does not follow."""
    scenes, labels = panoramas.scenes(num), load_eyes_panorama().labels
    asked = [asked_in(text) for text in panoramas.captions(num)]
    hits: dict[str, list[float]] = {head: [] for head in HEADS}
    for k in range(num):
        found = agreement(panoramas.read_one(generated, k)[None], asked[k : k + 1])
        for head in HEADS:
            hits[head] += found[head].tolist()
    shares: dict[str, dict[str, float]] = {}
    for head in HEADS:
        rows = {name: [k for k, scene in enumerate(scenes) if getattr(scene, head) == name] for name in labels[head]}
        shares[head] = {name: sum(hits[head][k] for k in found) / len(found) for name, found in rows.items() if found}
    return shares


def sharpness(generated: Path, rendered: Path, num: int) -> dict[str, float]:
    """Mean gradient energy of the miniature's pictures over that of the renders, with an interval."""
    energies = [
        torch.cat([gradient_energy(panoramas.read_one(folder, k)[None]) for k in range(num)])
        for folder in (generated, rendered)
    ]
    return ratio_interval(*energies).to_dict()


def table(report: Report) -> str:
    """The figures as a Markdown table."""
    lines = ["| | miniature | renders: ceiling, floor or own figure |", "|---|---|---|"]
    for row in report.metrics:
        if row.name in (*AGREEMENT, *DISTANCES, *FACTS) and row.value is not None:
            beside = row.floor if row.name in DISTANCES else row.real_value
            lines.append(f"| {row.name} | {_figure(row)} | {_figure(beside) if beside else ''} |")
    return "\n".join(lines)


def _figure(row: Any) -> str:
    ends = "" if row.low is None else f" [{row.low:.3g}, {row.high:.3g}]"
    return "" if row.value is None else f"{row.value:.3g}{ends}"


def sheet(generated: Path, num: int, path: Path) -> None:
    """The pictures with what was asked for below them."""
    shown = []
    for k, (scene, text) in enumerate(zip(panoramas.scenes(num), panoramas.captions(num), strict=True)):
        picture = Image.open(panoramas.picture(generated, k)).resize(THUMBNAIL, Image.Resampling.LANCZOS)
        labels = {"place": scene.place, "time": scene.time, "sky": scene.sky}
        shown.append((picture, labels | {"seed": panoramas.SEED + k, "text": text}))
    save_sheet(path, shown, columns=COLUMNS)


def main() -> None:
    parser = argparse.ArgumentParser(description="The miniature's figures over many prompts.")
    parser.add_argument("--num", type=int, default=500, help="prompts")
    parser.add_argument("--limit", type=int, help="a rehearsal with so many")
    parser.add_argument("--height", type=int, default=panoramas.own_row().native_size[0])
    parser.add_argument("--num-steps", type=int, help="denoising steps; the model's own number by default")
    parser.add_argument("--pictures", action="store_true", help="make pictures, measure nothing")
    parser.add_argument("--sheet", type=Path, help="a JPEG of the pictures, nothing else")
    options = parser.parse_args()
    num = options.limit or options.num
    generated = panoramas.generated(num, height=options.height, num_steps=options.num_steps)
    if options.sheet:
        sheet(generated, num, options.sheet)
        return
    rendered = panoramas.rendered(num, height=options.height)
    if not options.pictures:
        measure(generated, rendered, options)


def measure(generated: Path, rendered: Path, options: argparse.Namespace) -> None:
    """Print every figure and keep them in results/."""
    num, report = options.limit or options.num, evaluate(generated, rendered)
    figures = {
        "num": num,
        "height": options.height,
        "num_steps": options.num_steps or "default",
        "sharpness_ratio": sharpness(generated, rendered, num),
        "metrics": {row.name: _numbers(row) for row in report.metrics if row.value is not None},
        "per_label": per_label(generated, num),
    }
    print(table(report))
    print(json.dumps({name: figures[name] for name in ("sharpness_ratio", "per_label")}, indent=1))
    print(write_result("miniature", figures, rehearsal=options.limit is not None))


def _numbers(row: Any) -> dict[str, Any]:
    beside = {"renders": row.real_value, "floor": row.floor}
    own = {"value": row.value, "low": row.low, "high": row.high}
    return own | {name: {"value": one.value, "low": one.low, "high": one.high} for name, one in beside.items() if one}


if __name__ == "__main__":
    main()
