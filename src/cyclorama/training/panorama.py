"""A panorama LoRA for any FLUX model, trained on a folder of equirects: the recipe of DiT360 with an exact seam.

Latents and prompt embeddings are made once and cached; each sample is then rolled by a random number of latent columns,
which is exact because the encoder is circular. Loss: flow matching on the velocity, guidance embedding 1.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import torch
from accelerate import PartialState
from rich.console import Console
from rich.progress import track
from torch import Tensor

from cyclorama.data.folder import ImageFolder
from cyclorama.data.latents import CachedPanoramas, TensorCache, encode_panoramas, hash_module, hash_parts
from cyclorama.data.order import sample_indices
from cyclorama.diffusion.noise import seeded_noise
from cyclorama.diffusion.sampling import EulerSolver
from cyclorama.models.flux import FluxModel
from cyclorama.models.protocol import Condition
from cyclorama.models.registry import load_model
from cyclorama.models.seams import Wrap
from cyclorama.training.adapters import LoraSettings, add_lora, load_lora, save_lora
from cyclorama.training.loop import LoopSettings, Task
from cyclorama.training.objectives import Times, draw_flow, error_by_time, flow_matching_loss
from cyclorama.training.precision import autocast
from cyclorama.training.processes import make_accelerator

PUBLISHED_PREFIX = "This is a panorama. The image shows "


@dataclass(frozen=True)
class PanoramaLora:
    """How to train a panorama LoRA. `epochs` and `warmup_fraction` count where `loop` says 0 steps."""

    name: str
    images: str
    model: str
    height: int
    loop: LoopSettings
    lora: LoraSettings
    times: Times
    epochs: int = 25
    warmup_fraction: float = 0.05
    wrap: Wrap = "adjacent"
    prompt_prefix: str = PUBLISHED_PREFIX
    caption_dropout: float = 0.1
    flips: bool = True
    gradient_checkpointing: bool = True
    start_from: str = ""
    cache: str = ""
    sample_prompts: tuple[str, ...] = ("a mountain valley at sunset", "a living room with a large window")
    sample_steps: int = 20

    def prepare(
        self, run_dir: Path, *, device: str | torch.device | None = None
    ) -> "tuple[PanoramaTask, LoopSettings]":
        """Load the model, encode the folder, add the LoRA. `ValueError` for a missing folder, model or bad size."""
        if not self.images:
            raise ValueError("no images to train on; give a folder with metadata.jsonl as images=FOLDER")
        images = ImageFolder(self.images)
        place = torch.device(device) if device is not None else make_accelerator().device
        dtype = torch.float32 if place.type == "cpu" else None
        model = cast(FluxModel, load_model(self.model, lora="none", dtype=dtype, device=place, wrap=self.wrap))
        model.wrap_vae = True
        model.prompt_prefix = self.prompt_prefix
        check_size(self.height, model)
        data = _encode(self, model, images, Path(self.cache or run_dir / "cache"))
        if model.embeds_guidance or model.distilled:
            model.pipe.text_encoder_2.to("cpu")
        return PanoramaTask(self, model, *data), self.loop_for(len(images))

    def loop_for(self, num_images: int) -> LoopSettings:
        """The loop's settings with `epochs` turned into steps."""
        steps = self.loop.num_steps or math.ceil(self.epochs * num_images / self.loop.batch_size)
        warmup = self.loop.warmup or math.ceil(self.warmup_fraction * steps)
        return replace(self.loop, num_steps=steps, warmup=warmup)


def check_size(height: int, model: FluxModel) -> None:
    """`ValueError` unless the model can make height x 2 height pictures."""
    multiple = model.capabilities.token_multiple
    if height < multiple or height % multiple:
        raise ValueError(f"height is {height}; {model.capabilities.name} wants a multiple of {multiple} pixels")


@dataclass(frozen=True)
class CachedPrompts:
    """Prompt embeddings on disk, each encoded alone."""

    cache: TensorCache
    keys: dict[str, str]

    def condition(self, prompts: Sequence[str]) -> Condition:
        rows = [self.cache.read(self.keys[prompt]) for prompt in prompts]
        return Condition({name: torch.stack([row[name] for row in rows]) for name in rows[0]})


def _encode(
    recipe: PanoramaLora, model: FluxModel, images: ImageFolder, folder: Path
) -> tuple[CachedPanoramas, CachedPrompts]:
    """Fill the caches; with several processes the first one does it and the others read."""
    with PartialState().main_process_first():
        panoramas = encode_panoramas(
            images,
            TensorCache(folder / "latents"),
            encode=model.encode_images,
            encoder_key=hash_module(model.pipe.vae),
            height=recipe.height,
            flips=recipe.flips,
            track=lambda indices: _track(indices, "encode images"),
        )
        prompts = sorted({"", *panoramas.captions, *recipe.sample_prompts})
        return panoramas, encode_prompts(model, prompts, TensorCache(folder / "prompts"))


def encode_prompts(model: FluxModel, prompts: Sequence[str], cache: TensorCache) -> CachedPrompts:
    """Embed every prompt that the cache lacks, the model's prefix included."""
    encoder = hash_parts(
        hash_module(model.pipe.text_encoder),
        hash_module(model.pipe.text_encoder_2),
        f"{model.prompt_prefix!r} {model.max_text_tokens}",
    )
    keys = {prompt: hash_parts(encoder, prompt) for prompt in prompts}
    for prompt in _track([prompt for prompt in prompts if keys[prompt] not in cache], "encode captions"):
        condition = model.encode_text([prompt])
        cache.write(keys[prompt], {name: tensor[0] for name, tensor in condition.tensors.items()})
    return CachedPrompts(cache, keys)


def _track(items: Iterable[Any], title: str) -> Iterable[Any]:
    items = list(items)
    hidden = len(items) < 2 or not PartialState().is_main_process
    return track(items, title, console=Console(stderr=True), disable=hidden, transient=True)


class PanoramaTask(Task):
    """Flow matching of the LoRA on cached, randomly rolled panoramas."""

    def __init__(
        self, recipe: PanoramaLora, model: FluxModel, panoramas: CachedPanoramas, prompts: CachedPrompts
    ) -> None:
        self.recipe, self.model, self.panoramas, self.prompts = recipe, model, panoramas, prompts
        transformer = model.pipe.transformer
        add_lora(transformer, recipe.lora, seed=recipe.loop.seed)
        if recipe.start_from:
            load_lora(transformer, Path(recipe.start_from))
        if recipe.gradient_checkpointing:
            transformer.enable_gradient_checkpointing()
        transformer.train()
        self.modules = {"transformer": transformer}
        self.sample_noise_shape = self.panoramas.latents(0).shape

    def batch(self, step: int, generator: torch.Generator) -> dict[str, Any]:
        size, loop = self.recipe.loop.batch_size, self.recipe.loop
        indices = sample_indices(step, batch_size=size, num_items=len(self.panoramas), seed=loop.seed)
        flips = (torch.rand(size, generator=generator) < (0.5 if self.recipe.flips else 0.0)).tolist()
        drops = (torch.rand(size, generator=generator) < self.recipe.caption_dropout).tolist()
        turns = torch.rand(size, generator=generator).tolist()
        latents = [self.panoramas.latents(i, flipped=flip) for i, flip in zip(indices, flips, strict=True)]
        rolled = [x.roll(int(turn * x.shape[-1]), -1) for x, turn in zip(latents, turns, strict=True)]
        captions = ["" if drop else self.panoramas.captions[i] for i, drop in zip(indices, drops, strict=True)]
        return {"latents": torch.stack(rolled), "condition": self.prompts.condition(captions)}

    def loss(self, batch: Any, generator: torch.Generator) -> tuple[Tensor, dict[str, Any]]:
        flow = draw_flow(batch["latents"], self.recipe.times, generator=generator)
        predicted = self.model.predict(flow.noisy, flow.t, batch["condition"], guidance_scale=1.0)
        loss = flow_matching_loss(predicted, flow.velocity)
        return loss, error_by_time(predicted, flow.velocity, flow.t)

    def sample(self, modules: dict[str, torch.nn.Module]) -> Tensor | None:
        """The sample prompts from fixed noise, by Euler steps at the model's own guidance."""
        if not self.recipe.sample_prompts:
            return None
        device, count = self.model.device, len(self.recipe.sample_prompts)
        condition = self.prompts.condition(self.recipe.sample_prompts).to(device)
        latents = seeded_noise(range(count), self.sample_noise_shape, device=device)
        solver = EulerSolver(self.model.sigmas(self.recipe.sample_steps, self.recipe.height, 2 * self.recipe.height))
        with autocast(device, self.recipe.loop.precision):
            for t in solver.times:
                velocity = self.model.predict(latents, t.to(device).expand(count), condition)
                latents = solver.step(velocity, latents)
            return self.model.decode_latents(latents)

    def export(self, run_dir: Path) -> None:
        """`run_dir/pytorch_lora_weights.safetensors`, which plain diffusers and `--lora RUN` load."""
        save_lora(self.model.pipe.transformer, run_dir)
