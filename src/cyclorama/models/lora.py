"""LoRA files in diffusers format: checked against the transformer before they touch it."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from cyclorama.models.hub import LORA_FILE, is_cached, looks_like_hub_id
from cyclorama.models.loading import READ_ERRORS, one_line, quiet_loading


def load_lora(pipe: Any, path_or_id: str | Path, *, weight: float = 1.0, download: bool = False) -> str:
    """Add a LoRA beside those already loaded and return its adapter name.

    Raises:
        ValueError: for a missing, unreadable, empty or mismatching file; the pipeline is then as it was before.
    """
    source = _source(path_or_id, download=download)
    state = _read(pipe, source, download=download)
    _check_fit(state, pipe.transformer, source)
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
    pipe.transformer.eval()  # diffusers leaves LoRA layers in training mode, where a stored dropout would act
    return name


def _adapter_weights(pipe: Any) -> dict[str, float]:
    """Weights of the adapters loaded so far (diffusers does not tell them), in the order of loading."""
    held: dict[str, float] = vars(pipe).setdefault("_cyclorama_adapter_weights", {})
    loaded = {name for names in pipe.get_list_adapters().values() for name in names}
    for name in set(held) - loaded:
        del held[name]
    return held


def _source(path_or_id: str | Path, *, download: bool) -> dict[str, Any]:
    """Where diffusers finds the file: folder or hub id, and the file's name in it."""
    path = Path(path_or_id)
    if path.is_file():
        return {"pretrained_model_name_or_path_or_dict": str(path.parent), "weight_name": path.name}
    if path.is_dir():
        return {"pretrained_model_name_or_path_or_dict": str(path), "weight_name": _only_weights(path)}
    if not looks_like_hub_id(str(path_or_id)):
        raise ValueError(f"got LoRA {str(path_or_id)!r}; wanted a .safetensors file, a folder with one, or a hub id")
    if not (download or is_cached(str(path_or_id), LORA_FILE)):
        raise ValueError(
            f"got LoRA {str(path_or_id)!r}, which is not on this machine; get it with `hf download {path_or_id}` "
            f"or pass download=True"
        )
    return {"pretrained_model_name_or_path_or_dict": str(path_or_id), "weight_name": LORA_FILE}


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
    try:
        state = pipe.lora_state_dict(**source, local_files_only=not download, use_safetensors=True)
    except READ_ERRORS as error:
        raise ValueError(
            f"cannot read the LoRA {_title(source)} ({one_line(error)}); the file is damaged or no LoRA: fetch it again"
        ) from error
    if not any(".lora_" in key for key in state):
        raise ValueError(f"got {_title(source)} without LoRA weights; wanted keys like transformer.*.lora_A.weight")
    return state


def _check_fit(state: Mapping[str, Tensor], transformer: nn.Module, source: Mapping[str, Any]) -> None:
    """Every lora_A [rank, in] and lora_B [out, rank] must have a linear layer [out, in] of the transformer."""
    for key, tensor in state.items():
        prefix, _, rest = key.partition(".")
        layer, _, part = rest.partition(".lora_")
        if prefix != "transformer" or not part:
            continue
        wanted = _linear_shape(transformer, layer)
        axis = 1 if part.startswith("A") else 0
        if wanted is None or tensor.ndim != 2 or tensor.shape[axis] != wanted[axis]:
            raise ValueError(
                f"the LoRA {_title(source)} does not fit this model: {layer} has shape {tuple(tensor.shape)}, "
                f"the layer is {wanted or 'absent'}; use the base model that it was trained on"
            )


def _linear_shape(transformer: nn.Module, layer: str) -> tuple[int, int] | None:
    """(out, in) of a linear layer, looked up beneath PEFT's wrapper if there is one."""
    try:
        module = transformer.get_submodule(layer)
    except AttributeError:
        return None
    module = getattr(module, "base_layer", module)
    return (module.out_features, module.in_features) if isinstance(module, nn.Linear) else None


def _title(source: Mapping[str, Any]) -> str:
    return f"{source['pretrained_model_name_or_path_or_dict']}/{source['weight_name']}"
