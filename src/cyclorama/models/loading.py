"""Reading a diffusers folder or a hub model from the local cache, with one clear line when it cannot be read."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import diffusers.utils.logging as diffusers_logging
import torch
import transformers.utils.logging as transformers_logging
from diffusers.pipelines.flux.pipeline_flux import FluxPipeline
from safetensors import SafetensorError

READ_ERRORS = (OSError, ValueError, KeyError, RuntimeError, TypeError, AttributeError, ImportError, SafetensorError)


def read_flux_pipeline(folder_or_hub_id: str | Path, *, dtype: torch.dtype, download: bool = False) -> FluxPipeline:
    """The pipeline in main memory. A hub id comes from the local cache; the network is used only with `download`.

    Raises:
        ValueError: for a missing or unreadable folder, truncated weights, or another pipeline class.
    """
    folder = Path(folder_or_hub_id)
    if folder.is_dir():
        _check_class(folder)
    elif not looks_like_hub_id(str(folder_or_hub_id)):
        raise ValueError(f"got model {str(folder_or_hub_id)!r}; wanted a folder that exists, a hub id or a known name")
    elif not (download or is_cached(str(folder_or_hub_id))):
        raise ValueError(
            f"got model {str(folder_or_hub_id)!r}, which is not on this machine; get it with "
            f"`hf download {folder_or_hub_id}` or allow the download"
        )
    try:
        with quiet_loading():
            return FluxPipeline.from_pretrained(folder_or_hub_id, dtype=dtype, local_files_only=not download)
    except READ_ERRORS as error:
        raise ValueError(
            f"cannot read the model in {folder_or_hub_id} ({one_line(error)}); its files are damaged or incomplete: "
            f"fetch or train it again"
        ) from error


def looks_like_hub_id(name: str) -> bool:
    """Whether the name has the form owner/model and is no path."""
    owner, slash, model = name.partition("/")
    return bool(owner.strip(".~") and slash and model) and "/" not in model and "\\" not in name


def is_cached(hub_id: str, file: str = "model_index.json") -> bool:
    """Whether that file of a hub model is in the local cache; no network."""
    from huggingface_hub import try_to_load_from_cache

    return isinstance(try_to_load_from_cache(hub_id, file), str)


def one_line(error: BaseException) -> str:
    """The first line of an error's message, cut to a readable length."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:160]


@contextmanager
def quiet_loading() -> Iterator[None]:
    """No progress bars from diffusers and transformers within the context."""
    loud = [log for log in (diffusers_logging, transformers_logging) if log.is_progress_bar_enabled()]
    for log in loud:
        log.disable_progress_bar()
    try:
        yield
    finally:
        for log in loud:
            log.enable_progress_bar()


def _check_class(folder: Path) -> None:
    index = folder / "model_index.json"
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
