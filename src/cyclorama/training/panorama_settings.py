"""What can be chosen for a panorama LoRA: every difference between DiT360's training and ours is a field."""

import math
from dataclasses import dataclass, field, replace

from cyclorama.data.bad_rows import OnBadRow
from cyclorama.data.order import Curriculum
from cyclorama.training.adapters import LoraSettings
from cyclorama.training.objectives import Times
from cyclorama.training.settings import LoopSettings
from cyclorama.training.spherical_losses import Objectives

PUBLISHED_PREFIX = "This is a panorama. The image shows "


@dataclass(frozen=True)
class PanoramaSettings:
    """How to train a panorama LoRA.

    `images` and `photos` are folders, .jsonl lists or shards (`data.sources`). `height` 0 is the model's native one.
    `epochs` and `warmup_fraction` count where `loop` says 0 steps. `lora.targets` () are the model's own. `wrap`
    "exact" is the way of the family that commutes with a roll. With `wrap_vae` false the encoder is not circular, and
    rolling its latents is not exact: `pixel_turns` then is the number of even yaws at which every picture is encoded
    (0: roll latents by any column). `cache` "" is inside the run's folder.
    """

    name: str
    images: str
    model: str
    height: int
    loop: LoopSettings
    lora: LoraSettings
    times: Times
    photos: str = ""
    objectives: Objectives = field(default_factory=Objectives)
    curriculum: Curriculum = field(default_factory=Curriculum)
    on_bad_row: OnBadRow = "refuse"
    epochs: int = 25
    warmup_fraction: float = 0.05
    wrap: str = "exact"
    wrap_vae: bool = True
    pixel_turns: int = 0
    prompt_prefix: str = PUBLISHED_PREFIX
    caption_dropout: float = 0.1
    flips: bool = True
    gradient_checkpointing: bool = True
    start_from: str = ""
    cache: str = ""
    sample_prompts: tuple[str, ...] = ("a mountain valley at sunset", "a living room with a large window")
    sample_steps: int = 20

    def loop_of(self, num_samples: int) -> LoopSettings:
        """The loop's settings with `epochs`, `num_samples` in all, turned into steps."""
        steps = self.loop.num_steps or math.ceil(num_samples / self.loop.batch_size)
        warmup = self.loop.warmup or math.ceil(self.warmup_fraction * steps)
        return replace(self.loop, num_steps=steps, warmup=warmup)
