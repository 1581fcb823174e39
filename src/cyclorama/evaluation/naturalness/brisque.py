"""BRISQUE: quality from 36 scene statistics by a support vector regression that people's ratings trained (Mittal,
Moorthy, Bovik, TIP 2012). About 0 is best, 100 worst.

The regression comes from files that the user has: `allmodel` and `allrange` of the authors' release (libsvm's text), or
`brisque_model_live.yml` and `brisque_range_live.yml` of OpenCV. The two softwares halve the picture and end it at the
border differently, and their figures differ: the files decide which one is followed.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from cyclorama.evaluation.naturalness.scene_statistics import (
    arrange_features,
    contrast_normalised,
    fit_neighbours,
    grey_levels,
    halve,
)

NUM_FEATURES = 36
SMALLEST = 16

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"


@dataclass(frozen=True, eq=False)
class BrisqueModel:
    """f(x) = sum_i coefficients_i exp(-gamma |x - support_vectors_i|^2) - offset, of features scaled from low..high to
    -1..1; `opencv` follows OpenCV's features and its limits of 0 and 100."""

    support_vectors: Float64[Tensor, "num 36"]
    coefficients: Float64[Tensor, " num"]
    offset: float
    gamma: float
    low: Float64[Tensor, "36"]
    high: Float64[Tensor, "36"]
    opencv: bool = False

    def predict(self, features: Float64[Tensor, "*batch 36"]) -> Float64[Tensor, "*batch"]:
        """The regression of raw features; a feature without a range counts as -1."""
        span = self.high - self.low
        scaled = torch.where(span > 0, 2 * (features - self.low) / span.where(span > 0, 1) - 1, -1)
        distances = (scaled[..., None, :] - self.support_vectors).square().sum(-1)
        value = (-self.gamma * distances).exp() @ self.coefficients - self.offset
        return value.clamp(0, 100) if self.opencv else value


def brisque(images: Float[Tensor, "batch *views 3 height width"], model: BrisqueModel) -> Float64[Tensor, " batch"]:
    """The score of every entry, the mean of those of its views; raises what `brisque_features` raises."""
    return model.predict(brisque_features(images, opencv=model.opencv)).reshape(len(images), -1).mean(1)


def brisque_features(
    images: Float[Tensor, "*batch 3 height width"], *, opencv: bool = False
) -> Float64[Tensor, "*batch 36"]:
    """The 18 features of the picture and the 18 of its half, on the CPU; ValueError below 16 x 16 pixels.

    As the authors' MATLAB computes them, whose products wrap round the border; with `opencv` as OpenCV's quality module
    does. Exact for even sizes.
    """
    height, width = images.shape[-2:]
    if min(height, width) < SMALLEST:
        raise ValueError(
            f"got pictures of {height}x{width} for BRISQUE, wanted {SMALLEST}x{SMALLEST} or more; make larger views"
        )
    grey = grey_levels(images)
    halved = halve(grey, halving="sharp" if opencv else "antialiased")
    return torch.cat([_features(scale, circular=not opencv) for scale in (grey, halved)], -1).cpu()


def load_brisque(model: Path, ranges: Path) -> BrisqueModel:
    """The regression and the ranges of its features from libsvm's text files or from OpenCV's YAML files.

    Raises ValueError for anything but a radial basis function regression of 36 features.
    """
    text, ranges_text = _read(model), _read(ranges)
    opencv = text.startswith("%YAML")
    try:
        parts = _parse_opencv(text) if opencv else _parse_libsvm(text)
        low, high = _parse_opencv_ranges(ranges_text) if opencv else _parse_libsvm_ranges(ranges_text)
    except (ValueError, LookupError, RuntimeError):
        raise ValueError(
            f"got {model.name} and {ranges.name}, which are not an epsilon-SVR with an RBF kernel over {NUM_FEATURES} "
            "features and its ranges; name allmodel and allrange, or OpenCV's brisque_model_live.yml and "
            "brisque_range_live.yml"
        ) from None
    return BrisqueModel(*parts, low, high, opencv)


def _features(grey: Tensor, *, circular: bool) -> Float64[Tensor, "*batch 18"]:
    fits = fit_neighbours(contrast_normalised(grey)[0], circular=circular)
    left, right = fits.left.square(), fits.right.square()
    return arrange_features([fits.shape, (left + right) / 2], [fits.shape, fits.mean, left, right])


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as fault:
        raise ValueError(f"got {path.name}, which cannot be read as text ({fault}); name BRISQUE's files") from None


def _parse_libsvm(text: str) -> tuple[Tensor, Tensor, float, float]:
    """Header lines "name value", then after "SV" lines "coefficient index:value ...", absent indices being 0."""
    head, body = re.split(r"^SV\s*$", text, maxsplit=1, flags=re.MULTILINE)
    header = dict(line.split(maxsplit=1) for line in head.splitlines() if line.strip())
    _require(header["svm_type"].strip() == "epsilon_svr" and header["kernel_type"].strip() == "rbf")
    lines = [line.split() for line in body.splitlines() if line.strip()]
    vectors = torch.zeros(len(lines), NUM_FEATURES, dtype=torch.float64)
    for row, (_, *pairs) in enumerate(lines):
        for index, value in (pair.split(":") for pair in pairs):
            _require(1 <= int(index) <= NUM_FEATURES)
            vectors[row, int(index) - 1] = float(value)
    _require(len(lines) == int(header["total_sv"]))
    coefficients = torch.tensor([float(line[0]) for line in lines], dtype=torch.float64)
    return vectors, coefficients, float(header["rho"]), float(header["gamma"])


def _parse_libsvm_ranges(text: str) -> tuple[Tensor, Tensor]:
    """Lines "x", "-1 1", then "index low high"."""
    head, limits, *lines = (line.split() for line in text.splitlines() if line.strip())
    _require(head == ["x"] and [float(limit) for limit in limits] == [-1, 1] and len(lines) == NUM_FEATURES)
    rows = torch.tensor([[float(value) for value in line] for line in lines], dtype=torch.float64)
    _require(rows[:, 0].tolist() == list(range(1, NUM_FEATURES + 1)))
    return rows[:, 1], rows[:, 2]


def _parse_opencv(text: str) -> tuple[Tensor, Tensor, float, float]:
    """What cv::ml::SVM::save writes: support_vectors, and one decision function with rho and alpha."""
    _require(bool(re.search(r"svmType:\s*EPS_SVR", text)) and bool(re.search(r"type:\s*RBF", text)))
    head, functions = text.split("decision_functions:", 1)
    gamma, vectors = head.split("support_vectors:", 1)
    rows = [_numbers(row) for row in re.findall(r"\[([^\]]*)\]", vectors)]
    coefficients = torch.tensor(_numbers(_after(r"alpha:\s*\[([^\]]*)\]", functions)), dtype=torch.float64)
    support = torch.tensor(rows, dtype=torch.float64)
    _require(support.shape == (len(coefficients), NUM_FEATURES))
    offset, gamma = (
        float(_after(rf"\b{name}:\s*({_NUMBER})", part)) for name, part in (("rho", functions), ("gamma", gamma))
    )
    return support, coefficients, offset, gamma


def _parse_opencv_ranges(text: str) -> tuple[Tensor, Tensor]:
    """A 2 x 36 matrix: the lows and the highs."""
    rows = torch.tensor(_numbers(_after(r"data:\s*\[([^\]]*)\]", text)), dtype=torch.float64).reshape(2, NUM_FEATURES)
    return rows.amin(0), rows.amax(0)


def _after(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    _require(found is not None)
    return found[1]  # pyright: ignore[reportOptionalSubscript]


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.replace(",", " ").split()]


def _require(fits: bool) -> None:
    if not fits:
        raise ValueError
