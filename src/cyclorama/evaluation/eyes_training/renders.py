"""Renders as training data: pictures in memory as uint8 and what each of them shows, as one row per head.

Targets are probabilities of the labels: one-hot where a head names one label, ones and zeros where it names several.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn.functional import interpolate

from cyclorama import diorama
from cyclorama.data.folder import CaptionedImage, ImageFolder
from cyclorama.evaluation.networks.eyes import SEVERAL, VIEW_SIZE
from cyclorama.geometry.cubemap import FACES
from cyclorama.geometry.reprojection import equirect_to_perspective

HELD_OUT = 0.1
FEWEST = 20
VIEW_DIRECTIONS = ((0, 0), (90, 0), (180, 0), (-90, 0), (0, 90), (0, -90))
"""(yaw, pitch) in degrees of the views: the faces of a cube, whose order is FACES."""

Report = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True)
class Renders:
    """Pictures of one size as uint8 and, for every head, the probability of each of its labels."""

    images: UInt8[Tensor, "num 3 height width"]
    targets: dict[str, Float[Tensor, "num _"]]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, rows: slice | Tensor) -> "Renders":
        return Renders(self.images[rows], {head: target[rows] for head, target in self.targets.items()})

    def split(self, *, views_each: int = 1) -> tuple["Renders", "Renders"]:
        """The first nine tenths, and the last tenth that no training sees; views of one panorama stay together."""
        num = views_each * num_seen(len(self) // views_each)
        return self[:num], self[num:]


def diorama_labels() -> dict[str, tuple[str, ...]]:
    """What the diorama can show: the labels of every head."""
    return {
        "place": tuple(diorama.PLACES),
        "time": tuple(diorama.TIMES),
        "sky": tuple(diorama.SKIES),
        "objects": tuple(diorama.OBJECTS),
    }


def num_seen(num: int) -> int:
    """How many of `num` panoramas, the first ones, the training sees."""
    return num - max(1, round(HELD_OUT * num))


def open_folder(folder: Path, labels: Mapping[str, Sequence[str]]) -> ImageFolder:
    """The panoramas of a folder, every one with a known label for each head.

    Raises:
        ValueError: no folder, no metadata, an unreadable picture, a view among the panoramas, a missing or unknown
            label, fewer than 20 pictures.
    """
    images = ImageFolder(folder)
    if len(images) < FEWEST:
        raise ValueError(f"got {len(images)} pictures in {folder}, wanted at least {FEWEST}; render more of them")
    for item in images:
        _check_labels(item, labels)
    return images


def check_output(folder: Path) -> None:
    """Raises `ValueError` unless files can be written into a folder, which need not exist yet; ask before long work."""
    place = folder.resolve()
    nearest = next(path for path in (place, *place.parents) if path.exists())
    if not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)):
        raise ValueError(f"cannot write into {folder}: {nearest} is no folder to write into; choose another output")


def read_panoramas(images: ImageFolder, size: tuple[int, int], *, update: Report | None = None) -> Tensor:
    """Every panorama as uint8 [num, 3, height, width], reduced (or enlarged) by area."""
    read = torch.empty(len(images), 3, *size, dtype=torch.uint8)
    for number, item in enumerate(images):
        read[number] = to_levels(interpolate(item.read()[None], size, mode="area")[0])
        _tell(update, "reading", number + 1, len(images))
    return read


def cut_views(images: ImageFolder, *, seed: int = 0, update: Report | None = None) -> Tensor:
    """The six faces of every panorama as uint8 [num * 6, 3, 64, 64], turned by a yaw drawn for each."""
    generator = torch.Generator().manual_seed(seed)
    cut = torch.empty(len(images), len(FACES), 3, *VIEW_SIZE, dtype=torch.uint8)
    for number, item in enumerate(images):
        panorama = item.read()
        turned = panorama.roll(int(torch.randint(panorama.shape[-1], (), generator=generator)), -1).contiguous()
        for view, (yaw_deg, pitch_deg) in enumerate(VIEW_DIRECTIONS):
            face = equirect_to_perspective(turned, *VIEW_SIZE, 90, yaw_deg=yaw_deg, pitch_deg=pitch_deg)
            cut[number, view] = to_levels(face)
        _tell(update, "cutting views", number + 1, len(images))
    return cut.flatten(0, 1)


def read_targets(images: ImageFolder, labels: Mapping[str, Sequence[str]]) -> dict[str, Float[Tensor, "num _"]]:
    """For every head a row of ones and zeros per picture."""
    shown = {head: [_names(item, head) for item in images] for head in labels}
    return {
        head: torch.tensor([[float(name in row) for name in names] for row in shown[head]])
        for head, names in labels.items()
    }


def to_levels(image: Float[Tensor, "*batch 3 height width"]) -> UInt8[Tensor, "*batch 3 height width"]:
    """8-bit levels of pictures in [0, 1]."""
    return (image.clamp(0, 1) * 255).round().byte()


def _names(item: CaptionedImage, head: str) -> tuple[str, ...]:
    value = item.labels[head]
    return (value,) if isinstance(value, str) else tuple(value)


def _check_labels(item: CaptionedImage, labels: Mapping[str, Sequence[str]]) -> None:
    if item.projection != "equirect":
        raise ValueError(f"got the {item.projection} picture {item.path}, wanted panoramas; render them as equirect")
    for head, names in labels.items():
        if head not in item.labels:
            raise ValueError(f"got no {head} of {item.path} in the metadata; make the folder with `cyclorama render`")
        named = _names(item, head)
        if head not in SEVERAL and len(named) != 1:
            raise ValueError(f"got {len(named)} labels as the {head} of {item.path}, wanted one; render it anew")
        if unknown := sorted(set(named) - set(names)):
            raise ValueError(
                f"got the {head} {', '.join(unknown)} of {item.path}, wanted labels among {', '.join(names)}; "
                "render the folder anew"
            )


def _tell(update: Report | None, what: str, done: int, total: int) -> None:
    if update and (done % 100 == 0 or done == total):
        update(what, done, total)
