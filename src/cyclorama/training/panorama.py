"""A panorama LoRA for any model, trained on panoramas and photos: DiT360 (CVPR 2026) and our own way, field by field.

Latents and prompt embeddings are made once and cached; each sample is then rolled by a random number of latent columns,
which is exact because the encoder is circular. Loss: flow matching on the velocity without guidance, and the losses of
`spherical_losses`.
"""

from dataclasses import dataclass
from pathlib import Path

import torch

from cyclorama.data.bad_rows import BadRows
from cyclorama.models.protocol import Capabilities, Model
from cyclorama.models.registry import load_model
from cyclorama.training.panorama_data import encode_data, read_rows, report_bad_rows
from cyclorama.training.panorama_settings import PanoramaSettings
from cyclorama.training.panorama_task import PanoramaTask
from cyclorama.training.processes import make_accelerator
from cyclorama.training.settings import LoopSettings

EXACT_WRAPS = {"positions": "integer", "convolutions": "convolutions"}
"""What closes the seam of a network exactly, by what the family can close."""


@dataclass(frozen=True)
class PanoramaLora(PanoramaSettings):
    """The recipe: `PanoramaSettings` that know how to set up their task."""

    def prepare(
        self, run_dir: Path, *, device: str | torch.device | None = None
    ) -> "tuple[PanoramaTask, LoopSettings]":
        """Load the model, encode the pictures, add the LoRA.

        Skipped rows are listed in `run_dir/bad_rows.txt`.

        Raises:
            ValueError: for missing data or model, bad rows unless skipped, a size or wrap that the model cannot do.
        """
        bad = BadRows(self.on_bad_row)
        items = read_rows(self, bad)
        model = self._load(device)
        height = panorama_height(self.height, model.capabilities)
        run_dir.mkdir(parents=True, exist_ok=True)
        data = encode_data(self, model, height, items, bad, Path(self.cache or run_dir / "cache"))
        report_bad_rows(bad, run_dir)
        model.free_text_encoders()
        return PanoramaTask(self, model, data, height), self.loop_of(data.num_samples(self))

    def _load(self, device: str | torch.device | None) -> Model:
        place = torch.device(device) if device is not None else make_accelerator().device
        dtype = torch.float32 if place.type == "cpu" else None
        model: Model = load_model(self.model, lora="none", dtype=dtype, device=place)
        model.wrap = exact_wrap(model.capabilities) if self.wrap == "exact" else self.wrap
        model.wrap_vae = self.wrap_vae
        model.prompt_prefix = self.prompt_prefix
        return model


def exact_wrap(facts: Capabilities) -> str:
    """The wrap that makes the network of this family commute with a roll; "none" where there is none."""
    return next((wrap for part, wrap in EXACT_WRAPS.items() if part in facts.exact_seams), "none")


def panorama_height(height: int, facts: Capabilities) -> int:
    """The height, or the native one for 0. `ValueError` unless the model can make height x 2 height pictures."""
    chosen = height or facts.native_size[0]
    if chosen < facts.token_multiple or chosen % facts.token_multiple:
        raise ValueError(f"height is {chosen}; {facts.name} wants a multiple of {facts.token_multiple} pixels")
    return chosen
