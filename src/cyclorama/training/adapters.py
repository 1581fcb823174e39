"""LoRA on the network of any family: y = W x + (alpha / rank) B A x, only A and B trained (Hu et al. 2021, eq. 3).

PEFT makes and runs it, diffusers writes it, so that every pipeline's `load_lora_weights` reads it as any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import torch
from peft import LoraConfig, get_peft_model_state_dict, set_peft_model_state_dict
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from cyclorama.models.hub import LORA_FILE as WEIGHTS_FILE
from cyclorama.models.lora import TRAINED_ADAPTER, prefix_of, save_lora

__all__ = ["ATTENTION", "WEIGHTS_FILE", "LoraSettings", "add_lora", "load_lora", "save_lora"]

ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")
"""DiT360's targets: on FLUX the image stream's attention in the double blocks and all of it in the single blocks."""


@dataclass(frozen=True)
class LoraSettings:
    """Rank, alpha, dropout, initialisation and target layers (ends of module names), as PEFT understands them.

    No targets are `ATTENTION`; a model names those of its family in `Model.lora_targets`.
    """

    rank: int = 64
    alpha: float = 64.0
    dropout: float = 0.05
    init: Literal["gaussian", "kaiming"] = "gaussian"
    targets: tuple[str, ...] = ()


def add_lora(network: nn.Module, settings: LoraSettings, *, seed: int = 0) -> list[nn.Parameter]:
    """Freeze the transformer or UNet, add a LoRA in float32 drawn from `seed`, and return its parameters.

    The output is unchanged until the first update: B starts at zero.

    Raises:
        ValueError: when it has a LoRA already, or no layer has one of the target names.
    """
    if getattr(network, "_hf_peft_config_loaded", False):
        raise ValueError("the network already carries a LoRA; merge it (`merge_lora`) before training another")
    targets = settings.targets or ATTENTION
    missing = _missing_targets(network, targets)
    if missing:
        raise ValueError(
            f"no layer of the network ends in {missing[0]!r}; give names of its layers, or the model's `lora_targets`"
        )
    network.requires_grad_(False)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        cast(Any, network).add_adapter(_peft_config(settings, targets), adapter_name=TRAINED_ADAPTER)
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    for parameter in parameters:
        parameter.data = parameter.data.float()
    return parameters


def _missing_targets(network: nn.Module, targets: Sequence[str]) -> list[str]:
    names = [name for name, module in network.named_modules() if isinstance(module, nn.Linear | nn.Conv2d)]
    return [target for target in targets if not any(f".{name}".endswith(f".{target}") for name in names)]


def _peft_config(settings: LoraSettings, targets: Sequence[str]) -> LoraConfig:
    return LoraConfig(
        r=settings.rank,
        lora_alpha=cast(int, settings.alpha),
        lora_dropout=settings.dropout,
        init_lora_weights="gaussian" if settings.init == "gaussian" else True,
        target_modules=list(targets),
    )


def load_lora(network: nn.Module, folder: Path) -> None:
    """Fill the LoRA made by `add_lora` with the weights that `save_lora` wrote, to train them further.

    Raises:
        ValueError: for a missing or damaged file, or weights of another rank or other layers.
    """
    state = _read(folder / WEIGHTS_FILE, prefix=f"{prefix_of(network)}.")
    wanted = get_peft_model_state_dict(network, adapter_name=TRAINED_ADAPTER)
    odd = sorted(
        k
        for k in wanted.keys() | state.keys()
        if k not in wanted or k not in state or wanted[k].shape != state[k].shape
    )
    if odd:
        raise ValueError(
            f"the LoRA in {folder} has other layers or another rank (at {odd[0]}); use the settings it was made with"
        )
    set_peft_model_state_dict(network, state, adapter_name=TRAINED_ADAPTER)


def _read(file: Path, *, prefix: str) -> dict[str, Tensor]:
    if not file.is_file():
        raise ValueError(f"no {file.name} in {file.parent}; give the folder of a LoRA in diffusers format")
    try:
        return {key.removeprefix(prefix): tensor for key, tensor in load_file(file).items()}
    except SafetensorError as error:
        raise ValueError(f"{file} is damaged ({error}); give another LoRA to start from") from error
