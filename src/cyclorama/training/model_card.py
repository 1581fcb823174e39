"""What stands beside a trained panorama LoRA: how to sample with it, for programs and for people.

`adapter.json` tells `load_model(..., lora=FOLDER)` the wrap and the prompt prefix that the LoRA was trained with;
`README.md` is its model card, in the format of the Hugging Face hub.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import ModelCardData

from cyclorama.media.atomic import write_text
from cyclorama.models.protocol import Model
from cyclorama.training.panorama_data import PanoramaData
from cyclorama.training.panorama_settings import PanoramaSettings

ADAPTER_FILE, CARD_FILE = "adapter.json", "README.md"
TAGS = ("text-to-image", "lora", "diffusers", "panorama", "equirectangular", "360")


@dataclass(frozen=True)
class Trained:
    """What was trained, on what, how; `height` in pixels."""

    recipe: PanoramaSettings
    model: Model
    data: PanoramaData
    height: int


def write_adapter_files(trained: Trained, run_dir: Path) -> None:
    """Write both files, each whole or not at all."""
    write_text(json.dumps(adapter_facts(trained), indent=1) + "\n", run_dir / ADAPTER_FILE)
    write_text(model_card(trained), run_dir / CARD_FILE)


def adapter_facts(trained: Trained) -> dict[str, str | int]:
    """What a sampler must know."""
    return {
        "base_model": trained.recipe.model,
        "wrap": trained.model.wrap,
        "prompt_prefix": trained.recipe.prompt_prefix,
        "height": trained.height,
    }


def model_card(trained: Trained) -> str:
    """The model card: metadata in YAML, use, training, limits."""
    facts = trained.model.capabilities
    data = ModelCardData(
        base_model=trained.recipe.model,
        library_name="diffusers",
        license=facts.licence,
        tags=list(TAGS),
        instance_prompt=trained.recipe.prompt_prefix.strip() or None,
    )
    head = f"---\n{data.to_yaml()}\n---\n\n# Panorama LoRA for {facts.name}\n"
    return "\n".join([head, _use(trained), _training(trained), _limits(trained)])


def _use(trained: Trained) -> str:
    recipe, height = trained.recipe, trained.height
    return f"""Makes equirectangular panoramas of {height}x{2 * height} pixels (height x width).

```bash
cyclorama generate "a mountain valley at sunset" --model {recipe.model} --lora . -o panorama.jpg
```

In plain diffusers, without seam-free wrapping:

```python
pipe.load_lora_weights("FOLDER", weight_name="pytorch_lora_weights.safetensors")
pipe("{recipe.prompt_prefix}a mountain valley at sunset", height={height}, width={2 * height})
```
"""


def _training(trained: Trained) -> str:
    recipe, loop, data = trained.recipe, trained.recipe.loop, trained.data
    network: Any = trained.model.network
    rows = {
        "recipe": recipe.name,
        "panoramas": len(data.panoramas),
        "photos": len(data.photos),
        "samples of an update": loop.batch_size,
        "learning rate": f"{loop.lr:g}",
        "rank, alpha, dropout": f"{recipe.lora.rank}, {recipe.lora.alpha:g}, {recipe.lora.dropout:g}",
        "layers": ", ".join(sorted(network.peft_config["default"].target_modules)),
        "wrap": f"{trained.model.wrap}; auto-encoder {'circular' if recipe.wrap_vae else 'as it is'}",
        "losses": _losses(trained),
    }
    lines = "".join(f"| {name} | {value} |\n" for name, value in rows.items())
    return f"## Training\n\nEvery field is in `recipe.json`, every figure in `log.jsonl`.\n\n| | |\n|---|---|\n{lines}"


def _losses(trained: Trained) -> str:
    objectives = trained.recipe.objectives
    kinds = {"yaw": objectives.yaw_kind, "cube": objectives.cube_kind, "equivariance": "two evaluations"}
    weights = {name: getattr(objectives, f"{name}_weight") for name in kinds}
    return ", ".join(["flow matching"] + [f"{w:g} {name} ({kinds[name]})" for name, w in weights.items() if w])


def _limits(trained: Trained) -> str:
    return (
        "## Limits\n\nIt knows what its training pictures showed, at the size it was trained on. The licence of "
        f"{trained.model.capabilities.name} ({trained.model.capabilities.licence}) goes for what is made with both.\n"
    )
