"""The poles: the first and the last row of a panorama are each almost one point of the sphere, so they should hardly
vary; and the world does not end there, so it should be as sharp there as elsewhere, and look like no star.

| fault | figure |
|---|---|
| the end row varies: a pole torn open | `pole_variance` above the reference's |
| blurred poles | `pole_sharpness` below the reference's; `pole_gradient` too, where the poles are detailed |
| pinch: the meridians' content runs together to a star | `pole_pinch` near 1 |

Figures compute in float64. A set is compared with a reference set (renders, photographs) of the same size, because a
row half a pixel from the pole still sees a small circle of the world, a sky is smoother than a street, and towers
point at the zenith.
"""

import math
from typing import NamedTuple

import torch
from einops import rearrange, reduce
from jaxtyping import Bool, Float, Float64
from torch import Tensor

from cyclorama.evaluation.intervals import Interval, ratio_interval
from cyclorama.evaluation.sharpness import gradient_energy
from cyclorama.geometry.cubemap import FACES, Cubemap
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.reprojection import reproject
from cyclorama.geometry.resampling import pixel_centres

CAP_DEG = 30
"""How far from a pole its sharpness and its pinch are looked for."""

_LEVEL = 1 / 255


class Poles(NamedTuple):
    """One figure for the first row (zenith) and one for the last (nadir)."""

    up: Interval
    down: Interval


def pole_variance(images: Float[Tensor, "batch channels height width"]) -> Float64[Tensor, "batch 2"]:
    """Variance along the first and along the last row, mean over the channels, of values in [0, 1]."""
    rows = torch.stack([images[..., 0, :], images[..., -1, :]], 1).double()
    return reduce(rows.var(-1, correction=0), "b pole c -> b pole", "mean")


def pole_variance_ratio(
    images: Float[Tensor, "batch channels height width"],
    reference: Float[Tensor, "num_reference channels height width"],
) -> Poles:
    """Mean pole variance of `images` over that of `reference`, with bootstrap intervals; 1 for equally calm poles."""
    ours, theirs = pole_variance(images), pole_variance(reference)
    return Poles(ratio_interval(ours[:, 0], theirs[:, 0]), ratio_interval(ours[:, 1], theirs[:, 1]))


def pole_gradient(
    images: Float[Tensor, "batch channels height width"], *, face_size: int | None = None
) -> Float64[Tensor, "batch 2"]:
    """Gradient energy of the up and of the down cube face over the mean of the four side faces.

    Faces are `face_size` pixels wide, a quarter of the panorama's width unless told. It varies as much as the world
    does, from a clear sky's 1e-5 to a ceiling's 2. Sides without any gradient give inf or nan.
    """
    faces = _cube_faces(images, face_size)
    batch = len(faces)
    energy = rearrange(gradient_energy(faces.flatten(0, 1), wrap=False), "(b f) -> b f", b=batch)
    sides = energy[:, [FACES.index(face) for face in ("front", "right", "back", "left")]].mean(1, keepdim=True)
    return energy[:, [FACES.index("up"), FACES.index("down")]] / sides


def pole_sharpness(
    images: Float[Tensor, "batch channels height width"], *, face_size: int | None = None
) -> Float64[Tensor, "batch 2"]:
    """Gradient energy within `CAP_DEG` degrees of the up and the down pole over that of the rest of their cube faces.

    A pole is compared with what lies around it, which tells a blurred street from a clear sky. The energy of one level
    of 255 is added to both, so a face without detail has 1.
    """
    slopes = _Slopes.of_poles(images, face_size)
    energy, cap = slopes.right.square() + slopes.below.square(), slopes.cap
    return _energy(energy[..., cap]) / _energy(energy[..., ~cap])


def pole_pinch(
    images: Float[Tensor, "batch channels height width"], *, face_size: int | None = None
) -> Float64[Tensor, "batch 2"]:
    """Share of the gradient energy within `CAP_DEG` degrees of the up and the down pole that runs along the parallels.

    1/2 where no direction is preferred, and where there is hardly a gradient (the energy of one level of 255 is added
    in equal parts); 1 for meridians that meet as a star, 0 for rings around the pole.
    """
    slopes = _Slopes.of_poles(images, face_size)
    x, y = slopes.x, slopes.y
    from_pole = (x.square() + y.square()).clamp(min=1e-9)
    outwards = (slopes.right * x + slopes.below * y).square() * (1 + from_pole)  # a face stretches radii
    around = (slopes.right * y - slopes.below * x).square()
    outwards, around = (_energy((part / from_pole)[..., slopes.cap]) for part in (outwards, around))
    return around / (around + outwards)


class _Slopes(NamedTuple):
    """Central differences of the up and the down face at their inner pixels; x, y from -1 to 1, the pole at 0, 0."""

    right: Float64[Tensor, "batch 2 channels rows columns"]
    below: Float64[Tensor, "batch 2 channels rows columns"]
    x: Float64[Tensor, "rows columns"]
    y: Float64[Tensor, "rows columns"]

    @classmethod
    def of_poles(cls, images: Tensor, face_size: int | None) -> "_Slopes":
        faces = _cube_faces(images, face_size)[:, [FACES.index("up"), FACES.index("down")]].double()
        size = faces.shape[-1]
        centres = pixel_centres(size, size, dtype=torch.float64, device=faces.device)[1:-1, 1:-1]
        right = (faces[..., 1:-1, 2:] - faces[..., 1:-1, :-2]) / 2
        below = (faces[..., 2:, 1:-1] - faces[..., :-2, 1:-1]) / 2
        return cls(right, below, *(2 * centres / size - 1).unbind(-1))

    @property
    def cap(self) -> Bool[Tensor, "rows columns"]:
        return self.x.square() + self.y.square() < math.tan(math.radians(CAP_DEG)) ** 2


def _energy(squares: Float64[Tensor, "batch 2 channels pixels"]) -> Float64[Tensor, "batch 2"]:
    return reduce(squares, "b pole c n -> b pole", "mean") + _LEVEL**2


def _cube_faces(images: Tensor, face_size: int | None) -> Float[Tensor, "batch 6 channels size size"]:
    size = max(images.shape[-1] // 4, 8) if face_size is None else face_size
    return reproject(images, Equirect(*images.shape[-2:]), Cubemap(size))
