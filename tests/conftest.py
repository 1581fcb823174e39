"""Tiny REAL components that several test folders share."""

from pathlib import Path
from typing import Any

import pytest

SENTENCES = (
    "a snowy mountain valley at sunset under the clear sky . this is panorama image shows beach desert city night"
)
WORDS = list(dict.fromkeys(SENTENCES.split(" ")))


def build_tokenizer(max_length: int = 32) -> Any:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = ["[pad]", "[unk]", "[bos]", "[eos]", *WORDS]
    backend = Tokenizer(models.WordLevel({word: index for index, word in enumerate(words)}, unk_token="[unk]"))
    backend.normalizer = normalizers.Lowercase()
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    backend.post_processor = processors.TemplateProcessing(
        single="[bos] $A [eos]", special_tokens=[("[bos]", 2), ("[eos]", 3)]
    )
    special = {"pad_token": "[pad]", "unk_token": "[unk]", "bos_token": "[bos]", "eos_token": "[eos]"}
    return PreTrainedTokenizerFast(tokenizer_object=backend, model_max_length=max_length, **special)


def build_tiny_flux(*, guidance_embeds: bool = False) -> Any:
    """A random FluxPipeline of real classes: 8x auto-encoder with attention, two kinds of blocks, two text encoders."""
    import torch
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
    from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel
    from diffusers.pipelines.flux.pipeline_flux import FluxPipeline
    from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
    from transformers import CLIPTextConfig, CLIPTextModel, T5Config, T5EncoderModel

    vocabulary = len(WORDS) + 4
    with torch.random.fork_rng():
        torch.manual_seed(0)
        transformer = FluxTransformer2DModel(
            in_channels=64,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=32,
            num_attention_heads=2,
            joint_attention_dim=32,
            pooled_projection_dim=32,
            guidance_embeds=guidance_embeds,
            axes_dims_rope=(4, 14, 14),
        )
        blocks: dict[str, Any] = {
            "down_block_types": ("DownEncoderBlock2D",) * 4,
            "up_block_types": ("UpDecoderBlock2D",) * 4,
            "block_out_channels": (8, 8, 16, 16),
        }
        vae = AutoencoderKL(
            **blocks,
            norm_num_groups=4,
            latent_channels=16,
            sample_size=64,
            scaling_factor=0.3611,
            shift_factor=0.1159,
            use_quant_conv=False,
            use_post_quant_conv=False,
        )
        clip = CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=32,
            pad_token_id=0,
            bos_token_id=2,
            eos_token_id=3,
        )
        t5 = T5Config(vocab_size=vocabulary, d_model=32, d_kv=16, d_ff=64, num_layers=1, num_heads=2)
        text_encoder, text_encoder_2 = CLIPTextModel(clip), T5EncoderModel(t5)
    return FluxPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift=3.0),
        vae=vae.eval(),
        text_encoder=text_encoder.eval(),
        tokenizer=build_tokenizer(),
        text_encoder_2=text_encoder_2.eval(),
        tokenizer_2=build_tokenizer(),
        transformer=transformer.eval(),
    )


@pytest.fixture(scope="session")
def tiny_flux_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A diffusers folder saved by plain `save_pretrained`; classifier-free guidance, closed vocabulary."""
    folder = tmp_path_factory.mktemp("models") / "tiny_flux"
    build_tiny_flux().save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_guided_flux_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with an embedded guidance scale, like FLUX.1-dev."""
    folder = tmp_path_factory.mktemp("models") / "tiny_guided_flux"
    build_tiny_flux(guidance_embeds=True).save_pretrained(folder)
    return folder


def _save_tiny(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.tiny_pipelines import build_tiny

    folder = tmp_path_factory.mktemp("models") / f"tiny_{kind}"
    build_tiny(kind).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_sd_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Like Stable Diffusion 1.5: a UNet that predicts epsilon, saved by plain diffusers as all of these."""
    return _save_tiny("sd", tmp_path_factory)


@pytest.fixture(scope="session")
def tiny_sd_v_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A UNet that predicts v, with a noise table that ends in pure noise."""
    return _save_tiny("sd_v", tmp_path_factory)


@pytest.fixture(scope="session")
def tiny_sdxl_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Like Stable Diffusion XL."""
    return _save_tiny("sdxl", tmp_path_factory)


@pytest.fixture(scope="session")
def tiny_sd3_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Like Stable Diffusion 3.5 medium."""
    return _save_tiny("sd3", tmp_path_factory)


@pytest.fixture(scope="session")
def tiny_sana_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Like SANA 1.5: a 32x auto-encoder, a linear transformer, Gemma."""
    return _save_tiny("sana", tmp_path_factory)
