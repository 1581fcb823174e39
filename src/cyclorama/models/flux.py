"""The FLUX family behind the protocol: FLUX.1-dev, -schnell, -Krea-dev, the miniature and any `FluxPipeline` folder."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diffusion.schedule import scheduler_sigmas
from cyclorama.models.autoencoding import is_panorama
from cyclorama.models.flux_velocity import PATCH, flux_velocity
from cyclorama.models.pipeline_model import PipelineModel
from cyclorama.models.protocol import Capabilities, Condition

MAX_TEXT_TOKENS = 512
DISTILLED_TEXT_TOKENS = 256
NATIVE_PIXELS = 1024


class FluxModel(PipelineModel):
    """A FluxPipeline that answers the protocol. `embeds_guidance`: the guidance scale is an input of the network."""

    family = "flux"
    pipelines = ("FluxPipeline",)
    tokenizer_name = "tokenizer_2"
    text_encoder_names = ("text_encoder", "text_encoder_2")
    wraps = ("none", "published", "adjacent", "integer")
    default_wrap = "adjacent"
    published_steps = 28
    published_guidance = 2.8
    lora_targets = ("attn.to_q", "attn.to_k", "attn.to_v", "attn.to_out.0")

    def __init__(self, pipe: Any, **options) -> None:
        super().__init__(pipe, **options)
        self.embeds_guidance = bool(self.pipe.transformer.config.guidance_embeds)

    @property
    def max_text_tokens(self) -> int:
        longest = DISTILLED_TEXT_TOKENS if self.distilled else MAX_TEXT_TOKENS
        return min(self.pipe.tokenizer_2.model_max_length, longest)

    def predict(
        self,
        latents: Float[Tensor, "batch channels latent_height latent_width"],
        t: Float[Tensor, " batch"],
        condition: Condition,
        *,
        guidance_scale: float | None = None,
    ) -> Float[Tensor, "batch channels latent_height latent_width"]:
        """The velocity noise - data; guidance embedded, or classifier-free with the empty prompt, or none (schnell)."""
        if not self.embeds_guidance:
            return super().predict(latents, t, condition, guidance_scale=guidance_scale)
        scale = self.default_guidance if guidance_scale is None else guidance_scale
        return self._velocity(latents, t, condition, guidance=torch.full_like(t, scale, dtype=torch.float32))

    def sigmas(self, num_steps: int, height: int, width: int) -> Float[Tensor, " steps_and_end"]:
        """The schedule of the folder's scheduler, shifted for the number of tokens of this picture."""
        pixels = self.capabilities.token_multiple
        return scheduler_sigmas(self.pipe.scheduler, num_steps, (height // pixels) * (width // pixels))

    def _embed(self, texts: list[str]) -> dict[str, Tensor]:
        """CLIP's pooled and T5's token embeddings."""
        text, pooled, _ = self.pipe.encode_prompt(
            texts, device=self._text_device, max_sequence_length=self.max_text_tokens
        )
        return {"text": text, "pooled": pooled}

    def _velocity(self, latents: Tensor, t: Tensor, condition: Condition, *, guidance: Tensor | None = None) -> Tensor:
        return flux_velocity(
            self.pipe.transformer,
            latents,
            t,
            text=condition.tensors["text"],
            pooled=condition.tensors["pooled"],
            guidance=guidance,
            wrap=self.wrap if is_panorama(latents) else "none",
            columns=self.wrap_columns,
        )

    def _capabilities(self, name: str) -> Capabilities:
        seams = ("autoencoder", "positions")
        return self._facts(name, multiple=PATCH, native=NATIVE_PIXELS, exact_seams=seams)
