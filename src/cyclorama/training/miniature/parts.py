"""The parts of the miniature: the classes of FLUX at small size, and the words that it knows."""

from diffusers.models.autoencoders.autoencoder_dc import AutoencoderDC
from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel
from diffusers.pipelines.flux.pipeline_flux import FluxPipeline
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, PreTrainedTokenizerFast, T5Config, T5EncoderModel

from cyclorama.diorama.captions import vocabulary

MAX_WORDS = 40
LATENT_CHANNELS = 16
SPECIAL_WORDS = ("[pad]", "[eos]", "[unk]")
TEXT_WIDTH, POOLED_WIDTH = 192, 96


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
    """FLUX at width 256: 2 double and 6 single blocks, heads of 32, 11 million weights; guidance is classifier-free.

    A token is 2x2 latents of 16x16 pixels: a panorama of 512x1024 is a sequence of 512 tokens.
    """
    return FluxTransformer2DModel(
        patch_size=1,
        in_channels=4 * LATENT_CHANNELS,
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
        num_attention_heads=3,
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
        num_heads=6,
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


def miniature_scheduler() -> FlowMatchEulerDiscreteScheduler:
    """The scheduler of FLUX.1-dev, shifted further towards noise, where this code's large shapes are decided."""
    return FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, base_shift=1.2, max_shift=2.0)


def assemble(
    vae: AutoencoderDC, transformer: FluxTransformer2DModel, clip: CLIPTextModel, t5: T5EncoderModel
) -> FluxPipeline:
    """The standard FluxPipeline of the parts, with the scheduler of FLUX.1-dev."""
    tokenizer = miniature_tokenizer()
    return FluxPipeline(
        scheduler=miniature_scheduler(),
        vae=vae,  # type: ignore[arg-type]
        text_encoder=clip,
        tokenizer=tokenizer,  # type: ignore[arg-type]
        text_encoder_2=t5,
        tokenizer_2=tokenizer,  # type: ignore[arg-type]
        transformer=transformer,
    )
