"""Directions on the unit sphere and their longitude and latitude (radians), for torch tensors and NumPy arrays alike.

Right-handed, +x right, +y up; longitude 0, latitude 0 is -z, longitude grows to the right, latitude grows upwards.
Half-precision inputs are computed in float32: sixteen bits hold a longitude to no better than three pixels in 4096.
"""

import math
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped


def lonlat_to_dirs(lon: Float[Any, "*shape"], lat: Float[Any, "*shape"]) -> Float[Any, "*shape 3"]:
    """Unit vectors of longitudes and latitudes in radians; the inverse of `dirs_to_lonlat`.

    >>> lonlat_to_dirs(np.zeros(()), np.zeros(())).tolist()
    [0.0, 0.0, -1.0]
    """
    xp = array_module(lon)
    lon, lat = at_least_float32(lon), at_least_float32(lat)
    return xp.stack([xp.cos(lat) * xp.sin(lon), xp.sin(lat), -xp.cos(lat) * xp.cos(lon)], axis=-1)


def dirs_to_lonlat(dirs: Float[Any, "*shape 3"]) -> tuple[Float[Any, "*shape"], Float[Any, "*shape"]]:
    """Longitude in [-pi, pi) and latitude in [-pi/2, pi/2] of vectors of any length; the inverse of `lonlat_to_dirs`.

    At the poles, where every longitude is the same point, the longitude is 0 and both gradients are finite.

    >>> lon, lat = dirs_to_lonlat(np.array([1.0, 0.0, 0.0]))
    >>> f"{lon:.4f} {lat:.4f}"
    '1.5708 0.0000'
    """
    xp, (x, y, z) = array_module(dirs), components(at_least_float32(dirs))
    pole = (x == 0) & (z == 0)
    forward = xp.where(pole, xp.ones_like(z), -z)
    lon = xp.atan2(x, forward)
    lat = xp.atan2(y, xp.where(pole, xp.zeros_like(z), xp.sqrt(x * x + forward * forward)))
    return xp.where(lon >= math.pi, lon - 2 * math.pi, lon), lat


def angle_between(a: Float[Any, "*#shape 3"], b: Float[Any, "*#shape 3"]) -> Float[Any, "*out"]:
    """Angle in radians, [0, pi], between vectors of any length; shapes broadcast.

    Accurate for tiny angles as well, where the arc cosine of the dot product is not:
    atan2(|a x b|, a . b), Kahan, "How futile are mindless assessments of roundoff" (2006), section 12.

    >>> f"{angle_between(np.array([1.0, 0.0, 0.0]), np.array([0.0, 2.0, 0.0])):.4f}"
    '1.5708'
    """
    xp = array_module(a)
    a, b = xp.broadcast_arrays(at_least_float32(a), at_least_float32(b))
    return xp.atan2(xp.linalg.vector_norm(xp.linalg.cross(a, b), axis=-1), xp.sum(a * b, axis=-1))


def components(vectors: Shaped[Any, "*shape n"]) -> tuple[Any, ...]:
    """The components of vectors, one array each.

    >>> components(np.array([[1, 2], [3, 4]]))
    (array([1, 3]), array([2, 4]))
    """
    return tuple(vectors[..., index] for index in range(vectors.shape[-1]))


def at_least_float32(values: Float[Any, "*shape"]) -> Float[Any, "*shape"]:
    """The values in float32, or in float64 if they are float64 already: the precision of every coordinate."""
    xp = array_module(values)
    return values if values.dtype in (xp.float32, xp.float64) else xp.astype(values, xp.float32)


def array_module(array: Any) -> Any:
    """The array API of an array: numpy itself, or torch seen through array-api-compat.

    Neither imports torch: NumPy arrays and plain numbers never need it, and a tensor has it.
    """
    if isinstance(array, np.ndarray | np.generic | float | int):
        return np
    import array_api_compat.torch

    return array_api_compat.torch
