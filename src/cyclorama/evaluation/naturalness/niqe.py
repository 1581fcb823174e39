"""NIQE: how far the statistics of a picture's patches are from those of natural pictures (Mittal, Soundararajan, Bovik,
"Making a 'Completely Blind' Image Quality Analyzer", SPL 2013). 0 is natural; it grows with blur, noise and blocks.

"Natural" is a Gaussian of 36 features: fitted to the sharp patches of a set of real pictures (`fit_niqe`), or the
published one from its file. Figures of two models, or of two sizes of patches, do not compare.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from einops import rearrange, reduce
from jaxtyping import Float, Float64
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from cyclorama.evaluation.naturalness.scene_statistics import (
    arrange_features,
    contrast_normalised,
    fit_neighbours,
    grey_levels,
    halve,
)

PATCH_SIZE = 96
"""Of the published model, in pixels."""

SHARPNESS_SHARE = 0.75
"""A patch is sharp above this share of the sharpest patch of its picture: that of the authors' software."""

_FLAT = 1e-3  # levels; below is rounding
_NAMES = (("mu_prisparam", "cov_prisparam"), ("mu_pris_param", "cov_pris_param"))  # the authors' file; BasicSR's copy


class Patches(NamedTuple):
    """All that NIQE needs of a picture: features of its patches (18 of full size, 18 of half), and their sharpness."""

    features: Float64[Tensor, "batch patches 36"]
    sharpness: Float64[Tensor, "batch patches"]


@dataclass(frozen=True, eq=False)
class NiqeModel:
    """The Gaussian of natural patches of `patch_size` pixels."""

    mean: Float64[Tensor, "36"]
    covariance: Float64[Tensor, "36 36"]
    patch_size: int = PATCH_SIZE


def niqe(images: Float[Tensor, "batch *views 3 height width"], model: NiqeModel) -> Float64[Tensor, " batch"]:
    """The distance of every entry, all its views together, from `model`; raises what `niqe_patches` raises."""
    return niqe_of_patches(niqe_patches(images, patch_size=model.patch_size), model)


def fit_niqe(
    images: Float[Tensor, "batch *views 3 height width"],
    *,
    patch_size: int = PATCH_SIZE,
    sharpness_share: float = SHARPNESS_SHARE,
) -> NiqeModel:
    """The model of real pictures of the views and size that will be judged; of a stream, `fit_niqe_to_patches`."""
    patches = [niqe_patches(images, patch_size=patch_size)]
    return fit_niqe_to_patches(patches, patch_size=patch_size, sharpness_share=sharpness_share)


def niqe_patches(images: Float[Tensor, "batch *views 3 height width"], *, patch_size: int = PATCH_SIZE) -> Patches:
    """Features and sharpness of the whole patches of every entry, on the CPU.

    Raises ValueError for a picture without a whole patch and for a patch that is odd or below 16 pixels.
    """
    grey = grey_levels(images.reshape(len(images), -1, *images.shape[-3:]))
    rows, columns = (size // patch_size for size in grey.shape[-2:])
    _check_size(grey, patch_size=patch_size)
    grey = grey[..., : rows * patch_size, : columns * patch_size]
    coefficients, deviation = contrast_normalised(grey)
    half_coefficients, _ = contrast_normalised(halve(grey, halving="antialiased"))
    features = torch.cat([_features(coefficients, patch_size), _features(half_coefficients, patch_size // 2)], -1)
    sharpness = reduce(deviation, "b v (y h) (x w) -> b (v y x)", "mean", h=patch_size, w=patch_size)
    return Patches(features.cpu(), sharpness.cpu())


def fit_niqe_to_patches(
    patches: Iterable[Patches], *, patch_size: int = PATCH_SIZE, sharpness_share: float = SHARPNESS_SHARE
) -> NiqeModel:
    """The model of the sharp patches of `patches`, which are of `patch_size` pixels.

    A smaller `sharpness_share` keeps more of them and sees blur less.

    Raises ValueError for as few sharp patches as features or fewer: their covariance has no inverse.
    """
    sharp = [part.features[part.sharpness > sharpness_share * part.sharpness.amax(1, True)] for part in patches]
    features = torch.cat([torch.empty(0, 36, dtype=torch.float64), *sharp])
    if len(features) <= features.shape[1]:
        raise ValueError(
            f"got {len(features)} sharp patches of {patch_size} pixels to fit NIQE to, wanted more than 36; "
            "give more pictures or a smaller patch_size"
        )
    return NiqeModel(features.mean(0), features.T.cov(), patch_size)


def niqe_of_patches(patches: Patches, model: NiqeModel) -> Float64[Tensor, " batch"]:
    """Equation 10. Patches without any contrast say nothing and are left out, unless a picture has no others."""
    shown = patches.sharpness > _FLAT
    shown = (shown | ~shown.any(1, keepdim=True)).double()[..., None]
    num = shown.sum(1, keepdim=True)
    mean = (shown * patches.features).sum(1, keepdim=True) / num
    centred = shown * (patches.features - mean)
    covariance = centred.mT @ centred / (num - 1).clamp(min=1)
    inverse = torch.linalg.pinv((covariance + model.covariance) / 2, hermitian=True)
    away = mean - model.mean
    return (away @ inverse @ away.mT).clamp(min=0).sqrt()[:, 0, 0]


def save_niqe(model: NiqeModel, path: Path) -> None:
    """Write the model as a .safetensors file for `load_niqe`."""
    mean, covariance = _NAMES[0]
    tensors = {mean: model.mean.contiguous(), covariance: model.covariance.contiguous()}
    save_file(tensors, path, metadata={"patch_size": str(model.patch_size)})


def load_niqe(path: Path, *, patch_size: int | None = None) -> NiqeModel:
    """A model from .safetensors (`save_niqe`), .npz, or the .mat file of the published software (needs scipy).

    `patch_size` is for files that do not say it; else 96. Raises ValueError for a file without the two arrays.
    """
    arrays, stored_size = _read_arrays(path)
    for mean, covariance in _NAMES:
        if mean in arrays and covariance in arrays and np.size(arrays[mean]) == 36 == len(arrays[covariance]):
            parts = (torch.tensor(np.asarray(arrays[name]), dtype=torch.float64) for name in (mean, covariance))
            return NiqeModel(next(parts).flatten(), next(parts), patch_size or stored_size or PATCH_SIZE)
    raise ValueError(
        f"got {path.name} with {', '.join(arrays) or 'nothing'}, wanted mu_prisparam [36] and cov_prisparam [36, 36]; "
        "save a model with save_niqe or name the published parameter file"
    )


def _read_arrays(path: Path) -> tuple[dict[str, Any], int | None]:
    try:
        if path.suffix == ".safetensors":
            with safe_open(path, "np") as file:
                size = (file.metadata() or {}).get("patch_size")
                return {name: file.get_tensor(name) for name in file.keys()}, size and int(size)  # noqa: SIM118
        if path.suffix == ".mat":
            from scipy.io import loadmat  # pyright: ignore[reportMissingImports]

            return {name: value for name, value in loadmat(path).items() if not name.startswith("__")}, None
        with np.load(path, allow_pickle=False) as file:
            return dict(file), None
    except ImportError:
        raise ValueError(f"got {path.name} without scipy, wanted scipy to read .mat files; pip install scipy") from None
    except (OSError, ValueError, TypeError, SafetensorError) as fault:
        raise ValueError(
            f"got {path.name}, which cannot be read ({fault}), wanted .safetensors, .npz or .mat"
        ) from None


def _features(
    coefficients: Float64[Tensor, "batch views height width"], size: int
) -> Float64[Tensor, "batch patches 18"]:
    blocks = rearrange(coefficients, "b v (y h) (x w) -> b (v y x) h w", h=size, w=size)
    fits = fit_neighbours(blocks, circular=True)
    left, right = fits.left * fits.scale, fits.right * fits.scale
    return arrange_features([fits.shape, (left + right) / 2], [fits.shape, fits.mean, left, right])


def _check_size(grey: Tensor, *, patch_size: int) -> None:
    height, width = grey.shape[-2:]
    if patch_size < 16 or patch_size % 2:
        raise ValueError(f"got patches of {patch_size} pixels, wanted an even size of 16 or more; try {PATCH_SIZE}")
    if min(height, width) < patch_size:
        raise ValueError(
            f"got pictures of {height}x{width} for NIQE, wanted one patch of {patch_size}x{patch_size} or more; "
            "make larger views or fit a model with a smaller patch_size"
        )
