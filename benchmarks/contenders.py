"""Who takes part in the projection benchmarks: Cyclorama first, then the peers of the extra `bench`."""

from importlib import import_module
from typing import Any

CLASSES = {
    "Cyclorama": ("ours", "Ours"),
    "Cyclorama, torch": ("ours", "OursTorch"),
    "OpenCV, maps kept": ("peers", "OpenCV"),
    "py360convert": ("peers", "Py360convert"),
    "ffmpeg v360": ("peers", "Ffmpeg"),
    "equilib": ("torch_peers", "Equilib"),
    "pytorch360convert": ("torch_peers", "Pytorch360convert"),
    "kornia remap, maps kept": ("torch_peers", "Kornia"),
}
NAMES = tuple(CLASSES)
OURS, KEPT_MAPS, FLOOR = "Cyclorama", "OpenCV, maps kept", "memory floor"
PACKAGES = ("py360convert", "pyequilib", "pytorch360convert", "kornia", "opencv-python-headless", "scipy", "av")


def contender(name: str, num_threads: int) -> Any:
    """The contender of that name, its package imported."""
    module, kind = CLASSES[name]
    return getattr(import_module(module), kind)(num_threads)


def contenders(num_threads: int) -> list[Any]:
    """All of them."""
    return [contender(name, num_threads) for name in NAMES]
