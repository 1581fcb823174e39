"""`cyclorama train`: one recipe, one run folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from cyclorama.cli.console import note


def train(
    recipe: Annotated[str, typer.Argument(help="A recipe's name, or a JSON file of one.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The run's folder: checkpoints, log, samples.")],
    resume: Annotated[Literal["latest", "none"], typer.Option(help="Continue the run, or start anew.")] = "latest",
    overrides: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="Change a field; may be repeated.")
    ] = None,
    num_steps: Annotated[int | None, typer.Option(help="Steps in all.  [default: the recipe's]", min=1)] = None,
    max_minutes: Annotated[float | None, typer.Option(help="Stop with a checkpoint after this time.", min=0)] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1 ...  [default: the best there is]")] = None,
) -> None:
    """Train what a recipe says; stopped at any moment, the same command continues."""
    changes = _parse_overrides(overrides or [])
    if num_steps is not None:
        changes["num_steps"] = num_steps
    from cyclorama.training.recipes import load_recipe, run_recipe

    run = run_recipe(
        load_recipe(recipe, changes),
        output,
        resume="latest" if resume == "latest" else None,
        device=device,
        max_minutes=max_minutes,
    )
    note(f"{output}: {'finished' if run.finished else 'stopped'} after step {run.step}")


def _parse_overrides(overrides: Sequence[str]) -> dict[str, object]:
    pairs = [item.partition("=") for item in overrides]
    bad = [name for name, equals, _ in pairs if not (name and equals)]
    if bad:
        raise ValueError(f"got --set {bad[0]!r}; wanted FIELD=VALUE, such as --set lr=1e-4")
    return {name.strip(): value for name, _, value in pairs}
