"""Masks as picture files: white is what is to be painted, black what is kept, grey blends."""

from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.media.images import read_image

NEARLY = 8 / 255  # of black or white: what JPEG makes of them


def read_mask(path: str | Path) -> Float[Tensor, "height width"]:
    """The mean of a picture's channels, 0 (keep) to 1 (repaint); what is nearly black or white is made so.

    `ValueError` as `read_picture`: a missing, unreadable or truncated file.
    """
    grey = read_image(path).mean(0)
    return torch.where(grey <= NEARLY, 0.0, torch.where(grey >= 1 - NEARLY, 1.0, grey))
