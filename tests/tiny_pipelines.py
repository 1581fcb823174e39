"""Tiny random pipelines of diffusers' real classes, one per family and kind, as `save_pretrained` would store them."""

from collections.abc import Callable
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_dc import AutoencoderDC
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.transformers.sana_transformer import SanaTransformer2DModel
from diffusers.models.transformers.transformer_sd3 import SD3Transformer2DModel
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.pipelines.sana.pipeline_sana import SanaPipeline
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.pipelines.stable_diffusion_3.pipeline_stable_diffusion_3 import StableDiffusion3Pipeline
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl import StableDiffusionXLPipeline
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from diffusers.schedulers.scheduling_dpmsolver_multistep import DPMSolverMultistepScheduler
from diffusers.schedulers.scheduling_euler_discrete import EulerDiscreteScheduler
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from diffusers.schedulers.scheduling_pndm import PNDMScheduler
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    Gemma2Config,
    Gemma2Model,
    T5Config,
    T5EncoderModel,
)

from tests.conftest import WORDS, build_tokenizer

VOCABULARY = len(WORDS) + 4
BETAS: dict[str, Any] = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}


def build_clip(model: Any = CLIPTextModel) -> Any:
    config = CLIPTextConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=64,
        projection_dim=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=32,
        pad_token_id=0,
        bos_token_id=2,
        eos_token_id=3,
    )
    return model(config).eval()


def build_vae(latent_channels: int = 4, **options: Any) -> Any:
    blocks: dict[str, Any] = {
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
        "block_out_channels": (8, 8, 8, 16),
    }
    return AutoencoderKL(**blocks, norm_num_groups=4, latent_channels=latent_channels, sample_size=64, **options).eval()


def build_unet(**options: Any) -> Any:
    blocks: dict[str, Any] = {
        "down_block_types": ("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        "block_out_channels": (16, 16, 32),
    }
    size: dict[str, Any] = {"sample_size": 8, "layers_per_block": 1, "norm_num_groups": 4, "attention_head_dim": 2}
    return UNet2DConditionModel(**blocks, **size, **options).eval()


def build_stable_diffusion(scheduler: Any) -> Any:
    return StableDiffusionPipeline(
        vae=build_vae(scaling_factor=0.18215),
        text_encoder=build_clip(),
        tokenizer=build_tokenizer(),
        unet=build_unet(cross_attention_dim=32),
        scheduler=scheduler,
        safety_checker=None,  # pyright: ignore
        feature_extractor=None,  # pyright: ignore
        requires_safety_checker=False,
    )


def build_sd() -> Any:
    """Like Stable Diffusion 1.5: epsilon, the scheduler that its folder holds."""
    return build_stable_diffusion(PNDMScheduler(**BETAS, skip_prk_steps=True))


def build_sd_v() -> Any:
    """Like the fine-tunes of Stable Diffusion 2 that predict v down to zero terminal signal."""
    options: dict[str, Any] = {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing", "clip_sample": False}
    return build_stable_diffusion(DDIMScheduler(**BETAS, **options, prediction_type="v_prediction"))


def build_sdxl() -> Any:
    """Like Stable Diffusion XL: two text encoders, the size as a condition."""
    return StableDiffusionXLPipeline(
        vae=build_vae(scaling_factor=0.13025, force_upcast=True),
        text_encoder=build_clip(),
        text_encoder_2=build_clip(CLIPTextModelWithProjection),
        tokenizer=build_tokenizer(),
        tokenizer_2=build_tokenizer(),
        unet=build_unet(
            cross_attention_dim=64,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=6 * 8 + 16,
            use_linear_projection=True,
        ),
        scheduler=EulerDiscreteScheduler(**BETAS, timestep_spacing="leading"),  # type: ignore[arg-type]
        add_watermarker=False,
    )


def build_sd3() -> Any:
    """Like Stable Diffusion 3.5 medium: two attentions in its first block."""
    return StableDiffusion3Pipeline(
        transformer=SD3Transformer2DModel(
            sample_size=8,
            num_layers=2,
            attention_head_dim=8,
            num_attention_heads=2,
            joint_attention_dim=64,
            caption_projection_dim=16,
            pooled_projection_dim=32,
            pos_embed_max_size=144,
            dual_attention_layers=(0,),
            qk_norm="rms_norm",
        ).eval(),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=build_vae(16, scaling_factor=1.5305, shift_factor=0.0609, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=build_clip(CLIPTextModelWithProjection),
        tokenizer=build_tokenizer(),
        text_encoder_2=build_clip(CLIPTextModelWithProjection),
        tokenizer_2=build_tokenizer(),
        text_encoder_3=T5EncoderModel(
            T5Config(vocab_size=VOCABULARY, d_model=64, d_kv=16, d_ff=64, num_layers=1, num_heads=2)
        ).eval(),
        tokenizer_3=build_tokenizer(),
    )


def build_dc_autoencoder() -> Any:
    """32x, with linear attention at its lowest level, like SANA's."""
    channels = (8, 8, 8, 8, 8, 16)
    blocks = ("ResBlock",) * 5 + ("EfficientViTBlock",)
    scales: dict[str, Any] = {"encoder_qkv_multiscales": ((),) * 5 + ((5,),)}
    return AutoencoderDC(
        latent_channels=8,
        attention_head_dim=4,
        encoder_block_types=blocks,  # pyright: ignore
        decoder_block_types=blocks,  # pyright: ignore
        encoder_block_out_channels=channels,
        decoder_block_out_channels=channels,
        encoder_layers_per_block=(1,) * 6,
        decoder_layers_per_block=(1,) * 6,
        decoder_qkv_multiscales=scales["encoder_qkv_multiscales"],
        scaling_factor=0.41407,
        **scales,
    ).eval()


def build_sana() -> Any:
    """Like SANA 1.5: normalised queries and keys, no positions."""
    gemma = Gemma2Config(
        vocab_size=VOCABULARY,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
    )
    return SanaPipeline(
        tokenizer=build_tokenizer(512),
        text_encoder=Gemma2Model(gemma).eval(),
        vae=build_dc_autoencoder(),
        transformer=SanaTransformer2DModel(
            in_channels=8,
            out_channels=8,
            num_attention_heads=2,
            attention_head_dim=8,
            num_layers=2,
            num_cross_attention_heads=2,
            cross_attention_head_dim=8,
            cross_attention_dim=16,
            caption_channels=16,
            mlp_ratio=2.0,
            sample_size=4,
            qk_norm="rms_norm_across_heads",
        ).eval(),
        scheduler=DPMSolverMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0, algorithm_type="dpmsolver++"
        ),
    )


BUILDERS: dict[str, Callable[[], Any]] = {
    "sd": build_sd,
    "sd_v": build_sd_v,
    "sdxl": build_sdxl,
    "sd3": build_sd3,
    "sana": build_sana,
}


def build_tiny(kind: str) -> Any:
    """The pipeline of this kind with the same random weights in every process."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return BUILDERS[kind]()
