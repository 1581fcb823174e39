"""The picture that one camera takes of the picture of another: every projection to every other, through one function.

Pictures are tensors `[..., C, H, W]` (a cube map `[..., 6, C, S, S]`) or NumPy arrays `[..., H, W, C]` (a cube map
`[..., 6, S, S, C]`), and the result is of the same kind and type. Integers are averaged and rounded. NumPy arrays never
import torch.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from einops import rearrange
from jaxtyping import Bool, Float, Shaped

from cyclorama.geometry.cubemap import Cubemap
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.lookup import require_mode
from cyclorama.geometry.minification import ONE_LOOK, Group, looks_into
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.projection import Projection
from cyclorama.geometry.rotations import Degrees, require_rotation, rotation_matrix
from cyclorama.geometry.sphere import array_module
from cyclorama.geometry.tables import Table, bands, kept_table, locate


def reproject(
    image: Shaped[Any, "*picture"],
    source: Projection,
    target: Projection,
    *,
    rotation: Float[Any, "3 3"] | None = None,
    mode: str = "bilinear",
    antialias: bool = True,
    fill: float = 0.0,
    out: Shaped[np.ndarray, "*out"] | None = None,
) -> Shaped[Any, "*out"]:
    """The picture that the camera `target`, turned by `rotation`, takes of `image`, a picture of `source`.

    `rotation` is the `cam_to_world` of the target in the source's frame; the inverse swaps source and target and
    transposes it. `mode` is "nearest", "bilinear" or "bicubic" (Catmull-Rom). Where the source is shrunk, `antialias`
    averages it instead of picking pixels (`minification`; not for "nearest"). What the source does not show is `fill`.

    On the CPU without gradients uint8 and float32 pictures go through the compiled kernel, and the tables of the last
    calls are kept; everything else is torch, differentiable in the image and the rotation. `out`, for arrays, is the
    contiguous array to write to and to return.

    Raises ValueError for a picture that does not have the source's size, an unknown mode, what is no rotation, and an
    `out` that does not fit.

    >>> picture = np.zeros((16, 32, 3), np.uint8)
    >>> reproject(picture, Equirect(16, 32), Cubemap(8)).shape
    (6, 8, 8, 3)
    """
    require_picture(image, source)
    require_mode(mode)
    matrix = None if rotation is None else require_rotation(rotation)
    groups = looks_into(source, target, matrix) if antialias and mode != "nearest" else ONE_LOOK
    how = {"mode": mode, "groups": groups, "fill": fill}
    if isinstance(image, np.ndarray):
        return reproject_compiled(image, source, target, matrix, **how, layout="channels_last", out=out)
    if out is not None:
        raise ValueError("got an out for a tensor, wanted one for NumPy arrays only: take the result")
    from cyclorama.geometry.differentiable import reproject_tensor

    return reproject_tensor(image, source, target, rotation, **how)


def rotate(
    image: Shaped[Any, "*picture"], rotation: Float[Any, "3 3"], *, mode: str = "bilinear"
) -> Shaped[Any, "*picture"]:
    """The panorama that a camera turned by `rotation` (its `cam_to_world`) takes; undone by `rotation.mT`.

    The identity, and a yaw by whole pixels, return the image's values exactly. Raises what `reproject` raises.

    >>> picture = np.arange(32, dtype=np.float32).reshape(4, 8, 1)
    >>> np.array_equal(rotate(picture, np.eye(3)), picture)
    True
    """
    panorama = Equirect(*picture_size(image))
    return reproject(image, panorama, panorama, rotation=rotation, mode=mode)


def equirect_to_perspective(
    image: Shaped[Any, "*picture"],
    height: int,
    width: int,
    fov_deg: Degrees,
    *,
    yaw_deg: Degrees = 0.0,
    pitch_deg: Degrees = 0.0,
    roll_deg: Degrees = 0.0,
    mode: str = "bilinear",
    antialias: bool = True,
) -> Shaped[Any, "*view"]:
    """The view of `height` x `width` pixels that a camera in the middle of the panorama takes.

    Its inverse, where it looks, is `perspective_to_equirect`. Raises what `reproject` raises.

    >>> equirect_to_perspective(np.zeros((16, 32, 3), np.uint8), 5, 7, 90, yaw_deg=30).shape
    (5, 7, 3)
    """
    turned = rotation_matrix(yaw_deg, pitch_deg, roll_deg)
    source, target = Equirect(*picture_size(image)), Perspective(height, width, fov_deg)
    return reproject(image, source, target, rotation=turned, mode=mode, antialias=antialias)


def perspective_to_equirect(
    view: Shaped[Any, "*picture"],
    height: int,
    width: int | None,
    fov_deg: Degrees,
    *,
    yaw_deg: Degrees = 0.0,
    pitch_deg: Degrees = 0.0,
    roll_deg: Degrees = 0.0,
    mode: str = "bilinear",
) -> tuple[Shaped[Any, "*panorama"], Bool[Any, "rows columns"]]:
    """The view painted on a panorama (`width` None: twice the height), 0 elsewhere, and the mask of what it covers.

    A pixel belongs to the mask if its centre lies in the view. The inverse of `equirect_to_perspective`.

    >>> panorama, mask = perspective_to_equirect(np.ones((8, 8, 3), np.float32), 16, None, 90)
    >>> panorama.shape, int(mask[8].sum())
    ((16, 32, 3), 8)
    """
    turned = rotation_matrix(yaw_deg, pitch_deg, roll_deg).T
    source = Perspective(*picture_size(view), fov_deg)
    target = Equirect(height, 2 * height if width is None else width)
    panorama = reproject(view, source, target, rotation=turned, mode=mode, antialias=False)
    mask = locate(source, target.pixel_dirs(), turned)[1]
    if isinstance(view, np.ndarray):
        return panorama, mask
    import torch

    return panorama, torch.from_numpy(mask).to(view.device)


def equirect_to_cubemap(
    image: Shaped[Any, "*picture"], size: int, *, mode: str = "bilinear", antialias: bool = True
) -> Shaped[Any, "*faces"]:
    """The six views of a panorama; the inverse of `cubemap_to_equirect`. Raises what `reproject` raises.

    >>> equirect_to_cubemap(np.zeros((16, 32, 3), np.uint8), 8).shape
    (6, 8, 8, 3)
    """
    return reproject(image, Equirect(*picture_size(image)), Cubemap(size), mode=mode, antialias=antialias)


def cubemap_to_equirect(
    faces: Shaped[Any, "*faces"],
    height: int,
    width: int | None = None,
    *,
    mode: str = "bilinear",
    antialias: bool = True,
) -> Shaped[Any, "*picture"]:
    """The panorama of six views, twice as wide as high unless told otherwise; the inverse of `equirect_to_cubemap`.

    Between the outermost pixels of two faces each face is continued by what its neighbour shows there, so no edge of
    the cube is drawn. Raises what `reproject` raises.

    >>> cubemap_to_equirect(np.zeros((6, 8, 8, 3), np.uint8), 16).shape
    (16, 32, 3)
    """
    target = Equirect(height, 2 * height if width is None else width)
    return reproject(faces, Cubemap(picture_size(faces)[1]), target, mode=mode, antialias=antialias)


def average_blocks(
    image: Shaped[Any, "*picture"], source: Projection, block: int, *, layout: str
) -> tuple[Shaped[Any, "*out"], Projection]:
    """The picture of the means of `block` x `block` pixels, integers in float32, and its projection."""
    if block == 1:
        return image, source
    xp = array_module(image)
    last = layout == "channels_last"
    kept = xp.isdtype(image.dtype, "real floating")
    total: Any = 0
    for y, x in product(range(block), repeat=2):
        rows, columns = slice(y, None, block), slice(x, None, block)
        part = image[..., rows, columns, :] if last else image[..., rows, columns]
        total = total + (part if kept else xp.astype(part, xp.float32))
    return total / block**2, Equirect(source.height // block, source.width // block)


def picture_size(image: Shaped[Any, "*picture"]) -> tuple[int, int]:
    """Height and width of a picture, tensor or array."""
    height, width = image.shape[-3:-1] if isinstance(image, np.ndarray) else image.shape[-2:]
    return int(height), int(width)


def require_picture(image: Shaped[Any, "*picture"], source: Projection) -> None:
    """Raise ValueError unless the picture has the source's size, channels and all."""
    faces = isinstance(source, Cubemap)
    wanted = (6, source.size, source.size) if faces else (source.height, source.width)
    channels_last = isinstance(image, np.ndarray)
    shape = tuple(image.shape)
    axes = (*shape[:-1], 0) if channels_last else (*shape[:-3], *shape[-2:], 0)
    if len(shape) <= len(wanted) or axes[-1 - len(wanted) : -1] != wanted:
        names = "x".join(map(str, wanted))
        order = "channels last" if channels_last else "channels before height and width"
        raise ValueError(f"got a picture of shape {shape}, wanted {names} with {order}, as {source} says")


def reproject_compiled(
    image: Shaped[np.ndarray, "*picture"],
    source: Projection,
    target: Projection,
    rotation: Float[np.ndarray, "3 3"] | None,
    *,
    mode: str,
    groups: Sequence[Group],
    fill: float,
    layout: str,
    out: Shaped[np.ndarray, "*out"] | None = None,
) -> Shaped[np.ndarray, "*out"]:
    """`reproject` of an array, "channels_last" or "channels_first", by the kernel, a band of rows at a time."""
    picture = _strip_of(out, image, source, target, layout)
    for group in groups:
        averaged, camera = average_blocks(image, source, group.block, layout=layout)
        for band in bands(target, group):
            tables = partial(kept_table, camera, target, rotation, mode, group, band)
            where = _pixels_at(band if group.mask is None else group.mask, layout)
            if group.is_single and group.mask is None and picture[where].flags.c_contiguous:
                _look(averaged, tables(group.looks[0][:2]), fill, layout, out=picture[where])
            else:
                picture[where] = _average(averaged, tables, group, fill, layout, image.dtype).reshape(
                    picture[where].shape
                )
    if not isinstance(target, Cubemap):
        return picture
    strip = "... (f h) w c -> ... f h w c" if layout == "channels_last" else "... c (f h) w -> ... f c h w"
    return rearrange(picture, strip, f=6)


def _strip_of(
    out: Shaped[np.ndarray, "*out"] | None,
    image: Shaped[np.ndarray, "*picture"],
    source: Projection,
    target: Projection,
    layout: str,
) -> Shaped[np.ndarray, "*strip"]:
    """The memory of the picture to make, the faces of a cube map as one strip: `out`'s own, or new."""
    empty = _empty_shape(image, source, target, layout)
    if out is None:
        return np.empty(empty, image.dtype)
    wanted = (*empty[:-3], 6, empty[-2], *empty[-2:]) if isinstance(target, Cubemap) else empty
    if out.shape != wanted or out.dtype != image.dtype or not (out.flags.c_contiguous and out.flags.writeable):
        got = f"{out.dtype} {out.shape}"
        raise ValueError(f"got an out of {got}, wanted {image.dtype} {wanted}, contiguous and writeable")
    return out.reshape(empty)


def _empty_shape(
    image: Shaped[np.ndarray, "*picture"], source: Projection, target: Projection, layout: str
) -> tuple[int, ...]:
    batch = image.shape[: -4 if isinstance(source, Cubemap) else -3]
    if layout == "channels_last":
        return (*batch, target.height, target.width, image.shape[-1])
    return (*batch, image.shape[-3], target.height, target.width)


def _pixels_at(where: slice | Bool[np.ndarray, "rows columns"], layout: str) -> tuple[Any, ...]:
    """The index of rows, or of pixels, of pictures."""
    columns = (slice(None),) if isinstance(where, slice) else ()
    return (..., where, *columns, slice(None)) if layout == "channels_last" else (..., where, *columns)


def _average(
    image: Shaped[np.ndarray, "*picture"],
    table_of: Callable[..., Table],
    group: Group,
    fill: float,
    layout: str,
    kind: np.dtype,
) -> Shaped[np.ndarray, "*out"]:
    total = None
    image = image if group.is_single else image.astype(np.float32, copy=False)
    for x, y, weight in group.looks:
        values = _look(image, table_of((x, y)), fill, layout)
        if group.is_single:
            return values
        values = np.multiply(values, np.float32(weight), dtype=np.float32)
        total = values if total is None else np.add(total, values, out=total)
    assert total is not None
    return total if kind == np.float32 else np.clip(np.rint(total), 0, 255).astype(kind)


def _look(
    image: Shaped[np.ndarray, "*picture"],
    table: Table,
    fill: float,
    layout: str,
    *,
    out: Shaped[np.ndarray, "*out"] | None = None,
) -> Shaped[np.ndarray, "*out"]:
    values = table.lookup(image, out=out, layout=layout)
    if table.unseen is not None:
        values[_pixels_at(table.unseen, layout)] = fill
    return values
