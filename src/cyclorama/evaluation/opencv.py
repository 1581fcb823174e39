"""OpenCV, which comes with the extra `metrics`, and pictures as it wants them."""

from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from cyclorama.evaluation.seams import GREY


def load_opencv() -> Any:
    """The `cv2` module. `ValueError` where it is not installed."""
    try:
        import cv2
    except ImportError as fault:
        raise ValueError('this needs OpenCV, which is not installed; run: pip install "cyclorama[metrics]"') from fault
    return cv2


def grey_levels(image: Float[Tensor, "3 height width"]) -> UInt8[np.ndarray, "height width"]:
    """Luma (BT.601) of a picture in [0, 1] as 8 bit levels."""
    grey = torch.einsum("chw,c->hw", image.double(), image.new_tensor(GREY, dtype=torch.float64))
    return (grey * 255).round().clamp(0, 255).to("cpu", torch.uint8).numpy()
