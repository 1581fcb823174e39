"""What is computed for one scene, a folder of posed views: matches of neighbours, loop closure, depth consistency."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from cyclorama.evaluation.measures import Measure
from cyclorama.evaluation.multiview.depth_warp import depth_warp
from cyclorama.evaluation.multiview.loop_closure import loop_closure
from cyclorama.evaluation.multiview.posed_views import PosedViews, read_posed_views
from cyclorama.evaluation.multiview.tsed import (
    MIN_MATCHES,
    THRESHOLD_DEG,
    THRESHOLD_PX,
    THRESHOLDS_DEG,
    THRESHOLDS_PX,
    Pair,
    Tsed,
    spherical_tsed,
    tsed,
)
from cyclorama.evaluation.run.extraction import Item
from cyclorama.evaluation.run.feature_cache import Entry, extractor_key
from cyclorama.evaluation.run.samples import Sample

_MULTIVIEW = "cyclorama.evaluation.multiview"


@dataclass(frozen=True)
class SceneExtractor:
    """What `compute` makes of `PosedViews`."""

    key: str
    compute: Callable[[PosedViews], Entry]
    by_name: bool = False

    def extract(self, content: PosedViews) -> Entry:
        return self.compute(content)


def scene_item(sample: Sample) -> Item:
    return Item(sample.name, sample.digest, partial(_open_scene, sample))


def scene_extractor(measure: Measure) -> SceneExtractor:
    """What a measure of scenes needs of each: of TSED the pairs, whatever the threshold."""
    if measure.metric.endswith("tsed"):
        unit = tsed_unit(measure)
        return SceneExtractor(_key(f"tsed-{unit}", "tsed", "matching"), partial(_pairs, unit))
    if measure.metric == "depth_warp_psnr":
        options = dict(measure.options)
        return SceneExtractor(_key(measure.metric, "depth_warp", **options), partial(_depth_warp, options))
    return SceneExtractor(_key("loop_closure", "loop_closure"), _loop_closure)


def scene_value(measure: Measure, entry: Entry) -> float:
    """The measure's figure from what its extractor kept."""
    if not measure.metric.endswith("tsed"):
        return float(entry[measure.metric])
    found, options, unit = _tsed(measure, entry), measure.options, tsed_unit(measure)
    if measure.metric == "mtsed":
        return found.mean(options.get(f"thresholds_{unit}", THRESHOLDS_PX if unit == "px" else THRESHOLDS_DEG))
    return found.at(options.get(f"threshold_{unit}", THRESHOLD_PX if unit == "px" else THRESHOLD_DEG))


def tsed_unit(measure: Measure) -> str:
    """ "px" for pinholes, "deg" on the sphere."""
    spherical = measure.metric == "spherical_tsed" or "thresholds_deg" in measure.options
    return "deg" if spherical else "px"


def _tsed(measure: Measure, entry: Entry) -> Tsed:
    pairs = [Pair(int(first), int(second), int(num), median) for first, second, num, median in entry["pairs"].tolist()]
    return Tsed(tuple(pairs), tsed_unit(measure), int(measure.options.get("min_matches", MIN_MATCHES)))


def _pairs(unit: str, views: PosedViews) -> Entry:
    pairs = (spherical_tsed if unit == "deg" else tsed)(views).pairs
    rows = [[pair.first, pair.second, pair.num_matches, pair.median] for pair in pairs]
    return {"pairs": torch.tensor(rows, dtype=torch.float64)}


def _loop_closure(views: PosedViews) -> Entry:
    found = loop_closure(views)
    return {"loop_psnr": _scalar(found.psnr), "loop_ssim": _scalar(found.ssim)}


def _depth_warp(options: dict[str, Any], views: PosedViews) -> Entry:
    return {"depth_warp_psnr": _scalar(depth_warp(views, **options).psnr)}


def _open_scene(sample: Sample, missing: Sequence[Any]) -> PosedViews:
    return read_posed_views(sample.path)


def _scalar(value: float) -> Tensor:
    return torch.tensor(value, dtype=torch.float64)


def _key(label: str, *modules: str, **options: Any) -> str:
    sources = tuple(f"{_MULTIVIEW}.{name}" for name in (*modules, "posed_views"))
    return extractor_key(label, sources, options=options)
