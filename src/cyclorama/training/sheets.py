"""Contact sheets of samples."""

import math
from pathlib import Path

import torch
from einops import rearrange
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from cyclorama.media.atomic import atomic_file


def tile_images(
    images: Float[Tensor, "batch 3 height width"], *, gap: int = 2, columns: int | None = None
) -> Float[Tensor, "3 tall wide"]:
    """The images row by row, with a white gap of `gap` pixels; in a nearly square sheet unless `columns` says more."""
    columns = columns or max(1, round(math.sqrt(len(images) * images.shape[-2] / images.shape[-1])))
    missing = -len(images) % columns
    filled = torch.cat([images.float(), images.new_ones((missing, *images.shape[1:])).float()])
    framed = torch.nn.functional.pad(filled, (0, gap, 0, gap), value=1.0)
    return rearrange(framed, "(rows columns) c h w -> c (rows h) (columns w)", columns=columns)


def write_sheet(images: Float[Tensor, "batch 3 height width"], path: Path) -> None:
    """Write images in [0, 1] as one PNG, atomically."""
    sheet = rearrange(tile_images(images.detach().cpu()).clamp(0, 1), "c h w -> h w c")
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray((sheet * 255).round().byte().numpy())
    with atomic_file(path) as file:
        picture.save(file, format="PNG")
