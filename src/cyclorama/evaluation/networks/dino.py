"""DINOv2 (Oquab et al. 2023, arXiv 2304.07193) from a folder of transformers: the class token after the last norm.

Fréchet distances on these features follow Stein et al. 2023 (arXiv 2306.04675): ViT-L/14 at 224x224. transformers
resamples the position embedding to the size of the grid; the original code resamples by a factor with an offset of 0.1
cell, so that its features at 224x224 differ slightly. At 518x518, the native size, both are the same.
"""

from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cyclorama.evaluation.networks.input_sizes import check_input_size
from cyclorama.evaluation.networks.model_folders import (
    ModelFolder,
    Normalisation,
    find_folder,
    read_model,
    read_normalisation,
)

DINO_TYPES = ("dinov2", "dinov2_with_registers")
DINO_L14 = ModelFolder("dino", "CYCLORAMA_DINO", "facebook/dinov2-large", 1_217_474_560, DINO_TYPES)


class DinoNetwork(nn.Module):
    """Class-token features of one DINOv2 model, for square images of a fixed size."""

    wraps = False

    def __init__(self, model: Any, normalisation: Normalisation, *, image_size: int) -> None:
        super().__init__()
        if image_size % model.config.patch_size:
            raise ValueError(
                f"got an image size of {image_size}, wanted a multiple of {model.config.patch_size}; 224 and 518 are"
            )
        self.model, self.normalisation = model, normalisation
        self.input_size = (image_size, image_size)
        self.num_features = int(model.config.hidden_size)

    @torch.no_grad()
    def features(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch features"]:
        """The class token after the last layer norm; images in [0, 1], already of `input_size`."""
        check_input_size(images, self.input_size, network="DINOv2")
        return self.model(pixel_values=self.normalisation(images)).last_hidden_state[:, 0]


def load_dino(path: Path | None = None, *, image_size: int = 224, wanted: ModelFolder = DINO_L14) -> DinoNetwork:
    """The DINOv2 model of a folder (any size, with registers or without), in evaluation mode and float32.

    Raises:
        MissingWeights: where no folder is found.
        ValueError: for a folder of another model, one that cannot be read, or a size that patches do not tile.
    """
    from transformers import AutoModel

    folder = find_folder(wanted, path=path)
    model = read_model(AutoModel, folder, wanted)
    return DinoNetwork(model, read_normalisation(folder), image_size=image_size).eval()
