"""`cyclorama evaluate fit-faed` and `train-eyes`: networks of your own from a folder of panoramas."""

from pathlib import Path
from typing import Annotated

import typer

from cyclorama.cli.console import note, progress_bar


def fit_faed(
    folder: Annotated[Path, typer.Argument(help="Panoramas with a metadata.jsonl.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="For faed-mini.safetensors.")],
    num_epochs: Annotated[int | None, typer.Option(min=1)] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Fit a small auto-encoder of panoramas; use it with --weights faed-mini=FOLDER/faed-mini.safetensors."""
    from cyclorama.evaluation.eyes_training.autoencoder import NUM_EPOCHS, fit_faed

    with progress_bar("fitting") as update:
        error = fit_faed(folder, output, num_epochs=num_epochs or NUM_EPOCHS, seed=seed, report=update)
    note(f"{output / 'faed-mini.safetensors'}: mean absolute error {error:.4f} on the held-out tenth")


def train_eyes(
    folder: Annotated[Path, typer.Argument(help="Panoramas by cyclorama render, with their metadata.jsonl.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="For both weights files.")],
    num_epochs: Annotated[int | None, typer.Option(min=1)] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Train the miniature's eyes for panoramas and for views; use them with --weights eyes-panorama=FILE."""
    from cyclorama.evaluation.eyes_training.train import NUM_EPOCHS, train_eyes

    with progress_bar("training") as update:
        figures = train_eyes(folder, output, num_epochs=num_epochs or NUM_EPOCHS, seed=seed, report=update)
    for name, found in figures.items():
        note(f"{name}: {', '.join(f'{head} {value:.3g}' for head, value in found.items())}")
