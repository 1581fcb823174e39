"""What a verb says beside its result, on stderr: progress, notes and warnings. Results go to stdout."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer


@contextmanager
def progress_bar(label: str, total: int) -> Iterator[Callable[[int, str], None]]:
    """A bar on a terminal, nothing elsewhere; call the yielded function with the number done and a new label."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(label, total=total)

        def advance(done: int, label: str) -> None:
            bar.update(task, completed=done, description=label)

        yield advance


def note(text: str) -> None:
    typer.echo(text, err=True)


def warn(text: str) -> None:
    typer.echo(f"warning: {text}", err=True)


def print_json(value: object) -> None:
    """One JSON document on stdout."""
    import json

    typer.echo(json.dumps(value, indent=1, ensure_ascii=False, default=str))
