"""Equirectangular images: lon = 2 pi (x / W - 1/2), lat = pi (1/2 - y / H).

The centre of the image looks along -z. The image wraps in x; crossing a pole continues half a turn away.
Turning is turning the camera: a yaw to the right brings what was right of the centre to the centre, so the picture's
content moves to the left.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Bool, Float, Shaped

from cyclorama.geometry.projection import Projection, require_size
from cyclorama.geometry.rotations import Degrees
from cyclorama.geometry.sphere import array_module, at_least_float32, components, dirs_to_lonlat, lonlat_to_dirs

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Equirect(Projection):
    """A panorama of the whole sphere; an odd width raises ValueError, for no column lies half a turn from another.

    >>> import numpy as np
    >>> Equirect(4, 8).pixels_to_dirs(np.array([4.0, 2.0])).tolist()
    [0.0, 0.0, -1.0]
    """

    height: int
    width: int
    wrap = "sphere"
    covers_sphere = True

    def __post_init__(self) -> None:
        require_size(self.height, self.width)
        require_even_width(self.width)

    @property
    def pixel_angle(self) -> float:
        return math.pi / self.height

    def pixels_to_dirs(self, pixels: Float[Any, "*shape 2"]) -> Float[Any, "*shape 3"]:
        return lonlat_to_dirs(*pixels_to_lonlat(pixels, self.height, self.width))

    def dirs_to_pixels(self, dirs: Float[Any, "*shape 3"]) -> tuple[Float[Any, "*shape 2"], Bool[Any, "*shape"]]:
        pixels = dirs_to_pixels(dirs, self.height, self.width)
        return pixels, pixels[..., 0] == pixels[..., 0]

    def solid_angles(self) -> Float[np.ndarray, "height width"]:
        """The exact solid angle of every pixel in steradians, float64; the sum is 4 pi.

        >>> f"{Equirect(16, 32).solid_angles().sum() / math.pi:.4f}"
        '4.0000'
        """
        y = np.arange(self.height) + 0.5
        # dlon (sin(lat + dlat / 2) - sin(lat - dlat / 2)), without the cancellation at the poles
        row = np.sin(math.pi * y / self.height) * (4 * math.pi / self.width * math.sin(math.pi / (2 * self.height)))
        return row[:, None].repeat(self.width, axis=1)


def pixels_to_lonlat(
    pixels: Float[Any, "*shape 2"], height: int, width: int
) -> tuple[Float[Any, "*shape"], Float[Any, "*shape"]]:
    """Longitude and latitude in radians of pixel coordinates; the inverse of `lonlat_to_pixels`.

    >>> import numpy as np
    >>> lon, lat = pixels_to_lonlat(np.array([6.0, 0.0]), height=4, width=8)
    >>> f"{lon:.4f} {lat:.4f}"
    '1.5708 1.5708'
    """
    x, y = components(at_least_float32(pixels))
    return 2 * math.pi * (x / width - 0.5), math.pi * (0.5 - y / height)


def lonlat_to_pixels(
    lon: Float[Any, "*shape"], lat: Float[Any, "*shape"], height: int, width: int
) -> Float[Any, "*shape 2"]:
    """Pixel coordinates of longitudes and latitudes in radians; the inverse of `pixels_to_lonlat`.

    >>> import numpy as np
    >>> lonlat_to_pixels(np.zeros(()), np.zeros(()), height=4, width=8).tolist()
    [4.0, 2.0]
    """
    xp, lon, lat = array_module(lon), at_least_float32(lon), at_least_float32(lat)
    return xp.stack([width * (lon / (2 * math.pi) + 0.5), height * (0.5 - lat / math.pi)], axis=-1)


def dirs_to_pixels(dirs: Float[Any, "*shape 3"], height: int, width: int) -> Float[Any, "*shape 2"]:
    """Pixel coordinates, x in [0, W) and y in [0, H], of directions of any length; the inverse of `equirect_dirs`.

    >>> import numpy as np
    >>> dirs_to_pixels(np.array([0.0, 0.0, -1.0]), height=4, width=8).tolist()
    [4.0, 2.0]
    """
    lon, lat = dirs_to_lonlat(dirs)
    return lonlat_to_pixels(lon, lat, height, width)


def solid_angles(
    height: int, width: int | None = None, *, dtype: "torch.dtype | None" = None, device: Any = None
) -> Float[Any, "height width"]:
    """The exact solid angle of every pixel of a panorama in steradians, a tensor; the sum is 4 pi.

    >>> f"{solid_angles(16).sum() / math.pi:.4f}"
    '4.0000'
    """
    import torch

    width = 2 * height if width is None else width
    weights = torch.from_numpy(Equirect(height, width).solid_angles())
    return weights.to(dtype=dtype or torch.float32, device=device)


def roll(
    image: Shaped[Any, "*batch channels height width"], yaw_deg: Degrees, *, mode: str = "bilinear"
) -> Shaped[Any, "*batch channels height width"]:
    """The tensor panorama that a camera turned by `yaw_deg` to the right takes; undone by `-yaw_deg`.

    The picture of `rotate(image, rotation(yaw_deg))`; whole pixels are a `torch.roll`, which takes any type of image.

    >>> import torch
    >>> roll(torch.tensor([[[0, 1, 2, 3]]]), 90).tolist()
    [[[1, 2, 3, 0]]]
    """
    import torch

    from cyclorama.geometry.resampling import coordinate_dtype, pixel_centres, resample

    height, width = image.shape[-2:]
    shift = yaw_deg / 360 * width
    if abs(shift - round(shift)) < 1e-9 * width:
        return image.roll(-round(shift), dims=-1)
    pixels = pixel_centres(height, width, dtype=torch.float64)
    pixels[..., 0] = (pixels[..., 0] + shift) % width
    return resample(image, pixels.to(dtype=coordinate_dtype(image), device=image.device), mode=mode)


def roll_each(
    grids: Shaped[Any, "batch *channels height width"], columns: Any
) -> Shaped[Any, "batch *channels height width"]:
    """Every tensor of a batch rolled to the right by its own number of whole columns, of a list or a tensor."""
    import torch

    return torch.stack([grid.roll(int(turn), -1) for grid, turn in zip(grids, columns, strict=True)])


def pad_sphere(
    image: Shaped[Any, "*batch height width"], *, left: int = 0, right: int = 0, top: int = 0, bottom: int = 0
) -> Shaped[Any, "*batch rows columns"]:
    """The tensor with its own continuation around it: round the seam in x, across the poles half a turn away in y.

    The margins may exceed the image. Raises ValueError for a negative margin, and for an odd width if rows are added.

    >>> import torch
    >>> pad_sphere(torch.tensor([[1, 2, 3, 4]]), left=1, right=1, top=1).tolist()
    [[2, 3, 4, 1, 2, 3], [4, 1, 2, 3, 4, 1]]
    """
    import torch

    from cyclorama.geometry.resampling import wrap_indices

    height, width = image.shape[-2:]
    if min(left, right, top, bottom) < 0:
        raise ValueError(f"got margins {(left, right, top, bottom)}, wanted none below 0: slice the image to crop it")
    if top or bottom:
        require_even_width(width)
    rows = torch.arange(-top, height + bottom, device=image.device).unsqueeze(1)
    columns = torch.arange(-left, width + right, device=image.device).unsqueeze(0)
    columns, rows = wrap_indices(columns, rows, height=height, width=width)
    return image[..., rows, columns]


def require_even_width(width: int) -> None:
    """Raise ValueError for an odd width, on which no column lies half a turn from another."""
    if width % 2:
        raise ValueError(f"got an equirectangular image {width} pixels wide, wanted an even width: resize it first")
