"""The UNet families behind the protocol: Stable Diffusion 1.x and 2.x, Stable Diffusion XL, and their fine-tunes.

Their UNets have no positions: with circular convolutions (wrap "convolutions") the whole network commutes with a roll
by as many latents as its downsampling asks for. They predict epsilon or v; `variance_preserving.py` turns both into
velocities.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.models.pipeline_model import PipelineModel
from cyclorama.models.protocol import Capabilities, Condition
from cyclorama.models.variance_preserving import noise_radius, read_noise_table, scheduled_times

ROUNDING = 1e-6
NATIVE_LATENTS = 64
"""Of a UNet that names no size of its own."""


class StableDiffusionModel(PipelineModel):
    """A StableDiffusionPipeline (1.x, 2.x) that answers the protocol.

    Raises:
        ValueError: for a UNet that takes more than the latents (inpainting, upscaling).
    """

    family = "stable-diffusion"
    pipelines = ("StableDiffusionPipeline",)
    network_name = "unet"
    text_encoder_names = ("text_encoder",)
    wraps = ("none", "convolutions")
    default_wrap = "convolutions"
    published_steps = 50
    published_guidance = 7.5
    load_options: ClassVar[Mapping[str, Any]] = {
        "safety_checker": None,
        "feature_extractor": None,
        "image_encoder": None,
        "requires_safety_checker": False,
    }

    def __init__(self, pipe: Any, **options) -> None:
        inputs, latents = pipe.unet.config.in_channels, pipe.vae.config.latent_channels
        if inputs != latents:
            raise ValueError(
                f"got a UNet of {inputs} input channels for {latents} latent ones; wanted a text-to-image model, "
                f"not one for inpainting or upscaling"
            )
        super().__init__(pipe, **options)
        self._table = read_noise_table(pipe.scheduler.config)

    @property
    def max_time(self) -> float:
        """Where the model's noise table ends: 1 with zero terminal signal-to-noise, about 0.94 for the usual tables."""
        return self._table.max_time

    def error_scale(self, t: Float[Tensor, " batch"]) -> Float[Tensor, " batch"]:
        """What turns the velocity's error into that of epsilon or v."""
        return self._table.error_scale(t)

    def predict(
        self,
        latents: Float[Tensor, "batch channels latent_height latent_width"],
        t: Float[Tensor, " batch"],
        condition: Condition,
        *,
        guidance_scale: float | None = None,
    ) -> Float[Tensor, "batch channels latent_height latent_width"]:
        """The velocity noise - data; beyond `max_time` with the data at their mean, 0.

        So samplers that start from pure noise arrive at the model's first timestep with the noise that it expects, as
        k-diffusion does, and an answer that the model was never trained for steers nothing.
        """
        unknown = t > self.max_time + ROUNDING
        if not torch.is_grad_enabled() and bool(unknown.all()):
            return latents / _columns(t, latents)
        velocity = super().predict(latents, t, condition, guidance_scale=guidance_scale)
        return torch.where(_columns(unknown, latents), latents / _columns(t, latents).clamp(min=ROUNDING), velocity)

    def sigmas(self, num_steps: int, height: int, width: int) -> Float[Tensor, " steps_and_end"]:
        """The timesteps that the folder's scheduler spaces, the same for every size; the first interval is free."""
        return scheduled_times(self.pipe.scheduler.config, self._table, num_steps)

    def _embed(self, texts: list[str]) -> dict[str, Tensor]:
        """CLIP's token embeddings."""
        text, _ = self.pipe.encode_prompt(texts, self._text_device, 1, False)
        return {"text": text}

    def _velocity(self, latents: Tensor, t: Tensor, condition: Condition) -> Tensor:
        t = t.clamp(max=self.max_time)
        x_t = latents.float()
        with self._wrapped_network(latents):
            output = self.pipe.unet(
                (x_t / noise_radius(_columns(t, x_t))).to(self.dtype),
                self._table.timesteps(t),
                encoder_hidden_states=condition.tensors["text"].to(self.dtype),
                added_cond_kwargs=self._added(latents, condition),
                return_dict=False,
            )[0]
        return self._table.to_velocity(output.float(), x_t, t).to(latents.dtype)

    def _added(self, latents: Tensor, condition: Condition) -> dict[str, Tensor]:
        """What the UNet takes besides the token embeddings."""
        return {}

    def _capabilities(self, name: str) -> Capabilities:
        config = self.pipe.unet.config
        native = (config.sample_size or NATIVE_LATENTS) * 2 ** (len(self.pipe.vae.config.block_out_channels) - 1)
        halvings = len(config.down_block_types) - 1
        return self._facts(name, multiple=2**halvings, native=native, exact_seams=("autoencoder", "convolutions"))


class StableDiffusionXLModel(StableDiffusionModel):
    """A StableDiffusionXLPipeline: two text encoders, and the picture's size as a condition."""

    family = "stable-diffusion-xl"
    pipelines = ("StableDiffusionXLPipeline",)
    text_encoder_names = ("text_encoder", "text_encoder_2")
    published_guidance = 5.0
    load_options: ClassVar[Mapping[str, Any]] = {"add_watermarker": False}

    def _embed(self, texts: list[str]) -> dict[str, Tensor]:
        """Token embeddings of both encoders, pooled ones of the second; zeros for "" where the model was trained so."""
        text, _, pooled, _ = self.pipe.encode_prompt(texts, device=self._text_device, do_classifier_free_guidance=False)
        if self.pipe.config.force_zeros_for_empty_prompt:
            given = torch.tensor([bool(prompt) for prompt in texts], device=text.device)
            text, pooled = text * given[:, None, None], pooled * given[:, None]
        return {"text": text, "pooled": pooled}

    def _added(self, latents: Tensor, condition: Condition) -> dict[str, Tensor]:
        """Original size, crop and target size (Podell et al. 2023, section 2.2): the picture's own, uncropped."""
        height, width = (side * self.capabilities.spatial_compression for side in latents.shape[-2:])
        sizes = torch.tensor([[height, width, 0, 0, height, width]], dtype=torch.float32, device=latents.device)
        return {
            "text_embeds": condition.tensors["pooled"].to(self.dtype),
            "time_ids": sizes.repeat(len(latents), 1),
        }


def _columns(values: Tensor, like: Tensor) -> Tensor:
    """One value per sample, shaped to be spread over the sample."""
    return values.reshape(-1, *[1] * (like.ndim - 1))
