"""CLIP (Radford et al. 2021, arXiv 2103.00020) from a folder of transformers: embeddings of images and of prompts.

Embeddings have length 1, which is what CMMD compares (Jayasumana et al. 2024, arXiv 2401.09603: ViT-L/14 at 336x336,
bicubic resize, no crop). CLIP's own centre crop is never applied: of a 2:1 panorama it would keep the longitudes
within 90 degrees of the front and lose the others. Which part of a panorama is seen is the view set's choice.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Float64
from torch import Tensor, nn
from torch.nn.functional import normalize

from cyclorama.evaluation.networks.input_sizes import check_input_size
from cyclorama.evaluation.networks.model_folders import (
    ModelFolder,
    Normalisation,
    find_folder,
    read_model,
    read_normalisation,
    read_part,
)

CLIP_L14_336 = ModelFolder("clip", "CYCLORAMA_CLIP", "openai/clip-vit-large-patch14-336", 1_711_776_772, ("clip",))
CLIP_B16 = ModelFolder("clip-b16", "CYCLORAMA_CLIP_B16", "openai/clip-vit-base-patch16", 598_482_948, ("clip",))


class ClipScale(NamedTuple):
    """How a cosine becomes a score: `weight` times what is positive of it; `prefix` stands before every prompt."""

    weight: float
    prefix: str


CLIP_SCALES = {
    "percent": ClipScale(100.0, ""),
    "hessel2021": ClipScale(2.5, "A photo depicts "),
}
"""`percent` is the scale of torchmetrics and of the tables on panoramas; `hessel2021` that of CLIPScore's paper."""


class ClipNetwork(nn.Module):
    """Image and prompt embeddings of one CLIP model."""

    wraps = False

    def __init__(self, model: Any, tokenizer: Any, normalisation: Normalisation) -> None:
        super().__init__()
        self.model, self.tokenizer, self.normalisation = model, tokenizer, normalisation
        side = int(model.config.vision_config.image_size)
        self.input_size = (side, side)
        self.num_features = int(model.config.projection_dim)
        self.max_tokens = int(model.config.text_config.max_position_embeddings)

    @torch.no_grad()
    def features(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch features"]:
        """Image embeddings of length 1; images in [0, 1], already of `input_size`."""
        check_input_size(images, self.input_size, network="CLIP")
        seen = self.model.vision_model(pixel_values=self.normalisation(images))
        return normalize(self.model.visual_projection(seen.pooler_output), dim=-1)

    @torch.no_grad()
    def text_features(self, prompts: Sequence[str]) -> Float[Tensor, "batch features"]:
        """Prompt embeddings of length 1. What exceeds `max_tokens` (77) is not read: `is_truncated` tells."""
        if not prompts:
            raise ValueError("got no prompts, wanted at least one; leave the CLIP score out where there are none")
        tokens = self._tokens(prompts, truncation=True, max_length=self.max_tokens, padding=True, return_tensors="pt")
        tokens = {name: tokens[name].to(self.model.device) for name in ("input_ids", "attention_mask")}
        return normalize(self.model.text_projection(self.model.text_model(**tokens).pooler_output), dim=-1)

    def is_truncated(self, prompts: Sequence[str]) -> Bool[Tensor, " batch"]:
        """Which prompts have more tokens than the model reads."""
        tokens = self._tokens(prompts, verbose=False)["input_ids"]
        return torch.tensor([len(ids) > self.max_tokens for ids in tokens], dtype=torch.bool)

    def _tokens(self, prompts: Sequence[str], **how: Any) -> Any:
        return self.tokenizer(list(prompts), **how)


def clip_score(
    images: Float[Tensor, "batch features"], prompts: Float[Tensor, "batch features"], *, scale: str = "percent"
) -> Float64[Tensor, " batch"]:
    """weight * max(cos, 0) of each image and its prompt (Hessel et al. 2021, arXiv 2104.08718), in float64.

    torchmetrics clamps the mean over the set, not each pair: the two agree wherever no cosine is negative.
    """
    if scale not in CLIP_SCALES:
        raise ValueError(f"got the scale {scale!r}, wanted one of {', '.join(CLIP_SCALES)}; choose one")
    cosine = (normalize(images.double().cpu(), dim=-1) * normalize(prompts.double().cpu(), dim=-1)).sum(-1)
    return CLIP_SCALES[scale].weight * cosine.clamp(min=0)


def load_clip(path: Path | None = None, *, wanted: ModelFolder = CLIP_L14_336) -> ClipNetwork:
    """The CLIP model of a folder (any size), in evaluation mode and float32.

    Raises:
        MissingWeights: where no folder is found.
        ValueError: for a folder of another model, or one that cannot be read.
    """
    from transformers import AutoTokenizer, CLIPModel

    folder = find_folder(wanted, path=path)
    model = read_model(CLIPModel, folder, wanted)
    return ClipNetwork(model, read_part(AutoTokenizer, folder), read_normalisation(folder)).eval()
