"""Figures of panoramas: tensors in, numbers out, never a pipeline.

Pictures are `[batch, 3, height, width]` in [0, 1]; a figure is one float64 per picture, and `statistics` puts an
interval around a set of them.
"""

from cyclorama.evaluation.classifier import agreement, classify, load_classifier
from cyclorama.evaluation.poles import pole_variance, pole_variance_ratio
from cyclorama.evaluation.seams import (
    discontinuity_score,
    seam_border_ratio,
    seam_rank,
    seam_ratio,
    token_border_ratio,
)
from cyclorama.evaluation.sharpness import gradient_energy, sharpness_ratio
from cyclorama.evaluation.statistics import (
    Interval,
    difference_interval,
    mean_interval,
    ratio_interval,
    share_interval,
)

__all__ = [
    "Interval",
    "agreement",
    "classify",
    "difference_interval",
    "discontinuity_score",
    "gradient_energy",
    "load_classifier",
    "mean_interval",
    "pole_variance",
    "pole_variance_ratio",
    "ratio_interval",
    "seam_border_ratio",
    "seam_rank",
    "seam_ratio",
    "share_interval",
    "sharpness_ratio",
    "token_border_ratio",
]
