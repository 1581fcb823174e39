"""The stage of the auto-encoder: fit the linear code, then train the decoder beyond it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from cyclorama.training.loop import LoopSettings, Task
from cyclorama.training.miniature.linear_autoencoder import (
    PATCH,
    PatchCode,
    fit_patch_code,
    linear_autoencoder,
    load_patch_code,
    save_patch_code,
)
from cyclorama.training.miniature.renders import load_renders, read_shard

CODE_FILE = "patch_code.safetensors"
TOKEN = 2 * PATCH
"""Pixels of a side of one token of the transformer."""


@dataclass(frozen=True)
class AutoencoderStage:
    """Fit the patch code (or read it from `patch_code`) on `num_scenes` scenes, then train the decoder on crops."""

    name: str
    renders: str
    num_scenes: int
    loop: LoopSettings
    crop: int = 96
    latent_noise: float = 0.05
    token_noise: float = 0.06
    energy_weight: float = 0.2
    patch_code: str = ""

    def __post_init__(self) -> None:
        if self.crop < TOKEN or self.crop % TOKEN:
            raise ValueError(f"crop is {self.crop}; give a multiple of {TOKEN} pixels, so that it holds whole tokens")

    def prepare(self, run_dir: Path, *, device: Any = None) -> "tuple[AutoencoderTask, LoopSettings]":
        code = load_patch_code(Path(self.patch_code)) if self.patch_code else None
        shards = load_renders(Path(self.renders), self.num_scenes, device=device)
        return AutoencoderTask(self, torch.cat([read_shard(path).panoramas for path in shards]), code), self.loop


def local_sharpness(images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch 1 rows columns"]:
    """Root of the mean squared forward differences in overlapping windows of 9x9 pixels, 4 apart."""
    along_x = (images[..., 1:, 1:] - images[..., 1:, :-1]).square()
    along_y = (images[..., 1:, 1:] - images[..., :-1, 1:]).square()
    return (avg_pool2d((along_x + along_y).sum(1, keepdim=True), 9, 4) + 1e-4).sqrt()


class AutoencoderTask(Task):
    """The decoder learns what the linear code left out: squared and a little absolute error, on disturbed latents.

    Alone these make it blur what it does not know; so its pictures must also be as sharp as the originals, window by
    window (`energy_weight`).
    """

    def __init__(
        self, stage: AutoencoderStage, panoramas: UInt8[Tensor, "scenes 3 height width"], code: PatchCode | None = None
    ) -> None:
        self.stage, self.panoramas = stage, panoramas
        torch.manual_seed(stage.loop.seed)
        self.code = code or self._fit_code()
        self.vae = linear_autoencoder(self.code)
        self.vae.encoder.requires_grad_(False)
        self.modules = {"decoder": self.vae.decoder}

    def batch(self, step: int, generator: torch.Generator) -> Tensor:
        draws = torch.rand(self.stage.loop.batch_size, 3, generator=generator).tolist()
        return torch.stack([self._crop(*draw) for draw in draws])

    def _fit_code(self) -> PatchCode:
        fitted_on = self.panoramas[:: max(1, len(self.panoramas) // 512)]
        return fit_patch_code(fitted_on.float() / 127.5 - 1)

    def _crop(self, item: float, row: float, column: float) -> Tensor:
        image, size = self.panoramas[int(item * len(self.panoramas))], self.stage.crop
        y, x = (int(u * (extent - size + 1)) for u, extent in ((row, image.shape[-2]), (column, image.shape[-1])))
        return image[:, y : y + size, x : x + size]

    def loss(self, batch: Any, generator: torch.Generator) -> tuple[Tensor, dict[str, Any]]:
        images = batch.float() / 127.5 - 1
        latents = self.vae.encoder(images)
        decoded = self.vae.decoder(self._disturbed(latents, generator)).float()
        error, energy = decoded - images, (local_sharpness(decoded) - local_sharpness(images)).abs().mean()
        loss = error.square().mean() + 0.05 * error.abs().mean() + self.stage.energy_weight * energy
        return loss, {"psnr": -10 * (error / 2).square().mean().log10(), "energy": energy}

    def _disturbed(self, latents: Tensor, generator: torch.Generator) -> Tensor:
        """The latents as a transformer may get them wrong: each a little, and the 2x2 of a token together."""
        batch, channels, height, width = latents.shape
        drawn = {"generator": generator, "device": generator.device}
        tokens = torch.randn((batch, channels, height // 2, width // 2), **drawn)
        together = tokens.repeat_interleave(2, -1).repeat_interleave(2, -2).to(latents)
        alone = torch.randn(latents.shape, **drawn).to(latents)
        return latents + self.stage.latent_noise * alone + self.stage.token_noise * together

    def sample(self, modules: dict[str, nn.Module]) -> Tensor:
        """Panoramas above their reconstructions."""
        images = self.panoramas[:4].float() / 127.5 - 1
        with torch.no_grad():
            decoded = self.vae.decoder(self.vae.encoder(images))
        return (torch.cat([images, decoded]) / 2 + 0.5).clamp(0, 1)

    def export(self, run_dir: Path) -> None:
        self.vae.save_pretrained(run_dir / "vae")
        save_patch_code(self.code, run_dir / "vae" / CODE_FILE)
