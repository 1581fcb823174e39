"""What the files of the shared protocol suite have in common: the families, their latents, their velocities."""

import copy
from pathlib import Path

import torch

from cyclorama.models.families import load_family
from cyclorama.models.pipeline_model import PipelineModel
from cyclorama.models.protocol import Model

FOLDERS = (
    "tiny_flux_folder",
    "tiny_guided_flux_folder",
    "tiny_sd_folder",
    "tiny_sd_v_folder",
    "tiny_sdxl_folder",
    "tiny_sd3_folder",
    "tiny_sana_folder",
)
PROMPTS = ["a snowy mountain valley at sunset", "a city at night"]
_LOADED: dict[Path, PipelineModel] = {}


def fresh(folder: Path) -> PipelineModel:
    """The model of the folder as it was loaded, to be changed at will."""
    if folder not in _LOADED:
        _LOADED[folder] = load_family(folder, device="cpu")
    return copy.deepcopy(_LOADED[folder])


def draw(model: Model, wide: int, high: int) -> torch.Tensor:
    """Two samples, `wide` to `high`, on a grid that every network can halve as often as it does."""
    facts = model.capabilities
    side = 64 // facts.spatial_compression
    generator = torch.Generator().manual_seed(0)
    return torch.randn(2, facts.latent_channels, high * side, wide * side, generator=generator)


@torch.no_grad()
def velocity(model: Model, latents: torch.Tensor, guidance_scale: float = 1.0) -> torch.Tensor:
    t, condition = torch.tensor([0.9, 0.4]), model.encode_text(PROMPTS)
    return model.predict(latents, t, condition, guidance_scale=guidance_scale)


def assert_same(first: torch.Tensor, second: torch.Tensor) -> None:
    """Equal to a hundred-thousandth of what they hold."""
    assert (first - second).abs().max() < 1e-5 * first.abs().max()
