"""The networks that measures may name: how each is found, loaded and identified. One row is one network.

A network is a module in evaluation mode. Most describe images (`FeatureNetwork`); `lpips-*` have `distance` of pairs,
`i3d` describes clips, `judge` has `scores`; `brisque` and `niqe` are models of scene statistics.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor

from cyclorama.evaluation.naturalness import load_brisque, load_niqe
from cyclorama.evaluation.networks import (
    clip,
    dino,
    eyes,
    faed,
    i3d,
    inception,
    judge,
    lpips,
    naturalness_models,
    places,
)
from cyclorama.evaluation.networks.model_folders import ModelFolder, find_folder, sha256_of_folder
from cyclorama.evaluation.networks.weights import MissingWeights, WeightsFile, find_weights, sha256_of

PACKAGED_FAED = eyes.WEIGHTS_FOLDER / "faed-mini.safetensors"


@runtime_checkable
class FeatureNetwork(Protocol):
    """What measures ask of a network of images.

    `input_size` is (height, width), None for any; `wraps` is true of networks made for whole panoramas. Networks that
    classify have `probabilities(images)` too, CLIP `text_features(prompts)`, the eyes `head_probabilities(images)`.
    """

    wraps: bool

    @property
    def input_size(self) -> tuple[int, int] | None: ...

    @property
    def num_features(self) -> int: ...

    def features(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch features"]:
        """Features of images in [0, 1] of the input size; the network does its own normalisation."""
        ...


@dataclass(frozen=True)
class NetworkRow:
    """`find` gives the weights' paths (`MissingWeights` where there are none), `load` the module of these paths.

    `files` are what is published, for messages; () of a network that comes with the package.
    """

    name: str
    about: str
    find: Callable[[Path | None], tuple[Path, ...]]
    load: Callable[..., Any]
    files: tuple[WeightsFile | ModelFolder, ...] = ()

    def identify(self, paths: tuple[Path, ...]) -> str:
        """The SHA-256 of a file; of a folder or of several paths one of their digests."""
        digests = [sha256_of_folder(path) if path.is_dir() else sha256_of(path) for path in paths]
        return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()

    def is_published(self, digest: str) -> bool:
        """False where the published digest is known and is another."""
        known = [file for file in self.files if isinstance(file, WeightsFile)]
        return len(known) != 1 or known[0].is_published(digest)


def network_row(name: str) -> NetworkRow:
    """The row of a name. `ValueError` lists the names."""
    if name not in NETWORKS:
        raise ValueError(f"got the network {name!r}, wanted one of {', '.join(NETWORKS)}")
    return NETWORKS[name]


def _file(wanted: WeightsFile, load: Callable[..., Any], about: str) -> NetworkRow:
    return NetworkRow(wanted.name, about, lambda path: (find_weights(wanted, path=path),), load, (wanted,))


def _folder(wanted: ModelFolder, load: Callable[..., Any], about: str) -> NetworkRow:
    find = partial(_find_folder, wanted)
    return NetworkRow(wanted.name, about, find, partial(load, wanted=wanted), (wanted,))


def _find_folder(wanted: ModelFolder, path: Path | None) -> tuple[Path, ...]:
    return (find_folder(wanted, path=path),)


def _packaged(name: str, packaged: Path, load: Callable[..., Any], about: str) -> NetworkRow:
    return NetworkRow(name, about, partial(_find_packaged, name, packaged), load)


def _find_packaged(name: str, packaged: Path, path: Path | None) -> tuple[Path, ...]:
    place = packaged if path is None else path.expanduser()
    if not place.is_file():
        do = "install cyclorama again" if path is None else "name another file"
        raise MissingWeights(f"got no weights of {name} at {place.name}; {do}")
    return (place,)


def _lpips(backbone: lpips.Backbone, about: str) -> NetworkRow:
    files = (lpips.BACKBONE_WEIGHTS[backbone], lpips.HEAD_WEIGHTS[backbone])

    def load(path: Path, heads: Path | None = None) -> lpips.Lpips:
        return lpips.load_lpips(path, heads=heads, backbone=backbone)

    return NetworkRow(files[0].name, about, partial(_find_lpips, files), load, files)


def _find_lpips(files: tuple[WeightsFile, WeightsFile], path: Path | None) -> tuple[Path, ...]:
    """The backbone and its heads; a named file may hold both."""
    backbone, heads = files
    found = find_weights(backbone, path=path)
    try:
        return (found, find_weights(heads))
    except MissingWeights:
        if path is None:
            raise
        return (found,)


def _find_judge(path: Path | None) -> tuple[Path, ...]:
    return _find_folder(judge.judge_folder(), path)


# of four rows the published weights would lose two
_load_faed_mini = partial(faed.load_faed, row_weights="pixel-centre")
_ROWS = (
    _packaged("eyes-panorama", eyes.PANORAMA_WEIGHTS, eyes.load_eyes_panorama, "the miniature's eyes for panoramas"),
    _packaged("eyes-view", eyes.VIEW_WEIGHTS, eyes.load_eyes_view, "the miniature's eyes for views"),
    _packaged("faed-mini", PACKAGED_FAED, _load_faed_mini, "a small auto-encoder of diorama panoramas"),
    _file(inception.WEIGHTS, inception.load_inception, "Inception v3 of the FID"),
    _file(faed.WEIGHTS, faed.load_faed, "PanFusion's auto-encoder of panoramas"),
    _folder(clip.CLIP_L14_336, clip.load_clip, "CLIP ViT-L/14 at 336 pixels"),
    _folder(clip.CLIP_B16, clip.load_clip, "CLIP ViT-B/16"),
    _folder(dino.DINO_L14, dino.load_dino, "DINOv2 ViT-L/14"),
    _file(places.PLACES_RESNET18, places.load_places, "ResNet-18 on Places365"),
    _file(places.PLACES_RESNET50, places.load_places, "ResNet-50 on Places365"),
    _lpips("alex", "LPIPS on AlexNet"),
    _lpips("vgg", "LPIPS on VGG16"),
    _file(i3d.WEIGHTS, i3d.load_i3d, "I3D of the FVD"),
    NetworkRow("judge", "a vision-language model of your choice", _find_judge, judge.load_judge),
    NetworkRow("brisque", "BRISQUE's regression of people's ratings", naturalness_models.find_brisque, load_brisque),
    NetworkRow("niqe", "NIQE's natural pictures", naturalness_models.find_niqe, load_niqe),
)
NETWORKS: dict[str, NetworkRow] = {row.name: row for row in _ROWS}
