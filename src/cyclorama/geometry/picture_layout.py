"""How pictures lie in memory: what the compiled kernels must know of a NumPy array before and after a look-up."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LAYOUTS = ("channels_last", "channels_first")


@dataclass(frozen=True)
class PictureLayout:
    """Counts and strides, in values, of the pictures before and after."""

    images: int
    planes: int  # 1 for channels last
    channels: int  # 1 for channels first
    strides: tuple[int, int, int, int]  # from picture to picture and from plane to plane, before and after
    out_shape: tuple[int, ...]

    @classmethod
    def of(
        cls, image: NDArray, layout: str, *, stack: tuple[int, ...], source: tuple[int, int], target: tuple[int, int]
    ) -> "PictureLayout":
        """The layout of pictures of `source` (height, width), `stack` of them in one, made into pictures of `target`.

        Raises ValueError for an unknown layout and an image of another shape.
        """
        if layout not in LAYOUTS:
            raise ValueError(f"got layout {layout!r}, wanted one of {', '.join(LAYOUTS)}")
        last, shape = layout == "channels_last", image.shape
        num_axes = len(stack) + 3
        channels = shape[-1 if last else -3] if len(shape) >= num_axes else 0
        if len(shape) < num_axes or shape[-num_axes:] != (*stack, *_ordered(channels, source, last=last)):
            wanted = ", ".join(map(str, ("...", *stack, *_ordered("C", source, last=last))))
            raise ValueError(f"got an image of shape {shape}, wanted [{wanted}] for {layout}")
        batch, before, after = shape[:-num_axes], math.prod(source), math.prod(target)
        strides = (math.prod(stack) * before * channels, before, after * channels, after)
        planes, inner = (1, channels) if last else (channels, 1)
        return cls(math.prod(batch), planes, inner, strides, (*batch, *_ordered(channels, target, last=last)))

    def empty(self, dtype: np.dtype, out: NDArray | None) -> NDArray:
        """Room for what is made: `out` if that is given. Raises ValueError for an `out` that does not fit."""
        if out is None:
            return np.empty(self.out_shape, dtype)
        if out.shape != self.out_shape or out.dtype != dtype or not (out.flags.c_contiguous and out.flags.writeable):
            raise ValueError(
                f"got an out of {out.dtype} and shape {out.shape}, "
                f"wanted a contiguous one of {dtype} and shape {self.out_shape}"
            )
        return out


def require_bytes_or_floats(image: NDArray) -> None:
    """Raise ValueError for an image that is neither uint8 nor float32."""
    if image.dtype not in (np.uint8, np.float32):
        raise ValueError(f"got an image of {image.dtype}, wanted uint8 or float32: convert it")


def _ordered(channels: int | str, size: tuple[int, int], *, last: bool) -> tuple:
    return (*size, channels) if last else (channels, *size)
