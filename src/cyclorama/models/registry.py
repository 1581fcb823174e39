"""Known names, folders and hub ids to ready models: the one way to load them. The table itself is in `table.py`."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import torch

from cyclorama.models.flux import FluxModel
from cyclorama.models.hub import LORA_FILE, PIPELINE_FILE, is_cached
from cyclorama.models.seams import to_wrap
from cyclorama.models.table import MINIATURE, Row, find_row, list_models, photographic_hint

__all__ = ["MINIATURE", "Row", "find_row", "list_models", "load_model", "photographic_hint"]


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
) -> FluxModel:
    """A known name, a diffusers folder or a hub id, ready to generate.

    `lora` None is the model's own panorama LoRA if it has one, "none" is none; else a known name, a file, a folder or a
    hub id. `wrap` None is what the LoRA was made for. `dtype` None is bfloat16 on a GPU; on a CPU LoRAs are merged and
    the transformer runs in bfloat16 if the processor multiplies it natively. Nothing is downloaded without `download`.

    Raises:
        ValueError: for an unknown name, weights that are not here, or files that cannot be read.
    """
    chosen = to_wrap(wrap) if wrap else None
    base = _known(name_or_folder, "base")
    lora_row, lora_source = _choose_lora(base, lora)
    for row in (base, lora_row):
        _check_available(row, download=download)
    loaded_from = base.source if base else str(name_or_folder)
    options = {} if base is None else {"name": base.name, "distilled": base.distilled}
    model = FluxModel.from_pretrained(
        loaded_from, dtype=dtype, device=device, offload=offload, vae_tiling=vae_tiling, download=download, **options
    )
    _apply(model, base)
    if lora_source is not None:
        model.load_lora(lora_source, lora_weight, download=download)
        model.capabilities = replace(model.capabilities, trained_on="panorama")
    _apply(model, lora_row)
    model.wrap = chosen or model.wrap
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
    return row, row.source if row else str(wanted)


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
    file = PIPELINE_FILE if row.kind == "base" else LORA_FILE
    if not (download or is_cached(row.source, file)):
        single_files = ' --exclude "flux1*"' if row.kind == "base" else ""
        command = f"hf download {row.source}{single_files}"
        raise ValueError(
            f"got {row.name}, which is not on this machine ({row.download_gb:g} GB, {row.licence}): accept the licence "
            f"at {row.page}, then `{command}` or load_model(..., download=True)"
        )


def _apply(model: FluxModel, row: Row | None) -> None:
    """Give the model what its row knows; a LoRA's row overrides its base's."""
    if row is None:
        return
    model.default_steps, model.default_guidance, model.wrap = row.num_steps, row.guidance_scale, to_wrap(row.wrap)
    model.prompt_prefix = row.prompt_prefix
    facts = replace(model.capabilities, native_size=row.native_size, licence=row.licence)
    model.capabilities = replace(facts, memory_gb=row.memory_gb) if row.kind == "base" else facts
