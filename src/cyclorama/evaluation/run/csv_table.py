"""One row a sample, one column a figure: `set,file,<measure>,...`.

Numbers stand as Python reads them back; a cell without a number is empty.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path

from cyclorama.evaluation.run.results import SetName

_KEYS = ("set", "file")


@dataclass(frozen=True)
class TableRow:
    """The figures of one file, by the measures' names; a figure that could not be computed is absent."""

    set: SetName
    file: str
    values: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class FigureTable:
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]

    def column(self, name: str, of: SetName = "fake") -> dict[str, float]:
        """The figures of one measure by file name."""
        return {row.file: row.values[name] for row in self.rows if row.set == of and name in row.values}

    def values(self) -> dict[str, dict[str, dict[str, float]]]:
        """Set -> measure -> file -> figure."""
        sets: tuple[SetName, ...] = ("fake", "real")
        return {of: {name: self.column(name, of) for name in self.columns} for of in sets}

    def to_csv(self) -> str:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow((*_KEYS, *self.columns))
        for row in self.rows:
            writer.writerow((row.set, row.file, *(_cell(row.values.get(name)) for name in self.columns)))
        return text.getvalue()


def read_table(path: str | Path) -> FigureTable:
    """A table that `to_csv` wrote. `ValueError`: no such file, or another layout."""
    path = Path(path)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            header, *lines = csv.reader(file)
    except (OSError, ValueError, csv.Error) as fault:
        raise ValueError(f"cannot read {path}: it is no table of figures; evaluate again") from fault
    if tuple(header[:2]) != _KEYS:
        raise ValueError(f"{path} begins with {','.join(header[:2])}, wanted {','.join(_KEYS)}; evaluate again")
    return FigureTable(tuple(header[2:]), tuple(_row(line, header[2:], path) for line in lines))


def _row(line: Sequence[str], columns: Sequence[str], path: Path) -> TableRow:
    if len(line) != len(columns) + 2 or line[0] not in ("fake", "real"):
        raise ValueError(f"{path} has a row that does not fit its header: {','.join(line)[:80]}; evaluate again")
    of: SetName = "fake" if line[0] == "fake" else "real"
    return TableRow(of, line[1], {name: float(cell) for name, cell in zip(columns, line[2:], strict=True) if cell})


def _cell(value: float | None) -> str:
    return "" if value is None or not isfinite(value) else repr(float(value))
