"""`cyclorama evaluate compare`: is the second report better than the first?"""

from pathlib import Path
from typing import Annotated, Any

import typer

from cyclorama.cli.console import print_json, warn


def compare(
    first: Annotated[Path, typer.Argument(metavar="A.json", help="A report.json, or its folder.")],
    second: Annotated[Path, typer.Argument(metavar="B.json", help="The one that is judged against it.")],
    force: Annotated[bool, typer.Option("--force", help="Also with other protocols or networks.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say for every measure how B differs from A: the difference B - A with its 95 % interval, and a verdict."""
    from cyclorama.evaluation.run.comparison import compare

    found = compare(first, second, force=force)
    for text in found.warnings:
        warn(text)
    if as_json:
        print_json(found.to_dict())
        return
    typer.echo(f"{second} ({found.second}) against {first} ({found.first}), protocol {found.protocol}")
    for row in found.rows:
        typer.echo(_line(row))


def _line(row: Any) -> str:
    if row.difference is None:
        return f"{row.name}: not compared: {row.remark}"
    ends = "no interval" if None in (row.low, row.high) else f"[{row.low:+.4g}, {row.high:+.4g}]"
    remark = f" ({row.remark})" if row.remark else ""
    told = row.verdict or "no verdict"
    return f"{row.name}: {row.first:.4g} -> {row.second:.4g}, {row.difference:+.4g} {ends}: {told}{remark}"
