"""The stage of the base: transformer and text encoders learn photographs, and no panorama."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_dc import AutoencoderDC
from jaxtyping import Float16
from rich.progress import track
from torch import Tensor, nn

from cyclorama.data.latents import TensorCache, hash_file
from cyclorama.diffusion.fingerprints import hash_parts
from cyclorama.diffusion.sampling import EulerSolver, guide
from cyclorama.diffusion.schedule import scheduler_sigmas
from cyclorama.diorama import Scene, write_caption
from cyclorama.models.flux_velocity import flux_velocity
from cyclorama.models.loading import quiet_loading, read_flux_pipeline
from cyclorama.training.loop import LoopSettings, Task
from cyclorama.training.miniature.decoder import CODE_FILE
from cyclorama.training.miniature.linear_autoencoder import PatchCode, encode_patches, load_patch_code
from cyclorama.training.miniature.parts import (
    MAX_WORDS,
    assemble,
    miniature_scheduler,
    miniature_text_encoders,
    miniature_tokenizer,
    miniature_transformer,
    start_as_identity,
)
from cyclorama.training.miniature.renders import Camera, Facts, load_renders, read_shard
from cyclorama.training.objectives import Times, draw_flow, error_by_time, flow_matching_loss

SAMPLE_PROMPTS = (
    "a snowy mountain valley at sunset",
    "a sandy beach at noon with white clouds",
    "a city square at night",
    "a living room with a sofa in the evening",
    "a desert with sand dunes at dawn",
    "a calm lake in thick fog",
    "green hills at noon under a clear sky",
    "an art gallery at night",
)


@dataclass(frozen=True)
class BaseStage:
    """Train transformer and text encoders on square photographs of `num_scenes` scenes, no panorama.

    `views` are the small ones (256x256) or the large ones (512x512) of the renders. `start_from` is the folder of a
    pipeline that training goes on from; "" starts from nothing.
    """

    name: str
    renders: str
    num_scenes: int
    autoencoder: str
    loop: LoopSettings
    views: str = "views"
    start_from: str = ""
    times: Times = field(default_factory=Times)
    caption_dropout: float = 0.1
    sample_prompts: tuple[str, ...] = SAMPLE_PROMPTS
    sample_steps: int = 20
    sample_guidance: float = 3.0

    def prepare(self, run_dir: Path, *, device: Any = None) -> "tuple[BaseTask, LoopSettings]":
        code = load_patch_code(Path(self.autoencoder) / CODE_FILE)
        if self.start_from:
            _check_finished(Path(self.start_from))
        shards = load_renders(Path(self.renders), self.num_scenes, device=device)
        return BaseTask(self, encoded_views(shards, self.views, code)), self.loop


@dataclass(frozen=True)
class EncodedViews:
    """Photographs as latents [scenes, views, 2, C, h, w], upright and mirrored, with what is known of them."""

    latents: Float16[Tensor, "scenes views 2 channels height width"]
    scenes: tuple[Scene, ...]
    facts: tuple[Facts, ...]
    cameras: tuple[tuple[Camera, ...], ...]

    def caption(self, scene: int, view: int, *, wording: int, flipped: bool) -> str:
        """One wording of what a photograph shows."""
        facts, camera = self.facts[scene], self.cameras[scene][view]
        things = camera.sees(facts.things, flipped=flipped)
        return write_caption(facts.scene, wording, sightings=things, pitch_deg=camera.pitch_deg)


def encoded_views(shards: Sequence[Path], views: str, code: PatchCode) -> EncodedViews:
    """The photographs of the shards as latents, encoded once and kept beside the shards."""
    cache = TensorCache(shards[0].parent / "latents")
    parts, facts = [], []
    for path in track(shards, "encode views", transient=True):
        key = hash_parts(hash_file(path), views, *(tensor.numpy().tobytes() for tensor in vars(code).values()))
        shard = read_shard(path)
        if key not in cache:
            cache.write(key, {"latents": torch.stack([_encode(code, row) for row in getattr(shard, views)])})
        parts.append(cache.read(key)["latents"])
        facts += shard.facts
    return EncodedViews(torch.cat(parts), tuple(row.scene for row in facts), tuple(facts), _cameras(facts, views))


def _encode(code: PatchCode, images: Tensor) -> Float16[Tensor, "views 2 channels height width"]:
    both = torch.stack([images, images.flip(-1)], 1)
    latents = encode_patches(code, both.flatten(0, 1).float() / 127.5 - 1)
    return latents.unflatten(0, (-1, 2)).half()


def _cameras(facts: Sequence[Facts], views: str) -> tuple[tuple[Camera, ...], ...]:
    return tuple(getattr(row, views) for row in facts)


class BaseTask(Task):
    """Flow matching on photographs; the text encoders learn along with the transformer."""

    def __init__(self, stage: BaseStage, views: EncodedViews) -> None:
        self.stage, self.views = stage, views
        with quiet_loading():
            self.vae = AutoencoderDC.from_pretrained(stage.autoencoder).eval().requires_grad_(False)
        torch.manual_seed(stage.loop.seed)
        self.tokenizer = miniature_tokenizer()
        self.modules = _loaded_modules(stage.start_from) if stage.start_from else _new_modules(len(self.tokenizer))

    def batch(self, step: int, generator: torch.Generator) -> dict[str, Any]:
        size, (num_scenes, num_views) = self.stage.loop.batch_size, self.views.latents.shape[:2]
        scenes = torch.randint(num_scenes, (size,), generator=generator)
        views = torch.randint(num_views, (size,), generator=generator)
        wordings = torch.randint(10_000, (size,), generator=generator).tolist()
        flips, drops = torch.rand(2, size, generator=generator) < torch.tensor([[0.5], [self.stage.caption_dropout]])
        rows = zip(scenes.tolist(), views.tolist(), wordings, flips.tolist(), drops.tolist(), strict=True)
        captions = [
            "" if drop else self.views.caption(scene, view, wording=wording, flipped=flipped)
            for scene, view, wording, flipped, drop in rows
        ]
        latents = self.views.latents[scenes, views, flips.long()].float()
        return {"latents": latents, "words": self.tokenise(captions)}

    def tokenise(self, captions: Sequence[str]) -> Tensor:
        return self.tokenizer(
            list(captions), padding="max_length", max_length=MAX_WORDS, truncation=True, return_tensors="pt"
        ).input_ids

    def loss(self, batch: Any, generator: torch.Generator) -> tuple[Tensor, dict[str, Any]]:
        flow = draw_flow(batch["latents"], self.stage.times, generator=generator)
        predicted = self.velocity(flow.noisy, flow.t, batch["words"])
        return flow_matching_loss(predicted, flow.velocity), error_by_time(predicted, flow.velocity, flow.t)

    def velocity(self, latents: Tensor, t: Tensor, words: Tensor) -> Tensor:
        text = self.modules["text_encoder_2"](words)[0]
        pooled = self.modules["text_encoder"](words).pooler_output
        return flux_velocity(self.modules["transformer"], latents, t, text=text, pooled=pooled)

    def sample(self, modules: dict[str, nn.Module]) -> Tensor:
        """The sample prompts from fixed noise, with classifier-free guidance."""
        prompts = self.stage.sample_prompts
        words = self.tokenise([*prompts, *([""] * len(prompts))]).to(next(modules["transformer"].parameters()).device)
        latents = torch.randn(len(prompts), *self.views.latents.shape[-3:], generator=torch.Generator().manual_seed(0))
        num_tokens = latents.shape[-2] * latents.shape[-1] // 4
        solver = EulerSolver(scheduler_sigmas(miniature_scheduler(), self.stage.sample_steps, num_tokens))
        latents = latents.to(words.device)
        with torch.no_grad():
            for t in solver.times:
                both = self.velocity(torch.cat([latents] * 2), t.to(words.device).expand(2 * len(prompts)), words)
                latents = solver.step(guide(*both.chunk(2), self.stage.sample_guidance), latents)
            return (self.vae.decoder(latents) / 2 + 0.5).clamp(0, 1)

    def export(self, run_dir: Path) -> None:
        """A complete FluxPipeline folder: the transformer in bfloat16, the small parts in float32."""
        clip, t5 = self.modules["text_encoder"], self.modules["text_encoder_2"]
        with quiet_loading():
            transformer = self.modules["transformer"].to(torch.bfloat16)
            pipe = assemble(self.vae, transformer, clip, t5)  # type: ignore[arg-type]
            pipe.save_pretrained(run_dir / "pipeline")


def _check_finished(folder: Path) -> None:
    if not (folder / "model_index.json").is_file():
        raise ValueError(
            f"got start_from {folder}, which holds no pipeline; run the stage that writes it to its end first"
        )


def _new_modules(num_words: int) -> dict[str, nn.Module]:
    clip, t5 = miniature_text_encoders(num_words)
    transformer = miniature_transformer()
    start_as_identity(transformer)
    return {"transformer": transformer, "text_encoder": clip, "text_encoder_2": t5}


def _loaded_modules(folder: str) -> dict[str, nn.Module]:
    pipe = read_flux_pipeline(folder, dtype=torch.float32)
    return {"transformer": pipe.transformer, "text_encoder": pipe.text_encoder, "text_encoder_2": pipe.text_encoder_2}
