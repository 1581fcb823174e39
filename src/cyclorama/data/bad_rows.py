"""Rows of a data set that cannot be used: refused at once, or skipped and listed, as the user chose; never silently."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from cyclorama.media.atomic import write_text

OnBadRow = Literal["refuse", "skip"]


class BadRows:
    """What to do with bad rows, and those found so far: one line each that names the file and the line."""

    def __init__(self, on_bad_row: OnBadRow = "refuse") -> None:
        self.on_bad_row = on_bad_row
        self.faults: list[str] = []

    @contextmanager
    def caught(self, where: str = "") -> Iterator[None]:
        """Within the context a `ValueError` means a bad row: raised again ("refuse"), or noted ("skip").

        `where` is put before messages that do not begin with it.
        """
        try:
            yield
        except ValueError as fault:
            text = str(fault)
            named = text if text.startswith(where) else f"{where}: {text}"
            if self.on_bad_row == "refuse":
                raise ValueError(named) from fault
            self.faults.append(named)

    def write(self, path: Path) -> None:
        """The list as a text file, one row a line; no file when there is none, and none is left from before."""
        if self.faults:
            write_text("".join(f"{fault}\n" for fault in self.faults), path)
        else:
            path.unlink(missing_ok=True)
