"""One table of the known base models and panorama LoRAs, and the one way to load them."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch

from cyclorama.models.flux import FluxModel, Offload
from cyclorama.models.loading import is_cached
from cyclorama.models.lora import WEIGHTS_FILE
from cyclorama.models.seams import Wrap

MINIATURE = Path(__file__).parent / "miniature"
DEV_LICENCE = "FLUX.1 [dev] Non-Commercial License"


@dataclass(frozen=True)
class Row:
    """A base model or a LoRA. Sizes in pixels (height, width); memory and download in GB (1e9 bytes)."""

    name: str
    kind: Literal["base", "lora"]
    source: str
    family: str
    licence: str
    memory_gb: float
    download_gb: float
    native_size: tuple[int, int]
    base: str = ""
    default_lora: str = ""
    prompt_prefix: str = ""
    wrap: Wrap = "adjacent"
    num_steps: int = 28
    guidance_scale: float = 2.8
    distilled: bool = False
    note: str = ""

    @property
    def packaged(self) -> bool:
        return Path(self.source).is_absolute()

    @property
    def page(self) -> str:
        """Where a person reads the licence and gets the files."""
        return self.source if "://" in self.source else f"https://huggingface.co/{self.source}"


ROWS = (
    Row(
        name="miniature",
        kind="base",
        source=str(MINIATURE),
        family="flux",
        licence="Apache-2.0",
        memory_gb=0.1,
        download_gb=0,
        native_size=(128, 128),
        default_lora="miniature-panorama",
        num_steps=20,
        guidance_scale=3.0,
        note="FLUX's architecture with a few million weights, trained on views of the diorama; runs on a CPU",
    ),
    Row(
        name="FLUX.1-dev",
        kind="base",
        source="black-forest-labs/FLUX.1-dev",
        family="flux",
        licence=DEV_LICENCE,
        memory_gb=34,
        download_gb=34,
        native_size=(1024, 1024),
        default_lora="dit360",
        guidance_scale=3.5,
        note="photographic; with the dit360 LoRA panoramas of 1024x2048 in about 37 GB, less with offload",
    ),
    Row(
        name="FLUX.1-schnell",
        kind="base",
        source="black-forest-labs/FLUX.1-schnell",
        family="flux",
        licence="Apache-2.0",
        memory_gb=34,
        download_gb=34,
        native_size=(1024, 1024),
        num_steps=4,
        guidance_scale=1.0,
        distilled=True,
        note="four steps, no guidance; has no panorama LoRA of its own",
    ),
    Row(
        name="FLUX.1-Krea-dev",
        kind="base",
        source="black-forest-labs/FLUX.1-Krea-dev",
        family="flux",
        licence=DEV_LICENCE,
        memory_gb=34,
        download_gb=34,
        native_size=(1024, 1024),
        guidance_scale=4.5,
        note="FLUX.1-dev's shape with a more natural look; LoRAs of FLUX.1-dev load, their quality is not promised",
    ),
    Row(
        name="miniature-panorama",
        kind="lora",
        source=str(MINIATURE / "panorama_lora"),
        family="flux",
        licence="Apache-2.0",
        memory_gb=0,
        download_gb=0,
        native_size=(256, 512),
        base="miniature",
        wrap="integer",
        num_steps=20,
        guidance_scale=3.0,
        note="trained by this project on equirectangular renders of the diorama with periodic positions",
    ),
    Row(
        name="dit360",
        kind="lora",
        source="Insta360-Research/DiT360-Panorama-Image-Generation",
        family="flux",
        licence=f"MIT, on a base under the {DEV_LICENCE}",
        memory_gb=3,
        download_gb=0.3,
        native_size=(1024, 2048),
        base="FLUX.1-dev",
        prompt_prefix="This is a panorama. The image shows ",
        note="DiT360 (CVPR 2026), rank 64",
    ),
    Row(
        name="equirectangular-360",
        kind="lora",
        source="https://civitai.com/models/735980",
        family="flux",
        licence=DEV_LICENCE,
        memory_gb=0,
        download_gb=0,
        native_size=(704, 1408),
        base="FLUX.1-dev",
        prompt_prefix="equirectangular 360 degree panorama, ",
        guidance_scale=2.5,
        note="fetch the file by hand and pass its path with --lora",
    ),
)


def list_models(kind: Literal["base", "lora"] | None = None) -> list[Row]:
    """Every known base model and panorama LoRA, or those of one kind."""
    return [row for row in ROWS if kind in (None, row.kind)]


def find_row(name: str | Path, kind: Literal["base", "lora"]) -> Row | None:
    """The row with this name or hub id, in any case."""
    wanted = str(name).lower()
    return next((row for row in list_models(kind) if wanted in (row.name.lower(), row.source.lower())), None)


def load_model(
    name_or_folder: str | Path = "miniature",
    *,
    lora: str | Path | None = None,
    lora_weight: float = 1.0,
    wrap: Wrap | None = None,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
    offload: Offload | None = None,
    vae_tiling: bool = False,
    download: bool = False,
) -> FluxModel:
    """A known name, a diffusers folder or a hub id, ready to generate.

    `lora` None is the model's own panorama LoRA if it has one, "none" is none; else a known name, a file, a folder or a
    hub id. `wrap` None is what the LoRA was made for. Nothing is downloaded unless `download` is set.

    Raises:
        ValueError: for an unknown name, weights that are not here, or files that cannot be read.
    """
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
    model.wrap = wrap or model.wrap
    return model


def photographic_hint() -> str:
    """One line: how to get photographs after a picture from the miniature."""
    base, lora = find_row("FLUX.1-dev", "base"), find_row("dit360", "lora")
    assert base
    assert lora
    return (
        f"For photographic quality: --model {base.name} with its {lora.name} LoRA "
        f"({base.download_gb:.0f} GB, about {base.memory_gb + lora.memory_gb:.0f} GB of GPU memory, {base.licence})"
    )


def _known(name: str | Path, kind: Literal["base", "lora"]) -> Row | None:
    """The row of a known name; None for a folder, file or hub id of the user's own."""
    row = find_row(name, kind)
    text = str(name)
    if row is None and not Path(name).exists() and (not text or "/" not in text.replace("\\", "/")):
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
    file = "model_index.json" if row.kind == "base" else WEIGHTS_FILE
    if not (download or is_cached(row.source, file)):
        raise ValueError(
            f"got {row.name}, which is not on this machine ({row.download_gb:g} GB, {row.licence}): accept the licence "
            f"at {row.page}, then `hf download {row.source}` or allow the download"
        )


def _apply(model: FluxModel, row: Row | None) -> None:
    """Give the model what its row knows; a LoRA's row overrides its base's."""
    if row is None:
        return
    model.default_steps, model.default_guidance, model.wrap = row.num_steps, row.guidance_scale, row.wrap
    model.prompt_prefix = row.prompt_prefix
    facts = replace(model.capabilities, native_size=row.native_size, licence=row.licence)
    model.capabilities = replace(facts, memory_gb=row.memory_gb) if row.kind == "base" else facts
