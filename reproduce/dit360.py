"""DiT360's ablation (CVPR 2026, table 4) on the miniature: every row trained, sampled and measured in the same way.

    python reproduce/dit360.py                               # ten rows, three seeds, two CPU cores: an evening
    python reproduce/dit360.py --device cuda --num-steps 1500 --batch-size 64
    python reproduce/dit360.py -o build/trial --num-steps 2 --num-seeds 1 --num-prompts 8 --num-scenes 8 \\
        --num-photos 8 --height 128                          # a rehearsal of minutes

Rows differ in fields of one recipe. Panoramas and photos are renders of the diorama; prompts and the real set are of
scenes that no row has seen. A stopped command goes on where it was. The table (Markdown and JSON) and a sheet with the
same prompts for every row are left in the output folder; intervals are those of `cyclorama evaluate` over the pictures
of all seeds.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from cyclorama import diorama, load_model
from cyclorama.evaluation.run.results import MetricRow, read_report
from cyclorama.media.atomic import write_text
from cyclorama.media.images import read_image, write_panorama
from cyclorama.methods.adapter_panorama import generate_panoramas
from cyclorama.training.panorama import PanoramaLora, exact_wrap
from cyclorama.training.recipes import miniature_dit360, miniature_hybrid, run_recipe
from cyclorama.training.sheets import write_sheet
from cyclorama.training.spherical_losses import Objectives

FIGURES = ("FAED_mini", "FD", "FD_pole", "FD_equ", "seam_ratio", "seam_rank", "pole_sharpness_down", "sharpness")
AGREEMENT = ("agreement_place", "agreement_time", "agreement_sky")
FIRST_PROMPT_SEED, REAL_SEED, TRAIN_SEED, PHOTO_SEED = 5_000_000, 6_000_000, 7_000_000, 8_000_000
NUM_REAL, SHOWN = 300, 3


def rows() -> dict[str, PanoramaLora]:
    """The published ablation first, each part alone on plain LoRA, then ours, then both in full."""
    published, ours = miniature_dit360(), miniature_hybrid()
    plain = replace(published, objectives=Objectives(), photos="", wrap="none")
    geometry = published.objectives
    return {
        "LoRA alone": plain,
        "+ padding as published": replace(plain, wrap="published"),
        "+ our wrapping": replace(plain, wrap="adjacent", wrap_vae=True, pixel_turns=0),
        "+ integer positions": replace(plain, wrap="integer", wrap_vae=True, pixel_turns=0),
        "+ cube loss": replace(plain, objectives=replace(geometry, yaw_weight=0.0)),
        "+ yaw loss": replace(plain, objectives=replace(geometry, cube_weight=0.0)),
        "+ true equivariance": replace(plain, objectives=Objectives(equivariance_weight=0.5)),
        "+ perspective guidance": replace(plain, photos=published.photos or "photos"),
        "full, as published": replace(published, photos="photos"),
        "full, ours": replace(ours, photos="photos"),
    }


class Ablation:
    """The folders and the budget of one table."""

    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self.folder, self.options = folder, options
        self.prompts = _prompts(options.num_prompts)

    def render(self) -> None:
        """Training panoramas, training photos and the real set, by the command line."""
        o = self.options
        self._dataset("panoramas", TRAIN_SEED, o.num_scenes)
        self._dataset("photos", PHOTO_SEED, o.num_photos, "views", "--fov-deg", 90)
        self._dataset("real", REAL_SEED, max(o.num_prompts, min(NUM_REAL, 5 * o.num_prompts)))

    def _dataset(self, name: str, seed: int, num: int, *verb: Any) -> None:
        size = ("--height", self.options.height, "--num-images", num, "--seed", seed, "--workers", 2)
        _cyclorama("render", *verb, "-o", self.folder / name, *size)

    def train(self, name: str, recipe: PanoramaLora, seed: int) -> Path:
        """The folder of the trained LoRA."""
        o, run_dir = self.options, self.folder / "runs" / f"{_slug(name)}-{seed}"
        loop = replace(recipe.loop, num_steps=o.num_steps, batch_size=o.batch_size, seed=seed, sample_every=o.num_steps)
        full = replace(
            recipe,
            images=str(self.folder / "panoramas"),
            photos=str(self.folder / "photos") if recipe.photos else "",
            height=o.height,
            loop=loop,
            cache=str(self.folder / "cache"),
        )
        run_recipe(full, run_dir, device=o.device)
        return run_dir

    def sample(self, name: str, recipe: PanoramaLora, seed: int, run_dir: Path) -> None:
        """Pictures of every prompt into the row's folder; as released, published rows turn nothing between steps."""
        folder = self._pictures(name)
        todo = [k for k in range(len(self.prompts)) if not (folder / _file(seed, k)).exists()]
        if not todo:
            return
        model = load_model("miniature", lora=run_dir, device=self.options.device)
        model.wrap = exact_wrap(model.capabilities) if recipe.wrap == "exact" else recipe.wrap  # pyright: ignore
        model.wrap_vae = recipe.wrap_vae
        folder.mkdir(parents=True, exist_ok=True)
        for k in todo:
            [image] = generate_panoramas(
                model,
                [self.prompts[k]],
                seeds=[1000 * seed + k],
                height=self.options.height,
                yaw_steps=recipe.wrap_vae and recipe.wrap != "none",
            )
            write_panorama(image, folder / _file(seed, k))

    def measure(self, name: str) -> Path:
        """The report over the pictures of all seeds."""
        folder, report = self._pictures(name), self.folder / "reports" / _slug(name)
        seeds = range(self.options.num_seeds)
        named = [{"file_name": _file(s, k), "text": text} for s in seeds for k, text in enumerate(self.prompts)]
        write_text("".join(json.dumps(row) + "\n" for row in named), folder / "metadata.jsonl")
        report.parent.mkdir(parents=True, exist_ok=True)
        _cyclorama("evaluate", "--real", self.folder / "real", "--fake", folder, "-o", report)
        return report

    def show(self, names: Sequence[str]) -> None:
        """One line of pictures for every row: the same prompts and seeds."""
        pictures = [read_image(self._pictures(name) / _file(0, k)) for name in names for k in range(SHOWN)]
        small = torch.nn.functional.interpolate(torch.stack(pictures), scale_factor=0.5, mode="area")
        write_sheet(small, self.folder / "rows.png")

    def _pictures(self, name: str) -> Path:
        return self.folder / "pictures" / _slug(name)


def table(reports: Mapping[str, Path]) -> str:
    """Markdown: a line for each row, a column for each figure, and the renders' own."""
    figures = {name: {row.name: row for row in read_report(path).metrics} for name, path in reports.items()}
    columns = [*FIGURES, *AGREEMENT]
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    some = next(iter(figures.values()))
    lines.append(f"| renders (floor of distances) | {' | '.join(_beside(some[name]) for name in columns)} |")
    for name, row in figures.items():
        lines.append(f"| {name} | {' | '.join(_cell(row[column]) for column in columns)} |")
    return "\n".join(lines) + "\n"


def _cell(row: MetricRow) -> str:
    if row.value is None:
        return ""
    return f"{row.value:.3g}" if row.low is None else f"{row.value:.3g} [{row.low:.3g}, {row.high:.3g}]"


def _beside(row: MetricRow) -> str:
    figure = row.floor or row.real_value
    return "" if figure is None or figure.value is None else f"{figure.value:.3g}"


def _prompts(num: int) -> list[str]:
    scenes = [diorama.sample_scene(FIRST_PROMPT_SEED + k) for k in range(num)]
    return [diorama.write_caption(scene, k, complete=True) for k, scene in enumerate(scenes)]


def _file(seed: int, k: int) -> str:
    return f"{seed}-{k:04d}.png"


def _slug(name: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


def _cyclorama(*arguments: Any) -> None:
    subprocess.run([sys.executable, "-m", "cyclorama", *map(str, arguments)], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="The ablation of DiT360 on the miniature.")
    parser.add_argument("-o", "--output", type=Path, default=Path("build/dit360"))
    parser.add_argument("--num-seeds", type=int, default=3)
    parser.add_argument("--num-steps", type=int, default=250)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--num-scenes", type=int, default=400, help="panoramas to train on")
    parser.add_argument("--num-photos", type=int, default=800)
    parser.add_argument("--num-prompts", type=int, default=64)
    parser.add_argument("--height", type=int, default=256)
    parser.add_argument("--device", help="cpu, cuda ...; the best there is by default")
    parser.add_argument("--rows", nargs="+", choices=list(rows()), default=list(rows()), metavar="NAME")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    ablation = Ablation(options.output, options)
    ablation.render()
    reports = {}
    for name in options.rows:
        recipe = rows()[name]
        for seed in range(options.num_seeds):
            ablation.sample(name, recipe, seed, ablation.train(name, recipe, seed))
        reports[name] = ablation.measure(name)
        write_text(table(reports), options.output / "table.md")
    ablation.show(options.rows)
    print(table(reports))


if __name__ == "__main__":
    main()
