"""Where the published parameters of BRISQUE and NIQE are found: files of people's ratings and of natural pictures."""

import os
from pathlib import Path

from cyclorama.evaluation.networks.weights import FOLDER_VARIABLE, MissingWeights

BRISQUE_PAIRS = (("allmodel", "allrange"), ("brisque_model_live.yml", "brisque_range_live.yml"))
NIQE_NAMES = ("modelparameters.mat", "niqe_modelparameters.mat", "niqe_pris_params.npz")
BRISQUE_SOURCE = "the authors' release (live.ece.utexas.edu) or OpenCV's contrib repository, modules/quality/samples"
NIQE_SOURCE = "the authors' release (live.ece.utexas.edu)"


def find_brisque(path: Path | None) -> tuple[Path, ...]:
    """(model, ranges) in the folder `path`, that of CYCLORAMA_BRISQUE or of CYCLORAMA_WEIGHTS."""
    for folder in _places(path, "CYCLORAMA_BRISQUE"):
        for names in BRISQUE_PAIRS:
            if all((folder / name).is_file() for name in names):
                return tuple(folder / name for name in names)
    pairs = " or ".join(" and ".join(names) for names in BRISQUE_PAIRS)
    raise MissingWeights(
        f"got no model of brisque; wanted a folder with {pairs} from {BRISQUE_SOURCE}: name it in CYCLORAMA_BRISQUE"
    )


def find_niqe(path: Path | None) -> tuple[Path, ...]:
    """The parameter file `path`, that of CYCLORAMA_NIQE, or one of the published names in CYCLORAMA_WEIGHTS."""
    for place in _places(path, "CYCLORAMA_NIQE"):
        for file in (place, *(place / name for name in NIQE_NAMES)):
            if file.is_file():
                return (file,)
    raise MissingWeights(f"got no model of niqe; wanted {NIQE_NAMES[0]} from {NIQE_SOURCE}: name it in CYCLORAMA_NIQE")


def _places(path: Path | None, variable: str) -> list[Path]:
    if path is not None:
        return [path.expanduser()]
    named = [os.environ.get(name) for name in (variable, FOLDER_VARIABLE)]
    return [Path(name).expanduser() for name in named if name]
