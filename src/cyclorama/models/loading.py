"""Reading a diffusers folder or a hub model from the local cache, with one clear line when it cannot be read."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import diffusers.utils.logging as diffusers_logging
import torch
import transformers.utils.logging as transformers_logging
from safetensors import SafetensorError, safe_open

from cyclorama.models.hub import PIPELINE_FILE, is_cached, looks_like_hub_id

READ_ERRORS = (OSError, ValueError, KeyError, RuntimeError, TypeError, AttributeError, ImportError, SafetensorError)


def read_flux_pipeline(folder_or_hub_id: str | Path, *, dtype: torch.dtype, download: bool = False) -> Any:
    """The pipeline in main memory. A hub id comes from the local cache; the network is used only with `download`.

    Raises:
        ValueError: for a missing or unreadable folder, truncated weights, or another pipeline class.
    """
    if Path(folder_or_hub_id).is_dir():
        _check_class(Path(folder_or_hub_id))
    elif not looks_like_hub_id(str(folder_or_hub_id)):
        raise ValueError(f"got model {str(folder_or_hub_id)!r}; wanted a folder that exists, a hub id or a known name")
    elif not (download or is_cached(str(folder_or_hub_id), PIPELINE_FILE)):
        raise ValueError(
            f"got model {str(folder_or_hub_id)!r}, which is not on this machine; get it with "
            f"`hf download {folder_or_hub_id}` or pass download=True"
        )
    try:
        with quiet_loading():
            from diffusers.pipelines.flux.pipeline_flux import FluxPipeline

            folder = Path(folder_or_hub_id)
            if not folder.is_dir():
                folder = Path(FluxPipeline.download(str(folder_or_hub_id), local_files_only=not download))
            pipe = FluxPipeline.from_pretrained(folder, dtype=dtype, local_files_only=True)
            _check_complete(folder, pipe)
            return pipe
    except READ_ERRORS as error:
        raise ValueError(
            f"cannot read the model in {folder_or_hub_id} ({one_line(error)}); its files are damaged or incomplete: "
            f"fetch or train it again"
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


def _check_class(folder: Path) -> None:
    index = folder / PIPELINE_FILE
    if not index.is_file():
        raise ValueError(f"got the folder {folder} without a model_index.json; wanted a diffusers FluxPipeline folder")
    try:
        found = json.loads(index.read_text()).get("_class_name")
    except (ValueError, AttributeError) as error:
        raise ValueError(f"cannot read {index} ({one_line(error)}); wanted the index of a diffusers folder") from error
    if found != "FluxPipeline":
        raise ValueError(
            f"got a {found} in {folder}; wanted a FluxPipeline: FLUX is the family that is supported so far"
        )


def _check_complete(folder: Path, pipe: Any) -> None:
    """The libraries fill absent tensors at random and only log it: compare with what the files hold.

    Tensors of the text encoders have other names in the files, and some are tied: there the number must suffice.

    Raises:
        KeyError: naming the component and, if known, the first absent tensor.
    """
    for name in ("transformer", "vae", "text_encoder", "text_encoder_2"):
        held, part = _stored_names(folder / name), getattr(pipe, name)
        absent = set(part.state_dict()) - held
        if held and absent and name in ("transformer", "vae"):
            raise KeyError(f"{name} lacks {len(absent)} tensors, first {min(absent)}")
        if held and len(held) < len(list(part.parameters())):
            raise KeyError(f"{name} lacks {len(list(part.parameters())) - len(held)} tensors")


def _stored_names(folder: Path) -> set[str]:
    names: set[str] = set()
    for file in folder.glob("*.safetensors"):
        with safe_open(file, framework="pt") as weights:
            names.update(weights.keys())
    return names
