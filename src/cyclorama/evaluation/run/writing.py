"""The report's folder: `report.json`, `pictures.csv` and `index.html`, each whole or not at all."""

import shutil
from pathlib import Path

from cyclorama.evaluation.run.evaluate import Evaluation
from cyclorama.evaluation.run.results import PAGE_FILE, REPORT_FILE, TABLE_FILE
from cyclorama.media.atomic import write_text
from cyclorama.media.folders import atomic_folder, check_new_folder

_OURS = {REPORT_FILE, TABLE_FILE, PAGE_FILE}


def write_report(evaluation: Evaluation, folder: str | Path) -> None:
    """Writes a new folder, or replaces the files of an older report one by one; the JSON comes last.

    Raises:
        ValueError: for a folder that holds anything else, or that cannot be made.
    """
    check_report_folder(folder)
    place = Path(folder).resolve()
    if not _holds_files(place):
        with atomic_folder(place) as part:
            _fill(part, evaluation)
        return
    part = place / f".{place.name}.part"
    shutil.rmtree(part, ignore_errors=True)
    try:
        with atomic_folder(part) as filled:
            _fill(filled, evaluation)
        for name in sorted(_OURS, key=lambda name: name == REPORT_FILE):
            (part / name).replace(place / name)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def check_report_folder(folder: str | Path) -> None:
    """Raises `ValueError` unless a report can be written there; costs nothing, so ask before long work."""
    place = Path(folder).resolve()
    if not _holds_files(place):
        check_new_folder(folder)
        return
    others = sorted(path.name for path in place.iterdir() if path.name not in _OURS and not path.name.startswith("."))
    if others or not (place / REPORT_FILE).is_file():
        held = others[0] if others else next(place.iterdir()).name
        raise ValueError(f"cannot write {folder}: it holds {held}, which is no report's; choose another folder")


def _holds_files(place: Path) -> bool:
    return place.is_dir() and any(place.iterdir())


def _fill(folder: Path, evaluation: Evaluation) -> None:
    from cyclorama.evaluation.report.page import write_page

    write_page(evaluation.report, evaluation.table.values(), evaluation.folders, folder / PAGE_FILE)
    write_text(evaluation.table.to_csv(), folder / TABLE_FILE)
    write_text(evaluation.report.to_json(), folder / REPORT_FILE)
