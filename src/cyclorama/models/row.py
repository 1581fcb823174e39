"""One row of the table of known models. Imports nothing heavy."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

MINIATURE = Path(__file__).parent / "miniature"
DEV_LICENCE = "FLUX.1 [dev] Non-Commercial License"
RAIL_LICENCE = "CreativeML Open RAIL-M"


@dataclass(frozen=True)
class Row:
    """A base model or a LoRA. Sizes in pixels (height, width); memory and download in GB (1e9 bytes).

    Memory is that of the weights in bfloat16. `file` is a LoRA's file in its repository, "" for diffusers' own name;
    `exclude` are the files of a repository that diffusers does not need.
    """

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
    file: str = ""
    exclude: tuple[str, ...] = ()
    note: str = ""

    @property
    def packaged(self) -> bool:
        return Path(self.source).is_absolute()

    @property
    def page(self) -> str:
        """Where a person reads the licence and gets the files."""
        return self.source if "://" in self.source else f"https://huggingface.co/{self.source}"
