"""The command's function: from a folder of renders to the weights files of both eyes."""

import json
from pathlib import Path

import torch
from einops import repeat

from cyclorama.data.folder import ImageFolder
from cyclorama.evaluation.eyes_training.augmentation import FINISH
from cyclorama.evaluation.eyes_training.classifier import accuracy, fit_eyes
from cyclorama.evaluation.eyes_training.renders import (
    VIEW_DIRECTIONS,
    Renders,
    Report,
    check_output,
    cut_views,
    diorama_labels,
    open_folder,
    read_panoramas,
    read_targets,
)
from cyclorama.evaluation.networks.eyes import PANORAMA_SIZE, PANORAMA_WEIGHTS, VIEW_WEIGHTS, Eyes, save_eyes

NUM_EPOCHS = 15
NOT_IN_A_VIEW = ("objects",)
"""Heads that the labels of a whole panorama do not answer for one of its views."""


def train_eyes(
    folder: Path, out: Path, *, num_epochs: int = NUM_EPOCHS, seed: int = 0, report: Report | None = None
) -> dict[str, dict[str, float]]:
    """Train the eyes for panoramas and those for views on a folder of renders; the held-out figures of both.

    Writes eyes-panorama.safetensors and eyes-view.safetensors into the folder `out`, with the figures in the metadata:
    "held_out" on renders as they are, "worsened" on the same after the augmentation. An epoch of the views goes through
    a third of them. `report` is told what is done, how far, and of how many.

    Raises:
        ValueError: no folder, no metadata, an unknown label, fewer than 20 pictures, an `out` that cannot be
            written to.
    """
    labels = diorama_labels()
    check_output(out)
    images = open_folder(folder, labels)
    panoramas = Renders(read_panoramas(images, PANORAMA_SIZE, update=report), read_targets(images, labels))
    path = out / PANORAMA_WEIGHTS.name
    figures = {path.stem: _train(panoramas, path, wraps=True, num_epochs=num_epochs, seed=seed, report=report)}
    del panoramas
    path = out / VIEW_WEIGHTS.name
    views = read_views(images, seed=seed, report=report)
    return figures | {path.stem: _train(views, path, wraps=False, num_epochs=num_epochs, seed=seed, report=report)}


def read_views(images: ImageFolder, *, seed: int = 0, report: Report | None = None) -> Renders:
    """The six faces of every panorama with the labels of the panorama that a view can tell."""
    labels = {head: names for head, names in diorama_labels().items() if head not in NOT_IN_A_VIEW}
    targets = read_targets(images, labels)
    each = {head: repeat(rows, "n k -> (n v) k", v=len(VIEW_DIRECTIONS)) for head, rows in targets.items()}
    return Renders(cut_views(images, seed=seed, update=report), each)


def _train(
    renders: Renders, path: Path, *, wraps: bool, num_epochs: int, seed: int, report: Report | None
) -> dict[str, float]:
    views_each = 1 if wraps else len(VIEW_DIRECTIONS)
    seen, unseen = renders.split(views_each=views_each)
    labels = {head: names for head, names in diorama_labels().items() if head in renders.targets} | {"finish": FINISH}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        eyes = Eyes(labels, wraps=wraps)
    num_each_epoch = len(seen) if wraps else len(seen) // 3
    fit_eyes(eyes, seen, num_epochs=num_epochs, num_each_epoch=num_each_epoch, seed=seed, report=report)
    held_out, worsened = accuracy(eyes, unseen), accuracy(eyes, unseen, worsened=True)
    facts = {"num": len(renders), "num_held_out": len(unseen), "num_epochs": num_epochs, "seed": seed}
    save_eyes(eyes, path, metadata={"training": json.dumps(facts | {"held_out": held_out, "worsened": worsened})})
    return held_out
