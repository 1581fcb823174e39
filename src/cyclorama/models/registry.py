"""Known names, folders and hub ids to ready models: the one way to load them. The table itself is in `table.py`."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import torch

from cyclorama.models.families import load_family
from cyclorama.models.hub import LORA_FILE, PIPELINE_FILE, is_cached
from cyclorama.models.pipeline_model import PipelineModel
from cyclorama.models.seams import to_wrap
from cyclorama.models.table import MINIATURE, Row, find_row, list_models, photographic_hint

__all__ = ["MINIATURE", "Row", "find_row", "list_models", "load_model", "photographic_hint"]

ADAPTER_FILE = "adapter.json"
"""What a training writes beside its LoRA: the wrap and the prompt prefix that it was made with."""


def load_model(
    name_or_folder: str | Path = "miniature",
    *,
    lora: str | Path | None = None,
    lora_weight: float = 1.0,
    wrap: str | None = None,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
    offload: str | None = None,
    vae_tiling: bool = False,
    download: bool = False,
) -> PipelineModel:
    """A known name, a diffusers folder or a hub id, ready to generate.

    `lora` None is the model's own panorama LoRA if it has one, "none" is none; else a known name, a file, a folder or a
    hub id. `wrap` None is what the LoRA was made for (its row, or the adapter.json beside it), or the family's own.
    `dtype` None is bfloat16 on a GPU; on a CPU LoRAs are merged and the network runs in bfloat16 if the processor
    multiplies it natively. Nothing is downloaded without `download`.

    Raises:
        ValueError: for an unknown name, weights that are not here, files that cannot be read, or a wrap that the family
            cannot do.
    """
    base = _known(name_or_folder, "base")
    lora_row, lora_source = _choose_lora(base, lora)
    for row in (base, lora_row):
        _check_available(row, download=download)
    options: dict[str, Any] = {"dtype": dtype, "device": device, "offload": offload, "vae_tiling": vae_tiling}
    options |= {"wrap": to_wrap(wrap)} if wrap else {}
    options |= {"name": base.name, "distilled": base.distilled} if base else {}
    model = load_family(base.source if base else str(name_or_folder), download=download, **options)
    _apply(model, base)
    if lora_source is not None:
        model.load_lora(lora_source, lora_weight, download=download)
        _apply_lora(model, Path(lora_source), lora_row)
    model.wrap = wrap or model.wrap
    if dtype is None and model.device.type == "cpu":
        model.speed_up_cpu()
    return model


def _known(name: str | Path, kind: Literal["base", "lora"]) -> Row | None:
    """The row of a known name; None for a folder, file or hub id of the user's own."""
    row, text = find_row(name, kind), str(name)
    theirs = text not in ("", ".") and (Path(name).exists() or "/" in text or "\\" in text)
    if row is None and not theirs:
        names = ", ".join(row.name for row in list_models(kind))
        what = "model" if kind == "base" else "LoRA"
        raise ValueError(f"got {what} {text!r}; wanted one of {names}, or a folder, or a hub id like owner/name")
    return row


def _choose_lora(base: Row | None, lora: str | Path | None) -> tuple[Row | None, str | None]:
    """The row (if known) and the place of the LoRA to load; (None, None) for none."""
    wanted = (base.default_lora if base else "") if lora is None else lora
    if str(wanted) in ("", "none"):
        return None, None
    row = _known(wanted, "lora")
    return row, f"{row.source}/{row.file}".rstrip("/") if row else str(wanted)


def _check_available(row: Row | None, *, download: bool) -> None:
    """One line about size, licence and how to get it, instead of an unannounced download of gigabytes."""
    if row is None:
        return
    if row.packaged:
        if not Path(row.source).is_dir():
            raise ValueError(
                f"got {row.name}, whose weights are missing from this installation: install cyclorama again"
            )
        return
    if "://" in row.source:
        raise ValueError(
            f"got LoRA {row.name}, which is fetched by hand: get the file from {row.page} and pass its path"
        )
    file = PIPELINE_FILE if row.kind == "base" else row.file or LORA_FILE
    if not (download or is_cached(row.source, file)):
        command = f"hf download {row.source}" + "".join(f' --exclude "{files}"' for files in row.exclude)
        raise ValueError(
            f"got {row.name}, which is not on this machine ({row.download_gb:g} GB, {row.licence}): accept the licence "
            f"at {row.page}, then `{command}` or load_model(..., download=True)"
        )


def _apply_lora(model: PipelineModel, lora: Path, row: Row | None) -> None:
    """What a loaded LoRA makes of its model: the file beside it, then its row, tell how."""
    model.capabilities = replace(model.capabilities, trained_on="panorama")
    _apply_adapter_file(model, lora)
    _apply(model, row)


def _apply_adapter_file(model: PipelineModel, lora: Path) -> None:
    """The wrap and the prompt prefix that a LoRA of ours was trained with."""
    file = (lora if lora.is_dir() else lora.parent) / ADAPTER_FILE
    if not file.is_file():
        return
    try:
        facts = json.loads(file.read_text())
        model.prompt_prefix, model.wrap = str(facts["prompt_prefix"]), str(facts["wrap"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"cannot use {file} ({error}); restore it or delete it") from error


def _apply(model: PipelineModel, row: Row | None) -> None:
    """Give the model what its row knows; a LoRA's row overrides its base's."""
    if row is None:
        return
    model.default_steps, model.default_guidance, model.wrap = row.num_steps, row.guidance_scale, to_wrap(row.wrap)
    model.prompt_prefix = row.prompt_prefix
    facts = replace(model.capabilities, native_size=row.native_size, licence=row.licence)
    model.capabilities = replace(facts, memory_gb=row.memory_gb) if row.kind == "base" else facts
