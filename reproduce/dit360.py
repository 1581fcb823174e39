"""DiT360's ablation (CVPR 2026, table 4) on the miniature: every row trained, sampled and measured in the same way.

    python reproduce/dit360.py                               # ten rows, three seeds, two CPU cores: an evening
    python reproduce/dit360.py --device cuda --num-steps 1500 --batch-size 64 --num-scenes 1600 --num-photos 3200 \\
        --num-prompts 256
    python reproduce/dit360.py -o build/trial --num-steps 2 --num-seeds 1 --num-prompts 8 --num-scenes 8 \\
        --num-photos 8 --height 128                          # a rehearsal of minutes

Rows differ in fields of one recipe. Panoramas and photos are renders of the diorama; prompts and the real set are of
scenes that no row has seen. A stopped command goes on where it was. The table (Markdown and JSON) and a sheet with the
same prompts for every row are left in the output folder; intervals are those of `cyclorama evaluate` over the pictures
of all seeds.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ablation import Rows, slug
from torch import Tensor

from cyclorama import load_model
from cyclorama.methods.adapter_panorama import generate_panoramas
from cyclorama.training.panorama import PanoramaLora, exact_wrap
from cyclorama.training.recipes import miniature_dit360, miniature_hybrid, run_recipe
from cyclorama.training.spherical_losses import Objectives

TRAIN_SEED, PHOTO_SEED = 7_000_000, 8_000_000


def recipes() -> dict[str, PanoramaLora]:
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


def train(rows: Rows, name: str, recipe: PanoramaLora, seed: int, options: argparse.Namespace) -> Path:
    """The folder of the trained LoRA."""
    run_dir = rows.folder / "runs" / f"{slug(name)}-{seed}"
    steps = {"num_steps": options.num_steps, "sample_every": options.num_steps}
    full = replace(
        recipe,
        images=str(rows.folder / "panoramas"),
        photos=str(rows.folder / "photos") if recipe.photos else "",
        height=rows.height,
        loop=replace(recipe.loop, batch_size=options.batch_size, seed=seed, **steps),
        cache=str(rows.folder / "cache"),
    )
    run_recipe(full, run_dir, device=options.device)
    return run_dir


def sampler(recipe: PanoramaLora, run_dir: Path, height: int, device: str | None) -> Callable[[str, int], Tensor]:
    """What makes a panorama with a trained LoRA; as released, published rows turn nothing between steps."""
    model = load_model("miniature", lora=run_dir, device=device)
    model.wrap = exact_wrap(model.capabilities) if recipe.wrap == "exact" else recipe.wrap  # pyright: ignore
    model.wrap_vae = recipe.wrap_vae
    turns = recipe.wrap_vae and recipe.wrap != "none"
    return lambda text, seed: generate_panoramas(model, [text], seeds=[seed], height=height, yaw_steps=turns)[0]


def main() -> None:
    parser = argparse.ArgumentParser(description="The ablation of DiT360 on the miniature.")
    parser.add_argument("-o", "--output", type=Path, default=Path("build/dit360"))
    parser.add_argument("--num-seeds", type=int, default=3)
    parser.add_argument("--num-steps", type=int, default=100)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--num-scenes", type=int, default=240, help="panoramas to train on")
    parser.add_argument("--num-photos", type=int, default=480)
    parser.add_argument("--num-prompts", type=int, default=24)
    parser.add_argument("--height", type=int, default=256)
    parser.add_argument("--device", help="cpu, cuda ...; the best there is by default")
    parser.add_argument("--rows", nargs="+", choices=list(recipes()), default=list(recipes()), metavar="NAME")
    options = parser.parse_args()
    rows = Rows(options.output, options.num_prompts, options.num_seeds, options.height)
    options.output.mkdir(parents=True, exist_ok=True)
    rows.render("panoramas", TRAIN_SEED, options.num_scenes)
    rows.render("photos", PHOTO_SEED, options.num_photos, "views", "--fov-deg", 90)
    rows.render_real()

    def make(name: str, seed: int) -> Callable[[str, int], Tensor]:
        recipe = recipes()[name]
        return sampler(recipe, train(rows, name, recipe, seed, options), options.height, options.device)

    rows.run(options.rows, make)


if __name__ == "__main__":
    main()
