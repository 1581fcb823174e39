"""What a verb says beside its result, on stderr: progress, notes and warnings. Results go to stdout."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on a terminal, nothing elsewhere; call the yielded function with (label, done, total)."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(label, total=None)

        def update(label: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, description=label)

        yield update


def note(text: str) -> None:
    print(text, file=sys.stderr)  # typer.echo would write through a running bar


def warn(text: str) -> None:
    note(f"warning: {text}")


def print_json(value: object) -> None:
    """One JSON document on stdout."""
    import json

    typer.echo(json.dumps(value, indent=1, ensure_ascii=False, default=str))
