"""Cube maps: six square views of 90 degrees, `[..., 6, C, S, S]`, in the order of `FACES`.

Every face is upright for a camera that turned to it: the bottom edge of "up" touches "front", and so does the top edge
of "down". File formats with other orders and orientations are converted where the file is read or written.
"""

import torch
from einops import rearrange, repeat
from jaxtyping import Float, Int, Shaped
from torch import Tensor

from cyclorama.geometry.equirect import dirs_to_pixels, equirect_dirs
from cyclorama.geometry.perspective import perspective_solid_angles
from cyclorama.geometry.resample import coordinate_dtype, pixel_centres, resample
from cyclorama.geometry.rotation import rotate_dirs, rotation
from cyclorama.geometry.sphere import at_least_float32

FACES = ("front", "right", "back", "left", "up", "down")
_TURNS = ((0, 0), (90, 0), (180, 0), (270, 0), (0, 90), (0, -90))  # yaw and pitch of each face in degrees
_MARGIN = 2  # pixels that the widest kernel, bicubic, reads beyond a face


def cubemap_dirs(
    size: int, *, dtype: torch.dtype = torch.float32, device: torch.device | str | None = None
) -> Float[Tensor, "6 size size 3"]:
    """The unit direction of every pixel of a cube map with faces of `size` pixels.

    >>> cubemap_dirs(1)[FACES.index("up")].tolist()
    [[[0.0, 1.0, 0.0]]]
    """
    return _dirs_with_margin(size, 0, dtype=dtype, device=device)


def cubemap_solid_angles(
    size: int, *, dtype: torch.dtype = torch.float32, device: torch.device | str | None = None
) -> Float[Tensor, "6 size size"]:
    """The exact solid angle of every pixel in steradians; the sum is 4 pi.

    >>> f"{cubemap_solid_angles(8).sum():.4f}"
    '12.5664'
    """
    return repeat(perspective_solid_angles(size, size, 90, dtype=dtype, device=device), "h w -> 6 h w")


def dirs_to_cubemap_pixels(
    dirs: Float[Tensor, "*shape 3"], size: int
) -> tuple[Int[Tensor, "*shape"], Float[Tensor, "*shape 2"]]:
    """The face (an index into `FACES`) and the pixel coordinates of directions of any length; inverts `cubemap_dirs`.

    >>> face, pixels = dirs_to_cubemap_pixels(torch.tensor([2.0, 0.0, 0.0]), 4)
    >>> FACES[face], pixels.tolist()
    ('right', [2.0, 2.0])
    """
    dirs = at_least_float32(dirs)
    rotations = _rotations(dirs.dtype, dirs.device)
    face = (rotations[:, :, 2].neg() * dirs.unsqueeze(-2)).sum(-1).argmax(-1)
    x, y, z = (rotations.mT[face] * dirs.unsqueeze(-2)).sum(-1).unbind(-1)
    return face, torch.stack([1 - x / z, 1 + y / z], dim=-1) * (size / 2)


def equirect_to_cubemap(
    image: Shaped[Tensor, "*batch channels height width"], size: int, *, mode: str = "bilinear"
) -> Shaped[Tensor, "*batch 6 channels size size"]:
    """The six views of a panorama; the inverse of `cubemap_to_equirect`. Raises what `resample` raises.

    >>> equirect_to_cubemap(torch.rand(3, 16, 32), 8).shape
    torch.Size([6, 3, 8, 8])
    """
    dirs = rearrange(cubemap_dirs(size, dtype=coordinate_dtype(image), device=image.device), "f h w d -> (f h) w d")
    tall = resample(image, dirs_to_pixels(dirs, *image.shape[-2:]), mode=mode)
    return rearrange(tall, "... c (f h) w -> ... f c h w", f=6)


def cubemap_to_equirect(
    faces: Shaped[Tensor, "*batch 6 channels size size"],
    height: int,
    width: int | None = None,
    *,
    mode: str = "bilinear",
) -> Shaped[Tensor, "*batch channels rows columns"]:
    """The panorama of six views, twice as wide as high unless told otherwise; the inverse of `equirect_to_cubemap`.

    Between the outermost pixels of two faces each face is continued by what its neighbour shows there, so no edge of
    the cube is drawn. Raises what `resample` raises.

    >>> cubemap_to_equirect(torch.rand(6, 3, 8, 8), 16).shape
    torch.Size([3, 16, 32])
    """
    size, dtype = faces.shape[-1], coordinate_dtype(faces)
    margin = 0 if mode == "nearest" else _MARGIN
    padded = faces if margin == 0 else _pad_faces(faces, margin)
    face, pixels = dirs_to_cubemap_pixels(equirect_dirs(height, width, dtype=dtype, device=faces.device), size)
    return _resample_faces(padded, face, pixels + margin, mode=mode)


def _rotations(dtype: torch.dtype, device: torch.device | str | None) -> Float[Tensor, "6 3 3"]:
    return torch.stack([rotation(yaw, pitch, dtype=dtype, device=device) for yaw, pitch in _TURNS])


def _dirs_with_margin(
    size: int, margin: int, *, dtype: torch.dtype, device: torch.device | str | None
) -> Float[Tensor, "6 rows columns 3"]:
    """Directions of the pixels of every face and of `margin` pixels around it on the face's plane."""
    side = size + 2 * margin
    x, y = ((pixel_centres(side, side, dtype=torch.float64) - margin) * 2 / size - 1).unbind(-1)
    plane = torch.nn.functional.normalize(torch.stack([x, -y, -torch.ones_like(x)], dim=-1), dim=-1)
    dirs = torch.stack([rotate_dirs(plane, turned) for turned in _rotations(torch.float64, None)])
    return dirs.to(dtype=dtype, device=device)


def _pad_faces(
    faces: Shaped[Tensor, "*batch 6 channels size size"], margin: int
) -> Shaped[Tensor, "*batch 6 channels rows columns"]:
    size = faces.shape[-1]
    dirs = _dirs_with_margin(size, margin, dtype=coordinate_dtype(faces), device=faces.device)
    face, pixels = dirs_to_cubemap_pixels(rearrange(dirs, "f h w d -> (f h) w d"), size)
    around = _resample_faces(faces, face, pixels.clamp(0.5, size - 0.5), mode="bilinear")
    around = rearrange(around, "... c (f h) w -> ... f c h w", f=6).clone()
    around[..., margin:-margin, margin:-margin] = faces
    return around


def _resample_faces(
    faces: Shaped[Tensor, "*batch 6 channels size size"],
    face: Int[Tensor, "rows columns"],
    pixels: Float[Tensor, "rows columns 2"],
    *,
    mode: str,
) -> Shaped[Tensor, "*batch channels rows columns"]:
    tall = rearrange(faces, "... f c h w -> ... c (f h) w")
    below = torch.stack([torch.zeros_like(face), face * faces.shape[-1]], dim=-1)
    return resample(tall, pixels + below, mode=mode, wrap="edge")
