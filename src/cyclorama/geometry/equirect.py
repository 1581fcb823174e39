"""Equirectangular images: lon = 2 pi (x / W - 1/2), lat = pi (1/2 - y / H).

The centre of the image looks along -z. The image wraps in x; crossing a pole continues half a turn away.
Turning is turning the camera: a yaw to the right brings what was right of the centre to the centre, so the picture's
content moves to the left.
"""

import math

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from cyclorama.geometry.resample import coordinate_dtype, pixel_centres, require_even_width, resample, wrap_indices
from cyclorama.geometry.rotation import Degrees, rotate_dirs
from cyclorama.geometry.sphere import at_least_float32, dirs_to_lonlat, lonlat_to_dirs


def pixels_to_lonlat(
    pixels: Float[Tensor, "*shape 2"], height: int, width: int
) -> tuple[Float[Tensor, "*shape"], Float[Tensor, "*shape"]]:
    """Longitude and latitude in radians of pixel coordinates; the inverse of `lonlat_to_pixels`.

    >>> lon, lat = pixels_to_lonlat(torch.tensor([6.0, 0.0]), height=4, width=8)
    >>> f"{lon:.4f} {lat:.4f}"
    '1.5708 1.5708'
    """
    x, y = at_least_float32(pixels).unbind(-1)
    return 2 * math.pi * (x / width - 0.5), math.pi * (0.5 - y / height)


def lonlat_to_pixels(
    lon: Float[Tensor, "*shape"], lat: Float[Tensor, "*shape"], height: int, width: int
) -> Float[Tensor, "*shape 2"]:
    """Pixel coordinates of longitudes and latitudes in radians; the inverse of `pixels_to_lonlat`.

    >>> lonlat_to_pixels(torch.tensor(0.0), torch.tensor(0.0), height=4, width=8).tolist()
    [4.0, 2.0]
    """
    lon, lat = at_least_float32(lon), at_least_float32(lat)
    return torch.stack([width * (lon / (2 * math.pi) + 0.5), height * (0.5 - lat / math.pi)], dim=-1)


def dirs_to_pixels(dirs: Float[Tensor, "*shape 3"], height: int, width: int) -> Float[Tensor, "*shape 2"]:
    """Pixel coordinates, x in [0, W) and y in [0, H], of directions of any length; the inverse of `equirect_dirs`.

    >>> dirs_to_pixels(torch.tensor([0.0, 0.0, -1.0]), height=4, width=8).tolist()
    [4.0, 2.0]
    """
    lon, lat = dirs_to_lonlat(dirs)
    return lonlat_to_pixels(lon, lat, height, width)


def equirect_dirs(
    height: int,
    width: int | None = None,
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str | None = None,
) -> Float[Tensor, "height width 3"]:
    """The direction of every pixel of an equirectangular image, twice as wide as high unless told otherwise.

    >>> equirect_dirs(4).shape
    torch.Size([4, 8, 3])
    """
    width = 2 * height if width is None else width
    pixels = pixel_centres(height, width, dtype=torch.promote_types(dtype, torch.float32), device=device)
    return lonlat_to_dirs(*pixels_to_lonlat(pixels, height, width)).to(dtype)


def solid_angles(
    height: int,
    width: int | None = None,
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str | None = None,
) -> Float[Tensor, "height width"]:
    """The exact solid angle of every pixel in steradians; the sum is 4 pi.

    >>> f"{solid_angles(16).sum() / math.pi:.4f}"
    '4.0000'
    """
    width = 2 * height if width is None else width
    y = torch.arange(height, dtype=torch.float64) + 0.5
    # dlon (sin(lat + dlat / 2) - sin(lat - dlat / 2)), without the cancellation at the poles
    row = 4 * math.pi / width * math.sin(math.pi / (2 * height)) * torch.sin(math.pi * y / height)
    return row.to(dtype=dtype, device=device).unsqueeze(1).repeat(1, width)


def rotate(
    image: Shaped[Tensor, "*batch channels height width"], rotation: Float[Tensor, "3 3"], *, mode: str = "bilinear"
) -> Shaped[Tensor, "*batch channels height width"]:
    """The panorama that a camera turned by `rotation` (its `cam_to_world`) takes; undone by `rotation.mT`.

    The identity, and a yaw by whole pixels, return the image's values exactly. Raises what `resample` raises.

    >>> image = torch.arange(8.0).repeat(1, 4, 1)
    >>> rotate(image, torch.eye(3)).equal(image)
    True
    """
    height, width = image.shape[-2:]
    dtype = torch.promote_types(coordinate_dtype(image), rotation.dtype)
    dirs = equirect_dirs(height, width, dtype=dtype, device=image.device)
    return resample(image, dirs_to_pixels(rotate_dirs(dirs, rotation), height, width), mode=mode)


def roll(
    image: Shaped[Tensor, "*batch channels height width"], yaw_deg: Degrees, *, mode: str = "bilinear"
) -> Shaped[Tensor, "*batch channels height width"]:
    """The panorama that a camera turned by `yaw_deg` to the right takes; undone by `-yaw_deg`.

    The picture of `rotate(image, rotation(yaw_deg))`; whole pixels are a `torch.roll`, which takes any type of image.

    >>> roll(torch.tensor([[[0, 1, 2, 3]]]), 90).tolist()
    [[[1, 2, 3, 0]]]
    """
    height, width = image.shape[-2:]
    shift = yaw_deg / 360 * width
    if abs(shift - round(shift)) < 1e-9 * width:
        return image.roll(-round(shift), dims=-1)
    pixels = pixel_centres(height, width, dtype=torch.float64)
    pixels[..., 0] = (pixels[..., 0] + shift) % width
    return resample(image, pixels.to(dtype=coordinate_dtype(image), device=image.device), mode=mode)


def pad_sphere(
    image: Shaped[Tensor, "*batch height width"], *, left: int = 0, right: int = 0, top: int = 0, bottom: int = 0
) -> Shaped[Tensor, "*batch rows columns"]:
    """The image with its own continuation around it: round the seam in x, across the poles half a turn away in y.

    The margins may exceed the image. Raises ValueError for a negative margin, and for an odd width if rows are added.

    >>> pad_sphere(torch.tensor([[1, 2, 3, 4]]), left=1, right=1, top=1).tolist()
    [[2, 3, 4, 1, 2, 3], [4, 1, 2, 3, 4, 1]]
    """
    height, width = image.shape[-2:]
    if min(left, right, top, bottom) < 0:
        raise ValueError(f"got margins {(left, right, top, bottom)}, wanted none below 0: slice the image to crop it")
    if top or bottom:
        require_even_width(width)
    rows = torch.arange(-top, height + bottom, device=image.device).unsqueeze(1)
    columns = torch.arange(-left, width + right, device=image.device).unsqueeze(0)
    columns, rows = wrap_indices(columns, rows, height=height, width=width)
    return image[..., rows, columns]
