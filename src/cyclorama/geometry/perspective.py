"""Perspective views: a pinhole camera with square pixels that looks along its own -z.

`fov_deg` is the HORIZONTAL field of view, between the outer edges of the first and the last column, in (0, 180);
any other raises ValueError. Yaw, pitch and roll are those of `rotation`.
"""

import torch
from einops import rearrange
from jaxtyping import Bool, Float, Shaped
from torch import Tensor

from cyclorama.geometry.equirect import dirs_to_pixels, equirect_dirs
from cyclorama.geometry.resample import coordinate_dtype, pixel_centres, resample
from cyclorama.geometry.rotation import Degrees, cos_sin, rotate_dirs
from cyclorama.geometry.rotation import rotation as rotation_of
from cyclorama.geometry.sphere import at_least_float32


def perspective_dirs(
    height: int,
    width: int,
    fov_deg: Degrees,
    *,
    rotation: Float[Tensor, "3 3"] | None = None,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str | None = None,
) -> Float[Tensor, "height width 3"]:
    """The unit direction of every pixel in the world, for a camera with the given `cam_to_world` rotation.

    >>> perspective_dirs(1, 1, 90).tolist()
    [[[0.0, 0.0, -1.0]]]
    """
    x, y = pixel_centres(height, width, dtype=torch.float64).unbind(-1)
    pixel = half_extent(fov_deg) / width
    dirs = torch.stack([(2 * x - width) * pixel, (height - 2 * y) * pixel, -torch.ones_like(x)], dim=-1)
    dirs = torch.nn.functional.normalize(dirs, dim=-1)
    dirs = dirs.to(dtype=torch.promote_types(dtype, torch.float32), device=device)
    return (dirs if rotation is None else rotate_dirs(dirs, rotation)).to(dtype)


def dirs_to_perspective_pixels(
    dirs: Float[Tensor, "*shape 3"],
    height: int,
    width: int,
    fov_deg: Degrees,
    *,
    rotation: Float[Tensor, "3 3"] | None = None,
) -> tuple[Float[Tensor, "*shape 2"], Bool[Tensor, "*shape"]]:
    """Pixel coordinates of world directions, and whether the camera sees them; the inverse of `perspective_dirs`.

    The directions may have any length. Those at or behind the plane of the camera are not seen; their coordinates are
    finite and mean nothing.

    >>> pixels, seen = dirs_to_perspective_pixels(torch.tensor([0.0, 0.0, -1.0]), 4, 6, 90)
    >>> pixels.tolist(), seen.item()
    ([3.0, 2.0], True)
    """
    dirs = at_least_float32(dirs)
    x, y, z = (dirs if rotation is None else rotate_dirs(dirs, rotation.mT)).unbind(-1)
    in_front = z < 0
    per_depth = width / (2 * half_extent(fov_deg)) / torch.where(in_front, -z, 1)
    pixels = torch.stack([width / 2 + x * per_depth, height / 2 - y * per_depth], dim=-1)
    size = pixels.new_tensor([width, height])
    return pixels, in_front & ((pixels >= 0) & (pixels <= size)).all(-1)


def equirect_to_perspective(
    image: Shaped[Tensor, "*batch channels height width"],
    height: int,
    width: int,
    fov_deg: Degrees,
    *,
    yaw_deg: Degrees = 0.0,
    pitch_deg: Degrees = 0.0,
    roll_deg: Degrees = 0.0,
    mode: str = "bilinear",
) -> Shaped[Tensor, "*batch channels rows columns"]:
    """The view of `height` x `width` pixels that a camera in the middle of the panorama takes.

    Its inverse, where it looks, is `perspective_to_equirect`. Raises what `resample` raises.

    >>> equirect_to_perspective(torch.rand(3, 16, 32), 5, 7, 90, yaw_deg=30).shape
    torch.Size([3, 5, 7])
    """
    dtype = coordinate_dtype(image)
    turned = rotation_of(yaw_deg, pitch_deg, roll_deg, dtype=dtype)
    dirs = perspective_dirs(height, width, fov_deg, rotation=turned, dtype=dtype, device=image.device)
    return resample(image, dirs_to_pixels(dirs, *image.shape[-2:]), mode=mode)


def perspective_to_equirect(
    view: Shaped[Tensor, "*batch channels height width"],
    height: int,
    width: int | None,
    fov_deg: Degrees,
    *,
    yaw_deg: Degrees = 0.0,
    pitch_deg: Degrees = 0.0,
    roll_deg: Degrees = 0.0,
    mode: str = "bilinear",
) -> tuple[Shaped[Tensor, "*batch channels rows columns"], Bool[Tensor, "rows columns"]]:
    """The view painted on a panorama (`width` None: twice the height), 0 elsewhere, and the mask of what it covers.

    A pixel belongs to the mask if its centre lies in the view. The inverse of `equirect_to_perspective`.

    >>> panorama, mask = perspective_to_equirect(torch.ones(3, 8, 8), 16, 32, 90)
    >>> panorama.shape, mask[8].sum().item()
    (torch.Size([3, 16, 32]), 8)
    """
    dtype = coordinate_dtype(view)
    turned = rotation_of(yaw_deg, pitch_deg, roll_deg, dtype=dtype)
    dirs = equirect_dirs(height, width, dtype=dtype, device=view.device)
    view_height, view_width = view.shape[-2:]
    pixels, seen = dirs_to_perspective_pixels(dirs, view_height, view_width, fov_deg, rotation=turned)
    return resample(view, pixels, mode=mode, wrap="edge").masked_fill(~seen, 0), seen


def perspective_solid_angles(
    height: int,
    width: int,
    fov_deg: Degrees,
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str | None = None,
) -> Float[Tensor, "height width"]:
    """The exact solid angle of every pixel in steradians; six square views of 90 degrees add up to 4 pi.

    >>> f"{6 * perspective_solid_angles(8, 8, 90).sum():.4f}"
    '12.5664'
    """
    pixel = half_extent(fov_deg) / width
    x = (2 * torch.arange(width + 1, dtype=torch.float64) - width) * pixel
    y = rearrange(2 * torch.arange(height + 1, dtype=torch.float64) - height, "rows -> rows 1") * pixel
    # the solid angle of the rectangle from the axis to the corner (x, y) of the plane at distance 1
    corner = torch.atan2(x * y, torch.sqrt(x * x + y * y + 1))
    return corner.diff(dim=0).diff(dim=1).to(dtype=dtype, device=device)


def half_extent(fov_deg: Degrees) -> float:
    """Half the width of the image plane at distance 1, tan(fov / 2); exactly 1 at 90 degrees.

    >>> half_extent(90)
    1.0
    """
    if not 0 < fov_deg < 180:
        raise ValueError(f"got a field of view of {fov_deg} degrees, wanted more than 0 and less than 180")
    cos, sin = cos_sin(fov_deg)
    return sin / (1 + cos)
