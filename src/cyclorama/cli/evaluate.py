"""`cyclorama evaluate`: how good a folder of panoramas, videos or scenes is, as a report; and its sub-verbs."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cyclorama.cli import evaluation_compare, evaluation_list, evaluation_training
from cyclorama.cli.console import note, print_json, progress_bar, warn

EPILOG = """Exit status: 0, all that was asked for was computed (what is skipped for want of weights, prompts or a real
set is named); 1, the report was written, but a file or a metric failed; 2, a bad input, and nothing was written.
`cyclorama evaluate list` shows protocols, metrics and which weights are missing."""

app = typer.Typer(
    name="evaluate",
    help="Measure folders of panoramas, videos or scenes by a named protocol, and compare reports.",
    epilog=EPILOG,
    invoke_without_command=True,
    rich_markup_mode=None,
)
app.command("compare")(evaluation_compare.compare)
app.command("list")(evaluation_list.list_measures)
app.command("fit-faed")(evaluation_training.fit_faed)
app.command("train-eyes")(evaluation_training.train_eyes)


@app.callback()
def evaluate(
    context: typer.Context,
    fake: Annotated[Path | None, typer.Option(metavar="FOLDER", help="What is measured.")] = None,
    real: Annotated[Path | None, typer.Option(metavar="FOLDER", help="What it is measured against.")] = None,
    no_reference: Annotated[bool, typer.Option("--no-reference", help="Only what needs no real set.")] = False,
    prompts: Annotated[
        Path | None, typer.Option(metavar="FILE", help=".jsonl, .csv or .txt.  [default: metadata.jsonl, or the file's]")
    ] = None,
    protocol: Annotated[str, typer.Option(metavar="NAME|FILE", help="What is measured, and how.")] = "miniature",
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FOLDER", help="For the report.")] = None,
    weights: Annotated[
        list[str] | None, typer.Option(metavar="NAME=PATH", help="A network's weights; may be repeated.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="[default: $CYCLORAMA_CACHE, or ~/.cache/cyclorama]")
    ] = None,
    part: Annotated[str | None, typer.Option(metavar="K/N", help="Fill the cache for every N-th file; no report.")] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1 ...  [default: the best there is]")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be computed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report's JSON.")] = False,
) -> None:
    """Measure a folder against another: --real A --fake B -o REPORT, or --no-reference --fake B -o REPORT."""
    if context.invoked_subcommand is not None:
        return
    from cyclorama.evaluation.run.request import to_request

    asked = to_request(
        fake, real, no_reference=no_reference, prompts=prompts, protocol=protocol, output=output, weights=weights or (),
        cache=cache, part=part, device=device, dry_run=dry_run,
    )  # fmt: skip
    if dry_run:
        return _tell_plan(asked, as_json=as_json)
    with progress_bar("measuring") as update:
        done = asked.run(update)
    note(f"{done.computed} files computed, {done.from_cache} from the cache")
    if done.report is not None:
        _tell_report(done, output, as_json=as_json)
    return None
