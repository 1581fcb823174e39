"""A model whose pictures are known: latents are the colours of blocks of pixels, a prompt is the colour it wants."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from cyclorama.models.protocol import Capabilities, Condition

FACTS = Capabilities(
    name="fake",
    family="fake",
    latent_channels=3,
    spatial_compression=2,
    token_multiple=4,
    native_size=(32, 32),
    trained_on="perspective",
    licence="",
    memory_gb=0.0,
)
PANORAMIC = replace(FACTS, trained_on="panorama")
COLOURS = {"red": (0.9, 0.2, 0.1), "green": (0.2, 0.8, 0.3), "blue": (0.1, 0.3, 0.7), "grey": (0.5, 0.5, 0.5)}


CPU = torch.device("cpu")


@dataclass
class FakeModel:
    """Its clean prediction is the prompt's colour, and `memory` of what it sees; `told` and `seen` are its calls."""

    capabilities: Capabilities = FACTS
    memory: float = 0.0
    default_steps: int = 4
    default_guidance: float = 1.0
    prompt_prefix: str = ""
    wrap_vae: bool | None = None
    lora_targets: tuple[str, ...] = ()
    wrap: str = "none"
    device: torch.device = CPU
    dtype: torch.dtype = torch.float32
    max_time: float = 1.0
    network: nn.Module = field(default_factory=nn.Identity)
    told: list[str] = field(default_factory=list)
    seen: list[tuple[int, float, float | None]] = field(default_factory=list)

    def error_scale(self, t: Tensor) -> Tensor:
        raise NotImplementedError

    def text_key(self) -> str:
        raise NotImplementedError

    def image_key(self) -> str:
        raise NotImplementedError

    def free_text_encoders(self) -> None:
        raise NotImplementedError

    def save_lora(self, folder: Path) -> Path:
        raise NotImplementedError

    def unknown_words(self, prompt: str) -> dict[str, str | None]:
        return {}

    def encode_text(self, prompts: Sequence[str]) -> Condition:
        self.told += prompts
        return Condition({"colour": torch.tensor([COLOURS[prompt.partition(",")[0]] for prompt in prompts])})

    def encode_images(self, images: Tensor) -> Tensor:
        return functional.avg_pool2d(images, self.capabilities.spatial_compression)

    def decode_latents(self, latents: Tensor) -> Tensor:
        finer = functional.interpolate(latents, scale_factor=self.capabilities.spatial_compression, mode="bilinear")
        return finer.clamp(0, 1)

    def predict(
        self, latents: Tensor, t: Tensor, condition: Condition, *, guidance_scale: float | None = None
    ) -> Tensor:
        self.seen.append((len(latents), t[0].item(), guidance_scale))
        clean = condition.tensors["colour"][..., None, None] + self.memory * latents
        return (latents - clean) / t[:, None, None, None]

    def sigmas(self, num_steps: int, height: int, width: int) -> Tensor:
        return torch.linspace(1, 0, num_steps + 1)
