"""The seam of generated panoramas for every way of wrapping, beside that of renders.

    python benchmarks/seams.py            # 50 panoramas for each wrap, at its own size
    python benchmarks/seams.py --limit 4  # a rehearsal; its figures go to build/benchmarks/rehearsals

The wraps share weights, prompts and seeds, so their pictures are paired. With the model's own wrap the pictures are
those of miniature.py.
"""

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any

import panoramas
from provenance import write_result
from torch import Tensor

import cyclorama
from cyclorama.evaluation import (
    Interval,
    difference_interval,
    discontinuity_score,
    mean_interval,
    seam_border_ratio,
    seam_rank,
    seam_ratio,
    token_border_ratio,
)

WRAPS = ("integer", "none", "published", "adjacent")


def scores(token_size: int) -> dict[str, Callable[[Tensor], Tensor]]:
    """The figures of a picture's seam and of its token grid, by name."""
    return {
        "seam_ratio": seam_ratio,
        "seam_border_ratio": partial(seam_border_ratio, token_size=token_size),
        "seam_rank": seam_rank,
        "discontinuity_score": discontinuity_score,
        "token_border_ratio": partial(token_border_ratio, token_size=token_size),
    }


def row(images: Tensor, renders: Tensor, *, token_size: int) -> dict[str, Any]:
    """Every figure of `images` with its interval, and how far the seam ratio is from the renders'."""
    means = {name: mean_interval(score(images)).to_dict() for name, score in scores(token_size).items()}
    difference = difference_interval(seam_ratio(images), seam_ratio(renders))
    return means | {"minus_renders": difference.to_dict(), "equals_renders": 0.0 in difference}


def table(rows: dict[str, dict[str, Any]]) -> str:
    """Markdown, one line for each wrap, means with 95 % intervals."""
    names = [*scores(2), "minus_renders"]
    lines = ["| wrap | " + " | ".join(name.replace("_", " ") for name in names) + " |", "|---" * (len(names) + 1) + "|"]
    for wrap, figures in rows.items():
        lines.append(f"| {wrap} | " + " | ".join(str(Interval(**figures[name])) for name in names) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="The seam for every way of wrapping.")
    parser.add_argument("--num", type=int, default=50, help="panoramas for each wrap")
    parser.add_argument("--limit", type=int, help="a rehearsal with so many")
    parser.add_argument("--height", type=int, default=panoramas.own_row().native_size[0])
    parser.add_argument("--num-steps", type=int, help="denoising steps; the model's own number by default")
    parser.add_argument("--wraps", nargs="+", choices=WRAPS, default=WRAPS)
    options = parser.parse_args()
    num = options.limit or options.num
    token_size = cyclorama.load_model("miniature").capabilities.token_multiple
    renders = panoramas.read(panoramas.rendered(num, height=options.height), num)
    rows = {"renders": row(renders, renders, token_size=token_size)}
    for wrap in options.wraps:
        folder = panoramas.generated(num, height=options.height, wrap=wrap, num_steps=options.num_steps)
        images = panoramas.read(folder, num)
        rows[wrap] = row(images, renders, token_size=token_size)
    print(table(rows))
    print(f"The miniature's own wrap is {panoramas.own_wrap()}.")
    figures = {
        "num": num,
        "own_wrap": panoramas.own_wrap(),
        "height": options.height,
        "num_steps": options.num_steps or "default",
        "wraps": rows,
    }
    print(write_result("seams", figures, rehearsal=options.limit is not None))


if __name__ == "__main__":
    main()
