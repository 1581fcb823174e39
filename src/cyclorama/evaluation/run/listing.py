"""What can be measured on this machine: protocols with their hashes, metrics, and networks with their weights."""

from pathlib import Path
from typing import Any

from cyclorama.evaluation.measures import Measure
from cyclorama.evaluation.networks.model_folders import ModelFolder
from cyclorama.evaluation.networks.table import NETWORKS, NetworkRow
from cyclorama.evaluation.networks.weights import MissingWeights, WeightsFile
from cyclorama.evaluation.protocols import Protocol, load_protocol, packaged_protocols
from cyclorama.evaluation.run.extraction import one_line
from cyclorama.evaluation.run.metrics import METRICS, metric_named


def list_everything() -> dict[str, list[dict[str, Any]]]:
    """Plain data: "protocols", "metrics" and "networks"."""
    networks = {row.name: _network(row) for row in NETWORKS.values()}
    here = {name for name, facts in networks.items() if facts["here"]}
    return {
        "protocols": [_protocol(load_protocol(name), here) for name in packaged_protocols()],
        "metrics": [
            {
                "name": row.name,
                "kind": row.kind,
                "direction": row.direction,
                "about": row.about,
                "needs_real": row.needs_real,
            }
            for row in METRICS.values()
        ],
        "networks": list(networks.values()),
    }


def _protocol(protocol: Protocol, here: set[str]) -> dict[str, Any]:
    facts = {"name": protocol.name, "version": protocol.version, "hash": protocol.hash, "samples": protocol.samples}
    measures = [_measure(measure, here) for measure in protocol.measures]
    return facts | {"title": protocol.title, "notes": list(protocol.notes), "measures": measures}


def _measure(measure: Measure, here: set[str]) -> dict[str, Any]:
    missing = [] if measure.network is None or measure.network in here else [measure.network]
    metric = metric_named(measure.metric)
    return {"name": measure.name, "metric": metric.name, "network": measure.network, "missing": missing}


def _network(row: NetworkRow) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": row.name, "about": row.about, "files": [_file(file) for file in row.files]}
    try:
        found = row.find(None)
    except MissingWeights as fault:
        return facts | {"here": False, "reason": one_line(fault)}
    return facts | {"here": True, "reason": "", "found": [Path(path).name for path in found]}


def _file(file: WeightsFile | ModelFolder) -> dict[str, Any]:
    if isinstance(file, ModelFolder):
        source = f"https://huggingface.co/{file.hub}"
        return {"file": file.hub, "num_bytes": file.num_bytes, "source": source, "environment": file.environment}
    facts = {"file": file.file_name, "num_bytes": file.num_bytes, "source": file.source}
    return facts | {"environment": file.environment}
