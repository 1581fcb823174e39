"""SphereDiff's ablation (AAAI 2026) on the miniature's perspective base, with linear-fusion MultiDiffusion and ours.

    python reproduce/spherediff.py                       # thirteen rows, 64 prompts: a night of two CPU cores
    python reproduce/spherediff.py --num-prompts 16 --num-steps 8
    python reproduce/spherediff.py -o build/trial --num-prompts 8 --num-steps 2 --rows "ours, 14 views"    # a trial

No model was trained on panoramas but the last row's, the packaged LoRA, for comparison. Every row gets the same
prompts, seeds, steps and views of 256 pixels. A stopped command goes on where it was. The table and a sheet with the
same prompts for every row are left in the output folder, and a plot of quality against evaluations of the model.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ablation import Rows
from matplotlib.figure import Figure
from profiles import border_steps, profile_difference, profiles
from torch import Tensor

from cyclorama import load_model
from cyclorama.diffusion.noise import seeded_generators
from cyclorama.evaluation import Interval
from cyclorama.evaluation.run.results import read_report
from cyclorama.methods.adapter_panorama import generate_panoramas
from cyclorama.methods.directional_prompts import prompts_by_height
from cyclorama.methods.sphere_diffusion import draw_yaw_deg, generate_sphere, joint_steps
from cyclorama.methods.sphere_settings import SphereSettings, linear_fusion, spherediff
from cyclorama.methods.view_layouts import LAYOUTS

ADAPTER = "the LoRA"
COLOURS = {"dynamic + weights": "#888888", "least squares": "#30638e", "ours": "#d1495b"}
PLOTTED = {
    "FD": "FD (less is better)",
    "latitudes": "profile by latitude, off the renders'",
    "seam_ratio": "seam ratio (1 is none)",
    "agreement_place": "place as asked",
}
TICKS = [6, 14, 20, 26, 89]


def settings() -> dict[str, SphereSettings | None]:
    """The published ablation, least squares over turned views, ours; None is the adapter."""
    few = ("6", "14", "20", "26")
    return {
        "nearest": replace(spherediff(), fusion="nearest", weighted=False),
        "nearest + weights": replace(spherediff(), fusion="nearest"),
        "dynamic": replace(spherediff(), weighted=False),
        "dynamic + weights": spherediff(),
        **{f"least squares, {name} views": linear_fusion(LAYOUTS[name]) for name in few},
        **{f"ours, {name} views": SphereSettings(LAYOUTS[name]) for name in few},
        ADAPTER: None,
    }


def sampler(row: SphereSettings | None, options: argparse.Namespace) -> Callable[[str, int], Tensor]:
    """What makes a panorama of a prompt and a seed."""
    how = {"height": options.height, "num_steps": options.num_steps}
    if row is None:
        adapted = load_model("miniature", device=options.device)
        return lambda text, seed: generate_panoramas(adapted, [text], seeds=[seed], **how)[0]
    model = load_model("miniature", lora="none", device=options.device)
    how |= {"settings": row, "view_size": options.view_size}
    return lambda text, seed: generate_sphere(model, prompts_by_height(text), seed=seed, **how)


def plotted(rows: Rows, reports: Mapping[str, Path]) -> dict[str, dict[str, Any]]:
    """The figures of the plot, which have intervals, for every row."""
    real = profiles((rows.folder / "real").glob("*.*g"))
    figures = {name: {row.name: row for row in read_report(report).metrics} for name, report in reports.items()}
    differences = {name: profile_difference(profiles(rows.pictures(name).glob("*.png")), real) for name in reports}
    return {name: {**figures[name], "latitudes": differences[name]} for name in reports}


def plot(figures: Mapping[str, Mapping[str, Any]], path: Path) -> None:
    """Figures with their intervals by the views of a step, for the rows that have views."""
    sheet = Figure(figsize=(13, 3), layout="constrained")
    for axes, metric in zip(sheet.subplots(1, len(PLOTTED)), PLOTTED, strict=True):
        for family, colour in COLOURS.items():
            rows = [(row.layout.num_views, figures[name][metric]) for name, row in views_of(family) if name in figures]
            for num_views, found in rows:
                ends = [[found.value - found.low], [found.high - found.value]]
                axes.errorbar(num_views, found.value, ends, fmt="o", c=colour)
            if rows:
                axes.plot([x for x, _ in rows], [found.value for _, found in rows], c=colour, label=family)
        axes.set(title=PLOTTED[metric], xlabel="evaluations a step", xscale="log")
        axes.set_xticks(TICKS, TICKS)
        axes.minorticks_off()
    if sheet.axes[0].get_lines():
        sheet.axes[0].legend(frameon=False)
    sheet.savefig(path, dpi=110)


def steps_at_borders(rows: Rows, name: str, num_steps: int) -> Interval | None:
    """For the rows whose views turn: all their rings have one over the yaw that a picture's seed drew."""
    row, seeds = settings()[name], range(rows.num_prompts)
    if row is None or not row.layout.turn_deg:
        return None
    turned = row.layout.turn_deg * joint_steps(num_steps, row.alone)
    yaws = [draw_yaw_deg(generator) + turned for generator in seeded_generators(seeds)]
    paths = [rows.pictures(name) / f"0-{seed:04d}.png" for seed in seeds]
    return border_steps(paths, yaws, sum(pitch == 0 for pitch, _ in row.layout.gazes))


def views_of(family: str) -> list[tuple[str, SphereSettings]]:
    """The rows of one colour."""
    return [(name, row) for name, row in settings().items() if row and name.startswith(family)]


def main() -> None:
    parser = argparse.ArgumentParser(description="The ablation of sphere diffusion on the miniature.")
    parser.add_argument("-o", "--output", type=Path, default=Path("build/spherediff"))
    parser.add_argument("--num-prompts", type=int, default=64)
    parser.add_argument("--num-steps", type=int, default=16)
    parser.add_argument("--height", type=int, default=512)
    parser.add_argument("--view-size", type=int, default=256)
    parser.add_argument("--device", help="cpu, cuda ...; the best there is by default")
    parser.add_argument("--rows", nargs="+", choices=list(settings()), default=list(settings()), metavar="NAME")
    options = parser.parse_args()
    rows = Rows(options.output, options.num_prompts, 1, options.height)
    options.output.mkdir(parents=True, exist_ok=True)
    rows.render_real()
    reports = rows.run(options.rows, lambda name, seed: sampler(settings()[name], options))
    figures = plotted(rows, reports)
    plot(figures, options.output / "frontier.png")
    for name, row in figures.items():
        borders = steps_at_borders(rows, name, options.num_steps)
        print(f"{name}: profile by latitude, off the renders' {row['latitudes']}; at the borders of views {borders}")


if __name__ == "__main__":
    main()
