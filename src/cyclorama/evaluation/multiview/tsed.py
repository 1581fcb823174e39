"""TSED, the thresholded symmetric epipolar distance: do neighbouring views show one rigid scene from their poses?

Yu et al., "Long-term photometric consistent novel view synthesis with diffusion models" (ICCV 2023): a pair of
neighbours is consistent if it has at least 10 matches, and the median of their distances from each other's epipolar
lines is below a threshold, 2 px there, in pictures of 256 x 256. TSED is the share of consistent pairs; mTSED its mean
over several thresholds. On the sphere the distance is the angle from the epipolar circles, for panoramas and pinholes
alike, and the threshold is in degrees.

Where both views were taken from one place there are no epipolar lines (E = 0): the distance is then that of a match
from the point that the rotation alone leads to, which is stricter.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.evaluation.multiview.matching import RATIO, Keypoints, keypoints, match
from cyclorama.evaluation.multiview.posed_views import PosedViews
from cyclorama.geometry.epipolar import epipolar_normals, symmetric_epipolar_distance
from cyclorama.geometry.perspective import Perspective, half_extent
from cyclorama.geometry.poses import invert, transform_dirs

MIN_MATCHES = 10
THRESHOLD_PX, THRESHOLD_DEG = 2.0, 0.5
THRESHOLDS_PX = (1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0)
THRESHOLDS_DEG = (0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0)

Distance = Callable[[Keypoints, Keypoints, Tensor], Tensor]


@dataclass(frozen=True)
class Pair:
    """What two views agree on; `median` is inf without a match."""

    first: int
    second: int
    num_matches: int
    median: float


@dataclass(frozen=True)
class Tsed:
    """The pairs of a sequence, their medians in `unit`, "px" or "deg", and what follows for thresholds in it."""

    pairs: tuple[Pair, ...]
    unit: str
    min_matches: int = MIN_MATCHES

    def at(self, threshold: float | int) -> float:
        """TSED: the share of consistent pairs."""
        hits = sum(pair.num_matches >= self.min_matches and pair.median < threshold for pair in self.pairs)
        return hits / len(self.pairs)

    def curve(self, thresholds: Sequence[float | int]) -> list[float]:
        """TSED at each threshold; it never falls."""
        return [self.at(threshold) for threshold in thresholds]

    def mean(self, thresholds: Sequence[float | int]) -> float:
        """mTSED: the mean of the curve."""
        return sum(self.curve(thresholds)) / len(thresholds)


def tsed(views: PosedViews, *, min_matches: int = MIN_MATCHES, ratio: float = RATIO) -> Tsed:
    """TSED of pinhole views, in pixels of their pictures.

    Raises ValueError for another projection, which has no epipolar lines, and without OpenCV.
    """
    camera = views.projection
    if not isinstance(camera, Perspective):
        raise ValueError(f"got views of {camera}, wanted pinholes; use spherical_tsed for panoramas")

    def pixels(a: Keypoints, b: Keypoints, a_to_b: Tensor) -> Tensor:
        return (_line_distance(a, b, a_to_b, camera) + _line_distance(b, a, invert(a_to_b), camera)) / 2

    return Tsed(_pairs(views, pixels, ratio), "px", min_matches)


def spherical_tsed(views: PosedViews, *, min_matches: int = MIN_MATCHES, ratio: float = RATIO) -> Tsed:
    """TSED of panoramas, or any views, in degrees on the sphere. `ValueError` without OpenCV."""

    def degrees(a: Keypoints, b: Keypoints, a_to_b: Tensor) -> Tensor:
        return torch.rad2deg(symmetric_epipolar_distance(a.dirs, b.dirs, a_to_b))

    return Tsed(_pairs(views, degrees, ratio), "deg", min_matches)


def _pairs(views: PosedViews, distance: Distance, ratio: float) -> tuple[Pair, ...]:
    found = [keypoints(image, views.projection) for image in views.images]
    return tuple(
        _pair(a, b, found[a], found[b], views.motion(a, b), distance=distance, ratio=ratio)
        for a, b in views.neighbours()
    )


def _pair(
    first: int, second: int, a: Keypoints, b: Keypoints, a_to_b: Tensor, *, distance: Distance, ratio: float
) -> Pair:
    matches = match(a, b, ratio=ratio)
    if len(matches) == 0:
        return Pair(first, second, 0, float("inf"))
    distances = distance(_taken(a, matches[:, 0]), _taken(b, matches[:, 1]), a_to_b)
    middle = distances.sort().values[[(len(matches) - 1) // 2, len(matches) // 2]]
    return Pair(first, second, len(matches), middle.mean().item())


def _taken(points: Keypoints, index: Tensor) -> Keypoints:
    return Keypoints(points.pixels[index], points.dirs[index], points.descriptors[index])


def _line_distance(a: Keypoints, b: Keypoints, a_to_b: Tensor, camera: Perspective) -> Float[Tensor, " matches"]:
    """Pixels of b from the epipolar lines of a's points; from R d, inf behind the camera, where there is no line.

    The plane of normal n meets the picture where n . (k (2x - W), k (H - 2y), -1) = 0, with k = tan(fov / 2) / W.
    """
    normals, valid = epipolar_normals(a.dirs, a_to_b)
    k = half_extent(camera.fov_deg) / camera.width
    across, down = 2 * k * normals[:, 0], -2 * k * normals[:, 1]
    constant = k * (camera.height * normals[:, 1] - camera.width * normals[:, 0]) - normals[:, 2]
    off_line = (across * b.pixels[:, 0] + down * b.pixels[:, 1] + constant).abs() / torch.hypot(across, down)
    turned = transform_dirs(a.dirs, a_to_b)
    off_point = (camera.dirs_to_pixels(turned)[0] - b.pixels).norm(dim=-1)
    off_point = torch.where(turned[:, 2] < 0, off_point, torch.inf)
    return torch.where(valid, off_line, off_point)
