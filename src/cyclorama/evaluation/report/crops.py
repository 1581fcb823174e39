"""Cut-outs of pictures as data URIs: thumbnails, magnified seams, poles and views. Equal pictures give equal bytes."""

import base64
import io

import numpy as np
from einops import rearrange
from jaxtyping import Float
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from cyclorama.evaluation.resizing import resize
from cyclorama.geometry import equirect_to_perspective

SEAM_ROWS, SEAM_COLUMNS, MAGNIFIED = 32, 64, 5
POLE_SIZE = 160
Picture = Float[Tensor, "3 height width"]


def thumbnail(panorama: Picture, *, height: int = 96) -> str:
    """The whole picture in small."""
    width = round(height * panorama.shape[-1] / panorama.shape[-2])
    return data_uri(resize(panorama[None], (height, width), "aa")[0])


def seam_close_up(panorama: Picture) -> str:
    """The surroundings of the seam, which stands in the middle, at the rows where the step is largest; magnified."""
    height, width = panorama.shape[-2:]
    rows, columns = min(SEAM_ROWS, height), min(SEAM_COLUMNS, width)
    steps = (panorama[..., 0] - panorama[..., -1]).abs().mean(0)
    top = int(steps.unfold(0, rows, 1).mean(-1).argmax())
    around = panorama.roll(columns // 2, -1)[:, top : top + rows, :columns]
    return data_uri(interpolate(around[None], scale_factor=float(MAGNIFIED), mode="nearest")[0])


def pole(panorama: Picture, *, pitch_deg: float) -> str:
    """What a camera of 90 degrees sees that looks up (90) or down (-90)."""
    return data_uri(equirect_to_perspective(panorama, POLE_SIZE, POLE_SIZE, 90, pitch_deg=pitch_deg))


def data_uri(picture: Picture, *, quality: int = 85) -> str:
    """The picture as a JPEG in text."""
    pixels = rearrange((picture.clamp(0, 1) * 255).round().byte(), "c h w -> h w c")
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels.numpy())).save(file, "JPEG", quality=quality, subsampling=0)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii")
