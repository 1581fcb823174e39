"""What a protocol may ask for: one measure is a metric with its network, views, resize and options.

`RULES` says of every metric which of these it takes; what a protocol must state is refused where it is missing, and
what would mean nothing is refused where it is given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, Literal

from cyclorama.evaluation.resizing import PRESETS
from cyclorama.evaluation.views import VIEW_SETS, find_view_set

SampleKind = Literal["panorama", "video", "scene"]

PANORAMA_NETWORKS = ("eyes-panorama", "faed-mini", "faed")
"""Networks that want whole panoramas."""
CLASSIFIERS = ("inception", "places-resnet18", "places-resnet50")
CLIPS = ("clip", "clip-b16")
IMAGE_NETWORKS = (*PANORAMA_NETWORKS, "eyes-view", *CLASSIFIERS, *CLIPS, "dino")
LPIPS = ("lpips-alex", "lpips-vgg")
NETWORK_NAMES = (*IMAGE_NETWORKS, *LPIPS, "i3d", "judge", "brisque", "niqe")

QUESTION_NAMES = (
    "quality",
    "aesthetics",
    "panorama-distortion",
    "panorama-continuity",
    "panorama-quality",
    "panorama-aesthetics",
)


@dataclass(frozen=True)
class Measure:
    """A row of a protocol: `name` is its own ("FID_pole"), `metric` the formula's ("frechet")."""

    name: str
    metric: str
    network: str | None = None
    views: str | None = None
    resize: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def view_size(self) -> tuple[int, int] | None:
        """Height and width at which perspective views are taken; None where no view is perspective."""
        size = self.options.get("view_size")
        return None if size is None else (size, size) if isinstance(size, int) else (size[0], size[1])


@dataclass(frozen=True)
class Rule:
    """What a metric takes: of which networks one (`optional`: or none), whether views, whether a resize, which options.

    A resize brings views to a network's size; metrics of networks that take any size have none.
    """

    samples: SampleKind = "panorama"
    networks: tuple[str, ...] = ()
    optional: bool = False
    views: Literal["required", "optional", "none"] = "none"
    resize: bool = False
    options: tuple[str, ...] = ()


_SETS = Rule(networks=IMAGE_NETWORKS, views="required", resize=True)
_NEIGHBOURS = Rule(networks=IMAGE_NETWORKS, views="required", resize=True, options=("num_neighbours",))
_PLAIN, _VIDEO, _SCENE = Rule(), Rule("video"), Rule("scene")
_WHOLE_PICTURE = (
    "discontinuity_score",
    "interior_discontinuity_score",
    "seam_rank",
    "seam_ratio",
    "end_continuity",
    "relative_end_continuity",
    "pole_variance_up",
    "pole_variance_down",
    "pole_gradient_up",
    "pole_gradient_down",
    "pole_sharpness_up",
    "pole_sharpness_down",
    "pole_pinch_up",
    "pole_pinch_down",
    "sharpness",
    "ws_psnr",
    "ws_ssim",
)
RULES: dict[str, Rule] = {
    **dict.fromkeys(("frechet", "kid", "cmmd", "omnifid"), _SETS),
    **dict.fromkeys(("precision", "recall", "density", "coverage"), _NEIGHBOURS),
    "inception_score": Rule(networks=CLASSIFIERS, views="required", resize=True),
    **dict.fromkeys(_WHOLE_PICTURE, _PLAIN),
    "s_psnr": Rule(options=("num_points",)),
    "brisque": Rule(networks=("brisque",), views="optional"),
    "niqe": Rule(networks=("niqe",), optional=True, views="optional", options=("patch_size",)),
    "judge": Rule(networks=("judge",), views="required", options=("question",)),
    "clip_score": Rule(networks=CLIPS, views="required", resize=True, options=("scale",)),
    "agreement": Rule(networks=("eyes-panorama", "eyes-view"), views="required", resize=True, options=("head",)),
    "lpips": Rule(networks=LPIPS, views="required"),
    "fvd": Rule("video", networks=("i3d",), resize=True, options=("faces", "num_frames", "stride")),
    "flicker": Rule("video", options=("latitude_weighted",)),
    "flow_motion": Rule("video", options=("fps", "working_height")),
    "video_seam_rank": _VIDEO,
    "tsed": Rule("scene", options=("threshold_px", "min_matches")),
    "spherical_tsed": Rule("scene", options=("threshold_deg", "min_matches")),
    "mtsed": Rule("scene", options=("thresholds_px", "thresholds_deg", "min_matches")),
    "loop_psnr": _SCENE,
    "loop_ssim": _SCENE,
    "depth_warp_psnr": Rule("scene", options=("latitude_weighted",)),
}
_REQUIRED_OPTIONS = {"agreement": "head", "judge": "question"}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < inf


def _is_count(value: Any) -> bool:
    return _is_number(value) and isinstance(value, int)


def _is_size(value: Any) -> bool:
    return _is_count(value) or (isinstance(value, list) and len(value) == 2 and all(map(_is_count, value)))


def _are_numbers(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 0 and all(map(_is_number, value))


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _one_of(*names: str) -> tuple[str, Callable[[Any], bool]]:
    return f"one of {', '.join(names)}", lambda value: value in names


_COUNT, _NUMBER = ("a whole number above 0", _is_count), ("a number above 0", _is_number)
_NUMBERS, _FLAG = ("a list of numbers above 0", _are_numbers), ("true or false", _is_flag)
_OPTIONS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "view_size": ("the pixels of a side, or [height, width]", _is_size),
    **dict.fromkeys(("num_neighbours", "num_points", "patch_size", "num_frames", "stride"), _COUNT),
    **dict.fromkeys(("working_height", "min_matches"), _COUNT),
    **dict.fromkeys(("threshold_px", "threshold_deg", "fps"), _NUMBER),
    **dict.fromkeys(("thresholds_px", "thresholds_deg"), _NUMBERS),
    **dict.fromkeys(("faces", "latitude_weighted"), _FLAG),
    "head": _one_of("place", "time", "sky", "objects"),
    "question": _one_of(*QUESTION_NAMES),
    "scale": _one_of("percent", "hessel2021"),
}


def check_measure(measure: Measure, samples: SampleKind) -> None:
    """ValueError, in one line, unless the measure states what its metric takes, and nothing else."""
    if measure.metric not in RULES:
        raise ValueError(f"got the metric {measure.metric!r}, wanted one of {', '.join(RULES)}")
    rule = RULES[measure.metric]
    if rule.samples != samples:
        raise ValueError(f"got the metric {measure.metric} for samples of {samples}, wanted samples of {rule.samples}")
    _check_network(measure, rule)
    _check_views(measure, rule)
    _check_resize(measure, rule)
    _check_options(measure, rule)


def _check_network(measure: Measure, rule: Rule) -> None:
    if measure.network is None and (rule.optional or not rule.networks):
        return
    if measure.network not in rule.networks:
        wanted = f"one of {', '.join(rule.networks)}" if rule.networks else "none: leave it out"
        raise ValueError(f"got the network {measure.network!r} for {measure.metric}, wanted {wanted}")


def _check_views(measure: Measure, rule: Rule) -> None:
    if measure.views is None:
        if rule.views == "required":
            raise ValueError(f"got no views for {measure.metric}, wanted one of {', '.join(VIEW_SETS)}")
        return
    if rule.views == "none":
        raise ValueError(f"got the views {measure.views!r} for {measure.metric}, wanted none: leave them out")
    find_view_set(measure.views)
    if measure.metric == "omnifid" and measure.views not in ("faces", "hunyuanworld6"):
        raise ValueError(f"got the views {measure.views} for omnifid, wanted faces")
    if measure.network in PANORAMA_NETWORKS and measure.views != "equirect":
        raise ValueError(f"got the views {measure.views} for {measure.network}, wanted equirect: it sees panoramas")


def _check_resize(measure: Measure, rule: Rule) -> None:
    if rule.resize and measure.resize not in PRESETS:
        raise ValueError(f"got the resize {measure.resize!r} for {measure.metric}, wanted one of {', '.join(PRESETS)}")
    if not rule.resize and measure.resize is not None:
        raise ValueError(f"got the resize {measure.resize!r} for {measure.metric}, wanted none: leave it out")


def _check_options(measure: Measure, rule: Rule) -> None:
    perspective = measure.views is not None and find_view_set(measure.views).is_perspective
    allowed = (*rule.options, *(("view_size",) if perspective else ()))
    for name, value in measure.options.items():
        if name not in allowed:
            wanted = f"one of {', '.join(allowed)}" if allowed else "none"
            raise ValueError(f"got the option {name!r} for {measure.metric}, wanted {wanted}")
        wanted, fits = _OPTIONS[name]
        if not fits(value):
            raise ValueError(f"got the option {name} = {value!r}, wanted {wanted}")
    needed = [_REQUIRED_OPTIONS[measure.metric]] if measure.metric in _REQUIRED_OPTIONS else []
    for name in [*needed, *(["view_size"] if perspective else [])]:
        if name not in measure.options:
            raise ValueError(f"got no option {name} for {measure.metric}, wanted {_OPTIONS[name][0]}")
