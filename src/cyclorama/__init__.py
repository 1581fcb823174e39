"""Cyclorama: 360° worlds with diffusion models.

The public names are imported on first use, so `import cyclorama` costs milliseconds and loads no torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cyclorama.media.images import write_panorama
    from cyclorama.media.viewer import write_viewer_page
    from cyclorama.methods.adapter_panorama import generate_panoramas
    from cyclorama.models.registry import load_model
    from cyclorama.models.table import list_models

__version__ = "0.1.0"

_HOMES = {
    "load_model": "cyclorama.models.registry",
    "list_models": "cyclorama.models.table",
    "generate_panoramas": "cyclorama.methods.adapter_panorama",
    "write_panorama": "cyclorama.media.images",
    "write_viewer_page": "cyclorama.media.viewer",
}

__all__ = ["__version__", "generate_panoramas", "list_models", "load_model", "write_panorama", "write_viewer_page"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cyclorama' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
