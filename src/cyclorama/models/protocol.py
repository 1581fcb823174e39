"""The one protocol between a method and a base model.

A method sees plain latent grids [B, C, H, W], times t in [0, 1] (1 is pure noise) and velocities (noise - data).
Packing, position ids, guidance batching and parameterisation are the adapter's business. Sizes are (height, width) in
pixels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn


@dataclass(frozen=True)
class Capabilities:
    """What a method may ask of a model. A picture's height and width are multiples of `token_multiple` pixels.

    `wraps` are the wrap modes of `seams.WRAPS` that the family can do. `exact_seams` are the parts that one of them
    closes exactly, so that they commute with a roll: "autoencoder"; "positions" (wrap "integer") or "convolutions".
    """

    name: str
    family: str
    latent_channels: int
    spatial_compression: int
    token_multiple: int
    native_size: tuple[int, int]
    trained_on: Literal["perspective", "panorama"]
    licence: str
    memory_gb: float
    exact_seams: tuple[str, ...] = ()
    wraps: tuple[str, ...] = ("none",)


@dataclass(frozen=True)
class Condition:
    """An opaque batch of prompt embeddings: only the adapter that made it looks inside."""

    tensors: Mapping[str, Tensor]

    def __len__(self) -> int:
        return next(iter(self.tensors.values())).shape[0]

    def __getitem__(self, samples: slice) -> "Condition":
        return Condition({name: tensor[samples] for name, tensor in self.tensors.items()})

    def to(self, *args, **kwargs) -> "Condition":
        """Like `Tensor.to`, on every part."""
        return Condition({name: tensor.to(*args, **kwargs) for name, tensor in self.tensors.items()})

    def repeat(self, times: int) -> "Condition":
        """The whole batch `times` times over."""
        return Condition.cat([self] * times)

    @staticmethod
    def cat(conditions: Sequence["Condition"]) -> "Condition":
        names = conditions[0].tensors
        return Condition({name: torch.cat([condition.tensors[name] for condition in conditions]) for name in names})


@runtime_checkable
class Model(Protocol):
    """A base model with its adapters. Everything is differentiable in the latents; `no_grad` is the caller's choice.

    `prompt_prefix` is put before every prompt that does not have it. `wrap` acts on 2:1 pictures only; setting one that
    the family cannot do is a `ValueError`. `wrap_vae` True or False overrides what `wrap` means for the auto-encoder.
    `lora_targets` are the layers that DiT360's choice names in this family: q, k, v and output of the attention.
    """

    capabilities: Capabilities
    default_steps: int
    default_guidance: float
    prompt_prefix: str
    wrap_vae: bool | None
    lora_targets: tuple[str, ...]

    @property
    def wrap(self) -> str: ...

    @wrap.setter
    def wrap(self, mode: str, /) -> None: ...

    @property
    def device(self) -> torch.device: ...

    @property
    def dtype(self) -> torch.dtype: ...

    @property
    def network(self) -> nn.Module:
        """The denoiser that a LoRA goes on: the transformer or the UNet."""
        ...

    @property
    def max_time(self) -> float:
        """The largest t that the network was trained on: 1, or less where the training never reached pure noise.

        Draw training times up to it; beyond it `predict` takes the picture for pure noise and tells nothing about it.
        """
        ...

    def error_scale(self, t: Float[Tensor, " batch"]) -> Float[Tensor, " batch"]:
        """What turns an error of the velocity into the error of what the network itself was trained to predict.

        1 for velocity models, 1 - t for epsilon, sqrt((1 - t)^2 + t^2) for v. A loss is that of the model's own
        training when the velocity error is multiplied by it.
        """
        ...

    def text_key(self) -> str:
        """A hash of everything that `encode_text` depends on, for caches: encoders, prefix, number of tokens."""
        ...

    def image_key(self) -> str:
        """A hash of the auto-encoder, for caches of `encode_images`; whether it wraps is the caller's to add."""
        ...

    def free_text_encoders(self) -> None:
        """Move the text encoders off the GPU; `encode_text` goes on to work, on the CPU."""
        ...

    def save_lora(self, folder: Path) -> Path:
        """Write the network's LoRA as `folder/pytorch_lora_weights.safetensors`, atomically, in diffusers format.

        Raises:
            ValueError: when the network carries no LoRA of a training, or several.
        """
        ...

    def encode_text(self, prompts: Sequence[str]) -> Condition:
        """Embeddings of the prompts, each independent of its batch. "" is what classifier-free guidance steers from."""
        ...

    def encode_images(
        self, images: Float[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, "batch channels latent_height latent_width"]:
        """Images in [0, 1] to latents, shift and scale applied."""
        ...

    def decode_latents(
        self, latents: Float[Tensor, "batch channels latent_height latent_width"]
    ) -> Float[Tensor, "batch 3 height width"]:
        """The way back, images in [0, 1]."""
        ...

    def predict(
        self,
        latents: Float[Tensor, "batch channels latent_height latent_width"],
        t: Float[Tensor, " batch"],
        condition: Condition,
        *,
        guidance_scale: float | None = None,
    ) -> Float[Tensor, "batch channels latent_height latent_width"]:
        """The velocity noise - data; `guidance_scale` None is the model's default, 1 is none."""
        ...

    def sigmas(self, num_steps: int, height: int, width: int) -> Float[Tensor, " steps_and_end"]:
        """The noise levels 1 .. 0 of a picture of this size in pixels, `num_steps` + 1 of them."""
        ...

    def unknown_words(self, prompt: str) -> dict[str, str | None]:
        """The words of the prompt that the model never saw, each with the known one that it is read as.

        A word with None is left out. Empty for models with an open vocabulary.
        """
        ...
