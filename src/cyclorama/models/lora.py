"""LoRA files in diffusers format: checked against the network before they touch it, and written atomically."""

import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from diffusers.loaders.lora_pipeline import FluxLoraLoaderMixin, StableDiffusionLoraLoaderMixin
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.utils.state_dict_utils import convert_unet_state_dict_to_peft
from peft import get_peft_model_state_dict
from torch import Tensor, nn

from cyclorama.models.hub import LORA_FILE, is_cached, looks_like_hub_id, split_hub_file
from cyclorama.models.loading import READ_ERRORS, one_line, quiet_loading

TRAINED_ADAPTER = "default"
"""The PEFT name of the LoRA that a training adds; those that `load_lora` adds are lora_0, lora_1, ..."""


def load_lora(pipe: Any, path_or_id: str | Path, *, weight: float = 1.0, download: bool = False) -> str:
    """Add a LoRA beside those already loaded and return its adapter name.

    Raises:
        ValueError: for a missing, unreadable, empty or mismatching file; the pipeline is then as it was before.
    """
    source = _source(path_or_id, download=download)
    network = network_of(pipe)
    _check_fit(_read(pipe, source, download=download), network, source)
    weights = _adapter_weights(pipe)
    name = f"lora_{len(weights)}"
    try:
        with quiet_loading(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Already found a `peft_config` attribute", category=UserWarning)
            pipe.load_lora_weights(**source, adapter_name=name, local_files_only=not download, use_safetensors=True)
    except READ_ERRORS as error:
        raise ValueError(f"cannot load the LoRA {_title(source)} ({one_line(error)})") from error
    weights[name] = weight
    pipe.set_adapters(list(weights), adapter_weights=list(weights.values()))
    network.eval()  # diffusers leaves LoRA layers in training mode, where a stored dropout would act
    return name


def network_of(pipe: Any) -> nn.Module:
    """The denoiser of a pipeline."""
    return pipe.unet if hasattr(pipe, "unet") else pipe.transformer


def prefix_of(network: nn.Module) -> str:
    """What the names of its weights begin with in a file of diffusers."""
    return "unet" if isinstance(network, UNet2DConditionModel) else "transformer"


def save_lora(network: nn.Module, folder: Path) -> Path:
    """Write the LoRA of a training as `folder/pytorch_lora_weights.safetensors` with its metadata, atomically.

    Raises:
        ValueError: when the network carries none.
    """
    if TRAINED_ADAPTER not in getattr(network, "peft_config", {}):
        raise ValueError("got a network without the LoRA of a training; add one before it is saved")
    partial, prefix = folder / ".partial-lora", prefix_of(network)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        writer: Any = StableDiffusionLoraLoaderMixin if prefix == "unet" else FluxLoraLoaderMixin
        parts = {
            f"{prefix}_lora_layers": dict(get_peft_model_state_dict(network, adapter_name=TRAINED_ADAPTER)),
            f"{prefix}_lora_adapter_metadata": _metadata(network),
        }
        writer.save_lora_weights(partial, **parts)
        return (partial / LORA_FILE).replace(folder / LORA_FILE)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _metadata(network: Any) -> dict[str, Any]:
    """PEFT's configuration for inference, sets in a fixed order.

    Without the dropout: diffusers leaves the layers that it loads in training mode, and would apply it to pictures.
    """
    config = network.peft_config[TRAINED_ADAPTER].to_dict() | {"lora_dropout": 0.0, "inference_mode": True}
    return {key: sorted(value) if isinstance(value, set) else value for key, value in config.items()}


def _adapter_weights(pipe: Any) -> dict[str, float]:
    """Weights of the adapters loaded so far (diffusers does not tell them), in the order of loading."""
    held: dict[str, float] = vars(pipe).setdefault("_cyclorama_adapter_weights", {})
    loaded = {name for names in pipe.get_list_adapters().values() for name in names}
    for name in set(held) - loaded:
        del held[name]
    return held


def _source(path_or_id: str | Path, *, download: bool) -> dict[str, Any]:
    """Where diffusers finds the file: folder or hub id (owner/model, or owner/model/file), and the file's name."""
    path = Path(path_or_id)
    if path.is_file():
        return {"pretrained_model_name_or_path_or_dict": str(path.parent), "weight_name": path.name}
    if path.is_dir():
        return {"pretrained_model_name_or_path_or_dict": str(path), "weight_name": _only_weights(path)}
    hub_id, file = split_hub_file(str(path_or_id))
    if not looks_like_hub_id(hub_id):
        raise ValueError(f"got LoRA {str(path_or_id)!r}; wanted a .safetensors file, a folder with one, or a hub id")
    if not (download or is_cached(hub_id, file)):
        raise ValueError(
            f"got LoRA {str(path_or_id)!r}, which is not on this machine; get it with `hf download {hub_id} {file}` "
            f"or pass download=True"
        )
    return {"pretrained_model_name_or_path_or_dict": hub_id, "weight_name": file}


def _only_weights(folder: Path) -> str:
    found = sorted(file.name for file in folder.glob("*.safetensors"))
    if LORA_FILE in found:
        return LORA_FILE
    if len(found) != 1:
        raise ValueError(
            f"got the folder {folder} with {len(found)} .safetensors files; wanted one LoRA: name the file"
        )
    return found[0]


def _read(pipe: Any, source: Mapping[str, Any], *, download: bool) -> dict[str, Tensor]:
    """The weights for the network, with the names that PEFT gives them."""
    blocks = {"unet_config": pipe.unet.config} if "XL" in type(pipe).__name__ else {}
    try:
        read = pipe.lora_state_dict(**source, **blocks, local_files_only=not download, use_safetensors=True)
        state: dict[str, Tensor] = read[0] if isinstance(read, tuple) else read
        prefix = f"{prefix_of(network_of(pipe))}."
        state = {key.removeprefix(prefix): tensor for key, tensor in state.items() if key.startswith(prefix)}
        return state if any(".lora_A" in key for key in state) else convert_unet_state_dict_to_peft(state)
    except READ_ERRORS as error:
        raise ValueError(
            f"cannot read the LoRA {_title(source)} ({one_line(error)}); the file is damaged or no LoRA: fetch it again"
        ) from error


def _check_fit(state: Mapping[str, Tensor], network: nn.Module, source: Mapping[str, Any]) -> None:
    """Every lora_A [rank, in, ...] and lora_B [out, rank, ...] must have a layer [out, in, ...] of the network."""
    if not any(".lora_" in key for key in state):
        raise ValueError(
            f"got {_title(source)} without LoRA weights of this family; wanted keys like "
            f"{prefix_of(network)}.*.lora_A.weight"
        )
    for key, tensor in state.items():
        layer, _, part = key.partition(".lora_")
        if part[:2] not in ("A.", "B."):
            continue
        wanted = _layer_shape(network, layer)
        axis = 1 if part.startswith("A") else 0
        if wanted is None or tensor.ndim not in (2, len(wanted)) or tensor.shape[axis] != wanted[axis]:
            raise ValueError(
                f"the LoRA {_title(source)} does not fit this model: {layer} has shape {tuple(tensor.shape)}, "
                f"the layer is {wanted or 'absent'}; use the base model that it was trained on"
            )


def _layer_shape(network: nn.Module, layer: str) -> tuple[int, ...] | None:
    """(out, in, ...) of a linear layer or convolution, looked up beneath PEFT's wrapper if there is one."""
    try:
        module = network.get_submodule(layer)
    except AttributeError:
        return None
    module = getattr(module, "base_layer", module)
    return tuple(module.weight.shape) if isinstance(module, nn.Linear | nn.Conv2d) else None


def _title(source: Mapping[str, Any]) -> str:
    return f"{source['pretrained_model_name_or_path_or_dict']}/{source['weight_name']}"
