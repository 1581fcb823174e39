"""The FLUX family behind the protocol: FLUX.1-dev, -schnell, -Krea-dev, the miniature and any `FluxPipeline` folder.

diffusers' FluxPipeline holds the weights, the text encoders and the auto-encoder; its `__call__` is not used.
Latents = (z - shift) * scaling, both ways.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diffusion.sampling import guide
from cyclorama.diffusion.schedule import scheduler_sigmas
from cyclorama.models.flux_velocity import PATCH, flux_velocity
from cyclorama.models.loading import quiet_loading, read_flux_pipeline
from cyclorama.models.lora import load_lora
from cyclorama.models.protocol import Capabilities, Condition
from cyclorama.models.seams import Wrap, to_wrap, wrap_convolutions
from cyclorama.models.tiling import decode_tiled
from cyclorama.models.vocabulary import in_known_words, unknown_words

MAX_TEXT_TOKENS = 512
DISTILLED_TEXT_TOKENS = 256
OFFLOADS = ("model", "group")


class FluxModel:
    """A FluxPipeline that answers the protocol of `models/protocol.py`.

    `wrap` is one of `seams.WRAPS` and acts on 2:1 pictures only; `wrap_columns` is the k of wrap="adjacent". `wrap_vae`
    makes encode and decode commute with a roll (None: with wrap "adjacent" and "integer"). `prompt_prefix` (the trigger
    of a LoRA) is put before every prompt that does not have it. `distilled` models take no guidance at all (schnell).
    """

    def __init__(
        self,
        pipe: Any,
        *,
        name: str = "flux",
        wrap: str = "adjacent",
        wrap_columns: int | None = None,
        wrap_vae: bool | None = None,
        vae_tiling: bool = False,
        distilled: bool = False,
        offload: str | None = None,
    ) -> None:
        self.pipe = pipe
        self.wrap: Wrap = to_wrap(wrap)
        self.wrap_columns = wrap_columns
        self.wrap_vae = wrap_vae
        self.vae_tiling = vae_tiling
        self.distilled = distilled
        self.offload = offload
        self.prompt_prefix = ""
        self.embeds_guidance = bool(self.pipe.transformer.config.guidance_embeds)
        self.default_steps = 4 if distilled else 28
        self.default_guidance = 1.0 if distilled else 2.8
        self.capabilities = _capabilities(pipe, name)
        self._empty_condition: Condition | None = None

    @classmethod
    def from_pretrained(
        cls,
        folder_or_hub_id: str | Path,
        *,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
        offload: str | None = None,
        download: bool = False,
        **options,
    ) -> "FluxModel":
        """Load a diffusers folder or hub id. `options` are those of the constructor.

        `dtype` None is bfloat16 on a GPU and float32 on the CPU; `device` None is the GPU if there is one. `offload`
        keeps the weights in main memory and moves whole components ("model") or single layers ("group") to the GPU when
        they are needed.

        Raises:
            ValueError: when the folder is no readable FluxPipeline, or a hub model is not here and `download` is off.
        """
        device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        dtype = dtype or (torch.float32 if device.type == "cpu" else torch.bfloat16)
        if offload not in (None, *OFFLOADS):
            raise ValueError(f"got offload {offload!r}; wanted {' or '.join(OFFLOADS)}")
        if offload and device.type == "cpu":
            raise ValueError(f"got offload {offload!r} on the CPU; offloading wants a GPU: leave it out")
        pipe = read_flux_pipeline(folder_or_hub_id, dtype=dtype, download=download)
        options.setdefault("name", Path(folder_or_hub_id).name)
        options.setdefault("distilled", "schnell" in str(folder_or_hub_id).lower())
        model = cls(pipe, offload=offload, **options)
        _place(pipe, device, offload)
        return model

    @property
    def device(self) -> torch.device:
        return torch.device(self.pipe._execution_device)

    @property
    def dtype(self) -> torch.dtype:
        return self.pipe.transformer.dtype

    @property
    def max_text_tokens(self) -> int:
        longest = DISTILLED_TEXT_TOKENS if self.distilled else MAX_TEXT_TOKENS
        return min(self.pipe.tokenizer_2.model_max_length, longest)

    def load_lora(self, path_or_id: str | Path, weight: float = 1.0, *, download: bool = False) -> None:
        """Add a LoRA in diffusers format (a file, a folder or a hub id) on top of those already loaded.

        Raises:
            ValueError: for a missing, unreadable or mismatching file; the model is then as it was before.
        """
        load_lora(self.pipe, path_or_id, weight=weight, download=download)
        self._empty_condition = None

    def merge_lora(self) -> None:
        """Add the loaded LoRAs to the weights themselves: the same output, no cost per step."""
        self.pipe.fuse_lora()
        self.pipe.unload_lora_weights()

    def speed_up_cpu(self) -> None:
        """Merge the LoRAs; run the transformer in bfloat16 if this processor multiplies it natively (some 3x faster).

        The auto-encoder, the text encoders and the solver stay as they are.
        """
        if self.pipe.get_active_adapters():
            self.merge_lora()
        features = torch.cpu.get_capabilities()
        if any(features.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16")):
            with quiet_loading():
                self.pipe.transformer.to(torch.bfloat16)

    @torch.no_grad()
    def encode_text(self, prompts: Sequence[str]) -> Condition:
        """CLIP's pooled and T5's token embeddings; prompts beyond `max_text_tokens` are cut.

        Words outside a closed vocabulary are read as `unknown_words` tells; those that nothing is near to are left out.
        """
        texts = [self._prefixed(in_known_words(self.pipe.tokenizer_2, prompt)) for prompt in prompts]
        text, pooled, _ = self.pipe.encode_prompt(texts, max_sequence_length=self.max_text_tokens)
        return Condition({"text": text, "pooled": pooled})

    def encode_images(
        self, images: Float[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, "batch channels latent_height latent_width"]:
        """Images in [0, 1] to latents, always in one piece: the mode of the posterior, or a deterministic code."""
        vae = self.pipe.vae
        pixels = (2 * images - 1).to(device=self.device, dtype=vae.dtype)
        with self._wrapped_vae(images):
            encoded = vae.encode(pixels)
        z = encoded.latent_dist.mode() if hasattr(encoded, "latent_dist") else encoded.latent
        return ((z - self._shift) * vae.config.scaling_factor).float()

    def decode_latents(
        self, latents: Float[Tensor, "batch channels latent_height latent_width"]
    ) -> Float[Tensor, "batch 3 height width"]:
        """Latents to images in [0, 1], float32. With `vae_tiling` in wrapped tiles: see `tiling.decode_tiled`."""
        vae = self.pipe.vae
        z = (latents / vae.config.scaling_factor + self._shift).to(device=self.device, dtype=vae.dtype)
        if self.vae_tiling:
            pixels = decode_tiled(vae, z, panorama=self._wraps_vae(latents))
        else:
            with self._wrapped_vae(latents):
                pixels = vae.decode(z).sample
        self.pipe.maybe_free_model_hooks()
        return (pixels.float() / 2 + 0.5).clamp(0, 1)

    def predict(
        self,
        latents: Float[Tensor, "batch channels latent_height latent_width"],
        t: Float[Tensor, " batch"],
        condition: Condition,
        *,
        guidance_scale: float | None = None,
    ) -> Float[Tensor, "batch channels latent_height latent_width"]:
        """The velocity noise - data; guidance embedded, or classifier-free with the empty prompt, or none (schnell)."""
        scale = self.default_guidance if guidance_scale is None else guidance_scale
        if self.embeds_guidance:
            return self._velocity(latents, t, condition, guidance=torch.full_like(t, scale, dtype=torch.float32))
        if self.distilled or scale == 1:
            return self._velocity(latents, t, condition)
        both = Condition.cat([condition, self._empty().repeat(len(condition)).to(latents.device)])
        conditional, unconditional = self._velocity(torch.cat([latents] * 2), torch.cat([t] * 2), both).chunk(2)
        return guide(conditional, unconditional, scale)

    def sigmas(self, num_steps: int, height: int, width: int) -> Float[Tensor, " steps_and_end"]:
        """The schedule of the folder's scheduler, shifted for the number of tokens of this picture."""
        pixels = self.capabilities.token_multiple
        return scheduler_sigmas(self.pipe.scheduler, num_steps, (height // pixels) * (width // pixels))

    def unknown_words(self, prompt: str) -> dict[str, str | None]:
        """The words of `prompt` outside a closed vocabulary (the miniature's), each with its nearest known one or None.

        {} for real models.
        """
        return unknown_words(self.pipe.tokenizer_2, prompt)

    def _velocity(self, latents: Tensor, t: Tensor, condition: Condition, *, guidance: Tensor | None = None) -> Tensor:
        return flux_velocity(
            self.pipe.transformer,
            latents,
            t,
            text=condition.tensors["text"],
            pooled=condition.tensors["pooled"],
            guidance=guidance,
            wrap=self.wrap if _is_panorama(latents) else "none",
            columns=self.wrap_columns,
        )

    def _prefixed(self, prompt: str) -> str:
        return prompt if not prompt or prompt.startswith(self.prompt_prefix) else self.prompt_prefix + prompt

    def _empty(self) -> Condition:
        if self._empty_condition is None:
            self._empty_condition = self.encode_text([""])
        return self._empty_condition

    @property
    def _shift(self) -> float:
        return self.pipe.vae.config.shift_factor or 0.0

    def _wraps_vae(self, grid: Tensor) -> bool:
        wanted = self.wrap in ("adjacent", "integer") if self.wrap_vae is None else self.wrap_vae
        return wanted and _is_panorama(grid)

    def _wrapped_vae(self, grid: Tensor) -> AbstractContextManager[None]:
        return wrap_convolutions(self.pipe.vae) if self._wraps_vae(grid) else nullcontext()


def _is_panorama(grid: Tensor) -> bool:
    return grid.shape[-1] == 2 * grid.shape[-2]


def _place(pipe: Any, device: torch.device, offload: str | None) -> None:
    if offload == "model":
        pipe.enable_model_cpu_offload(device=device)
    elif offload == "group":
        pipe.enable_group_offload(onload_device=device, offload_type="leaf_level", use_stream=True)
    else:
        pipe.to(device)


def _capabilities(pipe: Any, name: str) -> Capabilities:
    """What the components themselves tell; the registry fills in licence, memory and native size of the known ones."""
    parts = (pipe.transformer, pipe.vae, pipe.text_encoder, pipe.text_encoder_2)
    weights = sum(p.numel() * p.element_size() for part in parts for p in part.parameters())
    return Capabilities(
        name=name,
        family="flux",
        latent_channels=pipe.transformer.config.in_channels // PATCH**2,
        spatial_compression=pipe.vae_scale_factor,
        token_multiple=pipe.vae_scale_factor * PATCH,
        native_size=(1024, 1024),
        trained_on="perspective",
        licence="unknown",
        memory_gb=round(weights / 1e9, 2),
        exact_seams=("autoencoder", "positions"),
    )
