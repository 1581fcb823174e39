"""Pictures on meshes: read between their texels, repeated beyond their borders, shrunk where a ray sees many of them.

Texture coordinates are (u, v), v upwards from the lower border of the picture; values are sRGB in [0, 1].
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32, Int, UInt8
from PIL import Image

from cyclorama.geometry.resampling import resample

MOST_TEXELS = 4096  # on a side: larger pictures are shrunk when they are read
MOST_LEVELS = 4  # beyond, an atlas would bleed from one of its patches into the next


@dataclass(frozen=True, eq=False)
class Texture:
    """A picture and its halves, [height + 2, width + 2, 4] each: a rim of one texel repeats the opposite border."""

    levels: tuple[UInt8[np.ndarray, "_ _ 4"], ...]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the finest level."""
        height, width = self.levels[0].shape[:2]
        return height - 2, width - 2

    @staticmethod
    def of(picture: Image.Image) -> "Texture":
        """The texture of a picture of any mode. OSError where its data are damaged."""
        if max(picture.size) > MOST_TEXELS:
            picture = picture.convert("RGBA")
            picture.thumbnail((MOST_TEXELS, MOST_TEXELS), Image.Resampling.BOX)
        texels = np.asarray(picture.convert("RGBA"))
        levels = [texels]
        while len(levels) < MOST_LEVELS and min(levels[-1].shape[:2]) >= 2:
            levels.append(_halved(levels[-1]))
        return Texture(tuple(np.pad(level, ((1, 1), (1, 1), (0, 0)), mode="wrap") for level in levels))

    def sample(self, uv: Float[np.ndarray, "n 2"], texels_a_ray: Float[np.ndarray, " n"]) -> Float32[np.ndarray, "n 4"]:
        """Red, green, blue and alpha at coordinates, bilinearly, from the level that fits the texels a ray covers."""
        level = np.rint(np.log2(np.maximum(texels_a_ray, 1))).clip(0, len(self.levels) - 1)
        values = np.empty((len(uv), 4), np.float32)
        for index in np.unique(level).astype(int).tolist():
            chosen = level == index
            values[chosen] = _look_up(self.levels[index], uv[chosen])
        return values


def _halved(texels: UInt8[np.ndarray, "height width 4"]) -> UInt8[np.ndarray, "_ _ 4"]:
    height, width = texels.shape[0] // 2 * 2, texels.shape[1] // 2 * 2
    even = texels[:height, :width].astype(np.uint16)
    total = even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]
    return ((total + 2) // 4).astype(np.uint8)


def _look_up(texels: UInt8[np.ndarray, "height width 4"], uv: Float[np.ndarray, "n 2"]) -> Float32[np.ndarray, "n 4"]:
    height, width = texels.shape[0] - 2, texels.shape[1] - 2
    within = uv - np.floor(uv)
    pixels = np.stack([within[:, 0] * width + 1, (1 - within[:, 1]) * height + 1], -1)
    picture = torch.from_numpy(texels).movedim(-1, 0)
    values = resample(picture, torch.from_numpy(pixels)[None], wrap="edge")[:, 0]
    return values.T.numpy().astype(np.float32) / 255


def group_by(numbers: Int[np.ndarray, " n"]) -> list[tuple[int, Int[np.ndarray, " _"]]]:
    """Each number that occurs, and the indices where it does."""
    order = np.argsort(numbers, kind="stable")
    found, begins = np.unique(numbers[order], return_index=True)
    return list(zip(found.tolist(), np.split(order, begins[1:]), strict=True))
