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

from cyclorama.evaluation.measures import Measure
from cyclorama.evaluation.resizing import resize
from cyclorama.evaluation.run.feature_cache import Entry, extractor_key
from cyclorama.evaluation.run.metrics import metric_named
from cyclorama.evaluation.run.pictures import Pair, Panorama
from cyclorama.evaluation.run.weights_in_use import Networks
from cyclorama.evaluation.views import cut_views, find_view_set, is_seeded

_PACKAGE = "cyclorama.evaluation"
HEAD = "head."
"""Before the name of a classifier's head, in an entry."""
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
    "pole_sharpness_up": ("poles", "pole_sharpness", 0),
    "pole_sharpness_down": ("poles", "pole_sharpness", 1),
    "pole_pinch_up": ("poles", "pole_pinch", 0),
    "pole_pinch_down": ("poles", "pole_pinch", 1),
    "sharpness": ("sharpness", "gradient_energy", None),
    "ws_psnr": ("fidelity", "ws_psnr", None),
    "s_psnr": ("fidelity", "s_psnr", None),
    "ws_ssim": ("fidelity", "ws_ssim", None),
}
"""Metric -> module of `cyclorama.evaluation`, function, and which of its columns."""


@dataclass(frozen=True)
class Views:
    """Which views a measure looks at; `size` is that of perspective ones."""

    name: str
    size: tuple[int, int]

    def cut(self, image: Float[Tensor, "3 height width"], file: str) -> Float[Tensor, "views 3 rows columns"]:
        """Seeded views follow from the file's name without its extension."""
        return cut_views(image, self.name, size=self.size, key=file.rpartition(".")[0])


@dataclass(frozen=True)
class PictureExtractor:
    """What `compute` makes of the views of a panorama."""

    key: str
    views: Views
    compute: Callable[[Float[Tensor, "views 3 height width"]], Entry]

    @property
    def by_name(self) -> bool:
        return is_seeded(self.views.name)

    @torch.no_grad()
    def extract(self, content: Panorama) -> Entry:
        return self.compute(self.views.cut(content.image, content.name))


@dataclass(frozen=True)
class PairExtractor:
    """What `compute` makes of the views of a panorama and of its reference, one value a view."""

    key: str
    views: Views
    compute: Callable[[Tensor, Tensor], Float[Tensor, " views"]]

    @property
    def by_name(self) -> bool:
        return is_seeded(self.views.name)

    @torch.no_grad()
    def extract(self, content: Pair) -> Entry:
        if content.image.shape != content.reference.shape:
            got, wanted = ("x".join(map(str, one.shape[-2:])) for one in (content.image, content.reference))
            raise ValueError(f"got a picture of {got} and a reference of {wanted}, wanted one size; resize one of them")
        pictures = (self.views.cut(image, content.name) for image in (content.image, content.reference))
        return {"values": self.compute(*pictures).double()}


def picture_extractor(measure: Measure, networks: Networks) -> PictureExtractor:
    """What a measure of pictures, of sets of pictures or of prompts needs of every panorama.

    Raises:
        MissingWeights: where the weights of its network are not on this machine.
    """
    output = metric_named(measure.metric).output
    if output in ("features", "probabilities", "heads"):
        return _of_network(measure, networks, output)
    if measure.metric == "niqe":
        return _of_niqe(measure, networks)
    if measure.metric == "brisque":
        return _of_brisque(measure, networks)
    if measure.metric == "judge":
        return _of_judge(measure, networks)
    module, _, _ = FIGURES[measure.metric]
    key = _key(measure, measure.metric, (module,), {"options": dict(measure.options)})
    return PictureExtractor(key, _views(measure), lambda images: {"values": figure(measure, images)})


def pair_extractor(measure: Measure, networks: Networks) -> PairExtractor:
    """What a measure of pairs needs; raises as `picture_extractor`."""
    if measure.metric != "lpips":
        module, _, _ = FIGURES[measure.metric]
        key = _key(measure, measure.metric, (module,), {"options": dict(measure.options)})
        return PairExtractor(key, _views(measure), lambda a, b: figure(measure, a, b))
    name = str(measure.network)
    key = _key(measure, name, ("networks.lpips",), networks.traits(name))

    def compute(a: Tensor, b: Tensor) -> Tensor:
        return networks.load(name).distance(a.to(networks.device), b.to(networks.device)).cpu()

    return PairExtractor(key, _views(measure), compute)


def figure(measure: Measure, *images: Float[Tensor, "batch 3 height width"]) -> Float64[Tensor, " batch"]:
    """A figure without weights, by the table."""
    module, name, column = FIGURES[measure.metric]
    values = getattr(import_module(f"{_PACKAGE}.{module}"), name)(*images, **measure.options)
    return values if column is None else values[:, column]


def _of_network(measure: Measure, networks: Networks, output: str) -> PictureExtractor:
    name, preset = str(measure.network), str(measure.resize)
    key = _key(measure, f"{name}-{output}", (), {**networks.traits(name), "resize": preset})

    def compute(images: Tensor) -> Entry:
        network = networks.load(name)
        seen = images if network.input_size is None else resize(images, tuple(network.input_size), preset)
        seen = seen.to(networks.device)
        if output == "heads":
            return {f"{HEAD}{head}": found.float() for head, found in network.head_probabilities(seen).items()}
        return {output: getattr(network, output)(seen).float()}

    return PictureExtractor(key, _views(measure), compute)


def patch_size(measure: Measure, networks: Networks) -> int:
    """NIQE's: the measure's own, else the named model's, else the published one."""
    from cyclorama.evaluation.naturalness.niqe import PATCH_SIZE

    model_size = PATCH_SIZE if measure.network is None else networks.load("niqe").patch_size
    return int(measure.options.get("patch_size", model_size))


def _of_niqe(measure: Measure, networks: Networks) -> PictureExtractor:
    """Features and sharpness of the patches; the model comes later, since the real set may be it."""
    from cyclorama.evaluation.naturalness import niqe_patches

    size = patch_size(measure, networks)
    key = _key(measure, "niqe", ("naturalness.niqe", "naturalness.scene_statistics"), {"patch_size": size})
    return PictureExtractor(key, _views(measure), lambda images: niqe_patches(images[None], patch_size=size)._asdict())


def _of_brisque(measure: Measure, networks: Networks) -> PictureExtractor:
    modules = ("naturalness.brisque", "naturalness.scene_statistics")
    key = _key(measure, "brisque", modules, {"network": networks.identify("brisque").sha256})

    def compute(images: Tensor) -> Entry:
        from cyclorama.evaluation.naturalness import brisque

        return {"values": brisque(images, networks.load("brisque"))}

    return PictureExtractor(key, _views(measure), compute)


def _of_judge(measure: Measure, networks: Networks) -> PictureExtractor:
    question = str(measure.options["question"])
    key = _key(measure, "judge", ("networks.judge",), {**networks.traits("judge"), "question": question})

    def compute(images: Tensor) -> Entry:
        from cyclorama.evaluation.networks.judge import QUESTIONS

        return {"values": networks.load("judge").scores(images.to(networks.device), QUESTIONS[question])}

    return PictureExtractor(key, _views(measure), compute)


def _views(measure: Measure) -> Views:
    return Views(measure.views or "equirect", measure.view_size or (1, 1))


def _key(measure: Measure, label: str, modules: tuple[str, ...], parts: Mapping[str, Any]) -> str:
    views = _views(measure)
    facts = {"views": views.name, "version": find_view_set(views.name).version, "size": views.size, **parts}
    sources = ("views", "resizing", *modules)
    return extractor_key(f"{label}-{views.name}", tuple(f"{_PACKAGE}.{name}" for name in sources), **facts)
