"""`cyclorama models`: the known base models and panorama LoRAs."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from cyclorama.cli.console import print_json


def models(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the base models and panorama LoRAs that --model and --lora know by name."""
    from cyclorama.models.table import list_models

    if as_json:
        print_json([asdict(row) | {"page": row.page, "packaged": row.packaged} for row in list_models()])
        return
    _print_rows("Base models (--model)", list_models("base"))
    _print_rows("Panorama LoRAs (--lora)", list_models("lora"))


def _print_rows(title: str, rows: list[Any]) -> None:
    _print_table(title, rows)
    for row in rows:
        typer.echo(f"  {row.name}: {'; '.join(_about(row))}")
    typer.echo()


def _print_table(title: str, rows: list[Any]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for column in ("name", "native size", "memory", "download", "licence"):
        table.add_column(column, overflow="fold")
    for row in rows:
        cells = (row.name, "x".join(map(str, row.native_size)), _gigabytes(row.memory_gb), _gigabytes(row.download_gb))
        table.add_row(*cells, Text(row.licence))  # plain text: a licence holds "[dev]", which is no markup
    Console().print(table)


def _gigabytes(number: float) -> str:
    return f"{number:g} GB" if number else "-"


def _about(row: Any) -> list[str]:
    base = f"made for {row.base}" if row.base else ""
    trigger = f'trigger words "{row.prompt_prefix.strip()}"' if row.prompt_prefix else ""
    return [part for part in (row.note, base, trigger, "" if row.packaged else row.page) if part]
