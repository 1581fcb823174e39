"""The miniature: how the embedded FLUX-architecture model is made, stage by stage.

    cyclorama train miniature-autoencoder -o RUNS/autoencoder     decoder of the linear patch code
    cyclorama train miniature-base        -o RUNS/base            transformer and text encoders, on photographs
    cyclorama train miniature-panorama    -o RUNS/panorama        the panorama LoRA, by the recipe that users have

Renders of the diorama are made on first use in the folder `renders`. Each stage writes what the next one reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_dc import AutoencoderDC
from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel
from diffusers.pipelines.flux.pipeline_flux import FluxPipeline
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, PreTrainedTokenizerFast, T5Config, T5EncoderModel

from cyclorama.diffusion.sampling import EulerSolver, guide
from cyclorama.diffusion.schedule import scheduler_sigmas
from cyclorama.diorama import write_caption
from cyclorama.diorama.captions.wordings import vocabulary
from cyclorama.models.flux_velocity import flux_velocity
from cyclorama.models.loading import quiet_loading
from cyclorama.training.adapters import LoraSettings
from cyclorama.training.autoencoder import (
    PatchCode,
    encode_patches,
    fit_patch_code,
    linear_autoencoder,
    load_patch_code,
    save_patch_code,
)
from cyclorama.training.loop import LoopSettings, Task
from cyclorama.training.objectives import Times, draw_flow, error_by_time, flow_matching_loss
from cyclorama.training.panorama import PanoramaLora, PanoramaTask
from cyclorama.training.renders import Shard, read_shard, read_shards, render_shards, write_image_folder

MAX_WORDS = 24
CODE_FILE = "patch_code.safetensors"
SPECIAL_WORDS = ("[pad]", "[eos]", "[unk]")
TEXT_WIDTH, POOLED_WIDTH = 128, 64
EVERY_LINEAR = (
    *("attn.to_q", "attn.to_k", "attn.to_v", "attn.to_out.0"),
    *("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj", "attn.to_add_out"),
    *("ff.net.0.proj", "ff.net.2", "ff_context.net.0.proj", "ff_context.net.2"),
    *("norm.linear", "norm1.linear", "norm1_context.linear", "proj_mlp", "proj_out"),
)


def miniature_tokenizer() -> PreTrainedTokenizerFast:
    """Word-level tokenizer of the diorama's captions: lower case, punctuation dropped, `[eos]` at the end."""
    words = {word: k for k, word in enumerate((*SPECIAL_WORDS, *vocabulary()))}
    backend = Tokenizer(models.WordLevel(words, unk_token="[unk]"))
    backend.normalizer = normalizers.Lowercase()  # type: ignore[assignment]
    backend.pre_tokenizer = pre_tokenizers.Split(Regex(r"[^\w']+"), "removed")  # type: ignore[assignment]
    backend.post_processor = processors.TemplateProcessing(  # type: ignore[assignment]
        single="$A [eos]", special_tokens=[("[eos]", words["[eos]"])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="[pad]", eos_token="[eos]", unk_token="[unk]", model_max_length=MAX_WORDS
    )


def miniature_transformer() -> FluxTransformer2DModel:
    """FLUX at width 256: 2 double and 6 single blocks, heads of 32, 11 million weights; guidance is classifier-free."""
    return FluxTransformer2DModel(
        patch_size=1,
        in_channels=64,
        num_layers=2,
        num_single_layers=6,
        attention_head_dim=32,
        num_attention_heads=8,
        joint_attention_dim=TEXT_WIDTH,
        pooled_projection_dim=POOLED_WIDTH,
        guidance_embeds=False,
        axes_dims_rope=(4, 14, 14),
    )


def miniature_text_encoders(num_words: int) -> tuple[CLIPTextModel, T5EncoderModel]:
    """A one-layer CLIP for the pooled vector and a two-layer T5 for the tokens."""
    clip = CLIPTextConfig(
        vocab_size=num_words,
        hidden_size=POOLED_WIDTH,
        intermediate_size=2 * POOLED_WIDTH,
        projection_dim=POOLED_WIDTH,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=MAX_WORDS,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=1,
    )
    t5 = T5Config(
        vocab_size=num_words,
        d_model=TEXT_WIDTH,
        d_kv=32,
        d_ff=2 * TEXT_WIDTH,
        num_layers=2,
        num_heads=4,
        dropout_rate=0.0,
        feed_forward_proj="gated-gelu",
        pad_token_id=0,
        eos_token_id=1,
    )
    return CLIPTextModel(clip), T5EncoderModel(t5)


def start_as_identity(transformer: FluxTransformer2DModel) -> None:
    """Zero the modulations and the output, so that training starts from the mean prediction (DiT's adaLN-Zero)."""
    for name, part in transformer.named_modules():
        is_modulation = isinstance(part, nn.Linear) and (".norm" in name or name.startswith("norm_out"))
        if is_modulation or name == "proj_out":
            nn.init.zeros_(part.weight)  # type: ignore[arg-type]
            nn.init.zeros_(part.bias)  # type: ignore[arg-type]


def assemble(
    vae: AutoencoderDC, transformer: FluxTransformer2DModel, clip: CLIPTextModel, t5: T5EncoderModel
) -> FluxPipeline:
    """The standard FluxPipeline of the parts, with the scheduler of FLUX.1-dev."""
    tokenizer = miniature_tokenizer()
    scheduler = FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, base_shift=0.5, max_shift=1.15)
    return FluxPipeline(
        scheduler=scheduler,
        vae=vae,  # type: ignore[arg-type]
        text_encoder=clip,
        tokenizer=tokenizer,  # type: ignore[arg-type]
        text_encoder_2=t5,
        tokenizer_2=tokenizer,  # type: ignore[arg-type]
        transformer=transformer,
    )


@dataclass(frozen=True)
class AutoencoderStage:
    """Fit the patch code (or read it from `patch_code`) on `num_scenes` scenes, then train the decoder on crops."""

    name: str
    renders: str
    num_scenes: int
    loop: LoopSettings
    crop: int = 64
    latent_noise: float = 0.03
    patch_code: str = ""

    def prepare(self, run_dir: Path, *, device: Any = None) -> "tuple[AutoencoderTask, LoopSettings]":
        return AutoencoderTask(self, load_renders(Path(self.renders), self.num_scenes)), self.loop


@dataclass(frozen=True)
class BaseStage:
    """Train transformer and text encoders from nothing on 128x128 photographs of `num_scenes` scenes, no panorama."""

    name: str
    renders: str
    num_scenes: int
    autoencoder: str
    loop: LoopSettings
    times: Times = field(default_factory=Times)
    caption_dropout: float = 0.1
    sample_prompts: tuple[str, ...] = (
        "a snowy mountain valley at sunset",
        "a sandy beach at noon with white clouds",
        "a city square at night",
        "a living room with a sofa in the evening",
        "a desert with sand dunes at dawn",
        "a calm lake in thick fog",
        "green hills at noon under a clear sky",
        "an art gallery at night",
    )
    sample_steps: int = 20
    sample_guidance: float = 3.0

    def prepare(self, run_dir: Path, *, device: Any = None) -> "tuple[BaseTask, LoopSettings]":
        return BaseTask(self, load_renders(Path(self.renders), self.num_scenes)), self.loop


@dataclass(frozen=True)
class PanoramaStage(PanoramaLora):
    """The users' own recipe on equirectangular renders, which are written as an image folder first."""

    renders: str = "runs/renders"
    num_scenes: int = 2048

    def prepare(self, run_dir: Path, *, device: Any = None) -> "tuple[PanoramaTask, LoopSettings]":
        render_shards(Path(self.renders), self.num_scenes)
        write_image_folder(Path(self.renders), self.num_scenes, Path(self.images))
        return super().prepare(run_dir, device=device)


def load_renders(folder: Path, num_scenes: int) -> list[Shard]:
    """The shards of the first `num_scenes` scenes, rendered first where they are missing."""
    render_shards(folder, num_scenes)
    num_shards = -(-num_scenes // len(read_shard(read_shards(folder)[0]).scenes))
    return [read_shard(path) for path in read_shards(folder)[:num_shards]]


class AutoencoderTask(Task):
    """The decoder learns what the linear code left out: squared and a little absolute error, on noisy latents."""

    def __init__(self, stage: AutoencoderStage, shards: Sequence[Shard]) -> None:
        self.stage = stage
        self.panoramas = torch.cat([shard.panoramas for shard in shards])
        self.views = torch.cat([shard.views for shard in shards]).flatten(0, 1)
        torch.manual_seed(stage.loop.seed)
        self.code = load_patch_code(Path(stage.patch_code)) if stage.patch_code else self._fit_code()
        self.vae = linear_autoencoder(self.code)
        self.vae.encoder.requires_grad_(False)
        self.modules = {"decoder": self.vae.decoder}

    def batch(self, step: int, generator: torch.Generator) -> Tensor:
        draws = torch.rand(self.stage.loop.batch_size, 4, generator=generator).tolist()
        return torch.stack([self._crop(*draw) for draw in draws])

    def _fit_code(self) -> PatchCode:
        fitted_on = self.panoramas[:: max(1, len(self.panoramas) // 512)]
        return fit_patch_code(fitted_on.float() / 127.5 - 1)

    def _crop(self, kind: float, item: float, row: float, column: float) -> Tensor:
        images = self.panoramas if kind < 0.6 else self.views
        image, size = images[int(item * len(images))], self.stage.crop
        y, x = (int(u * (extent - size + 1)) for u, extent in ((row, image.shape[-2]), (column, image.shape[-1])))
        return image[:, y : y + size, x : x + size]

    def loss(self, batch: Any, generator: torch.Generator) -> tuple[Tensor, dict[str, Any]]:
        images = batch.float() / 127.5 - 1
        latents = self.vae.encoder(images)
        latents = latents + self.stage.latent_noise * torch.randn(latents.shape, generator=generator).to(latents)
        error = self.vae.decoder(latents).float() - images
        return error.square().mean() + 0.05 * error.abs().mean(), {"psnr": -10 * (error / 2).square().mean().log10()}

    def sample(self, modules: dict[str, nn.Module]) -> Tensor:
        """Panoramas above their reconstructions."""
        images = self.panoramas[:4].float() / 127.5 - 1
        with torch.no_grad():
            decoded = self.vae.decoder(self.vae.encoder(images))
        return (torch.cat([images, decoded]) / 2 + 0.5).clamp(0, 1)

    def export(self, run_dir: Path) -> None:
        self.vae.save_pretrained(run_dir / "vae")
        save_patch_code(self.code, run_dir / "vae" / CODE_FILE)


class BaseTask(Task):
    """Flow matching on photographs; the text encoders learn along with the transformer."""

    def __init__(self, stage: BaseStage, shards: Sequence[Shard]) -> None:
        self.stage = stage
        with quiet_loading():
            self.vae = AutoencoderDC.from_pretrained(stage.autoencoder).eval().requires_grad_(False)
        self.code = load_patch_code(Path(stage.autoencoder) / CODE_FILE)
        self.scenes = [scene for shard in shards for scene in shard.scenes]
        self.views = torch.cat([shard.views for shard in shards])
        self.pitch_deg = torch.cat([torch.from_numpy(shard.pitch_deg) for shard in shards])
        torch.manual_seed(stage.loop.seed)
        self.tokenizer = miniature_tokenizer()
        clip, t5 = miniature_text_encoders(len(self.tokenizer))
        transformer = miniature_transformer()
        start_as_identity(transformer)
        self.modules = {"transformer": transformer, "text_encoder": clip, "text_encoder_2": t5}

    def batch(self, step: int, generator: torch.Generator) -> dict[str, Any]:
        size = self.stage.loop.batch_size
        scenes = torch.randint(len(self.scenes), (size,), generator=generator)
        views = torch.randint(self.views.shape[1], (size,), generator=generator)
        wordings = torch.randint(10_000, (size,), generator=generator).tolist()
        flips, drops = torch.rand(2, size, generator=generator) < torch.tensor([[0.5], [self.stage.caption_dropout]])
        images = self.views[scenes, views]
        images = torch.where(flips[:, None, None, None], images.flip(-1), images)
        pitches = self.pitch_deg[scenes, views].tolist()
        captions = [
            "" if drop else write_caption(self.scenes[scene], wording, pitch_deg=pitch)
            for scene, wording, pitch, drop in zip(scenes.tolist(), wordings, pitches, drops.tolist(), strict=True)
        ]
        latents = encode_patches(self.code, images.float() / 127.5 - 1)
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
        size = self.views.shape[-1] // 8
        latents = torch.randn(len(prompts), 16, size, size, generator=torch.Generator().manual_seed(0))
        scheduler = FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, base_shift=0.5, max_shift=1.15)
        solver = EulerSolver(scheduler_sigmas(scheduler, self.stage.sample_steps, (size // 2) ** 2))
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


def miniature_autoencoder() -> AutoencoderStage:
    """Ten minutes of one core; a higher rate leaves the linear solution and is slow to come back."""
    loop = LoopSettings(
        num_steps=360, batch_size=24, lr=2.5e-4, warmup=50, decay_fraction=0.6, weight_decay=0.0, ema_decay=0.99
    )
    return AutoencoderStage("miniature-autoencoder", "runs/renders", 768, loop)


def miniature_base() -> BaseStage:
    """The CPU recipe: 72,000 photographs, about half an hour of two cores."""
    loop = LoopSettings(
        num_steps=1500,
        batch_size=48,
        lr=1e-3,
        warmup=150,
        decay_fraction=0.4,
        weight_decay=0.01,
        betas=(0.9, 0.98),
        ema_decay=0.998,
        precision="bf16",
        checkpoint_every=100,
        sample_every=150,
    )
    return BaseStage("miniature-base", "runs/renders", 2176, "runs/autoencoder/vae", loop)


def miniature_panorama() -> PanoramaStage:
    """First part of the panorama LoRA, on 23,000 pictures of 128x256: a quarter of an hour of two cores."""
    loop = LoopSettings(
        num_steps=720,
        batch_size=32,
        lr=2e-3,
        warmup=50,
        decay_fraction=0.25,
        weight_decay=0.0,
        betas=(0.9, 0.98),
        ema_decay=0.995,
        precision="bf16",
        checkpoint_every=100,
        sample_every=150,
    )
    return PanoramaStage(
        name="miniature-panorama",
        images="runs/panoramas",
        num_scenes=2304,
        model="runs/base/pipeline",
        height=128,
        loop=loop,
        lora=LoraSettings(rank=32, alpha=32.0, dropout=0.0, targets=EVERY_LINEAR),
        times=Times(mu=0.3),
        wrap="integer",
        prompt_prefix="",
        gradient_checkpointing=False,
        sample_prompts=BaseStage.sample_prompts,
    )


def miniature_panorama_large() -> PanoramaStage:
    """Second part, on 5,800 pictures of 256x512, continuing from the first: twenty minutes of two cores."""
    small = miniature_panorama()
    return replace(
        small,
        name="miniature-panorama-large",
        images="runs/panoramas-large",
        num_scenes=1024,
        flips=False,
        height=256,
        loop=replace(small.loop, num_steps=480, batch_size=12, lr=1e-3, decay_fraction=0.35, sample_every=60),
        times=Times(mu=0.6),
        start_from="runs/panorama",
        cache="runs/panorama/cache",
    )
