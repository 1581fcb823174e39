"""Figures of panoramas, videos and scenes: tensors and files in, numbers out, never a pipeline.

Pictures are `[batch, 3, height, width]` in [0, 1]; a figure is one float64 per picture, and `intervals` puts an
interval around a set of them. `evaluate` measures whole folders by a named protocol. The names below are imported on
first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cyclorama.evaluation.intervals import (
        Interval,
        difference_interval,
        mean_interval,
        ratio_interval,
        share_interval,
    )
    from cyclorama.evaluation.poles import pole_variance, pole_variance_ratio
    from cyclorama.evaluation.protocols import load_protocol, packaged_protocols
    from cyclorama.evaluation.run.comparison import compare
    from cyclorama.evaluation.run.evaluate import evaluate
    from cyclorama.evaluation.run.results import Report, read_report
    from cyclorama.evaluation.run.writing import write_report
    from cyclorama.evaluation.seams import (
        discontinuity_score,
        seam_border_ratio,
        seam_rank,
        seam_ratio,
        token_border_ratio,
    )
    from cyclorama.evaluation.sharpness import gradient_energy, sharpness_ratio

_HOMES = {
    "intervals": ("Interval", "difference_interval", "mean_interval", "ratio_interval", "share_interval"),
    "poles": ("pole_variance", "pole_variance_ratio"),
    "protocols": ("load_protocol", "packaged_protocols"),
    "run.comparison": ("compare",),
    "run.evaluate": ("evaluate",),
    "run.results": ("Report", "read_report"),
    "run.writing": ("write_report",),
    "seams": ("discontinuity_score", "seam_border_ratio", "seam_rank", "seam_ratio", "token_border_ratio"),
    "sharpness": ("gradient_energy", "sharpness_ratio"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Interval",
    "Report",
    "compare",
    "difference_interval",
    "discontinuity_score",
    "evaluate",
    "gradient_energy",
    "load_protocol",
    "mean_interval",
    "packaged_protocols",
    "pole_variance",
    "pole_variance_ratio",
    "ratio_interval",
    "read_report",
    "seam_border_ratio",
    "seam_rank",
    "seam_ratio",
    "share_interval",
    "sharpness_ratio",
    "token_border_ratio",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'cyclorama.evaluation' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"cyclorama.evaluation.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return __all__
