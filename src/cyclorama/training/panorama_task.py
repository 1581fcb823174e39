"""The task of a panorama LoRA: batches of rolled latents, the losses on the sphere, samples, the finished adapter.

All randomness of a sample but dropout is drawn with its batch on the CPU: how a batch is cut into pieces, and on which
device it is computed, changes no noise.
"""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.data.encoding import Encoded
from cyclorama.diffusion.noise import seeded_noise
from cyclorama.diffusion.sampling import EulerSolver
from cyclorama.geometry.equirect import roll_each
from cyclorama.geometry.seam import seam_ratio
from cyclorama.models.protocol import Condition, Model
from cyclorama.training.adapters import add_lora, load_lora
from cyclorama.training.model_card import Trained, write_adapter_files
from cyclorama.training.objectives import draw_flow, masked_mean_square, means_by_time
from cyclorama.training.panorama_data import PanoramaData
from cyclorama.training.panorama_settings import PanoramaSettings
from cyclorama.training.precision import autocast
from cyclorama.training.spherical_losses import equivariance_loss, spherical_losses
from cyclorama.training.task import Task


class PanoramaTask(Task):
    """Flow matching of the LoRA on cached, randomly rolled panoramas and photos."""

    def __init__(self, recipe: PanoramaSettings, model: Model, data: PanoramaData, height: int) -> None:
        self.recipe, self.model, self.data, self.height = recipe, model, data, height
        self.order = data.order(recipe)
        network: Any = model.network
        add_lora(
            network, replace(recipe.lora, targets=recipe.lora.targets or model.lora_targets), seed=recipe.loop.seed
        )
        if recipe.start_from:
            load_lora(network, Path(recipe.start_from))
        if recipe.gradient_checkpointing:
            network.enable_gradient_checkpointing()
        network.train()
        self.modules = {"network": network}
        self.latent_shape = data.read(0, flipped=False, turn=0).latents.shape

    def batch(self, step: int, generator: torch.Generator) -> dict[str, Any]:
        recipe, draws = self.recipe, self.order.batch(step, self.recipe.loop.batch_size)
        chances = torch.rand(4, len(draws), generator=generator)
        flips = (chances[0] < (0.5 if recipe.flips else 0.0)).tolist()
        drops = (chances[1] < recipe.caption_dropout).tolist()
        encoded = [
            self._drawn(draw.index, flip, turn)
            for draw, flip, turn in zip(draws, flips, chances[2].tolist(), strict=True)
        ]
        photos = [self.data.is_photo(draw.index) for draw in draws]
        captions = ["" if drop else self.data.caption(d.index) for d, drop in zip(draws, drops, strict=True)]
        latents = torch.stack([one.latents for one in encoded])
        flow = draw_flow(latents, recipe.times, generator=generator, max_time=self.model.max_time)
        started = [draw.epoch >= recipe.objectives.geometry_from_epoch for draw in draws]
        return {
            "noisy": flow.noisy,
            "velocity": flow.velocity,
            "t": flow.t,
            "mask": torch.stack([_full_mask(one) for one in encoded]),
            "photo": photos,
            "geometric": [on and not photo for on, photo in zip(started, photos, strict=True)],
            "columns": (1 + (chances[3] * (latents.shape[-1] - 1)).long()).tolist(),
            "condition": self.data.prompts.condition(captions),
        }

    def _drawn(self, index: int, flipped: bool, turn: float) -> Encoded:
        """A picture rolled by a part of a whole turn: in latents, or to the nearest of the encoded yaws."""
        if self.recipe.pixel_turns:
            return self.data.read(index, flipped=flipped, turn=int(turn * self.recipe.pixel_turns))
        one = self.data.read(index, flipped=flipped, turn=0)
        columns = int(turn * one.latents.shape[-1])
        return Encoded(one.latents.roll(columns, -1), None if one.mask is None else one.mask.roll(columns, -1))

    def loss(self, batch: Any, generator: torch.Generator) -> tuple[Tensor, dict[str, Any]]:
        """Per sample: flow matching inside the mask, a photo's times its weight, and a panorama's spherical losses."""
        t, objectives = batch["t"], self.recipe.objectives
        scale = self.model.error_scale(t)[:, None, None, None]
        predicted = self.model.predict(batch["noisy"], t, batch["condition"], guidance_scale=1.0)
        error = scale * (predicted.float() - batch["velocity"].float())
        flow = masked_mean_square(error, batch["mask"])
        photo = torch.tensor(batch["photo"], device=flow.device)
        total = torch.where(photo, objectives.perspective_weight * flow, flow)
        figures = means_by_time(flow, t) | {"loss_photo": flow[photo]} | {"loss_panorama": flow[~photo]}
        chosen = [i for i, on in enumerate(batch["geometric"]) if on]
        parts = spherical_losses(error[chosen], objectives) if chosen else {}
        if objectives.equivariance_weight and (chosen or self.recipe.loop.shard):
            again = self._equivariance(batch, scale * predicted, scale, chosen or [0])
            parts |= {"equivariance": again} if chosen else {}
            total = total if chosen else total + 0 * again  # sharded processes must evaluate equally often
        for name, part in parts.items():
            weighted = getattr(objectives, f"{name}_weight") * part
            total = total.index_add(0, torch.tensor(chosen, device=total.device), weighted)
        figures |= {f"loss_{name}": part for name, part in parts.items()}
        return total.mean(), {name: value.detach().mean() for name, value in figures.items() if value.numel()}

    def _equivariance(
        self, batch: Any, predicted: Tensor, scale: Tensor, chosen: list[int]
    ) -> Float[Tensor, " chosen"]:
        """The second evaluation, on rolled latents, against the first."""
        columns = [batch["columns"][i] for i in chosen]
        condition = Condition.cat([batch["condition"][i : i + 1] for i in chosen])
        rolled = roll_each(batch["noisy"][chosen], columns)
        again = self.model.predict(rolled, batch["t"][chosen], condition, guidance_scale=1.0)
        return equivariance_loss(predicted[chosen], scale[chosen] * again, columns)

    def sample(self, modules: dict[str, torch.nn.Module]) -> Tensor | None:
        """The sample prompts from fixed noise, by Euler steps at the model's own guidance."""
        if not self.recipe.sample_prompts:
            return None
        device, count = self.model.device, len(self.recipe.sample_prompts)
        condition = self.data.prompts.condition(self.recipe.sample_prompts).to(device)
        latents = seeded_noise(range(count), self.latent_shape, device=device)
        solver = EulerSolver(self.model.sigmas(self.recipe.sample_steps, self.height, 2 * self.height))
        with autocast(device, self.recipe.loop.precision):
            for t in solver.times:
                velocity = self.model.predict(latents, t.to(device).expand(count), condition)
                latents = solver.step(velocity, latents)
            return self.model.decode_latents(latents)

    def sample_figures(self, images: Tensor) -> dict[str, float]:
        """The step across the seam over the mean inner one; about 1 without a seam. Nothing for flat pictures."""
        ratio = float(seam_ratio(images).mean())
        return {"seam_ratio": ratio} if math.isfinite(ratio) else {}

    def export(self, run_dir: Path) -> None:
        """The LoRA that plain diffusers and `--lora RUN` load, how it was made for them, and a model card."""
        self.model.save_lora(run_dir)
        write_adapter_files(Trained(self.recipe, self.model, self.data, self.height), run_dir)


def _full_mask(one: Encoded) -> Float[Tensor, "1 height width"]:
    return torch.ones_like(one.latents[:1]) if one.mask is None else one.mask
