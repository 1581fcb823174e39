"""Many views to one picture: each pixel is the weighted mean of the views that show it.

Views are one tensor `[..., N, C, h, w]` or one NumPy array `[..., N, h, w, C]`, all of the same camera, turned by
`rotations` `[N, 3, 3]`, their `cam_to_world` in the target's frame. Stitching is linear in the views, and `adjoint` is
its transpose, as it is of every linear look-up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

import cachetools
import numpy as np
from jaxtyping import Float, Shaped

from cyclorama.geometry.lookup import Lookup, LookupSum, require_mode
from cyclorama.geometry.projection import Projection
from cyclorama.geometry.rotations import require_rotation
from cyclorama.geometry.tables import KEPT_BYTES, source_pixels

if TYPE_CHECKING:
    from torch import Tensor

BLENDS = ("feather", "uniform")
Share = tuple[Float[np.ndarray, "height width 2"], Float[np.ndarray, "height width"]]


def stitch(
    views: Shaped[Any, "*views"],
    camera: Projection,
    rotations: Float[Any, "views 3 3"],
    target: Projection,
    *,
    blend: str | Float[np.ndarray, "rows columns"] = "feather",
    mode: str = "bilinear",
) -> tuple[Shaped[Any, "*picture"], Float[np.ndarray, "height width"]]:
    """The picture of `target` and the total weight of its pixels, 0 (and a black pixel) where no view looks.

    `blend` is the weight of a view's pixels: "feather" falls from 1 in the middle to 0 at the border, "uniform" is 1,
    an array `[h, w]` is looked up. Nothing is filtered: views finer than the target are shrunk before. The target is
    not a cube map. Raises ValueError for views that do not fit the camera or the rotations, an unknown blend or mode,
    and what is no rotation.

    >>> from cyclorama.geometry.equirect import Equirect
    >>> from cyclorama.geometry.perspective import Perspective
    >>> from cyclorama.geometry.viewsets import rings
    >>> views = np.full((6, 8, 8, 3), 100, np.uint8)
    >>> picture, weight = stitch(views, Perspective(8, 8, 95), rings({0: 4, 90: 1, -90: 1}), Equirect(16, 32))
    >>> picture.shape, int(picture.min())
    ((16, 32, 3), 100)
    """
    turned = np.stack([require_rotation(rotation) for rotation in rotations])
    _require_views(views, camera, len(turned))
    require_mode(mode)
    if isinstance(views, np.ndarray):
        kept = kept_stitch(camera, turned, target, blend, mode)
        return kept.sum(views, layout="channels_last"), kept.weight
    from cyclorama.geometry.differentiable import stitch_tensor

    return stitch_tensor(views, camera, turned, target, blend=blend, mode=mode)


def adjoint(
    linear: "Callable[[Tensor], Tensor]", like: Shaped[Any, "*picture"], values: Shaped[Any, "*out"]
) -> Shaped[Any, "*picture"]:
    """The transpose of a linear look-up: the picture `a` with `<linear(x), values> = <x, a>` for every x like `like`.

    >>> import torch
    >>> from cyclorama.geometry.reprojection import rotate
    >>> turned = adjoint(lambda x: rotate(x, np.eye(3)), torch.zeros(1, 4, 8), torch.ones(1, 4, 8))
    >>> bool((turned == 1).all())
    True
    """
    import torch

    with torch.enable_grad():
        picture = torch.zeros_like(like).requires_grad_()
        [transposed] = torch.autograd.grad(linear(picture), picture, values)
    return transposed


@dataclass(frozen=True, eq=False)
class Stitch:
    """What stitching needs for any views of one camera: the weighted look-ups and the total weight."""

    sum: LookupSum
    weight: Float[np.ndarray, "height width"]

    @property
    def num_bytes(self) -> int:
        return self.sum.num_bytes + self.weight.nbytes


@cachetools.cached(
    cachetools.LRUCache(KEPT_BYTES, getsizeof=lambda stitch: stitch.num_bytes),
    key=lambda camera, rotations, target, blend, mode: (
        *(camera, rotations.tobytes(), target, blend if isinstance(blend, str) else blend.tobytes(), mode),
    ),
    lock=Lock(),
)
def kept_stitch(
    camera: Projection,
    rotations: Float[np.ndarray, "views 3 3"],
    target: Projection,
    blend: str | Float[np.ndarray, "rows columns"],
    mode: str,
) -> Stitch:
    """The tables of a stitch; those of the last calls are kept."""
    shares, weight = view_shares(camera, rotations, target, blend)
    return Stitch(LookupSum.build(shares, camera.height, camera.width, mode=mode), weight)


def view_shares(
    camera: Projection,
    rotations: Float[np.ndarray, "views 3 3"],
    target: Projection,
    blend: str | Float[np.ndarray, "rows columns"],
) -> tuple[list[Share], Float[np.ndarray, "height width"]]:
    """Where each view shows the target's pixels, its share of each (they sum to 1 or 0), and the total weight."""
    places, weights = [], []
    for turned in rotations:
        pixels, seen = source_pixels(camera, target, turned.T)
        places.append(pixels)
        weights.append(np.where(seen, _view_weights(pixels, camera, blend), np.float32(0)))
    weight = np.sum(weights, axis=0)
    total = np.where(weight > 0, weight, 1)
    return [(pixels, share / total) for pixels, share in zip(places, weights, strict=True)], weight


def _view_weights(
    pixels: Float[np.ndarray, "height width 2"], camera: Projection, blend: str | Float[np.ndarray, "rows columns"]
) -> Float[np.ndarray, "height width"]:
    if isinstance(blend, str):
        if blend not in BLENDS:
            raise ValueError(f"got blend {blend!r}, wanted one of {', '.join(BLENDS)}, or an array of weights")
        if blend == "uniform":
            return np.ones(pixels.shape[:-1], np.float32)
        inside = 1 - np.abs(2 * pixels / np.array([camera.width, camera.height], np.float32) - 1)
        return np.clip(inside, 1e-4, 1).prod(-1)
    if blend.shape != (camera.height, camera.width) or not (np.isfinite(blend).all() and (blend >= 0).all()):
        raise ValueError(
            f"got weights of shape {blend.shape}, wanted {camera.height}x{camera.width} numbers, none below 0"
        )
    look_up = Lookup.build(pixels, camera.height, camera.width, mode="bilinear", wrap="edge")
    return look_up(np.ascontiguousarray(blend, np.float32)[..., None], layout="channels_last")[..., 0]


def _require_views(views: Shaped[Any, "*views"], camera: Projection, num_views: int) -> None:
    shape = tuple(views.shape)
    got = (shape[-4:-1] if isinstance(views, np.ndarray) else (*shape[-4:-3], *shape[-2:])) if len(shape) > 3 else shape
    wanted = (num_views, camera.height, camera.width)
    if got != wanted:
        raise ValueError(
            f"got views of shape {shape}, wanted {num_views} views of {camera.height}x{camera.width} pixels"
        )
