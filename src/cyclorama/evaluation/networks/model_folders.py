"""Models in the folder layout of transformers: where one is found, what it is, and how it is read, without a network.

A folder holds `config.json` and its weights as .safetensors (or `pytorch_model*.bin`). No code of a folder is run.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cyclorama.evaluation.networks.weights import FOLDER_VARIABLE, MissingWeights, sha256_of

CONFIG_FILE = "config.json"
PREPROCESSOR_FILES = ("preprocessor_config.json", "processor_config.json")
READ_FILES = ("*.safetensors", "*.bin", "*.json", "*.txt", "*.model", "*.jinja")
"""What transformers reads from a folder: weights, configurations, vocabularies and chat templates."""


@dataclass(frozen=True)
class ModelFolder:
    """One published model in the folder layout of transformers.

    `environment` names the variable that may hold the folder's path; `hub` is its Hugging Face repository ("": none in
    particular); `num_bytes` is the size of its weights (0: not known); `model_types` are those of config.json that fit.
    """

    name: str
    environment: str
    hub: str
    num_bytes: int
    model_types: tuple[str, ...]


def find_folder(wanted: ModelFolder, *, path: Path | None = None) -> Path:
    """The folder: `path`, else its variable, the folder of weights (under the repository's last name), the hub cache.

    Raises:
        MissingWeights: where it is in none of them, or where `path` or the variable names no such folder.
    """
    if path is not None:
        return _named(wanted, path, "the argument")
    if named := os.environ.get(wanted.environment):
        return _named(wanted, Path(named), wanted.environment)
    for folder in (_in_weights_folder(wanted), _in_hub_cache(wanted)):
        if folder is not None and _is_complete(folder):
            return folder
    raise MissingWeights(f"got no model {wanted.name}; {_how_to_get(wanted)}")


def sha256_of_folder(folder: Path) -> str:
    """The sha256 of the names and digests of every file that is read from a model's folder, sub-folders left out."""
    digest = hashlib.sha256()
    for file in sorted({file for pattern in READ_FILES for file in folder.glob(pattern)}):
        digest.update(f"{file.name} {sha256_of(file)}\n".encode())
    return digest.hexdigest()


def read_model(model_class: Any, folder: Path, wanted: ModelFolder, *, dtype: torch.dtype = torch.float32) -> Any:
    """The model of a folder in evaluation mode, by `model_class.from_pretrained`; every weight must come from a file.

    Raises:
        ValueError: for a model of another type, damaged files, or absent weights (transformers fills them at random).
    """
    from cyclorama.models.loading import READ_ERRORS, one_line, quiet_loading

    check_type(folder, wanted)
    try:
        with quiet_loading():
            model, loading = model_class.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, dtype=dtype, output_loading_info=True
            )
    except READ_ERRORS as error:
        raise ValueError(
            f"cannot read the model in {folder} ({one_line(error)}); wanted a whole {wanted.name} folder: get it again"
        ) from error
    absent = sorted({*loading["missing_keys"], *(key[0] for key in loading["mismatched_keys"])})
    if absent:
        raise ValueError(
            f"got a {wanted.name} in {folder} that lacks {len(absent)} tensors, first {absent[0]}; get it again"
        )
    return model.eval().requires_grad_(False)


def read_part(part_class: Any, folder: Path, **options: Any) -> Any:
    """A tokenizer or processor of a folder, by `part_class.from_pretrained`. ValueError when it cannot be read."""
    from cyclorama.models.loading import READ_ERRORS, one_line, quiet_loading

    try:
        with quiet_loading():
            return part_class.from_pretrained(folder, local_files_only=True, trust_remote_code=False, **options)
    except READ_ERRORS as error:
        raise ValueError(
            f"cannot read the {part_class.__name__} in {folder} ({one_line(error)}); put the model's tokenizer and "
            "processor files beside its weights; readers of video also want torchvision installed"
        ) from error


def check_type(folder: Path, wanted: ModelFolder) -> str:
    """The model type in config.json. ValueError for one that does not fit, with both named."""
    found = _read_json(folder / CONFIG_FILE).get("model_type")
    if found not in wanted.model_types:
        types = " or ".join(wanted.model_types) if len(wanted.model_types) < 5 else "a type that transformers holds"
        raise ValueError(
            f"got a model of type {found} in {folder}, wanted {types}; name the folder of a {wanted.name} model"
        )
    return found


class Normalisation(nn.Module):
    """(image - mean) / std per channel, for images in [0, 1]."""

    def __init__(self, *, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(3, 1, 1), persistent=False)

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch 3 height width"]:
        mean, std = self.get_buffer("mean"), self.get_buffer("std")
        return (images.to(mean) - mean) / std


def read_normalisation(folder: Path) -> Normalisation:
    """`image_mean` and `image_std` of the folder's image processor; its resizing and cropping are not used."""
    for file in (folder / name for name in PREPROCESSOR_FILES if (folder / name).is_file()):
        held = _read_json(file)
        held = held.get("image_processor", held)
        if isinstance(held, dict) and {"image_mean", "image_std"} <= held.keys():
            return Normalisation(mean=held["image_mean"], std=held["image_std"])
    raise ValueError(
        f"got no image_mean and image_std in {folder}, wanted them in {PREPROCESSOR_FILES[0]}; get that file with it"
    )


def _named(wanted: ModelFolder, path: Path, by: str) -> Path:
    folder = path.expanduser()
    if not _is_complete(folder):
        raise MissingWeights(
            f"got {folder} from {by}, which is no folder with {CONFIG_FILE} and weights; {_how_to_get(wanted)}"
        )
    return folder


def _is_complete(folder: Path) -> bool:
    weights = [*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")]
    return (folder / CONFIG_FILE).is_file() and bool(weights)


def _in_weights_folder(wanted: ModelFolder) -> Path | None:
    folder = os.environ.get(FOLDER_VARIABLE)
    return Path(folder).expanduser() / wanted.hub.rpartition("/")[2] if folder and wanted.hub else None


def _in_hub_cache(wanted: ModelFolder) -> Path | None:
    if not wanted.hub:
        return None
    from huggingface_hub import try_to_load_from_cache

    cached = try_to_load_from_cache(wanted.hub, CONFIG_FILE)
    return Path(cached).parent if isinstance(cached, str) else None


def _how_to_get(wanted: ModelFolder) -> str:
    if not wanted.hub:
        return f"wanted the folder of {wanted.name}, chosen by you: name it in {wanted.environment}"
    size = f" ({wanted.num_bytes / 1e9:.2f} GB)" if wanted.num_bytes else ""
    return (
        f"wanted the folder of {wanted.hub}{size}: get it with `hf download {wanted.hub}`, "
        f"or name it in {wanted.environment}"
    )


def _read_json(file: Path) -> dict[str, Any]:
    try:
        held = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise ValueError(f"cannot read {file} ({type(error).__name__}), wanted JSON; get it again") from error
    if not isinstance(held, dict):
        raise ValueError(f"got {file} without fields, wanted a JSON object; get it again")
    return held
