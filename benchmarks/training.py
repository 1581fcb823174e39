"""What the losses on the sphere cost beside a plain LoRA training, and what the caches save.

    python benchmarks/training.py             # the miniature at its native size, five rounds of every variant
    python benchmarks/training.py --limit 1   # a rehearsal: one short round, kept out of results/

Every variant is the training of the recipe `miniature-hybrid`. Steps per second and memory are those of whole trainings
in processes of their own. What a loss costs is measured in one process, in which the variants compute loss and gradient
of the same batches in turn: the median over the batches of a variant's time by the plain one's.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

PLAIN = "plain"
OBJECTIVES: dict[str, dict[str, Any]] = {
    PLAIN: {},
    "yaw as published": {"yaw_weight": 0.5},
    "cube as published": {"cube_weight": 0.5, "cube_kind": "published"},
    "both as published": {"yaw_weight": 0.5, "cube_weight": 0.5, "cube_kind": "published"},
    "cube by solid angle": {"cube_weight": 0.5},
    "equivariance, two evaluations": {"equivariance_weight": 0.5},
    "plain, without caches": {},
}
WITHOUT_CACHES = "plain, without caches"
PAIRED = "losses in turn"
NUM_PANORAMAS = 4


def write_panoramas(folder: Path, *, height: int) -> None:
    """A few renders with their captions."""
    from cyclorama import diorama
    from cyclorama.media.images import write_panorama

    folder.mkdir(parents=True)
    rows = []
    for k in range(NUM_PANORAMAS):
        scene = diorama.sample_scene(k)
        write_panorama(diorama.render_panorama(scene, height).colours, folder / f"{k}.png")
        rows.append({"file_name": f"{k}.png", "text": diorama.write_caption(scene, k)})
    (folder / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def uncached(task: Any) -> Any:
    """The task with pictures and captions read and encoded anew for every batch, all encoders on the device."""
    import torch

    from cyclorama.data.bad_rows import BadRows
    from cyclorama.data.encoding import Encoded
    from cyclorama.data.photos import read_equirect
    from cyclorama.training.panorama_data import read_rows

    items = read_rows(task.recipe, BadRows())
    task.model.pipe.to(task.model.device)

    def read(index: int, *, flipped: bool, turn: int) -> Encoded:
        image = read_equirect(items[index], task.height)[0]
        with torch.no_grad():
            return Encoded(task.model.encode_images((image.flip(-1) if flipped else image)[None])[0].cpu(), None)

    object.__setattr__(task.data, "read", read)
    object.__setattr__(task.data.prompts, "condition", lambda prompts: task.model.encode_text(prompts).to("cpu"))
    return task


def prepare(name: str, folder: Path, run: Path, options: argparse.Namespace) -> Any:
    """The variant's task and the settings of its loop."""
    from cyclorama.training.recipes import load_recipe

    fields = {"images": str(folder / "panoramas"), "cache": str(folder / "cache"), "model": options.model}
    fields |= {"height": options.height, "batch_size": options.batch_size, "num_steps": options.num_steps}
    fields |= {"geometry_from_epoch": 0, "cube_weight": 0, "log_every": 1, "checkpoint_every": 10**6}
    recipe = load_recipe("miniature-hybrid", fields | OBJECTIVES[name])
    return replace(recipe, sample_prompts=()).prepare(run, device=options.device)


def run_once(name: str, folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """Seconds of a step, the median over the run but for its first steps, and the largest memory."""
    from generate import peak_gib

    from cyclorama.training.loop import train

    with tempfile.TemporaryDirectory() as run:
        task, settings = prepare(name, folder, Path(run), options)
        task = uncached(task) if name == WITHOUT_CACHES else task
        train(task, Path(run), settings, device=options.device, progress=False)
        lines = [json.loads(line) for line in (Path(run) / "log.jsonl").read_text().splitlines()]
    seconds = [options.batch_size / line["samples_per_second"] for line in lines[options.num_steps // 4 :]]
    return {"seconds": median(seconds), "peak_gib": device_gib() or peak_gib()}


def run_paired(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """Time by the plain variant's of loss and gradient, the median over the batches, of every variant with caches."""
    from cyclorama.training.batches import draw_batch, move_batch

    names = [name for name in options.variants if name != WITHOUT_CACHES]
    with tempfile.TemporaryDirectory() as run:
        objectives = {name: prepare(name, folder, Path(run), options)[0].recipe.objectives for name in names}
        task, _ = prepare(PLAIN, folder, Path(run), options)
    rows = []
    for step in range(options.num_steps + 2):
        batch = move_batch(draw_batch(task.batch, 0, step), task.model.device)
        turn = step % len(names)
        row = {name: seconds_of(task, objectives[name], batch) for name in names[turn:] + names[:turn]}
        rows.append({name: row[name] / row[PLAIN] for name in names})
    return {name: median(row[name] for row in rows[2:]) for name in names}


def seconds_of(task: Any, objectives: Any, batch: Any) -> float:
    """Loss and gradient of one batch."""
    import torch

    from cyclorama.training.precision import autocast

    task.recipe = replace(task.recipe, objectives=objectives)
    begin, device = time.perf_counter(), task.model.device
    with autocast(device, task.recipe.loop.precision):
        loss, _ = task.loss(batch, torch.Generator(device))
    loss.backward()
    if device.type == "cuda":
        torch.cuda.synchronize()
    seconds = time.perf_counter() - begin
    task.model.network.zero_grad(set_to_none=True)
    return seconds


def device_gib() -> float:
    """Largest memory that torch took on the GPU; 0 without one."""
    import torch

    return torch.cuda.max_memory_allocated() / 2**30 if torch.cuda.is_available() else 0.0


def in_a_process(name: str, folder: Path, arguments: list[str]) -> dict[str, float]:
    """`run_once` in a fresh interpreter."""
    command = [sys.executable, __file__, *arguments, "--child", name, "--folder", str(folder)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])


def measure(names: list[str], folder: Path, arguments: list[str], *, num_rounds: int) -> dict[str, dict[str, Any]]:
    """Every variant in turn, `num_rounds` times; medians, and ratios to the plain one of the same round."""
    rounds = []
    for number in range(num_rounds):
        row = {}
        for name in names:
            print(f"round {number + 1} of {num_rounds}: {name}", file=sys.stderr, flush=True)
            row[name] = in_a_process(name, folder, arguments)
        row[PAIRED] = in_a_process(PAIRED, folder, arguments)
        rounds.append(row)
    return {name: _summary(name, rounds) for name in names}


def _summary(name: str, rounds: list[dict[str, dict[str, float]]]) -> dict[str, Any]:
    apart = [row[name]["seconds"] / row[PLAIN]["seconds"] for row in rounds]
    ratios = [row[PAIRED].get(name, whole) for row, whole in zip(rounds, apart, strict=True)]
    return {
        "steps_per_second": 1 / median(row[name]["seconds"] for row in rounds),
        "ratio": median(ratios),
        "ratios": ratios,
        "peak_gib": max(row[name]["peak_gib"] for row in rounds),
    }


def table(figures: dict[str, dict[str, Any]]) -> str:
    """Markdown, one line for each variant."""
    lines = ["| training | steps per second | time by plain | memory in GiB |", "|---|---|---|---|"]
    for name, row in figures.items():
        spread = f"{row['ratio']:.3f} ({min(row['ratios']):.3f} to {max(row['ratios']):.3f})"
        lines.append(f"| {name} | {row['steps_per_second']:.3g} | {spread} | {row['peak_gib']:.2f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="What the losses on the sphere cost, and what the caches save.")
    parser.add_argument("--model", default="miniature", help="a known name or a diffusers folder")
    parser.add_argument("--height", type=int, default=0, help="0: the model's native one")
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--num-steps", type=int, default=20, help="of one variant in one round")
    parser.add_argument("--num-rounds", type=int, default=5)
    parser.add_argument("--variants", nargs="+", choices=list(OBJECTIVES), default=list(OBJECTIVES))
    parser.add_argument("--device", help="cpu, cuda ...; the best there is by default")
    parser.add_argument("--limit", type=int, help="a rehearsal: so many rounds of four steps with a batch of two")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.limit:
        options.num_rounds, options.num_steps, options.batch_size = options.limit, 4, 2
    options.variants = [PLAIN, *(name for name in options.variants if name != PLAIN)]
    if options.child:
        paired = options.child == PAIRED
        figures = run_paired(options.folder, options) if paired else run_once(options.child, options.folder, options)
        print(json.dumps(figures))
        return
    with tempfile.TemporaryDirectory() as folder:
        write_panoramas(Path(folder) / "panoramas", height=options.height or 512)
        figures = measure(options.variants, Path(folder), sys.argv[1:], num_rounds=options.num_rounds)
    print(table(figures))

    from provenance import write_result

    facts = {"model": options.model, "height": options.height or "native", "batch_size": options.batch_size}
    print(write_result("training", facts | {"variants": figures}, rehearsal=options.limit is not None))


if __name__ == "__main__":
    main()
