"""Directions on the unit sphere and their longitude and latitude (radians).

Right-handed, +x right, +y up; longitude 0, latitude 0 is -z, longitude grows to the right, latitude grows upwards.
Half-precision inputs are computed in float32: sixteen bits hold a longitude to no better than three pixels in 4096.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor


def lonlat_to_dirs(lon: Float[Tensor, "*shape"], lat: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape 3"]:
    """Unit vectors of longitudes and latitudes in radians; the inverse of `dirs_to_lonlat`.

    >>> lonlat_to_dirs(torch.tensor(0.0), torch.tensor(0.0)).tolist()
    [0.0, 0.0, -1.0]
    """
    lon, lat = at_least_float32(lon), at_least_float32(lat)
    return torch.stack([lat.cos() * lon.sin(), lat.sin(), -lat.cos() * lon.cos()], dim=-1)


def dirs_to_lonlat(dirs: Float[Tensor, "*shape 3"]) -> tuple[Float[Tensor, "*shape"], Float[Tensor, "*shape"]]:
    """Longitude in [-pi, pi) and latitude in [-pi/2, pi/2] of vectors of any length; the inverse of `lonlat_to_dirs`.

    At the poles, where every longitude is the same point, the longitude is 0 and both gradients are finite.

    >>> lon, lat = dirs_to_lonlat(torch.tensor([1.0, 0.0, 0.0]))
    >>> f"{lon:.4f} {lat:.4f}"
    '1.5708 0.0000'
    """
    x, y, z = at_least_float32(dirs).unbind(-1)
    pole = (x == 0) & (z == 0)
    forward = torch.where(pole, 1, -z)
    lon = torch.atan2(x, forward)
    lat = torch.atan2(y, torch.where(pole, 0, torch.hypot(x, forward)))
    return torch.where(lon >= math.pi, lon - 2 * math.pi, lon), lat


def angle_between(a: Float[Tensor, "*#shape 3"], b: Float[Tensor, "*#shape 3"]) -> Float[Tensor, "*out"]:
    """Angle in radians, [0, pi], between vectors of any length; shapes broadcast.

    Accurate for tiny angles as well, where the arc cosine of the dot product is not:
    atan2(|a x b|, a . b), Kahan, "How futile are mindless assessments of roundoff" (2006), section 12.

    >>> f"{angle_between(torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.0, 2.0, 0.0])):.4f}"
    '1.5708'
    """
    a, b = torch.broadcast_tensors(at_least_float32(a), at_least_float32(b))
    return torch.atan2(torch.linalg.vector_norm(torch.linalg.cross(a, b), dim=-1), (a * b).sum(-1))


def at_least_float32(values: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """The values in float32, or in float64 if they are float64 already: the precision of every coordinate."""
    return values.to(torch.promote_types(values.dtype, torch.float32))
