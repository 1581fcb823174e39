"""Reading a diffusers folder or a hub model from the local cache, with one clear line when it cannot be read."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import diffusers.utils.logging as diffusers_logging
import torch
import transformers.utils.logging as transformers_logging
from safetensors import SafetensorError, safe_open
from torch import nn

from cyclorama.models.hub import PIPELINE_FILE, is_cached, looks_like_hub_id

READ_ERRORS = (OSError, ValueError, KeyError, RuntimeError, TypeError, AttributeError, ImportError, SafetensorError)
OLD_ATTENTION = {".query.": ".to_q.", ".key.": ".to_k.", ".value.": ".to_v.", ".proj_attn.": ".to_out.0."}
"""Names of an auto-encoder's attention in files of 2022, which diffusers renames while it reads them."""


def read_pipeline(
    folder_or_hub_id: str | Path,
    *,
    classes: Sequence[str],
    dtype: torch.dtype,
    download: bool = False,
    options: Mapping[str, Any] | None = None,
) -> Any:
    """The pipeline in main memory. A hub id comes from the local cache; the network is used only with `download`.

    `classes` are the pipelines that the caller can use; `options` go to diffusers' `from_pretrained`.

    Raises:
        ValueError: for a missing or unreadable folder, truncated weights, or another pipeline class.
    """
    index = _read_index(folder_or_hub_id, download=download)
    check_class(index["_class_name"], folder_or_hub_id, classes)
    absent = {name: None for name, place in index.items() if place == [None, None]}
    options = absent | dict(options or {})
    try:
        with quiet_loading():
            from diffusers.pipelines.pipeline_utils import DiffusionPipeline

            folder = Path(folder_or_hub_id)
            if not folder.is_dir():
                here = not download
                folder = Path(DiffusionPipeline.download(str(folder_or_hub_id), local_files_only=here, **options))
            pipe = DiffusionPipeline.from_pretrained(folder, dtype=dtype, local_files_only=True, **options)
            _check_complete(folder, pipe)
            return pipe
    except READ_ERRORS as error:
        raise ValueError(
            f"cannot read the model in {folder_or_hub_id} ({one_line(error)}); its files are damaged or incomplete: "
            f"fetch or train it again"
        ) from error


def read_flux_pipeline(folder_or_hub_id: str | Path, *, dtype: torch.dtype, download: bool = False) -> Any:
    """`read_pipeline` for a FluxPipeline."""
    return read_pipeline(folder_or_hub_id, classes=("FluxPipeline",), dtype=dtype, download=download)


def read_class_name(folder_or_hub_id: str | Path, *, download: bool = False) -> str:
    """The pipeline class that a folder or hub model names in its model_index.json.

    Raises:
        ValueError: when there is none, or a hub model is not here and `download` is off.
    """
    return _read_index(folder_or_hub_id, download=download)["_class_name"]


def check_class(found: str, folder_or_hub_id: str | Path, classes: Sequence[str]) -> None:
    """`ValueError` unless the pipeline class found there is one of `classes`."""
    if found not in classes:
        raise ValueError(
            f"got a {found} in {folder_or_hub_id}; wanted a {' or '.join(classes)}: use a model of these families"
        )


def _read_index(folder_or_hub_id: str | Path, *, download: bool) -> dict[str, Any]:
    file = _index_file(folder_or_hub_id, download=download)
    try:
        index = json.loads(file.read_text())
        return index | {"_class_name": str(index["_class_name"])}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"cannot read {file} ({one_line(error)}); wanted the index of a diffusers folder") from error


def _index_file(folder_or_hub_id: str | Path, *, download: bool) -> Path:
    folder, name = Path(folder_or_hub_id), str(folder_or_hub_id)
    if folder.is_dir():
        if not (folder / PIPELINE_FILE).is_file():
            raise ValueError(f"got the folder {folder} without a model_index.json; wanted a diffusers pipeline folder")
        return folder / PIPELINE_FILE
    if not looks_like_hub_id(name):
        raise ValueError(f"got model {name!r}; wanted a folder that exists, a hub id or a known name")
    if not (download or is_cached(name, PIPELINE_FILE)):
        raise ValueError(
            f"got model {name!r}, which is not on this machine; get it with `hf download {name}` or pass download=True"
        )
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(name, PIPELINE_FILE, local_files_only=not download))
    except READ_ERRORS as error:
        raise ValueError(
            f"cannot fetch {name} ({one_line(error)}); check the name, the network and that its licence is accepted"
        ) from error


def one_line(error: BaseException) -> str:
    """The first line of an error's message, cut to a readable length."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:160]


@contextmanager
def quiet_loading() -> Iterator[None]:
    """Neither progress bars nor log lines below errors from diffusers and transformers within the context."""
    logs = (diffusers_logging, transformers_logging)
    before = [(log.get_verbosity(), log.is_progress_bar_enabled()) for log in logs]
    for log in logs:
        log.set_verbosity_error()
        log.disable_progress_bar()
    try:
        yield
    finally:
        for log, (verbosity, bars) in zip(logs, before, strict=True):
            log.set_verbosity(verbosity)
            if bars:
                log.enable_progress_bar()


def _check_complete(folder: Path, pipe: Any) -> None:
    """The libraries fill absent tensors at random and only log it: compare with what the files hold.

    Tensors of the text encoders have other names in the files, and some are tied: there the number must suffice.

    Raises:
        KeyError: naming the component and, if known, the first absent tensor.
    """
    for name, part in pipe.components.items():
        held = _stored_names(folder / name)
        if not held or not isinstance(part, nn.Module):
            continue
        absent = set(part.state_dict()) - held - {_renamed(stored) for stored in held}
        if absent and not name.startswith("text_encoder"):
            raise KeyError(f"{name} lacks {len(absent)} tensors, first {min(absent)}")
        if len(held) < len(list(part.parameters())):
            raise KeyError(f"{name} lacks {len(list(part.parameters())) - len(held)} tensors")


def _stored_names(folder: Path) -> set[str]:
    names: set[str] = set()
    for file in folder.glob("*.safetensors"):
        with safe_open(file, framework="pt") as weights:
            names.update(weights.keys())
    return names


def _renamed(name: str) -> str:
    for old, new in OLD_ATTENTION.items():
        name = name.replace(old, new)
    return name
