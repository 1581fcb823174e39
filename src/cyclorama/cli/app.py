"""The `cyclorama` command: its verbs, and the one place where a fault becomes one line and an exit status."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from cyclorama import __version__
from cyclorama.cli import (
    convert,
    enlarge,
    evaluate,
    generate,
    info,
    inpaint,
    models,
    outpaint,
    refine,
    render,
    train,
    view,
)
from cyclorama.cli.faults import INTERRUPTED, describe_fault

app = typer.Typer(
    name="cyclorama",
    help="360° worlds with diffusion models: from a sentence to a panorama that you can look around in.",
    epilog='Start with: cyclorama generate "a snowy mountain valley at sunset" -o out.jpg',
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
for verb in (generate, outpaint, inpaint, refine, enlarge, convert, view, info, models, train):
    app.command()(getattr(verb, verb.__name__.rpartition(".")[2]))
app.add_typer(render.app)
app.add_typer(evaluate.app)


def _print_version(wanted: bool) -> bool:
    if wanted:
        typer.echo(f"cyclorama {__version__}")
        raise typer.Exit
    return wanted


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command line and exits: 0, 2 for a bad input, 130 after Ctrl-C, 1 for a fault of our own.

    Faults are one line on stderr; with CYCLORAMA_DEBUG=1 the traceback comes first.
    """
    _quiet_libraries()
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """The exit status of one command line."""
    try:
        status = _invoke(list(arguments))
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (`| head`) has what it wanted; Python would complain once more while it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("error: interrupted\n")
        return INTERRUPTED
    except Exception as fault:
        if os.environ.get("CYCLORAMA_DEBUG") == "1":
            sys.excepthook(type(fault), fault, fault.__traceback__)
        line, fault_status = describe_fault(fault)
        sys.stderr.write(f"error: {line}\n")
        return fault_status
    return status


def _invoke(arguments: list[str]) -> int:
    command = typer.main.get_command(app)
    try:
        with command.make_context("cyclorama", arguments) as context:
            command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    return 0


def _quiet_libraries() -> None:
    """Our own words are enough, unless the user asks the libraries to speak."""
    quiet = {"TRANSFORMERS_VERBOSITY": "error", "DIFFUSERS_VERBOSITY": "error", "TOKENIZERS_PARALLELISM": "false"}
    for name, value in quiet.items():
        os.environ.setdefault(name, value)
