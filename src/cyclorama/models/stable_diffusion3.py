"""Stable Diffusion 3 and 3.5 behind the protocol: rectified flow on a transformer with absolute positions.

The positions are the centre of one large table, so a wider picture continues them on both sides: wrap "adjacent" gives
the model the neighbour columns across the seam as parts of a wider picture, and crops its answer. No wrap of this
family commutes with a roll: absolute positions have a first and a last column.
"""

from typing import Any

import torch
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from jaxtyping import Float
from torch import Tensor

from cyclorama.diffusion.schedule import scheduler_sigmas
from cyclorama.models.autoencoding import is_panorama
from cyclorama.models.flux_velocity import default_columns
from cyclorama.models.pipeline_model import PipelineModel
from cyclorama.models.protocol import Capabilities, Condition
from cyclorama.models.seams import wrapped_columns

MAX_TEXT_TOKENS = 256


class StableDiffusion3Model(PipelineModel):
    """A StableDiffusion3Pipeline that answers the protocol, with or without its T5."""

    family = "stable-diffusion-3"
    pipelines = ("StableDiffusion3Pipeline",)
    text_encoder_names = ("text_encoder", "text_encoder_2", "text_encoder_3")
    wraps = ("none", "adjacent")
    default_wrap = "adjacent"
    published_steps = 28
    published_guidance = 7.0

    @property
    def max_text_tokens(self) -> int:
        """Of T5, or of the zeros that stand for it; CLIP reads the first 77."""
        longest = self.pipe.tokenizer_3.model_max_length if self.pipe.tokenizer_3 else MAX_TEXT_TOKENS
        return min(longest, MAX_TEXT_TOKENS)

    def sigmas(self, num_steps: int, height: int, width: int) -> Float[Tensor, " steps_and_end"]:
        """The schedule of the folder's scheduler: its shift is fixed, or that of the picture's number of tokens.

        Raises:
            ValueError: for less than one step, or a picture larger than the model has positions for.
        """
        if num_steps < 1:
            raise ValueError(f"got {num_steps} steps; wanted at least 1")
        pixels = self.capabilities.token_multiple
        self._check_size(height // pixels, width // pixels)
        config: Any = self.pipe.scheduler.config
        if config.use_dynamic_shifting:
            return scheduler_sigmas(self.pipe.scheduler, num_steps, (height // pixels) * (width // pixels))
        fresh: Any = FlowMatchEulerDiscreteScheduler.from_config(config)
        fresh.set_timesteps(num_steps)
        return torch.as_tensor(fresh.sigmas)

    def _embed(self, texts: list[str]) -> dict[str, Tensor]:
        """Both CLIPs' and T5's token embeddings in one sequence, both CLIPs' pooled ones side by side."""
        text, _, pooled, _ = self.pipe.encode_prompt(
            texts,
            None,
            None,
            device=self._text_device,
            do_classifier_free_guidance=False,
            max_sequence_length=self.max_text_tokens,
        )
        return {"text": text, "pooled": pooled}

    def _velocity(self, latents: Tensor, t: Tensor, condition: Condition) -> Tensor:
        transformer, patch = self.pipe.transformer, self.pipe.transformer.config.patch_size
        margin = patch * self._margin(latents.shape[-1] // patch) if is_panorama(latents) else 0
        output = transformer(
            hidden_states=wrapped_columns(latents, margin, margin).to(self.dtype),
            timestep=1000 * t.float(),
            encoder_hidden_states=condition.tensors["text"].to(self.dtype),
            pooled_projections=condition.tensors["pooled"].to(self.dtype),
            return_dict=False,
        )[0]
        return output[..., margin : margin + latents.shape[-1]].to(latents.dtype)

    def _margin(self, width: int) -> int:
        """Neighbour columns per side in tokens: as many as asked for, as far as there are positions for them."""
        if self.wrap != "adjacent":
            return 0
        wanted = self.wrap_columns or default_columns(width)
        return min(wanted, width, max(0, (self._most_tokens - width) // 2))

    @property
    def _most_tokens(self) -> int:
        return self.pipe.transformer.config.pos_embed_max_size

    def _check_size(self, height: int, width: int) -> None:
        if max(height, width) > self._most_tokens:
            pixels = self.capabilities.token_multiple
            longest = self._most_tokens * pixels
            raise ValueError(
                f"got {height * pixels}x{width * pixels} pixels; {self.capabilities.name} has positions for {longest} "
                f"pixels a side: choose a smaller size"
            )

    def _capabilities(self, name: str) -> Capabilities:
        config = self.pipe.transformer.config
        native = config.sample_size * 2 ** (len(self.pipe.vae.config.block_out_channels) - 1)
        return self._facts(name, multiple=config.patch_size, native=native, exact_seams=("autoencoder",))
