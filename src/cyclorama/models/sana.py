"""SANA and SANA 1.5 behind the protocol: rectified flow on a linear transformer, 32x auto-encoder, Gemma as reader.

The transformer's only sense of place are the 3x3 convolutions of its feed-forward layers (except for the 2K and 4K
models, which add absolute positions): with circular convolutions (wrap "convolutions") it commutes with every roll.
"""

import inspect
import math
from typing import Any

import torch
from diffusers.pipelines.sana.pipeline_sana import SanaPipeline
from jaxtyping import Float
from torch import Tensor

from cyclorama.diffusion.fingerprints import hash_parts
from cyclorama.diffusion.schedule import shift_times
from cyclorama.models.pipeline_model import PipelineModel
from cyclorama.models.protocol import Capabilities, Condition
from cyclorama.models.tiling import compression_of

MAX_TEXT_TOKENS = 300
INSTRUCTION = inspect.signature(SanaPipeline.__call__).parameters["complex_human_instruction"].default
"""What Gemma is told before every prompt (Xie et al. 2024, section 3.1); diffusers' own words, as in the training."""


class SanaModel(PipelineModel):
    """A SanaPipeline that answers the protocol."""

    family = "sana"
    pipelines = ("SanaPipeline",)
    text_encoder_names = ("text_encoder",)
    wraps = ("none", "convolutions")
    default_wrap = "convolutions"
    published_steps = 28
    published_guidance = 4.5

    @property
    def max_text_tokens(self) -> int:
        return MAX_TEXT_TOKENS

    def text_key(self) -> str:
        """A hash of Gemma, the prefix, the number of tokens and the instruction."""
        return hash_parts(super().text_key(), *INSTRUCTION)

    def sigmas(self, num_steps: int, height: int, width: int) -> Float[Tensor, " steps_and_end"]:
        """Even levels, shifted as the folder's scheduler is.

        Raises:
            ValueError: for less than one step.
        """
        if num_steps < 1:
            raise ValueError(f"got {num_steps} steps; wanted at least 1")
        config: Any = self.pipe.scheduler.config
        shift = config.get("flow_shift") or config.get("shift") or 1.0
        return shift_times(torch.linspace(1, 0, num_steps + 1), math.log(shift))

    def _embed(self, texts: list[str]) -> dict[str, Tensor]:
        """Gemma's last hidden states and their mask; "" is read without the instruction."""
        text, mask, empty, empty_mask = self.pipe.encode_prompt(
            texts,
            do_classifier_free_guidance="" in texts,
            device=self._text_device,
            max_sequence_length=MAX_TEXT_TOKENS,
            complex_human_instruction=INSTRUCTION,
        )
        if "" in texts:
            given = torch.tensor([bool(prompt) for prompt in texts], device=text.device)[:, None]
            text, mask = torch.where(given[..., None], text, empty), torch.where(given, mask, empty_mask)
        return {"text": text, "mask": mask}

    def _velocity(self, latents: Tensor, t: Tensor, condition: Condition) -> Tensor:
        transformer = self.pipe.transformer
        with self._wrapped_network(latents):
            output = transformer(
                latents.to(self.dtype),
                encoder_hidden_states=condition.tensors["text"].to(self.dtype),
                encoder_attention_mask=condition.tensors["mask"],
                timestep=1000 * transformer.config.timestep_scale * t.float(),
                return_dict=False,
            )[0]
        return output[:, : latents.shape[1]].to(latents.dtype)

    def _capabilities(self, name: str) -> Capabilities:
        config = self.pipe.transformer.config
        seams = ("autoencoder",) if self.pipe.transformer.patch_embed.pos_embed is not None else ()
        return self._facts(
            name,
            multiple=config.patch_size,
            native=config.sample_size * compression_of(self.pipe.vae),
            exact_seams=seams or ("autoencoder", "convolutions"),
        )
