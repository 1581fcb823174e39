"""`cyclorama evaluate list`: protocols, metrics and networks, and what can run on this machine."""

from typing import Annotated, Any

import typer

from cyclorama.cli.console import print_json


def list_everything(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List protocols with their hashes, metrics, and networks with the weights that are missing."""
    from cyclorama.evaluation.run.listing import list_everything

    found = list_everything()
    if as_json:
        print_json(found)
        return
    typer.echo("Protocols (--protocol)")
    for row in found["protocols"]:
        typer.echo(f"  {row['name']} {row['version']} ({row['hash']}), samples: {row['samples']}. {row['title']}")
        typer.echo(f"    {_measures(row['measures'])}")
    typer.echo("\nMetrics (in a protocol of your own)")
    for row in found["metrics"]:
        typer.echo(f"  {row['name']} ({row['kind']}, {row['direction']}): {row['about']}")
    typer.echo("\nNetworks (--weights NAME=PATH)")
    for row in found["networks"]:
        here = f"here ({', '.join(row['found'])})" if row["here"] else f"missing: {row['reason']}"
        typer.echo(f"  {row['name']}: {row['about']}; {here}")


def _measures(rows: list[dict[str, Any]]) -> str:
    ready = [row["name"] for row in rows if not row["missing"]]
    waiting = [f"{row['name']} ({row['missing'][0]})" for row in rows if row["missing"]]
    told = f"run here: {', '.join(ready) or 'none'}"
    return f"{told}; weights are missing of {', '.join(waiting)}" if waiting else told
