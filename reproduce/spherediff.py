"""SphereDiff's ablation (AAAI 2026) on the miniature's perspective base, with linear-fusion MultiDiffusion and ours.

    python reproduce/spherediff.py                       # thirteen rows, 64 prompts: a night of two CPU cores
    python reproduce/spherediff.py --num-prompts 16 --num-steps 8
    python reproduce/spherediff.py -o build/trial --num-prompts 8 --num-steps 2 --rows "ours, 14 views"    # a trial

No model was trained on panoramas but the last row's, the packaged LoRA, for comparison. Every row gets the same
prompts, seeds, steps and views of 256 pixels. A stopped command goes on where it was. The table and a sheet with the
same prompts for every row are left in the output folder.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ablation import Rows
from torch import Tensor

from cyclorama import load_model
from cyclorama.methods.adapter_panorama import generate_panoramas
from cyclorama.methods.directional_prompts import prompts_by_height
from cyclorama.methods.sphere_diffusion import generate_sphere
from cyclorama.methods.sphere_settings import SphereSettings, linear_fusion, spherediff
from cyclorama.methods.view_layouts import LAYOUTS

ADAPTER = "the LoRA"


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
    rows.run(options.rows, lambda name, seed: sampler(settings()[name], options))


if __name__ == "__main__":
    main()
