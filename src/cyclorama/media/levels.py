"""sRGB levels and linear light: uint8 and uint16 pixels are sRGB levels, float32 pixels are linear, 1.0 is white.

The transfer curve is IEC 61966-2-1. Arrays keep their shape.
"""

from functools import lru_cache

import numpy as np

_BLOCK = 2**20  # values at a time, so that temporary arrays stay in the cache


def to_dtype(pixels: np.ndarray, dtype: str) -> np.ndarray:
    """Pixels as "uint8", "uint16" or "float32"; levels are rounded, light outside [0, 1] is clipped for levels.

    `ValueError`: light that is NaN or infinite cannot become levels.
    """
    if pixels.dtype == dtype:
        return pixels
    if dtype == "float32":
        return _linear_table(pixels.dtype.name)[pixels]
    if pixels.dtype == np.float32:
        return _light_to_levels(pixels, dtype)
    if dtype == "uint16":
        return pixels * np.uint16(257)
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)


def srgb_to_linear(values: np.ndarray) -> np.ndarray:
    """sRGB values in [0, 1] to linear light in [0, 1]; the inverse of `linear_to_srgb`. Keeps float32 or float64."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4).astype(values.dtype)


def linear_to_srgb(light: np.ndarray) -> np.ndarray:
    """Linear light to sRGB values in [0, 1], clipped there; the inverse of `srgb_to_linear`. Keeps the type."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055).astype(light.dtype)


@lru_cache(maxsize=2)
def _linear_table(dtype: str) -> np.ndarray:
    count = np.iinfo(dtype).max
    return srgb_to_linear(np.arange(count + 1) / count).astype(np.float32)


def _light_to_levels(light: np.ndarray, dtype: str) -> np.ndarray:
    top = np.iinfo(dtype).max
    flat, levels = light.reshape(-1), np.empty(light.size, dtype)
    for start in range(0, flat.size, _BLOCK):
        block = flat[start : start + _BLOCK]
        if not np.isfinite(block).all():
            raise ValueError("the picture holds NaN or infinity; only .exr and .tif hold such light")
        levels[start : start + _BLOCK] = np.rint(linear_to_srgb(block) * top)
    return levels.reshape(light.shape)
