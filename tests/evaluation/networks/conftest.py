"""Weights of published layouts with random values.

`layouts/*.txt` lists the modules that hold tensors in the published state dicts, as the public modules have them:
`inception` pytorch-fid's InceptionV3, `i3d` pytorch-i3d's InceptionI3d, `faed` PanFusion's FAED, `lpips-*` LPIPS of
lpips 0.1.4. A row is a name and the shape of `weight`; "bias" adds a bias, "norm" makes it a batch norm.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

LAYOUTS = Path(__file__).parent / "layouts"


@pytest.fixture(scope="session")
def published_layout() -> Callable[[str], dict[str, tuple[int, ...]]]:
    """Names and shapes of all tensors of a layout."""

    def read(name: str) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {}
        for row in (LAYOUTS / f"{name}.txt").read_text().splitlines():
            module, text, *kind = row.split()
            shape = tuple(int(part) for part in text.split("x"))
            shapes[f"{module}.weight"] = shape
            leaves = ("bias", "running_mean", "running_var") if kind == ["norm"] else tuple(kind)
            shapes |= {f"{module}.{leaf}": shape[:1] for leaf in leaves}
            if kind == ["norm"]:
                shapes[f"{module}.num_batches_tracked"] = ()
        return shapes

    return read


@pytest.fixture(scope="session")
def random_weights() -> Callable[..., dict[str, torch.Tensor]]:
    """Tensors of the shapes, of sizes that keep activations near one."""

    def make(shapes: dict[str, tuple[int, ...]], *, seed: int = 0) -> dict[str, torch.Tensor]:
        generator = torch.Generator().manual_seed(seed)
        return {name: _tensor(name, shape, generator) for name, shape in shapes.items()}

    return make


def _tensor(name: str, shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    if name.endswith("num_batches_tracked"):
        return torch.tensor(7)
    if name.endswith("running_var") or (name.endswith("weight") and len(shape) == 1):
        return torch.rand(shape, generator=generator) + 0.5
    values = torch.randn(shape, generator=generator)
    return values * (1.5 / torch.Size(shape[1:]).numel()) ** 0.5 if len(shape) > 1 else values * 0.1
