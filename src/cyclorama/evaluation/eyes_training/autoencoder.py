"""Fitting the small auto-encoder of FAED-mini: panoramas of 128x256 through a code of 32x4x8 and back."""

import json
from pathlib import Path

import torch
from torch import Tensor

from cyclorama.evaluation.eyes_training.augmentation import turn
from cyclorama.evaluation.eyes_training.fitting import fit
from cyclorama.evaluation.eyes_training.renders import Report, check_output, num_seen, open_folder, read_panoramas
from cyclorama.evaluation.networks.faed import Faed, FaedConfig, save_faed

FAED_FILE = "faed-mini.safetensors"
FAED_MINI = FaedConfig(input_size=(128, 256), widths=(8, 12, 24, 40, 64, 32), kernels=(1, 3, 3, 3, 3))
NUM_EPOCHS, BATCH_SIZE, PEAK_RATE = 5, 16, 4e-3


def fit_faed(
    folder: Path,
    out: Path,
    *,
    num_epochs: int = NUM_EPOCHS,
    seed: int = 0,
    config: FaedConfig = FAED_MINI,
    report: Report | None = None,
) -> float:
    """Fit an auto-encoder to the panoramas of a folder; its held-out mean absolute error on a scale of 0 to 1.

    Writes faed-mini.safetensors, weights as float16, into the folder `out`. The pictures need no labels.

    Raises:
        ValueError: no folder, no metadata, an unreadable picture, fewer than 20 pictures, an `out` that cannot be
            written to.
    """
    check_output(out)
    images = open_folder(folder, {})
    panoramas = read_panoramas(images, config.input_size, update=report)
    seen, unseen = panoramas[: num_seen(len(panoramas))], panoramas[num_seen(len(panoramas)) :]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = Faed(config)
    fit_autoencoder(network, seen, num_epochs=num_epochs, seed=seed, report=report)
    error = reconstruction_error(network, unseen)
    facts = {"num": len(images), "num_held_out": len(unseen), "num_epochs": num_epochs, "seed": seed}
    out.mkdir(parents=True, exist_ok=True)
    save_faed(network.half(), out / FAED_FILE, metadata={"training": json.dumps(facts | {"held_out_l1": error})})
    return error


def fit_autoencoder(
    network: Faed,
    panoramas: Tensor,
    *,
    num_epochs: int,
    seed: int = 0,
    batch_size: int = BATCH_SIZE,
    report: Report | None = None,
) -> None:
    """Fit to panoramas, uint8 [num, 3, height, width], by the mean absolute difference (Adam, one cycle).

    Every picture is turned by whole pixels and mirrored or not, as the seed says. Convolutions run in bfloat16.
    """
    generator = torch.Generator().manual_seed(seed)

    def loss_of(rows: Tensor) -> Tensor:
        images = turn(panoramas[rows].float() / 127.5 - 1, wraps=True, generator=generator)
        with torch.autocast(images.device.type, torch.bfloat16):
            again = network(images)
        return (again.float() - images).abs().mean()

    network.train()
    fit(
        loss_of,
        torch.optim.Adam(network.parameters()),
        num=len(panoramas),
        num_epochs=num_epochs,
        num_each_epoch=len(panoramas),
        batch_size=batch_size,
        peak_rate=PEAK_RATE,
        warm_up=0.1,
        generator=generator,
        report=report,
    )
    network.eval()


@torch.no_grad()
def reconstruction_error(network: Faed, panoramas: Tensor) -> float:
    """Mean absolute error of panoramas, uint8, on a scale of 0 to 1."""
    errors = [_error(network, part.float() / 127.5 - 1) for part in panoramas.split(BATCH_SIZE)]
    return torch.cat(errors).double().mean().item()


def _error(network: Faed, images: Tensor) -> Tensor:
    return (network(images) - images).abs().mean((1, 2, 3)) / 2
