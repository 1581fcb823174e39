"""Look-ups in an image at continuous pixel coordinates: the one `resample`.

On the CPU, without gradients, it is the compiled kernel of `lookup`; with gradients, on another device, or for another
type of image than uint8 and float32 it is torch. Both give the same picture, to 1e-5 or one level of 255.

Pixels are (x, y), x to the right, y down; the centre of pixel (0, 0) is (0.5, 0.5). What lies outside the image is read
by index arithmetic: an equirectangular image ("sphere") continues round the seam and across the poles half a turn away,
any other image ("edge") repeats its border. Coordinates are float32 or float64, whatever the type of the image.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float, Int, Shaped
from torch import Tensor
from torch._C._functorch import is_functorch_wrapped_tensor

from cyclorama.geometry.equirect import require_even_width
from cyclorama.geometry.lookup import Lookup, require_mode
from cyclorama.geometry.projection import Projection
from cyclorama.geometry.rotations import rotate_dirs

WRAPS = ("sphere", "edge")


def pixel_centres(
    height: int, width: int, *, dtype: torch.dtype = torch.float32, device: torch.device | str | None = None
) -> Float[Tensor, "height width 2"]:
    """The coordinates (x, y) of every pixel's centre.

    >>> pixel_centres(1, 2).tolist()
    [[[0.5, 0.5], [1.5, 0.5]]]
    """
    y = torch.arange(height, dtype=torch.float64) + 0.5
    x = torch.arange(width, dtype=torch.float64) + 0.5
    y, x = torch.meshgrid(y, x, indexing="ij")
    return torch.stack([x, y], dim=-1).to(dtype=dtype, device=device)


def camera_dirs(
    camera: Projection,
    *,
    rotation: Float[Tensor, "3 3"] | None = None,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str | None = None,
) -> Float[Tensor, "height width 3"]:
    """The unit direction of every pixel of a camera turned by `rotation`, its `cam_to_world`; a cube map is a strip.

    >>> from cyclorama.geometry.perspective import Perspective
    >>> camera_dirs(Perspective(1, 1, 90)).tolist()
    [[[0.0, 0.0, -1.0]]]
    """
    like = torch.empty((), dtype=torch.promote_types(dtype, torch.float32), device=device)
    dirs = camera.pixel_dirs(like=like)
    return (dirs if rotation is None else rotate_dirs(dirs, rotation)).to(dtype)


def resample(
    image: Shaped[Tensor, "*images channels height width"],
    pixels: Float[Tensor, "*views rows columns 2"],
    *,
    mode: str = "bilinear",
    wrap: str = "sphere",
) -> Shaped[Tensor, "*out channels rows columns"]:
    """The image's values at the pixels, in the image's type; leading dimensions broadcast.

    `mode` is "nearest" (any type of image), "bilinear" or "bicubic" (Catmull-Rom; floating point, and uint8, which is
    rounded); `wrap` is "sphere" or "edge". A coordinate within its own rounding error of a pixel's centre is that
    centre, so a look-up that moves nothing, or moves by whole pixels, returns the image's values exactly. At a
    coordinate that is not finite the value is 0. Differentiable in the image and, but for "nearest", in the pixels.
    No low-pass filter: `reproject` has one.

    Raises ValueError for an unknown mode or wrap, other integers in a mode that averages, half-precision coordinates,
    and an odd width on the sphere.

    >>> image = torch.tensor([[[1.0, 2.0, 3.0, 4.0]]])
    >>> resample(image, torch.tensor([[[0.0, 0.5]]])).item()  # the seam: halfway between the last and the first
    2.5
    """
    _check(image, pixels, mode=mode, wrap=wrap)
    if pixels.ndim == 3 and is_plain(image, pixels):
        array, layout = as_array(image)
        height, width = image.shape[-2:]
        look_up = Lookup.build(pixels.detach().numpy(), height, width, mode=mode, wrap=wrap)
        return from_array(look_up(array, layout=layout), layout)
    if image.dtype == torch.uint8 and mode != "nearest":
        return _gather(image.float(), pixels, mode=mode, wrap=wrap).round().clamp(0, 255).to(torch.uint8)
    return _gather(image, pixels, mode=mode, wrap=wrap)


def is_plain(image: Tensor, *others: Any) -> bool:
    """Whether the compiled kernel can take a look-up: uint8 or float32 on the CPU, and nobody watches for gradients."""
    tensors = [image, *(other for other in others if torch.is_tensor(other))]
    at_hand = all(tensor.device.type == "cpu" and not is_functorch_wrapped_tensor(tensor) for tensor in tensors)
    watched = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)
    known = image.dtype in (torch.uint8, torch.float32)
    return known and at_hand and not watched and not torch.compiler.is_compiling()


def as_array(image: Tensor) -> tuple[np.ndarray, str]:
    """A CPU tensor as an array without a copy, and its layout: channels last where the tensor's memory is."""
    image = image.detach()
    last = image.movedim(-3, -1)
    if image.shape[-3] > 1 and last.is_contiguous():
        return last.numpy(), "channels_last"
    return image.contiguous().numpy(), "channels_first"


def from_array(array: np.ndarray, layout: str) -> Tensor:
    """The tensor [..., C, H, W] of an array that came from `as_array`."""
    tensor = torch.from_numpy(array)
    return tensor.movedim(-1, -3) if layout == "channels_last" else tensor


def _gather(
    image: Shaped[Tensor, "*images channels height width"],
    pixels: Float[Tensor, "*views rows columns 2"],
    *,
    mode: str,
    wrap: str,
) -> Shaped[Tensor, "*out channels rows columns"]:
    height, width = image.shape[-2:]
    finite = pixels.detach().isfinite().all(-1)
    pixels = torch.where(finite.unsqueeze(-1), pixels, 0)
    if mode == "nearest":
        columns, rows = pixels.detach().floor().long().unbind(-1)
        return _read(image, *wrap_indices(columns, rows, height=height, width=width, wrap=wrap)).masked_fill(
            ~finite.unsqueeze(-3), 0
        )
    total = None
    for columns, rows, weight in taps(pixels, height=height, width=width, mode=mode, wrap=wrap):
        term = _read(image, columns, rows) * weight.unsqueeze(-3)
        total = term if total is None else total + term
    assert total is not None
    return total.masked_fill(~finite.unsqueeze(-3), 0).to(image.dtype)


def taps(
    pixels: Float[Tensor, "*shape 2"], *, height: int, width: int, mode: str = "bilinear", wrap: str = "sphere"
) -> Iterator[tuple[Int[Tensor, "*shape"], Int[Tensor, "*shape"], Float[Tensor, "*shape"]]]:
    """The stored pixels that "bilinear" (4) or "bicubic" (16) looks at: column, row and weight of each."""
    x, y = _snap(pixels - 0.5, size=max(height, width)).unbind(-1)
    left, top = x.detach().floor(), y.detach().floor()
    weights = _linear_weights if mode == "bilinear" else _catmull_rom_weights
    for row, row_weight in weights(y - top):
        for column, column_weight in weights(x - left):
            indices = wrap_indices(left.long() + column, top.long() + row, height=height, width=width, wrap=wrap)
            yield (*indices, row_weight * column_weight)


def wrap_indices(
    columns: Int[Tensor, "*#shape"], rows: Int[Tensor, "*#shape"], *, height: int, width: int, wrap: str = "sphere"
) -> tuple[Int[Tensor, "*columns_out"], Int[Tensor, "*rows_out"]]:
    """Column and row of the stored pixel that stands for a pixel anywhere on the plane.

    On the sphere a row above the top, y < 0, is row -1 - y half a turn away, and so on round and round.

    >>> columns, rows = wrap_indices(torch.tensor([9]), torch.tensor([-1]), height=4, width=8)
    >>> columns.item(), rows.item()
    (5, 0)
    """
    if wrap == "edge":
        return columns.clamp(0, width - 1), rows.clamp(0, height - 1)
    rows = rows % (2 * height)
    across = rows >= height
    rows = torch.where(across, 2 * height - 1 - rows, rows)
    return (columns + across * (width // 2)) % width, rows


def _read(
    image: Shaped[Tensor, "*images channels height width"], columns: Int[Tensor, "*view"], rows: Int[Tensor, "*view"]
) -> Shaped[Tensor, "*out"]:
    flat = image.flatten(-2)
    index = rearrange(rows * image.shape[-1] + columns, "... rows columns -> ... 1 (rows columns)")
    batch = torch.broadcast_shapes(flat.shape[:-2], index.shape[:-2])
    values = flat.expand(*batch, -1, -1).gather(-1, index.expand(*batch, flat.shape[-2], -1))
    return values.unflatten(-1, columns.shape[-2:])


def _snap(x: Float[Tensor, "*shape"], *, size: int) -> Float[Tensor, "*shape"]:
    whole = x.detach().round()
    rounding_error = 4 * torch.finfo(x.dtype).eps * size
    return torch.where((x.detach() - whole).abs() <= rounding_error, whole + (x - x.detach()), x)


def _linear_weights(t: Float[Tensor, "*shape"]) -> list[tuple[int, Float[Tensor, "*shape"]]]:
    return [(0, 1 - t), (1, t)]


def _catmull_rom_weights(t: Float[Tensor, "*shape"]) -> list[tuple[int, Float[Tensor, "*shape"]]]:
    # Keys, "Cubic convolution interpolation for digital image processing" (1981), equation 15 with a = -1/2
    return [
        (-1, ((-0.5 * t + 1) * t - 0.5) * t),
        (0, (1.5 * t - 2.5) * t * t + 1),
        (1, ((-1.5 * t + 2) * t + 0.5) * t),
        (2, (0.5 * t - 0.5) * t * t),
    ]


def _check(image: Tensor, pixels: Tensor, *, mode: str, wrap: str) -> None:
    require_mode(mode)
    if wrap not in WRAPS:
        raise ValueError(f"got wrap {wrap!r}, wanted one of {', '.join(WRAPS)}")
    if mode != "nearest" and not (image.is_floating_point() or image.dtype == torch.uint8):
        raise ValueError(
            f"got an image of {image.dtype}, wanted floating point or uint8 for mode {mode!r}: "
            "convert it or use mode 'nearest'"
        )
    if pixels.dtype not in (torch.float32, torch.float64):
        raise ValueError(f"got pixels of {pixels.dtype}, wanted float32 or float64: compute coordinates in float32")
    if wrap == "sphere":
        require_even_width(image.shape[-1])


def coordinate_dtype(image: Shaped[Tensor, "*shape"]) -> torch.dtype:
    """The type of coordinates into an image: float64 for a float64 image, float32 for every other."""
    return torch.float64 if image.dtype == torch.float64 else torch.float32
