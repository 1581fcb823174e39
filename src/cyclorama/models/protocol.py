"""The one protocol between a method and a base model.

A method sees plain latent grids [B, C, H, W], times t in [0, 1] (1 is pure noise) and velocities (noise - data).
Packing, position ids, guidance batching and parameterisation are the adapter's business. Sizes are (height, width) in
pixels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Capabilities:
    """What a method may ask of a model. A picture's height and width are multiples of `token_multiple` pixels."""

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
    """A base model with its adapters. Everything is differentiable in the latents; `no_grad` is the caller's choice."""

    capabilities: Capabilities
    default_steps: int
    default_guidance: float

    @property
    def device(self) -> torch.device: ...

    @property
    def dtype(self) -> torch.dtype: ...

    def encode_text(self, prompts: Sequence[str]) -> Condition: ...

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
