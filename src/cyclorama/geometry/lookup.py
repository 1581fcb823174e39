"""Look-ups in pictures as tables: made once from pixel coordinates, applied to many pictures by the compiled kernel.

Pixels are (x, y), x to the right, y down; the centre of pixel (0, 0) is (0.5, 0.5). A coordinate within its own
rounding error of a pixel's centre is that centre; one that is not finite reads 0. What lies outside the source:

- "sphere": an equirectangular picture continues round the seam and across the poles half a turn away;
- "edge": the border repeats;
- "cube": the source is six square faces, one below the other, in the order of `cubemap.FACES`. A pixel belongs to the
  face it lies in, continued by what its neighbours show on its plane.

Pictures are NumPy arrays, "channels_last" `[*batch, H, W, C]` or "channels_first" `[*batch, C, H, W]`; a cube's are
`[*batch, 6, S, S, C]` or `[*batch, 6, C, S, S]`. What is made is `[*batch, h, w, C]` or `[*batch, C, h, w]`.
"""

import ctypes
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cyclorama.geometry.kernel import Build, BuildSum, LookUp, Sum, address, apply, num_cores, pointers, run
from cyclorama.geometry.picture_layout import LAYOUTS, PictureLayout, require_bytes_or_floats

__all__ = ["LAYOUTS", "MODES", "WRAPS", "Lookup", "LookupSum", "num_cores", "require_mode"]

MODES = ("nearest", "bilinear", "bicubic")
WRAPS = ("sphere", "edge", "cube")
_MARGIN = 2  # pixels around a cube's face that count for the rounding error of strip coordinates
_MOST_PIXELS = 2**31 - 1
_MOST_ROWS = 2**24 - 1

Arrays = tuple[NDArray, ...]


@dataclass(frozen=True, eq=False)
class Lookup:
    """A linear map from pictures of one size to pictures of another: call it with a picture.

    `offset` `[h, w]` is the first of the pixels that a regular pixel reads, `x` and `y` say where it lies among them.
    The others, counted by row in `row_begin`, are lists of pixels and weights.
    """

    mode: str
    wrap: str
    source_size: tuple[int, int]
    offset: NDArray[np.int32]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    row_begin: NDArray[np.int64]
    irregular: NDArray[np.int32]
    taps_begin: NDArray[np.int64]
    tap: NDArray[np.int32]
    weight: NDArray[np.float32]
    _derived: dict[str | int, Arrays] = field(default_factory=dict, repr=False)

    @classmethod
    def build(
        cls,
        pixels: NDArray,
        height: int,
        width: int,
        *,
        mode: str = "bilinear",
        wrap: str = "sphere",
        num_threads: int | None = None,
    ) -> "Lookup":
        """The look-up at `pixels` `[h, w, 2]`, float32 or float64, in pictures of `height` by `width` pixels.

        A cube's strip is six times as high as wide. Raises ValueError for an unknown mode or wrap, pixels of another
        type or shape, an odd width on the sphere, a strip of another shape, and pictures of 2^31 pixels or more.

        >>> half = np.array([[[0.0, 0.5]]])  # the seam: halfway between the last pixel and the first
        >>> float(Lookup.build(half, 1, 4)(np.array([[[1], [2], [3], [4]]], np.float32)).item())
        2.5
        """
        _require_sizes(pixels, height, width, mode=mode, wrap=wrap)
        pixels = np.ascontiguousarray(pixels)
        rows, columns = pixels.shape[:2]
        offset = np.empty((rows, columns), np.int32)
        x, y = (np.empty(offset.shape if mode != "nearest" else (0, 0), np.float32) for _ in "xy")
        begin = np.zeros((2, rows + 1), np.int64)  # irregular pixels, and what they read, above each row
        job = Build(
            *(address(pixels), pixels.dtype == np.float64, rows, columns),
            *(height, width, MODES.index(mode), WRAPS.index(wrap), _rounding_error(pixels, height, width, wrap)),
            *map(address, (offset, x, y, begin[0, 1:], begin[1, 1:])),
        )
        run("place", job, pixels=offset.size, num_threads=num_threads)
        begin.cumsum(axis=1, out=begin)
        count, taps = (int(total) for total in begin[:, -1])
        irregular, taps_begin = np.empty(count, np.int32), np.full(count + 1, taps, np.int64)
        tap, weight = np.empty(taps, np.int32), np.empty(taps, np.float32)
        if count:
            job.row_pixels, job.row_taps, job.irregular = map(address, (*begin, irregular))
            job.taps_begin, job.tap, job.weight = map(address, (taps_begin, tap, weight))
            run("list", job, pixels=offset.size, num_threads=num_threads)
        return cls(mode, wrap, (height, width), offset, x, y, begin[0], irregular, taps_begin, tap, weight)

    def __call__(
        self,
        image: NDArray,
        *,
        out: NDArray | None = None,
        layout: str = "channels_last",
        num_threads: int | None = None,
    ) -> NDArray:
        """The picture that the look-up makes, in the image's type and layout, written to `out` if that is given.

        The image is uint8, which is rounded, or float32; "nearest" takes any type. An image that is not contiguous is
        copied. `num_threads` is by default every core, fewer for a small picture; it does not change the result.

        Raises ValueError for an image of another type or shape and for an `out` that is not contiguous or does not
        fit.
        """
        if self.mode != "nearest" or image.dtype.hasobject:
            require_bytes_or_floats(image)
        height, width = self.source_size
        stack, source = ((6,), (width, width)) if self.wrap == "cube" else ((), (height, width))
        order = PictureLayout.of(image, layout, stack=stack, source=source, target=self.offset.shape)
        out = order.empty(image.dtype, out)
        if out.size:
            job = LookUp(*self._tables(image.dtype, order.planes))
            apply("look_up", job, np.ascontiguousarray(image), out, order, num_threads)
        return out

    @property
    def num_bytes(self) -> int:
        """Memory that the tables take, those for bytes included once they were needed."""
        own = (self.offset, self.x, self.y, self.row_begin, self.irregular, self.taps_begin, self.tap, self.weight)
        return sum(array.nbytes for arrays in (own, *tuple(self._derived.values())) for array in arrays)

    def _tables(self, dtype: np.dtype, planes: int) -> tuple[int, ...]:
        """The fields of the kernel's look-up, up to the pictures."""
        x, y, x15, y15, offset, tap = self.x, self.y, self.x, self.y, self.offset, self.tap
        if dtype == np.uint8 and self.mode == "bilinear":
            x15, y15 = self._derive("bytes", lambda: (_fifteen_bits(x), _fifteen_bits(y)))
        if self.wrap == "cube" and planes > 1:
            face = self.source_size[1] ** 2
            offset, tap = self._derive(planes, lambda: tuple(_spread(table, face, planes) for table in (offset, tap)))
        arrays = offset, x, y, x15, y15, self.row_begin, self.irregular, self.taps_begin, tap, self.weight
        any_regular = self.irregular.size < offset.size
        return *map(address, arrays), MODES.index(self.mode), any_regular, *offset.shape, self.source_size[1]

    def _derive(self, key: str | int, make: Callable[[], Arrays]) -> Arrays:
        found = self._derived.get(key)
        return self._derived.setdefault(key, make()) if found is None else found  # the first of many threads wins


@dataclass(frozen=True, eq=False)
class LookupSum:
    """Weighted sums of look-ups in several pictures of one size, its views: call it with a stack of them.

    Pixel i is the sum over `begin[i]` to `begin[i + 1]` of `weight` times the look-up that `offset`, `x` and `y` say,
    as in `Lookup`, in the stack of views.
    """

    mode: str
    num_views: int
    source_size: tuple[int, int]
    size: tuple[int, int]
    begin: NDArray[np.int32]
    offset: NDArray[np.int32]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    weight: NDArray[np.float32]
    _derived: dict[int, NDArray[np.int32]] = field(default_factory=dict, repr=False)

    @classmethod
    def build(
        cls,
        shares: Sequence[tuple[NDArray, NDArray]],
        height: int,
        width: int,
        *,
        mode: str = "bilinear",
        num_threads: int | None = None,
    ) -> "LookupSum":
        """The sum of one look-up for each view of `height` by `width` pixels; outside it a view repeats its border.

        `shares` are pairs of `pixels` `[h, w, 2]`, float32 or float64, and `weights` `[h, w]`; where a weight is not
        above 0, or a coordinate not finite, the view contributes nothing. Raises ValueError for no shares or shares of
        different shapes, and what `Lookup.build` refuses.

        >>> left, right = np.array([[[0.5, 0.5]]]), np.array([[[2.5, 0.5]]])
        >>> mean = LookupSum.build([(left, np.array([[0.25]])), (right, np.array([[0.75]]))], 2, 3)
        >>> float(mean(np.arange(12, dtype=np.float32).reshape(2, 2, 3, 1)).item())
        6.0
        """
        stack = [(np.ascontiguousarray(pixels), np.ascontiguousarray(weight, np.float32)) for pixels, weight in shares]
        _require_shares(stack, height, width, mode)
        pixels, (rows, columns) = stack[0][0], stack[0][1].shape
        views = [pointers([view[part] for view in stack]) for part in (0, 1)]
        begin = np.zeros(rows * columns + 1, np.int32)
        job = BuildSum(
            *(ctypes.addressof(pointers) for pointers in views),
            *(pixels.dtype == np.float64, len(stack), rows, columns, height, width, MODES.index(mode)),
            *(_rounding_error(pixels, height, width, "edge"), address(begin)),
        )
        run("count", job, pixels=rows * columns * len(stack), num_threads=num_threads)
        begin.cumsum(out=begin)
        offset, (x, y, weight) = np.empty(begin[-1], np.int32), np.empty((3, begin[-1]), np.float32)
        job.offset, job.x, job.y, job.weight = map(address, (offset, x, y, weight))
        run("gather", job, pixels=rows * columns * len(stack), num_threads=num_threads)
        return cls(mode, len(stack), (height, width), (rows, columns), begin, offset, x, y, weight)

    def __call__(
        self,
        views: NDArray,
        *,
        out: NDArray | None = None,
        layout: str = "channels_last",
        num_threads: int | None = None,
    ) -> NDArray:
        """The sum for `views`, "channels_last" `[*batch, N, H, W, C]` or "channels_first" `[*batch, N, C, H, W]`.

        They are uint8 or float32. The rest is as in a `Lookup`; the weights are taken as they are.
        """
        require_bytes_or_floats(views)
        order = PictureLayout.of(views, layout, stack=(self.num_views,), source=self.source_size, target=self.size)
        out = order.empty(views.dtype, out)
        if out.size:
            tables = self.begin, self._offsets(order.planes), self.x, self.y, self.weight
            job = Sum(*map(address, tables), MODES.index(self.mode), *self.size, self.source_size[1])
            apply("sum_up", job, np.ascontiguousarray(views), out, order, num_threads)
        return out

    @property
    def num_bytes(self) -> int:
        """Memory that the tables take."""
        own = (self.begin, self.offset, self.x, self.y, self.weight)
        return sum(array.nbytes for array in (*own, *tuple(self._derived.values())))

    def _offsets(self, planes: int) -> NDArray[np.int32]:
        if planes == 1:
            return self.offset
        made = self._derived.get(planes)
        return (
            made
            if made is not None
            else self._derived.setdefault(planes, _spread(self.offset, math.prod(self.source_size), planes))
        )


def require_mode(mode: str) -> None:
    """Raise ValueError for an unknown mode."""
    if mode not in MODES:
        raise ValueError(f"got mode {mode!r}, wanted one of {', '.join(MODES)}")


def _require_sizes(pixels: NDArray, height: int, width: int, *, mode: str, wrap: str) -> None:
    require_mode(mode)
    if wrap not in WRAPS:
        raise ValueError(f"got wrap {wrap!r}, wanted one of {', '.join(WRAPS)}")
    if pixels.dtype not in (np.float32, np.float64):
        raise ValueError(f"got pixels of {pixels.dtype}, wanted float32 or float64: compute coordinates in float32")
    if pixels.ndim != 3 or pixels.shape[-1] != 2:
        raise ValueError(f"got pixels of shape {pixels.shape}, wanted [height, width, 2]")
    if min(height, width) < 1 or max(height, width) > _MOST_ROWS:
        raise ValueError(f"got a picture of {height}x{width} pixels, wanted 1 to {_MOST_ROWS} rows and columns")
    if max(height * width, math.prod(pixels.shape[:2])) > _MOST_PIXELS:
        raise ValueError(f"got pictures of more than {_MOST_PIXELS} pixels, wanted fewer: look up parts of them")
    if wrap == "sphere" and width % 2:
        raise ValueError(f"got an equirectangular image {width} pixels wide, wanted an even width: resize it first")
    if wrap == "cube" and height != 6 * width:
        raise ValueError(f"got a strip of {height}x{width} pixels, wanted six square faces, {6 * width}x{width}")


def _require_shares(shares: Sequence[tuple[NDArray, NDArray]], height: int, width: int, mode: str) -> None:
    if not shares:
        raise ValueError("got no views, wanted at least one")
    for pixels, weight in shares:
        _require_sizes(pixels, len(shares) * height, width, mode=mode, wrap="edge")
        if pixels.shape[:2] != weight.shape or pixels.shape != shares[0][0].shape or pixels.dtype != shares[0][0].dtype:
            raise ValueError(
                f"got pixels of {pixels.dtype} {pixels.shape} and weights {weight.shape}, "
                f"wanted those of every view like {shares[0][0].dtype} {shares[0][0].shape}"
            )
    least = 4 if mode == "bicubic" else 2
    if min(height, width) < least:
        raise ValueError(f"got views of {height}x{width} pixels, wanted at least {least}x{least} for {mode}")
    if len(shares) * math.prod(shares[0][1].shape) > _MOST_PIXELS:
        raise ValueError(f"got more than {_MOST_PIXELS} pixels of all views, wanted fewer: stitch parts of the picture")


def _rounding_error(pixels: NDArray, height: int, width: int, wrap: str) -> float:
    longest = height + 12 * _MARGIN if wrap == "cube" else max(height, width)
    return 4 * float(np.finfo(pixels.dtype).eps) * longest


def _fifteen_bits(fractions: NDArray[np.float32]) -> NDArray[np.int16]:
    return np.minimum(fractions * np.float32(2**15) + np.float32(0.5), np.float32(2**15 - 1)).astype(np.int16)


def _spread(index: NDArray[np.int32], size: int, planes: int) -> NDArray[np.int32]:
    """Indices of pixels in a stack of pictures of `size` pixels, once every picture is `planes` planes."""
    if index.size and (int(index.max()) // size + 1) * planes * size > _MOST_PIXELS:
        raise ValueError(
            f"got a stack of more than {_MOST_PIXELS} values, wanted fewer: look up some channels at a time"
        )
    return index + np.int32((planes - 1) * size) * (index // np.int32(size))
