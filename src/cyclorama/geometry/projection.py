"""What a projection is: a rule that names the direction of every pixel and the pixel of every direction.

A projection is a frozen record of its size and parameters. Its camera looks along -z with +y up; a rotation turns it.
Pixels are (x, y), the centre of the first is (0.5, 0.5). All of it runs on NumPy arrays and on torch tensors, in
float32 or float64, on any device, differentiably, without importing torch before a tensor arrives.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Bool, Float

from cyclorama.geometry.sphere import array_module


class Projection(ABC):
    """A picture of the sphere around a camera: `height` and `width` in pixels, and what lies beyond its border."""

    height: int
    width: int
    wrap: ClassVar[str] = "edge"  # how `resample` continues the picture beyond its border
    covers_sphere: ClassVar[bool] = False

    @abstractmethod
    def pixels_to_dirs(self, pixels: Float[Any, "*shape 2"]) -> Float[Any, "*shape 3"]:
        """Unit directions of pixels, (0, 0, 0) where the picture shows nothing; the inverse of `dirs_to_pixels`."""

    @abstractmethod
    def dirs_to_pixels(self, dirs: Float[Any, "*shape 3"]) -> tuple[Float[Any, "*shape 2"], Bool[Any, "*shape"]]:
        """Pixels of directions of any length, and whether the picture shows them; the inverse of `pixels_to_dirs`.

        The pixels of directions that are not shown are finite and mean nothing.
        """

    @property
    @abstractmethod
    def pixel_angle(self) -> float:
        """The angle in radians between neighbouring pixels in the middle of the picture."""

    def pixel_dirs(
        self, *, rows: slice = slice(None), offset: tuple[float, float] = (0.0, 0.0), like: Any = None
    ) -> Float[Any, "rows width 3"]:
        """Directions of all pixels of some rows, each looked at `offset` (x, y) pixels beside its centre.

        `like` is an array whose type, precision and device the directions take; without it they are NumPy float32.
        """
        return self.pixels_to_dirs(centres_like(rows_of(rows, self.height), self.width, offset=offset, like=like))

    def solid_angles(self) -> Float[np.ndarray, "height width"]:
        """The solid angle of every pixel in steradians, float64: of the two spherical triangles between its corners.

        Van Oosterom and Strackee, "The solid angle of a plane triangle" (1983), equation 8. Pixels that are not wholly
        shown count 0.
        """
        corners = centres_like(np.arange(self.height + 1.0), self.width + 1, offset=(-0.5, -0.5), like=np.empty(()))
        dirs = self.pixels_to_dirs(corners)
        a, b, c, d = dirs[:-1, :-1], dirs[:-1, 1:], dirs[1:, 1:], dirs[1:, :-1]
        shown = (np.stack([a, b, c, d]) != 0).any(-1).all(0)
        return np.where(shown, _triangle(a, b, c) + _triangle(a, c, d), 0)


def _triangle(
    a: Float[np.ndarray, "*shape 3"], b: Float[np.ndarray, "*shape 3"], c: Float[np.ndarray, "*shape 3"]
) -> Float[np.ndarray, "*shape"]:
    volume = np.abs((a * np.cross(b, c)).sum(-1))
    return 2 * np.arctan2(volume, 1 + (a * b).sum(-1) + (b * c).sum(-1) + (c * a).sum(-1))


def rows_of(rows: slice, height: int) -> Float[np.ndarray, "rows"]:
    """The numbers of the rows that a slice selects."""
    return np.arange(height, dtype=np.float64)[rows]


def centres_like(
    rows: Float[np.ndarray, "rows"], width: int, *, offset: tuple[float, float] = (0.0, 0.0), like: Any = None
) -> Float[Any, "rows width 2"]:
    """The coordinates (x, y) of the pixels of some rows, moved by `offset`, in the kind of array that `like` is.

    >>> centres_like(np.arange(1.0), 2).tolist()
    [[[0.5, 0.5], [1.5, 0.5]]]
    """
    x = np.arange(width, dtype=np.float64) + (0.5 + offset[0])
    pixels = np.empty((len(rows), width, 2), dtype=np.float32 if like is None else np.float64)
    pixels[..., 0], pixels[..., 1] = x, (rows + (0.5 + offset[1]))[:, None]
    if like is None or array_module(like) is np:
        return pixels if like is None else pixels.astype(like.dtype, copy=False)
    import torch

    return torch.from_numpy(pixels).to(dtype=like.dtype, device=like.device)


def require_size(height: int, width: int) -> None:
    """Raise ValueError for a picture without pixels."""
    if height < 1 or width < 1:
        raise ValueError(f"got a picture of {height}x{width} (height x width), wanted at least 1x1")
