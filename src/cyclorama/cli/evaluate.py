"""`cyclorama evaluate`: how good a folder of panoramas, videos or scenes is, as a report; and its sub-verbs."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cyclorama.cli import evaluation_compare, evaluation_list, evaluation_summary, evaluation_training
from cyclorama.cli.console import note, progress_bar
from cyclorama.cli.faults import OUR_FAULT

EPILOG = """Exit status: 0, what was asked for was computed (what is skipped for want of weights or prompts is named);
1, the report was written, but a file or a metric failed; 2, a bad input, and nothing was written.
What can be measured here, and which weights are missing: cyclorama evaluate list"""


class _Group(TyperGroup):
    context_class = typer.Context


app = typer.Typer(
    name="evaluate",
    cls=_Group,
    help="Measure a folder of panoramas, videos or scenes by a named protocol, or compare two reports.",
    epilog=EPILOG,
    invoke_without_command=True,
    subcommand_metavar="[COMMAND]",
)
app.command("compare")(evaluation_compare.compare)
app.command("list")(evaluation_list.list_everything)
app.command("fit-faed")(evaluation_training.fit_faed)
app.command("train-eyes")(evaluation_training.train_eyes)


@app.callback()
def evaluate(
    context: typer.Context,
    fake: Annotated[Path | None, typer.Option(metavar="FOLDER", help="What is measured.")] = None,
    real: Annotated[Path | None, typer.Option(metavar="FOLDER", help="What it is measured against.")] = None,
    no_reference: Annotated[bool, typer.Option("--no-reference", help="Only what needs no real set.")] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FOLDER", help="For the report.")] = None,
    protocol: Annotated[str, typer.Option(metavar="NAME|FILE", help="What is measured, and how.")] = "miniature",
    prompts: Annotated[
        Path | None, typer.Option(metavar="FILE", help=".jsonl, .csv or .txt.  [default: the folder's, or the files']")
    ] = None,
    weights: Annotated[
        list[str] | None, typer.Option(metavar="NAME=PATH", help="A network's weights; may be repeated.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="[default: $CYCLORAMA_CACHE or ~/.cache/cyclorama]")
    ] = None,
    part: Annotated[
        str | None, typer.Option(metavar="K/N", help="Only fill the cache, for every N-th file; no report.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1 ...  [default: the best there is]")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be measured.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report, or the plan, as JSON.")] = False,
) -> None:
    """Measure a folder of panoramas, videos or scenes by a named protocol, or compare two reports."""
    if context.invoked_subcommand is not None:
        return
    from cyclorama.evaluation.run.arguments import check_reference, to_part, to_weights

    if fake is None:
        raise ValueError("got no --fake FOLDER; name what is measured, or see cyclorama evaluate --help")
    check_reference(real, no_reference=no_reference)
    asked: dict[str, Any] = {"real": real, "protocol": protocol, "weights": to_weights(weights or ())}
    asked |= {"cache": cache, "device": device}
    if dry_run:
        evaluation_summary.tell_plan(fake, prompts=prompts, as_json=as_json, **asked)
    elif part is not None:
        _fill_cache(fake, to_part(part), asked)
    else:
        _evaluate(fake, output, as_json, asked | {"prompts": prompts})


def _fill_cache(fake: Path, part: tuple[int, int], asked: dict[str, Any]) -> None:
    from cyclorama.evaluation.run.evaluate import fill_cache

    with progress_bar("measuring") as update:
        tally = fill_cache(fake, part=part, update=update, **asked)
    note(f"part {part[0]}/{part[1]}: {tally.computed} files computed, {tally.from_cache} from the cache")


def _evaluate(fake: Path, output: Path | None, as_json: bool, asked: dict[str, Any]) -> None:
    if output is None:
        raise ValueError("got no -o FOLDER for the report; name one")
    from cyclorama.evaluation.run.evaluate import evaluate
    from cyclorama.evaluation.run.writing import check_report_folder, write_report

    check_report_folder(output)
    with progress_bar("measuring") as update:
        done = evaluate(fake, update=update, **asked)
        write_report(done, output)
    evaluation_summary.tell_report(done, output, as_json=as_json)
    if done.report.failed:
        raise typer.Exit(OUR_FAULT)
