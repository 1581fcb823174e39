"""The networks of one evaluation: whose weights were named, which file each has, loaded when first needed."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from cyclorama.evaluation.networks.table import NETWORKS, network_row
from cyclorama.evaluation.run.feature_cache import source_digest
from cyclorama.evaluation.run.results import NetworkFacts


@dataclass(frozen=True)
class Identified:
    """A network whose weights are here."""

    name: str
    paths: tuple[Path, ...]
    sha256: str


class Networks:
    """`weights`: paths that the user named, by the network's name.

    ValueError for a name that is no network's, and for a path that leads nowhere.
    """

    def __init__(self, weights: Mapping[str, str | Path], device: str) -> None:
        if unknown := sorted(set(weights) - set(NETWORKS)):
            raise ValueError(f"got weights of {unknown[0]!r}, wanted one of {', '.join(NETWORKS)}")
        self.weights, self.device = {name: Path(path).expanduser() for name, path in weights.items()}, device
        for name, path in self.weights.items():
            if not path.exists():
                raise ValueError(f"got the weights {path} of {name}, wanted a file or folder that exists")
        self._identified: dict[str, Identified] = {}
        self._loaded: dict[str, Any] = {}
        self._loading = threading.Lock()

    def identify(self, name: str) -> Identified:
        """`MissingWeights` where the weights are not on this machine."""
        if name not in self._identified:
            row = network_row(name)
            paths = row.find(self.weights.get(name))
            self._identified[name] = Identified(name, paths, row.identify(paths))
        return self._identified[name]

    def load(self, name: str) -> Any:
        """The network on the device; `ValueError` for weights that do not fit."""
        with self._loading:
            if name not in self._loaded:
                network = network_row(name).load(*self.identify(name).paths)
                self._loaded[name] = network.to(self.device) if isinstance(network, nn.Module) else network
            return self._loaded[name]

    def traits(self, name: str) -> dict[str, str]:
        """What a network's answers depend on: its weights, its code and options, and the kind of device."""
        load = network_row(name).load
        code, options = source_digest(getattr(load, "func", load).__module__), repr(getattr(load, "keywords", {}))
        device = self.device.partition(":")[0]
        return {"network": self.identify(name).sha256, "code": code, "options": options, "device": device}

    def facts(self) -> dict[str, NetworkFacts]:
        """Of the networks that were identified."""
        found = sorted(self._identified.items())
        return {name: NetworkFacts(one.sha256, ", ".join(path.name for path in one.paths)) for name, one in found}

    def warnings(self) -> list[str]:
        """Of networks whose weights are not the published ones."""
        others = [name for name, one in self._identified.items() if not network_row(name).is_published(one.sha256)]
        return [
            f"the weights of {name} are not the published file; do not compare with published figures"
            for name in sorted(others)
        ]


def best_device(wanted: str | None) -> str:
    """`wanted`, else the accelerator there is, else the CPU. `ValueError` for a device that is not there."""
    if wanted is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=wanted)
    except (RuntimeError, AssertionError) as fault:
        raise ValueError(f"got the device {wanted!r}, which is not here; wanted cpu, cuda, cuda:1 ...") from fault
    return wanted
