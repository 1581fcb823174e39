"""Does a picture look natural, without a reference: NIQE and BRISQUE, from the statistics of neighbouring pixels.

Both are made for perspective pictures. An equirect is stretched towards its poles, so give them views: pictures are
`[batch, *views, 3, height, width]` in [0, 1], and every entry of the batch gets one figure from all of its views.
"""

from cyclorama.evaluation.naturalness.brisque import BrisqueModel, brisque, brisque_features, load_brisque
from cyclorama.evaluation.naturalness.niqe import (
    NiqeModel,
    Patches,
    fit_niqe,
    fit_niqe_to_patches,
    load_niqe,
    niqe,
    niqe_of_patches,
    niqe_patches,
    save_niqe,
)

__all__ = [
    "BrisqueModel",
    "NiqeModel",
    "Patches",
    "brisque",
    "brisque_features",
    "fit_niqe",
    "fit_niqe_to_patches",
    "load_brisque",
    "load_niqe",
    "niqe",
    "niqe_of_patches",
    "niqe_patches",
    "save_niqe",
]
