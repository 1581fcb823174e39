"""What two sets of feature vectors say of two distributions: how far apart they are, and how sure that is.

Vectors are `[num, features]` of any dtype on any device; everything is computed in float64 on the CPU and gives a
float. `resampling` takes `[panoramas, views, features]` and puts intervals round any of them.
"""

from cyclorama.evaluation.distributions.frechet import (
    frechet_distance,
    frechet_of_moments,
    omni_frechet,
    sample_warnings,
)
from cyclorama.evaluation.distributions.inception_score import inception_score
from cyclorama.evaluation.distributions.kernels import SubsetKid, cmmd, kid, kid_of_subsets, mmd_rbf
from cyclorama.evaluation.distributions.moments import Moments, merge_all
from cyclorama.evaluation.distributions.neighbours import Neighbours, precision_recall_density_coverage
from cyclorama.evaluation.distributions.resampling import (
    Curve,
    SetInterval,
    curve,
    floor,
    half_indices,
    one_set_interval,
    paired_difference,
    set_interval,
    set_intervals,
)

__all__ = [
    "Curve",
    "Moments",
    "Neighbours",
    "SetInterval",
    "SubsetKid",
    "cmmd",
    "curve",
    "floor",
    "frechet_distance",
    "frechet_of_moments",
    "half_indices",
    "inception_score",
    "kid",
    "kid_of_subsets",
    "merge_all",
    "mmd_rbf",
    "omni_frechet",
    "one_set_interval",
    "paired_difference",
    "precision_recall_density_coverage",
    "sample_warnings",
    "set_interval",
    "set_intervals",
]
