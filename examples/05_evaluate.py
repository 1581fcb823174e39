"""How good are these panoramas? Renders with a step at the seam against renders of other scenes.

    python examples/05_evaluate.py out/evaluation

The same from the command line: cyclorama evaluate --real out/evaluation/real --fake out/evaluation/fake -o report
"""

import sys
from pathlib import Path

import torch

from cyclorama.diorama import render_panorama, sample_scene
from cyclorama.evaluation.run.evaluate import evaluate
from cyclorama.evaluation.run.writing import write_report
from cyclorama.media.images import write_panorama


def main(folder: Path, *, height: int = 128, num: int = 24) -> None:
    slope = 0.1 * (torch.linspace(0, 1, 2 * height) - 0.5)  # brighter at the right end than at the left
    for name, first_seed, spoilt in (("real", 0, 0.0), ("fake", num, 1.0)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for seed in range(first_seed, first_seed + num):
            colours = render_panorama(sample_scene(seed), height).colours
            write_panorama((colours + spoilt * slope).clamp(0, 1), folder / name / f"{seed:03d}.png")

    done = evaluate(folder / "fake", real=folder / "real", cache=folder / "cache")
    write_report(done, folder / "report")
    for row in done.report.metrics:
        if row.value is not None:
            real = f", of the real ones {row.real_value.value:.3g}" if row.real_value and row.real_value.value else ""
            print(f"{row.name}: {row.value:.3g}{real}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/evaluation"))
