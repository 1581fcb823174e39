"""What the scripts of this folder share: prompts and renders of the diorama, pictures of rows, one table of figures."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cyclorama import diorama
from cyclorama.evaluation.run.results import MetricRow, read_report
from cyclorama.media.atomic import write_text
from cyclorama.media.images import read_image, write_panorama
from cyclorama.training.sheets import write_sheet

FIRST_PROMPT_SEED, REAL_SEED = 5_000_000, 6_000_000
NUM_REAL, SHOWN = 300, 3
COLUMNS = (
    *("FAED_mini", "FD", "FD_pole", "FD_equ", "seam_ratio", "seam_rank", "pole_sharpness_down", "sharpness"),
    *("agreement_place", "agreement_time", "agreement_sky"),
)


@dataclass(frozen=True)
class Rows:
    """The pictures of every row of a table: the same prompts, `num_seeds` times, beside renders of the same size."""

    folder: Path
    num_prompts: int
    num_seeds: int
    height: int

    @property
    def prompts(self) -> list[str]:
        """Captions of scenes that no training sees."""
        scenes = [diorama.sample_scene(FIRST_PROMPT_SEED + k) for k in range(self.num_prompts)]
        return [diorama.write_caption(scene, k, complete=True) for k, scene in enumerate(scenes)]

    def render_real(self) -> None:
        """The renders that distances are measured to."""
        self.render("real", REAL_SEED, max(self.num_prompts, min(NUM_REAL, 5 * self.num_prompts)))

    def render(self, name: str, seed: int, num: int, *verb: Any) -> None:
        """A folder of renders, by the command line; one that is there is only completed."""
        size = ("--height", self.height, "--num-images", num, "--seed", seed, "--workers", 2)
        run_cyclorama("render", *verb, "-o", self.folder / name, *size)

    def run(self, names: Sequence[str], make: Callable[[str, int], Callable[[str, int], Tensor]]) -> dict[str, Path]:
        """Samples and measures every row, writes the table after each, and at last the sheet; returns the reports.

        `make(name, seed)` loads (or trains) what makes a picture of a prompt and a seed; it is called where pictures of
        that row and seed are missing.
        """
        reports = {}
        for name in names:
            for seed in range(self.num_seeds):
                self.sample(name, seed, partial(make, name, seed))
            reports[name] = self.measure(name)
            write_text(table(reports), self.folder / "table.md")
        self.show(names)
        print(table(reports))
        return reports

    def sample(self, name: str, seed: int, make: Callable[[], Callable[[str, int], Tensor]]) -> None:
        """The pictures of a row that are not there yet."""
        folder, prompts = self.pictures(name), self.prompts
        todo = [k for k in range(len(prompts)) if not (folder / _file(seed, k)).exists()]
        if not todo:
            return
        folder.mkdir(parents=True, exist_ok=True)
        picture = make()
        for k in todo:
            write_panorama(picture(prompts[k], 1000 * seed + k), folder / _file(seed, k))

    def measure(self, name: str) -> Path:
        """The report over the pictures of all seeds."""
        report = self.folder / "reports" / slug(name)
        texts = list(enumerate(self.prompts))
        named = [{"file_name": _file(s, k), "text": text} for s in range(self.num_seeds) for k, text in texts]
        write_text("".join(json.dumps(row) + "\n" for row in named), self.pictures(name) / "metadata.jsonl")
        report.parent.mkdir(parents=True, exist_ok=True)
        run_cyclorama("evaluate", "--real", self.folder / "real", "--fake", self.pictures(name), "-o", report)
        return report

    def show(self, names: Sequence[str]) -> None:
        """One line of pictures for every row: the same prompts and seeds."""
        shown = range(min(SHOWN, self.num_prompts))
        pictures = [read_image(self.pictures(name) / _file(0, k)) for name in names for k in shown]
        small = torch.nn.functional.interpolate(torch.stack(pictures), scale_factor=0.5, mode="area")
        write_sheet(small, self.folder / "rows.png")

    def pictures(self, name: str) -> Path:
        return self.folder / "pictures" / slug(name)


def table(reports: Mapping[str, Path], columns: Sequence[str] = COLUMNS) -> str:
    """Markdown: a line for each row, a column for each figure, and the renders' own."""
    figures = {name: {row.name: row for row in read_report(path).metrics} for name, path in reports.items()}
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    some = next(iter(figures.values()))
    lines.append(f"| renders (floor of distances) | {' | '.join(_beside(some[name]) for name in columns)} |")
    for name, row in figures.items():
        lines.append(f"| {name} | {' | '.join(_cell(row[column]) for column in columns)} |")
    return "\n".join(lines) + "\n"


def slug(name: str) -> str:
    """The name as a part of a path."""
    return "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


def run_cyclorama(*arguments: Any) -> None:
    """A verb of the command line."""
    subprocess.run([sys.executable, "-m", "cyclorama", *map(str, arguments)], check=True)


def _cell(row: MetricRow) -> str:
    if row.value is None:
        return ""
    return f"{row.value:.3g}" if row.low is None else f"{row.value:.3g} [{row.low:.3g}, {row.high:.3g}]"


def _beside(row: MetricRow) -> str:
    figure = row.floor or row.real_value
    return "" if figure is None or figure.value is None else f"{figure.value:.3g}"


def _file(seed: int, k: int) -> str:
    return f"{seed}-{k:04d}.png"
