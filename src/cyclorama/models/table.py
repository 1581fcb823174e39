"""The known base models and panorama LoRAs, one row each. Imports nothing heavy: `cyclorama models` reads only this."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

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
    wrap: str = "adjacent"
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
        download_gb=0.0,
        native_size=(128, 128),
        default_lora="miniature-panorama",
        num_steps=16,
        guidance_scale=3.0,
        note="FLUX's architecture with a few million weights, trained on views of the diorama; runs on a CPU",
    ),
    Row(
        name="FLUX.1-dev",
        kind="base",
        source="black-forest-labs/FLUX.1-dev",
        family="flux",
        licence=DEV_LICENCE,
        memory_gb=34.0,
        download_gb=34.0,
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
        memory_gb=34.0,
        download_gb=34.0,
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
        memory_gb=34.0,
        download_gb=34.0,
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
        memory_gb=0.0,
        download_gb=0.0,
        native_size=(256, 512),
        base="miniature",
        wrap="integer",
        num_steps=16,
        guidance_scale=3.0,
        note="trained by this project on equirectangular renders of the diorama with periodic positions",
    ),
    Row(
        name="dit360",
        kind="lora",
        source="Insta360-Research/DiT360-Panorama-Image-Generation",
        family="flux",
        licence=f"MIT, on a base under the {DEV_LICENCE}",
        memory_gb=3.0,
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
        memory_gb=0.0,
        download_gb=0.0,
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


def photographic_hint() -> str:
    """One line: how to get photographs after a picture from the miniature."""
    base, lora = find_row("FLUX.1-dev", "base"), find_row("dit360", "lora")
    assert base
    assert lora
    return (
        f"For photographic quality: --model {base.name} with its {lora.name} LoRA "
        f"({base.download_gb:.0f} GB, about {base.memory_gb + lora.memory_gb:.0f} GB of GPU memory, {base.licence})"
    )
