"""LoRA on a diffusers transformer: y = W x + (alpha / rank) B A x, only A and B trained (Hu et al. 2021, eq. 3).

PEFT makes and runs it, diffusers writes it, so that `FluxPipeline.load_lora_weights` reads it as any other.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import torch
from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel
from diffusers.pipelines.flux.pipeline_flux import FluxPipeline
from peft import LoraConfig, get_peft_model_state_dict, set_peft_model_state_dict
from torch import nn

WEIGHTS_FILE = "pytorch_lora_weights.safetensors"
ATTENTION = ("attn.to_q", "attn.to_k", "attn.to_v", "attn.to_out.0")
"""The targets of DiT360: the image stream's attention in the double blocks, all attention in the single blocks."""
ADAPTER = "default"


@dataclass(frozen=True)
class LoraSettings:
    """Rank, alpha, dropout, initialisation and target layers (ends of module names), as PEFT understands them."""

    rank: int = 64
    alpha: float = 64.0
    dropout: float = 0.05
    init: Literal["gaussian", "kaiming"] = "gaussian"
    targets: tuple[str, ...] = ATTENTION


def add_lora(transformer: FluxTransformer2DModel, settings: LoraSettings, *, seed: int = 0) -> list[nn.Parameter]:
    """Freeze the transformer, add a LoRA in float32 drawn from `seed`, and return its parameters.

    The output is unchanged until the first update: B starts at zero.

    Raises:
        ValueError: when it has a LoRA already, or no layer has one of the target names.
    """
    if getattr(transformer, "_hf_peft_config_loaded", False):
        raise ValueError("the transformer already carries a LoRA; merge it (`merge_lora`) before training another")
    missing = _missing_targets(transformer, settings.targets)
    if missing:
        raise ValueError(
            f"no layer of the transformer ends in {missing[0]!r}; give names such as {', '.join(ATTENTION)}"
        )
    transformer.requires_grad_(False)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        transformer.add_adapter(_peft_config(settings), adapter_name=ADAPTER)
    parameters = [parameter for parameter in transformer.parameters() if parameter.requires_grad]
    for parameter in parameters:
        parameter.data = parameter.data.float()
    return parameters


def _missing_targets(transformer: nn.Module, targets: Sequence[str]) -> list[str]:
    names = [name for name, module in transformer.named_modules() if isinstance(module, nn.Linear)]
    return [target for target in targets if not any(f".{name}".endswith(f".{target}") for name in names)]


def _peft_config(settings: LoraSettings) -> LoraConfig:
    return LoraConfig(
        r=settings.rank,
        lora_alpha=cast(int, settings.alpha),
        lora_dropout=settings.dropout,
        init_lora_weights="gaussian" if settings.init == "gaussian" else True,
        target_modules=list(settings.targets),
    )


def save_lora(transformer: FluxTransformer2DModel, folder: Path) -> Path:
    """Write `folder/pytorch_lora_weights.safetensors` with its metadata, atomically; the inverse of `load_lora`."""
    partial = folder / ".partial-lora"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        FluxPipeline.save_lora_weights(
            partial,
            transformer_lora_layers=dict(get_peft_model_state_dict(transformer, adapter_name=ADAPTER)),
            transformer_lora_adapter_metadata=_metadata(transformer),
        )
        return (partial / WEIGHTS_FILE).replace(folder / WEIGHTS_FILE)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _metadata(transformer: FluxTransformer2DModel) -> dict[str, Any]:
    """PEFT's configuration for inference, sets in a fixed order.

    Without the dropout: diffusers leaves the layers that it loads in training mode, and would apply it to pictures.
    """
    config = transformer.peft_config[ADAPTER].to_dict() | {"lora_dropout": 0.0, "inference_mode": True}
    return {key: sorted(value) if isinstance(value, set) else value for key, value in config.items()}


def load_lora(transformer: FluxTransformer2DModel, folder: Path) -> None:
    """Fill the LoRA made by `add_lora` with the weights that `save_lora` wrote, to train them further.

    Raises:
        ValueError: for a missing file, or weights of another rank or other layers.
    """
    if not (folder / WEIGHTS_FILE).is_file():
        raise ValueError(f"no {WEIGHTS_FILE} in {folder}; give the folder of a LoRA in diffusers format")
    state, _ = FluxPipeline.lora_state_dict(folder, weight_name=WEIGHTS_FILE, return_alphas=True)  # pyright: ignore
    state = {key.removeprefix("transformer."): value for key, value in state.items()}
    wanted = get_peft_model_state_dict(transformer, adapter_name=ADAPTER)
    odd = sorted(
        k
        for k in wanted.keys() | state.keys()
        if k not in wanted or k not in state or wanted[k].shape != state[k].shape
    )
    if odd:
        raise ValueError(
            f"the LoRA in {folder} has other layers or another rank (at {odd[0]}); use the settings it was made with"
        )
    set_peft_model_state_dict(transformer, state, adapter_name=ADAPTER)
