"""The known base models and panorama LoRAs. Imports nothing heavy: `cyclorama models` reads only this."""

from pathlib import Path
from typing import Literal

from cyclorama.models.base_models import BASE_MODELS
from cyclorama.models.panorama_loras import PANORAMA_LORAS
from cyclorama.models.row import MINIATURE, Row

__all__ = ["MINIATURE", "ROWS", "Row", "find_row", "list_models", "photographic_hint"]

ROWS = (*BASE_MODELS, *PANORAMA_LORAS)


def list_models(kind: Literal["base", "lora"] | None = None) -> list[Row]:
    """Every known base model and panorama LoRA, or those of one kind."""
    return [row for row in ROWS if kind in (None, row.kind)]


def find_row(name: str | Path, kind: Literal["base", "lora"]) -> Row | None:
    """The row with this name or hub id, in any case."""
    wanted = str(name).lower()
    return next((row for row in list_models(kind) if wanted in (row.name.lower(), row.source.lower())), None)


def photographic_hint() -> str:
    """One line: how to get photographs after a picture from the miniature."""
    base, lora = find_row("FLUX.1-dev", "base"), find_row("dit360", "lora")
    assert base
    assert lora
    return (
        f"For photographic quality: --model {base.name} with its {lora.name} LoRA "
        f"({base.download_gb:.0f} GB, about {base.memory_gb + lora.memory_gb:.0f} GB of GPU memory, {base.licence})"
    )
