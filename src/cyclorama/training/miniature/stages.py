"""The stages of the miniature and their settings: each writes what the next one reads.

The numbers are the CPU recipe; docs/miniature.md has the settings for a GPU.
"""

from dataclasses import replace

from cyclorama.training.adapters import LoraSettings
from cyclorama.training.loop import LoopSettings
from cyclorama.training.miniature.decoder import AutoencoderStage
from cyclorama.training.miniature.panoramas import PanoramaStage
from cyclorama.training.miniature.photographs import SAMPLE_PROMPTS, BaseStage
from cyclorama.training.objectives import Times

RENDERS, NUM_SCENES = "runs/renders", 1600
EVERY_LINEAR = (
    *("attn.to_q", "attn.to_k", "attn.to_v", "attn.to_out.0"),
    *("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj", "attn.to_add_out"),
    *("ff.net.0.proj", "ff.net.2", "ff_context.net.0.proj", "ff_context.net.2"),
    *("norm.linear", "norm1.linear", "norm1_context.linear", "proj_mlp", "proj_out"),
)


FLOW_LOOP = LoopSettings(
    num_steps=10000,
    batch_size=32,
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


def miniature_autoencoder() -> AutoencoderStage:
    """At twice the rate the error rises now and then."""
    loop = LoopSettings(
        num_steps=2400,
        batch_size=12,
        lr=5e-4,
        warmup=50,
        decay_fraction=0.5,
        weight_decay=0.0,
        betas=(0.9, 0.99),
        ema_decay=0.98,
        precision="bf16",
        checkpoint_every=200,
    )
    return AutoencoderStage("miniature-autoencoder", RENDERS, NUM_SCENES, loop)


def miniature_base() -> BaseStage:
    """320,000 photographs of 256x256, mostly far in the noise, where this code's large shapes are decided."""
    times = Times(std=1.6, mu=1.6)
    return BaseStage("miniature-base", RENDERS, NUM_SCENES, "runs/autoencoder/vae", FLOW_LOOP, times=times)


def miniature_base_large() -> BaseStage:
    """The base goes on with photographs of 512x512."""
    small = miniature_base()
    return replace(
        small,
        name="miniature-base-large",
        views="large_views",
        start_from="runs/base/pipeline",
        loop=replace(small.loop, num_steps=250, batch_size=16, lr=5e-4, warmup=30, sample_every=60),
        times=Times(std=1.6, mu=1.9),
    )


def miniature_panorama() -> PanoramaStage:
    """The panorama LoRA, on 7,200 pictures of 512x1024: it is level after a few thousand."""
    loop = replace(
        FLOW_LOOP,
        num_steps=600,
        batch_size=12,
        lr=2e-3,
        warmup=50,
        weight_decay=0.0,
        ema_decay=0.995,
        sample_every=100,
    )
    return PanoramaStage(
        name="miniature-panorama",
        images="runs/panoramas",
        num_scenes=NUM_SCENES,
        model="runs/base-large/pipeline",
        height=512,
        loop=loop,
        lora=LoraSettings(rank=24, alpha=24.0, dropout=0.0, targets=EVERY_LINEAR),
        times=Times(std=1.6, mu=2.2),
        wrap="integer",
        prompt_prefix="",
        gradient_checkpointing=False,
        sample_prompts=SAMPLE_PROMPTS,
    )
