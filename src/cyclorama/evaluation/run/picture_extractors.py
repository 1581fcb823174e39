"""What is computed for one panorama, or one beside its reference: features of its views, figures, distances.

An extractor runs on one panorama with all its views as the batch, so its bits depend on no other picture.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from cyclorama.evaluation.protocols import Measure
from cyclorama.evaluation.resizing import resize
from cyclorama.evaluation.run.feature_cache import Entry, extractor_key
from cyclorama.evaluation.run.metrics import metric_named
from cyclorama.evaluation.run.pictures import Pair, Panorama
from cyclorama.evaluation.run.weights_in_use import Networks
from cyclorama.evaluation.views import cut_views, find_view_set, is_seeded

_VIEWS = ("cyclorama.evaluation.views", "cyclorama.evaluation.resizing")
VIEW_SIZE = 256
"""The side of views in pixels where neither a network nor the measure's option "size" says it."""

FIGURES: dict[str, tuple[str, str, int | None]] = {
    "discontinuity_score": ("seams", "discontinuity_score", None),
    "interior_discontinuity_score": ("seams", "interior_discontinuity_score", None),
    "seam_rank": ("seams", "seam_rank", None),
    "seam_ratio": ("seams", "seam_ratio", None),
    "end_continuity": ("seams", "end_continuity", None),
    "relative_end_continuity": ("seams", "seam_ratio", None),
    "pole_variance_up": ("poles", "pole_variance", 0),
    "pole_variance_down": ("poles", "pole_variance", 1),
    "pole_gradient_up": ("poles", "pole_gradient", 0),
    "pole_gradient_down": ("poles", "pole_gradient", 1),
    "pole_pinch_up": ("poles", "pole_pinch", 0),
    "pole_pinch_down": ("poles", "pole_pinch", 1),
    "sharpness": ("sharpness", "gradient_energy", None),
    "ws_psnr": ("fidelity", "ws_psnr", None),
    "s_psnr": ("fidelity", "s_psnr", None),
    "ws_ssim": ("fidelity", "ws_ssim", None),
}
"""Metric -> module of `cyclorama.evaluation`, function, and which of its columns."""


@dataclass(frozen=True)
class PictureExtractor:
    """Tensors of the views of a panorama: `compute` gets them as a batch of `size` (None: their own)."""

    key: str
    by_name: bool
    views: str
    size: tuple[int, int] | None
    compute: Callable[[Float[Tensor, "views 3 height width"]], Entry]

    @torch.no_grad()
    def extract(self, content: Panorama) -> Entry:
        size = self.size or (VIEW_SIZE, VIEW_SIZE)
        return self.compute(cut_views(content.image, self.views, size=size, key=content.name))


@dataclass(frozen=True)
class PairExtractor:
    """One figure of a panorama and its reference."""

    key: str
    compute: Callable[[Tensor, Tensor], Float[Tensor, "1"]]
    by_name: bool = False

    @torch.no_grad()
    def extract(self, content: Pair) -> Entry:
        return {"values": self.compute(content.image[None], content.reference[None]).double()}


def picture_extractor(measure: Measure, networks: Networks) -> PictureExtractor:
    """What a measure of pictures, of sets of pictures or of prompts needs of every panorama.

    Raises:
        MissingWeights: where the weights of its network are not on this machine.
        ValueError: for an unknown view set or resize, or a measure that names no network and needs one.
    """
    output = metric_named(measure.metric).output
    if output in ("features", "probabilities", "heads"):
        return _of_network(measure, networks, output)
    if measure.metric == "niqe":
        return _make(measure, ("naturalness.niqe", "naturalness.scene_statistics"), _niqe(measure.options))
    if measure.metric == "brisque":
        return _of_brisque(measure, networks)
    if measure.metric == "judge":
        return _of_judge(measure, networks)
    module, _, _ = FIGURES[measure.metric]
    return _make(measure, (module,), lambda images: {"values": figure(measure, images)})


def pair_extractor(measure: Measure, networks: Networks) -> PairExtractor:
    """What a measure of pairs needs; raises as `picture_extractor`."""
    if measure.metric == "lpips":
        name = measure.network or "lpips-alex"
        facts = {"network": networks.identify(name).sha256, "device": networks.kind}
        return PairExtractor(_key(measure, ("networks.lpips",), facts), lambda a, b: _lpips(networks, name, a, b))
    module, _, _ = FIGURES[measure.metric]
    return PairExtractor(_key(measure, (module,), {}), lambda a, b: figure(measure, a, b))


def figure(measure: Measure, *images: Tensor) -> Float64[Tensor, " views"]:
    """A figure without weights, by the table."""
    module, name, column = FIGURES[measure.metric]
    function = getattr(import_module(f"cyclorama.evaluation.{module}"), name)
    values = function(*images, **_own(measure.options))
    return values if column is None else values[:, column]


def _of_network(measure: Measure, networks: Networks, output: str) -> PictureExtractor:
    if measure.network is None:
        raise ValueError(f"the measure {measure.name} names no network; add one to the protocol")
    name, preset = measure.network, measure.resize or "aa"
    size = networks.input_size(name)

    def compute(images: Tensor) -> Entry:
        network = networks.load(name)
        seen = resize(images, size or tuple(images.shape[-2:]), preset).to(networks.device)
        if output == "heads":
            return {f"head.{head}": found.float() for head, found in network.head_probabilities(seen).items()}
        return {output: getattr(network, output)(seen).float()}

    facts = {"network": networks.identify(name).sha256, "device": networks.kind, "output": output, "resize": preset}
    return _make(measure, (), compute, facts=facts, size=size, options={}, label=f"{name}-{output}")


def _niqe(options: Mapping[str, Any]) -> Callable[[Tensor], Entry]:
    def compute(images: Tensor) -> Entry:
        from cyclorama.evaluation.naturalness import niqe_patches

        return niqe_patches(images[None], **_own(options))._asdict()

    return compute


def _of_brisque(measure: Measure, networks: Networks) -> PictureExtractor:
    facts = {"network": networks.identify("brisque").sha256}

    def compute(images: Tensor) -> Entry:
        from cyclorama.evaluation.naturalness import brisque

        return {"values": brisque(images, networks.load("brisque"))}

    return _make(measure, ("naturalness.brisque", "naturalness.scene_statistics"), compute, facts=facts)


def _of_judge(measure: Measure, networks: Networks) -> PictureExtractor:
    from cyclorama.evaluation.networks.judge import QUESTIONS

    name = str(measure.options.get("question", "quality"))
    if name not in QUESTIONS:
        raise ValueError(f"got the question {name!r} in {measure.name}, wanted one of {', '.join(QUESTIONS)}")
    facts = {"network": networks.identify("judge").sha256, "device": networks.kind}

    def compute(images: Tensor) -> Entry:
        return {"values": networks.load("judge").scores(images.to(networks.device), QUESTIONS[name])}

    return _make(measure, ("networks.judge",), compute, facts=facts)


def _lpips(networks: Networks, name: str, image: Tensor, reference: Tensor) -> Tensor:
    if image.shape != reference.shape:
        got, wanted = ("x".join(map(str, one.shape[-2:])) for one in (image, reference))
        raise ValueError(f"got a picture of {got} and a reference of {wanted}, wanted one size; resize one of them")
    return networks.load(name).distance(image.to(networks.device), reference.to(networks.device)).cpu()


def _make(
    measure: Measure,
    modules: tuple[str, ...],
    compute: Callable[[Tensor], Entry],
    *,
    facts: Mapping[str, Any] | None = None,
    size: tuple[int, int] | None = None,
    options: Mapping[str, Any] | None = None,
    label: str = "",
) -> PictureExtractor:
    views = measure.views or "equirect"
    side = int(measure.options.get("size", VIEW_SIZE))
    cut = size or (side, side)
    parts: dict[str, Any] = {"views": views, "version": find_view_set(views).version, "size": cut}
    parts |= {"options": dict(measure.options if options is None else options), **(facts or {})}
    key = extractor_key(
        f"{label or measure.metric}-{views}", (*_VIEWS, *(f"cyclorama.evaluation.{name}" for name in modules)), **parts
    )
    return PictureExtractor(key, is_seeded(views), views, cut, compute)


def _key(measure: Measure, modules: tuple[str, ...], facts: Mapping[str, Any]) -> str:
    sources = tuple(f"cyclorama.evaluation.{name}" for name in modules)
    return extractor_key(measure.metric, sources, options=dict(measure.options), **facts)


def _own(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that are the figure's, not the view's."""
    return {name: value for name, value in options.items() if name != "size"}
