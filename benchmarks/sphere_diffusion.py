"""What a panorama by the sphere method costs: beside the model, in evaluations, in seconds and in memory.

    python benchmarks/sphere_diffusion.py             # everything, on the miniature
    python benchmarks/sphere_diffusion.py --limit 2   # a rehearsal: small sizes, so many steps and views
    python benchmarks/sphere_diffusion.py --large     # and the blending at 4096x8192
    python benchmarks/sphere_diffusion.py --parts B   # one part, a result of its own

A, points for pixels, is `point_assignment.py`. B is the time of a step beside the model (views, looking, fusing; on the
CPU, where the library does it) on grids as large as FLUX's, and its share of a step. That of a step of FLUX itself
rests on an ASSUMED time of an evaluation; that of a step of the miniature is measured. A step is timed when
its views have turned, for which least squares makes new tables, and once more when they are known. C is a panorama by
each layout and D the decoding and blending of random latents, each in a process of its own.
"""

import argparse
import json
import subprocess
import sys
import time
from statistics import median
from typing import Any

import point_assignment
import torch
from generate import PROMPT, TimedModel, peak_gib
from provenance import write_result
from training import device_gib

import cyclorama
from cyclorama.geometry.perspective import Perspective
from cyclorama.methods.directional_prompts import prompts_by_height
from cyclorama.methods.sphere_diffusion import SphereTask, generate_sphere, predict_views
from cyclorama.methods.sphere_settings import (
    SphereSettings,
    linear_fusion,
    spherediff,
    start_from_noise,
    view_size_for,
)
from cyclorama.methods.view_blending import blend_views
from cyclorama.methods.view_layouts import LAYOUTS

TITLES = {
    "A": "Points for the pixels of the views",
    "B": "Seconds of a step beside the model, and their share of the step",
    "C": "A panorama by layout",
    "D": "Decoding and blending by the panorama's height",
}
PARTS = tuple(TITLES)
ASSUMED = "of FLUX for one view; not measured here, 0.4 is roughly FLUX.1-dev at 512x512 on an A100"
METHODS = {"ours": SphereSettings(), "linear fusion": linear_fusion(), "spherediff": spherediff()}
FLUX_GRIDS = {"ours": 64, "linear fusion": 64, "spherediff": 59}
"""Latents on a side of a view, each of as many channels as FLUX's 16, which the miniature has, too."""
HEIGHT, NUM_STEPS, T, LOWER = 512, 5, 0.6, 0.5


def beside_the_model(model: Any, settings: SphereSettings, grid: int, num_steps: int) -> dict[str, Any]:
    """Seconds of a step but for the model: the first, those with views never seen, and those with known views."""
    camera = Perspective(grid, grid, settings.layout.fov_deg)
    task = SphereTask(model, prompts_by_height(PROMPT), settings, camera)
    sphere = start_from_noise(model.capabilities, settings, [camera], torch.Generator().manual_seed(7))
    velocities = torch.randn(settings.layout.num_views, model.capabilities.latent_channels, grid, grid)
    new, known = [], []
    for step in range(num_steps + 1):
        for seconds in (new, known):
            begin = time.perf_counter()
            views, _ = task.views_at(step)
            sphere.step(views, sphere.look(views, T), velocities, T, LOWER)
            seconds.append(time.perf_counter() - begin)
    row = {"grid": grid, "first": new[0], "known_views": median(known[1:])}
    turns = settings.layout.turn_deg != 0
    return row | {"new_views": median(new[1:]) if turns else None, "step": median((new if turns else known)[1:])}


def evaluations(model: Any, settings: SphereSettings, num_steps: int) -> int:
    """Of the model for a panorama: pairs of a view and a prompt that has a share in it, over all steps."""
    task = SphereTask(model, prompts_by_height(PROMPT), settings, Perspective(8, 8, settings.layout.fov_deg))
    return sum(int((task.views_at(step)[1] > 0).sum()) for step in range(num_steps))


def model_seconds(model: Any, settings: SphereSettings, size: int) -> float:
    """Seconds of the model for all views of one step, the second time."""
    facts, prompts = model.capabilities, prompts_by_height(PROMPT)
    grid = size // facts.spatial_compression
    task = SphereTask(model, prompts, settings, Perspective(grid, grid, settings.layout.fov_deg))
    views, shares = task.views_at(0)
    conditions = [model.encode_text([prompt.text]) for prompt in prompts]
    seen = torch.randn(len(views), facts.latent_channels, grid, grid)
    predict_views(model, seen[:1], T, conditions, shares[:1])
    begin = time.perf_counter()
    predict_views(model, seen, T, conditions, shares)
    return time.perf_counter() - begin


@torch.no_grad()
def shares_of_a_step(options: argparse.Namespace) -> dict[str, Any]:
    """Part B: seconds beside the model, and their shares of a step of FLUX (assumed) and of the miniature."""
    model, steps = cyclorama.load_model("miniature", lora="none"), options.limit or NUM_STEPS
    rows = {}
    for name, settings in METHODS.items():
        size = 64 if options.limit else view_size_for(model.capabilities, settings.layout, HEIGHT)
        large = beside_the_model(model, settings, 16 if options.limit else FLUX_GRIDS[name], steps)
        own = beside_the_model(model, settings, size // model.capabilities.spatial_compression, steps)
        assumed = evaluations(model, settings, 1) * options.seconds_per_evaluation
        measured = model_seconds(model, settings, size)
        rows[name] = {
            "flux_sized": large,
            f"share_of_flux_assuming_{options.seconds_per_evaluation:g}_s": large["step"] / (large["step"] + assumed),
            "miniature": own | {"model": measured},
            "share_of_miniature_measured": own["step"] / (own["step"] + measured),
        }
    return {"device": str(model.device), "seconds_per_evaluation_assumed": options.seconds_per_evaluation, "rows": rows}


def panorama_by_layout(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Part C for one layout, in this process."""
    settings, model = SphereSettings(LAYOUTS[name]), cyclorama.load_model("miniature", lora="none")
    steps = options.limit or model.default_steps
    small: dict[str, Any] = {"height": 128, "view_size": 64} if options.limit else {"height": HEIGHT}
    begin = time.perf_counter()
    generate_sphere(model, prompts_by_height(PROMPT), seed=7, settings=settings, num_steps=steps, **small)
    seconds = time.perf_counter() - begin
    size = small.get("view_size") or view_size_for(model.capabilities, settings.layout, HEIGHT)
    facts = {"steps": steps, "view_size": size, "evaluations": evaluations(model, settings, steps)}
    return facts | {"seconds": seconds, "peak_gib": peak_gib(), "device_gib": device_gib()}


@torch.no_grad()
def blending(height: int, options: argparse.Namespace) -> dict[str, Any]:
    """Part D for one height, in this process: 14 views of the model's own size, or few small ones in a rehearsal."""
    model: Any = TimedModel(cyclorama.load_model("miniature", lora="none"))
    settings = SphereSettings()
    facts = model.capabilities
    size = 64 if options.limit else facts.native_size[0]
    grid = size // facts.spatial_compression
    camera = Perspective(grid, grid, settings.layout.fov_deg)
    whole, _ = SphereTask(model, prompts_by_height(PROMPT), settings, camera).views_at(0)
    views = whole.only(range(options.limit or len(whole)))
    latents = torch.randn(len(views), facts.latent_channels, grid, grid, generator=torch.Generator().manual_seed(7))
    before, begin = peak_gib(), time.perf_counter()
    blend_views(model, views, latents, height)
    seconds, decoding = time.perf_counter() - begin, model.seconds["decoding"]
    times = {"seconds": seconds, "decoding": decoding, "blending": seconds - decoding}
    panorama = 3 * 2 * height**2 * 4 / 2**30
    facts = {"views": len(views), "view_size": size, "panorama_gib": panorama, "peak_before_gib": before}
    return facts | times | {"peak_gib": peak_gib(), "device_gib": device_gib()}


CHILDREN = {"C": panorama_by_layout, "D": lambda name, options: blending(int(name), options)}


def in_a_process(part: str, name: str) -> dict[str, Any]:
    """One row of part C or D, in a fresh interpreter."""
    print(f"{part}: {name}", file=sys.stderr, flush=True)
    command = [sys.executable, __file__, *sys.argv[1:], "--child", part, name]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])


def measure(part: str, options: argparse.Namespace) -> dict[str, Any]:
    """The figures of one part."""
    if part == "A":
        return point_assignment.measure(options.limit)
    if part == "B":
        return shares_of_a_step(options)
    heights = [256] if options.limit else [2048, *[4096] * options.large]
    return {name: in_a_process(part, name) for name in (LAYOUTS if part == "C" else map(str, heights))}


def table(part: str, found: dict[str, Any]) -> str:
    """Markdown, one line for each row of a part."""
    if part == "A":
        return point_assignment.table(found)
    rows = {name: _flat(row) for name, row in (found["rows"] if part == "B" else found).items()}
    names = list(next(iter(rows.values())))
    lines = ["| | " + " | ".join(name.replace("_", " ") for name in names) + " |", "|---" * (len(names) + 1) + "|"]
    for title, row in rows.items():
        values = ["" if row[name] is None else f"{row[name]:.4g}" for name in names]
        lines.append(f"| {title} | {' | '.join(values)} |")
    return "\n".join(lines)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    inner = {f"{name} {key}": one for name, few in row.items() if isinstance(few, dict) for key, one in few.items()}
    return inner | {name: value for name, value in row.items() if not isinstance(value, dict)}


def main() -> None:
    parser = argparse.ArgumentParser(description="What a panorama by the sphere method costs.")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--large", action="store_true", help="blend at 4096x8192, too")
    parser.add_argument("--seconds-per-evaluation", type=float, default=0.4, help=ASSUMED)
    parser.add_argument("--limit", type=int, help="a rehearsal: small sizes, so many views and steps")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        part, name = options.child
        print(json.dumps(CHILDREN[part](name, options)))
        return
    figures = {}
    for part in options.parts:
        figures[part] = measure(part, options)
        print(f"\n{part}. {TITLES[part]}\n\n{table(part, figures[part])}", flush=True)
    several = set(options.parts) == set(PARTS)
    name = "sphere_diffusion" if several else f"sphere_diffusion_{''.join(sorted(set(options.parts))).lower()}"
    print(write_result(name, {"prompt": PROMPT, "height": HEIGHT, **figures}, rehearsal=options.limit is not None))


if __name__ == "__main__":
    main()
