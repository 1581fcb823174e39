"""Recipes: plain functions that return a frozen dataclass; a variant calls another and changes a few fields.

A recipe has a `name`, the `loop` settings, and `prepare(run_dir, device=...) -> (task, loop settings)`. It prints to
JSON and comes back from it, and every run keeps its own as `recipe.json`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol, cast, runtime_checkable

import torch
from pydantic import TypeAdapter, ValidationError

from cyclorama.data.order import Curriculum
from cyclorama.media.atomic import write_text
from cyclorama.training.adapters import LoraSettings
from cyclorama.training.loop import LoopSettings, Task, TrainedRun, train
from cyclorama.training.miniature.stages import (
    miniature_autoencoder,
    miniature_base,
    miniature_base_large,
    miniature_panorama,
)
from cyclorama.training.objectives import Times
from cyclorama.training.panorama import PanoramaLora
from cyclorama.training.photo_camera import photo_camera
from cyclorama.training.processes import make_accelerator
from cyclorama.training.spherical_losses import Objectives


@runtime_checkable
class Recipe(Protocol):
    """A frozen dataclass that knows how to set up its task."""

    @property
    def name(self) -> str: ...

    @property
    def loop(self) -> LoopSettings: ...

    def prepare(self, run_dir: Path, *, device: str | torch.device | None = None) -> tuple[Task, LoopSettings]: ...


def dit360() -> PanoramaLora:
    """DiT360's published training on FLUX.1-dev at 1024x2048, in full; every way of ours is a field of it.

    `loop.num_steps` 0 means 25 epochs. The release encodes without wrapping and copies one token column; its samples
    are turned by quarters of the picture here.
    """
    loop = LoopSettings(
        num_steps=0,
        warmup=0,
        batch_size=4,
        accumulation=4,
        lr=5e-5,
        weight_decay=1e-5,
        betas=(0.9, 0.999),
        ema_decay=None,
        precision="bf16",
        checkpoint_every=250,
        sample_every=250,
        log_every=10,
        prefetch=True,
    )
    return PanoramaLora(
        name="dit360",
        images="",
        model="FLUX.1-dev",
        height=1024,
        loop=loop,
        lora=LoraSettings(rank=64, alpha=64.0, dropout=0.05),
        times=Times(kind="table"),
        objectives=Objectives(
            yaw_weight=0.5, yaw_kind="published", cube_weight=0.5, cube_kind="published", geometry_from_epoch=2
        ),
        curriculum=Curriculum(photos_from_epoch=2, photos_decay=0.5),
        wrap="published",
        wrap_vae=False,
        pixel_turns=4,
        caption_dropout=0.0,
    )


def panorama_lora() -> PanoramaLora:
    """Ours: circular encoder, a network that commutes with a turn, the cube by solid angles from the start."""
    return replace(
        dit360(),
        name="panorama-lora",
        times=Times(kind="uniform"),
        objectives=Objectives(cube_weight=0.5, cube_kind="solid_angle"),
        wrap="exact",
        wrap_vae=True,
        pixel_turns=0,
        caption_dropout=0.1,
    )


def miniature_dit360() -> PanoramaLora:
    """The published training on the miniature, for its ablation on a CPU."""
    return _on_the_miniature(dit360(), "miniature-dit360")


def miniature_hybrid() -> PanoramaLora:
    """Our training on the miniature, beside `miniature_dit360` with the same budget."""
    return _on_the_miniature(panorama_lora(), "miniature-hybrid")


def _on_the_miniature(recipe: PanoramaLora, name: str) -> PanoramaLora:
    """The same training of a small network: every linear layer, a high rate, classifier-free guidance."""
    panoramas = miniature_panorama()
    loop = replace(panoramas.loop, num_steps=300, batch_size=16, warmup=20, sample_every=100)
    return replace(
        recipe,
        name=name,
        model="miniature",
        height=0,
        loop=loop,
        lora=panoramas.lora,
        times=panoramas.times,
        prompt_prefix="",
        caption_dropout=0.1,
        gradient_checkpointing=False,
        sample_prompts=panoramas.sample_prompts,
    )


RECIPES: dict[str, Callable[[], Recipe]] = {
    "panorama-lora": panorama_lora,
    "dit360": dit360,
    "miniature-dit360": miniature_dit360,
    "miniature-hybrid": miniature_hybrid,
    "photo-camera": photo_camera,
    "miniature-autoencoder": miniature_autoencoder,
    "miniature-base": miniature_base,
    "miniature-base-large": miniature_base_large,
    "miniature-panorama": miniature_panorama,
}


def load_recipe(name_or_json_path: str | Path, overrides: Mapping[str, Any] | None = None) -> Any:
    """A recipe by name, or from a JSON file (`{"name": ..., changed fields}`, such as a run's `recipe.json`).

    `overrides` name a field (`height`), a field of a part (`loop.lr`), or that field alone where only one part has it
    (`lr`). Values may be strings as typed on a command line.

    Raises:
        ValueError: for an unknown recipe or field, or a value of another type.
    """
    changes: dict[str, Any] = {}
    name = str(name_or_json_path)
    if name.endswith(".json"):
        changes = _read_json(Path(name))
        name = changes.get("name", "")
    if name not in RECIPES:
        raise ValueError(f"no recipe {name!r}; give one of {', '.join(RECIPES)}, or a .json file that names one")
    recipe = RECIPES[name]()
    tree = _merge(asdict(cast(Any, recipe)), changes, name)
    for key, value in (overrides or {}).items():
        _set(tree, recipe, key, value)
    return _validate(type(recipe), tree)


def run_recipe(
    recipe: Recipe,
    run_dir: str | Path,
    *,
    resume: Literal["latest"] | None = "latest",
    device: str | torch.device | None = None,
    max_minutes: float | None = None,
    progress: bool = True,
) -> TrainedRun:
    """Prepare the recipe's task and train it in `run_dir`; see `train` for the options."""
    run_dir = Path(run_dir)
    run_dir.mkdir(parents=True, exist_ok=True)
    is_main_process = make_accelerator(device).is_main_process
    task, settings = recipe.prepare(run_dir, device=device)
    if is_main_process:
        write_text(json.dumps(asdict(cast(Any, recipe)), indent=1) + "\n", run_dir / "recipe.json")
    return train(task, run_dir, settings, resume=resume, device=device, max_minutes=max_minutes, progress=progress)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"cannot read the recipe {path} ({type(error).__name__}: {error}); give a JSON file") from None
    if not isinstance(content, dict) or not isinstance(content.get("name"), str):
        raise ValueError(f'the recipe {path} names no recipe; add "name": one of {", ".join(RECIPES)}')
    return content


def _merge(tree: dict[str, Any], changes: Mapping[str, Any], where: str) -> dict[str, Any]:
    for key, value in changes.items():
        if key not in tree:
            raise ValueError(f"{where} has no field {key!r}; it has {', '.join(tree)}")
        tree[key] = _merge(tree[key], value, f"{where}.{key}") if isinstance(tree[key], dict) else value
    return tree


def _set(tree: dict[str, Any], recipe: Any, key: str, value: Any) -> None:
    *parts, last = _full_name(recipe, key).split(".")
    for part in parts:
        tree = tree[part]
    tree[last] = _parse(value, tree[last])


def _full_name(recipe: Any, key: str) -> str:
    names = _field_names(recipe)
    found = [key] if key in names else [name for name in names if name.endswith(f".{key}")]
    if len(found) == 1:
        return found[0]
    if found:
        raise ValueError(f"{key!r} may be {' or '.join(found)}; give the full name")
    raise ValueError(f"{recipe.name} has no field {key!r}; it has {', '.join(names)}")


def _field_names(part: Any, prefix: str = "") -> list[str]:
    names = []
    for field in fields(part):
        value = getattr(part, field.name)
        names += _field_names(value, f"{prefix}{field.name}.") if is_dataclass(value) else [f"{prefix}{field.name}"]
    return names


def _parse(value: Any, before: Any) -> Any:
    """A string from a command line as the field means it: text stays text, "none" is None, lists are a,b,c."""
    if not isinstance(value, str) or isinstance(before, str):
        return value
    if value.lower() == "none":
        return None
    if isinstance(before, tuple | list):
        return [part.strip() for part in value.strip("[]").split(",") if part.strip()]
    return value


def _validate(cls: type, tree: dict[str, Any]) -> Any:
    try:
        return TypeAdapter(cls).validate_python(tree)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(
            f"{place or 'recipe'} is {first['input']!r}: {first['msg'].removeprefix('Value error, ')}"
        ) from None
