"""Do the miniature's panoramas show what their prompts say, and how sharp and how calm at the poles are they?

    python benchmarks/agreement.py            # 256 panoramas at 256x512, every place x time x sky
    python benchmarks/agreement.py --limit 8  # a rehearsal; its figures go to build/benchmarks/rehearsals

The judge are the miniature's eyes, trained on renders alone; their accuracy on fresh renders of the same scenes is the
ceiling, chance stands beside it. Captions name everything but most objects: those that they name must be found.
"""

import argparse
import json
from typing import Any

import panoramas
import torch
from provenance import write_result
from torch import Tensor

from cyclorama import diorama
from cyclorama.evaluation.agreement import agreement, asked_in
from cyclorama.evaluation.intervals import share_interval
from cyclorama.evaluation.networks.eyes import load_eyes_panorama
from cyclorama.evaluation.poles import pole_variance, pole_variance_ratio
from cyclorama.evaluation.sharpness import sharpness_ratio

HEADS = ("place", "time", "sky")


def agreements(images: Tensor, scenes: list[Any]) -> dict[str, dict[str, float]]:
    """Share of agreeing pictures for each head and for place, time and sky at once, with Wilson intervals."""
    hits = agreement(images, [asked_in(caption) for caption in captions(scenes)])
    hits["all"] = torch.stack([hits[head] for head in HEADS]).amin(0)
    asked = {head: hit[~hit.isnan()] for head, hit in hits.items()}
    return {head: share_interval(int(hit.sum()), len(hit)).to_dict() for head, hit in asked.items() if len(hit)}


def captions(scenes: list[Any]) -> list[str]:
    """The prompts of the generated pictures."""
    return [diorama.write_caption(scene, k, complete=True) for k, scene in enumerate(scenes)]


def per_label(images: Tensor, scenes: list[Any]) -> dict[str, dict[str, float]]:
    """Share of agreeing pictures for each label of each head: which words the model does not follow."""
    hits = agreement(images, scenes)
    shares = {}
    for head in HEADS:
        names = load_eyes_panorama().labels[head]
        rows = {name: [k for k, scene in enumerate(scenes) if getattr(scene, head) == name] for name in names}
        shares[head] = {name: hits[head][k].mean().item() for name, k in rows.items() if k}
    return shares


def pole_figures(images: Tensor, renders: Tensor) -> dict[str, Any]:
    """Pole variance of both sets and its ratio with an interval."""
    ratio = pole_variance_ratio(images, renders)
    ours, theirs = pole_variance(images).mean(0).tolist(), pole_variance(renders).mean(0).tolist()
    return {
        pole: {"ratio": interval.to_dict(), "generated": ours[k], "renders": theirs[k]}
        for k, (pole, interval) in enumerate(ratio._asdict().items())
    }


def table(figures: dict[str, Any]) -> str:
    """The figures as a Markdown table."""
    lines = ["| | generated | renders (ceiling) | chance |", "|---|---|---|---|"]
    for head, ours in figures["agreement"].items():
        chance = figures["chance"].get(head)
        cells = [_percent(ours), _percent(figures["ceiling"][head]), f"{100 * chance:.1f} %" if chance else ""]
        lines.append(f"| {head} | {' | '.join(cells)} |")
    lines.append(f"| sharpness over renders | {_ratio(figures['sharpness_ratio'])} | 1 | |")
    for pole, row in figures["pole_variance"].items():
        lines.append(f"| pole variance ({pole}) over renders | {_ratio(row['ratio'])} | 1 | |")
    return "\n".join(lines)


def _percent(share: dict[str, float]) -> str:
    return f"{100 * share['value']:.1f} % [{100 * share['low']:.1f}, {100 * share['high']:.1f}]"


def _ratio(ratio: dict[str, float]) -> str:
    return f"{ratio['value']:.2f} [{ratio['low']:.2f}, {ratio['high']:.2f}]"


def _chance() -> dict[str, float]:
    chance = {head: 1 / len(load_eyes_panorama().labels[head]) for head in HEADS}
    return chance | {"all": torch.tensor(list(chance.values())).prod().item()}


def main() -> None:
    parser = argparse.ArgumentParser(description="Prompt agreement, sharpness and poles of the miniature.")
    parser.add_argument("--num", type=int, default=256, help="panoramas")
    parser.add_argument("--limit", type=int, help="a rehearsal with so many")
    parser.add_argument("--height", type=int, default=256)
    parser.add_argument("--num-steps", type=int, help="denoising steps; the model's own number by default")
    parser.add_argument("--batch-size", type=int, default=1)
    options = parser.parse_args()
    num = options.limit or options.num
    load_eyes_panorama()
    scenes = panoramas.scenes(num)
    renders = panoramas.rendered(num, height=options.height)
    images = panoramas.generated(num, height=options.height, num_steps=options.num_steps, batch_size=options.batch_size)
    figures = {
        "num": num,
        "height": options.height,
        "num_steps": options.num_steps or "default",
        "agreement": agreements(images, scenes),
        "ceiling": agreements(renders, scenes),
        "chance": _chance(),
        "per_label": per_label(images, scenes),
        "sharpness_ratio": sharpness_ratio(images, renders).to_dict(),
        "pole_variance": pole_figures(images, renders),
    }
    print(table(figures))
    print(json.dumps(figures["per_label"], indent=1))
    print(write_result("agreement", figures, rehearsal=options.limit is not None))


if __name__ == "__main__":
    main()
