"""Where the weights of a network are found, what they are, and how they are read. Nothing here downloads anything."""

import hashlib
import os
import pickle
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

FOLDER_VARIABLE = "CYCLORAMA_WEIGHTS"
"""Names a folder in which every weights file is looked for by its published name."""

_NOT_COMPARED = ".num_batches_tracked"  # of batch norms: absent from files older than PyTorch 0.4.1, without effect


class MissingWeights(ValueError):
    """A weights file is not on this machine; the message names it, its size and its source."""


@dataclass(frozen=True)
class WeightsFile:
    """One published file of weights.

    `environment` names the variable that may hold its path; `source` is told to the user and never opened; `hub` is a
    (repository, file) of the Hugging Face hub; `sha256` is the published digest or as many of its first digits as
    are public.
    """

    name: str
    file_name: str
    environment: str
    source: str
    num_bytes: int
    hub: tuple[str, str] | None = None
    sha256: str = ""

    def is_published(self, digest: str) -> bool:
        """Whether a file of this sha256 may be the published one: it agrees with what is public of its digest."""
        return digest.startswith(self.sha256)


def find_weights(wanted: WeightsFile, *, path: Path | None = None) -> Path:
    """The file: `path` (or the file in that folder), else its variable, the folder of weights, the local hub cache.

    Raises:
        MissingWeights: where it is in none of them, or where `path` or the variable names what is not there.
    """
    if path is not None:
        return _named(wanted, path, "the argument")
    if named := os.environ.get(wanted.environment):
        return _named(wanted, Path(named), wanted.environment)
    folder = os.environ.get(FOLDER_VARIABLE)
    if folder and (file := Path(folder).expanduser() / wanted.file_name).is_file():
        return file
    if (cached := _in_hub_cache(wanted)) is not None:
        return cached
    raise MissingWeights(f"got no weights of {wanted.name}; {_how_to_get(wanted)}")


def sha256_of(path: Path) -> str:
    """The sha256 of a file in hexadecimal, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_state_dict(path: Path) -> dict[str, Tensor]:
    """The tensors of a .safetensors file or of a PyTorch one, on the CPU; of a Lightning checkpoint its `state_dict`.

    Pickled objects other than tensors and plain containers are refused, not run.

    Raises:
        ValueError: for a file that is absent, damaged, or no dictionary of tensors.
    """
    try:
        state = load_file(path) if path.suffix == ".safetensors" else _load_pickle(path)
    except (OSError, SafetensorError, RuntimeError, EOFError, KeyError, pickle.UnpicklingError) as error:
        raise ValueError(
            f"cannot read the weights {path} ({_first_line(error)}), wanted tensors in a .safetensors, .pt, .pth or "
            ".ckpt file; get it again, or save its state dict alone"
        ) from error
    return _tensors(state, path)


def load_strictly(network: nn.Module, state: Mapping[str, Tensor], *, path: Path) -> None:
    """Fill the network with `state`, whose names and shapes must be the network's own.

    Raises:
        ValueError: naming the first tensor that is absent, unknown or of another shape, and the `path` it came from.
    """
    own = {name: tensor for name, tensor in network.state_dict().items() if not name.endswith(_NOT_COMPARED)}
    state = {name: tensor for name, tensor in state.items() if not name.endswith(_NOT_COMPARED)}
    absent, unknown = sorted(own.keys() - state.keys()), sorted(state.keys() - own.keys())
    reshaped = [name for name in own if name in state and own[name].shape != state[name].shape]
    faults = [
        *([f"lacks {len(absent)} tensors, first {absent[0]}"] if absent else []),
        *([f"has {len(unknown)} unknown tensors, first {unknown[0]}"] if unknown else []),
        *(f"has {name} of {tuple(state[name].shape)}, not {tuple(own[name].shape)}" for name in reshaped[:1]),
    ]
    if faults:
        wanted = type(network).__name__
        raise ValueError(f"got weights that do not fit: {path} {'; '.join(faults)}; wanted those of {wanted}")
    network.load_state_dict(state, strict=False)


def freeze(network: nn.Module) -> None:
    """Evaluation mode, no gradients."""
    network.eval().requires_grad_(False)


def _named(wanted: WeightsFile, path: Path, by: str) -> Path:
    path = path.expanduser()
    file = path / wanted.file_name if path.is_dir() else path
    if not file.is_file():
        raise MissingWeights(f"got {file} from {by}, which is no file; {_how_to_get(wanted)}")
    return file


def _in_hub_cache(wanted: WeightsFile) -> Path | None:
    if wanted.hub is None:
        return None
    from huggingface_hub import try_to_load_from_cache

    cached = try_to_load_from_cache(*wanted.hub)
    return Path(cached) if isinstance(cached, str) else None


def _how_to_get(wanted: WeightsFile) -> str:
    hub = f" (or `hf download {' '.join(wanted.hub)}`)" if wanted.hub else ""
    return (
        f"wanted {wanted.file_name} ({wanted.num_bytes / 1e6:.1f} MB) from {wanted.source}{hub}: name it in "
        f"{wanted.environment} or put it into the folder that {FOLDER_VARIABLE} names"
    )


def _load_pickle(path: Path) -> Any:
    if zipfile.is_zipfile(path) and _is_torchscript(path):
        raise RuntimeError("it is a TorchScript program, whose code is not run here")
    return torch.load(path, map_location="cpu", weights_only=True)


def _is_torchscript(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith("/constants.pkl") for name in archive.namelist())


def _tensors(state: Any, path: Path) -> dict[str, Tensor]:
    if isinstance(state, dict) and isinstance(state.get("state_dict"), dict):
        state = state["state_dict"]
    if not (isinstance(state, dict) and state and all(isinstance(tensor, Tensor) for tensor in state.values())):
        raise ValueError(f"got {path}, which holds no tensors by name, wanted a state dict; save `state_dict()` again")
    return dict(state)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
