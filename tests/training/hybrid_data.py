"""A few tiny panoramas and photos on disk, and recipes that train on them in a second."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cyclorama.training.recipes import load_recipe

TINY = {
    "height": 64, "num_steps": 2, "warmup": 1, "lr": "1e-2", "rank": "2", "alpha": 2, "dropout": 0, "batch_size": 4,
    "accumulation": 1, "sample_every": 2, "sample_steps": 2, "sample_prompts": "a beach", "precision": "fp32",
    "num_threads": 1, "log_every": 1, "checkpoint_every": 1, "photos_from_epoch": 0, "photos_decay": 1,
    "geometry_from_epoch": 0,
}  # fmt: skip


def write_pictures(folder: Path, *, count: int, height: int, width: int, seed: int = 0) -> Path:
    """Smooth random pictures with `metadata.jsonl`."""
    folder.mkdir(parents=True)
    rng, rows = np.random.default_rng(seed), []
    for i in range(count):
        colours = Image.fromarray(rng.integers(0, 255, (4, 8, 3), dtype=np.uint8))
        colours.resize((width, height), Image.Resampling.BICUBIC).save(folder / f"{i}.png")
        rows.append({"file_name": f"{i}.png", "text": "a snowy valley at sunset"})
    (folder / "metadata.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    return folder


def tiny_recipe(folder: Path, model: Path, name: str = "panorama-lora", **changes: Any) -> Any:
    """A recipe on three panoramas and four photos beneath `folder`, written on first use."""
    if not (folder / "panoramas").exists():
        write_pictures(folder / "panoramas", count=3, height=32, width=64)
        write_pictures(folder / "photos", count=4, height=24, width=24, seed=1)
    sources = {"images": str(folder / "panoramas"), "photos": str(folder / "photos"), "model": str(model)}
    return load_recipe(name, TINY | sources | changes)
