"""Folders of pictures and videos: every file converted on its own, under the same name, on all cores.

A file appears whole or not at all, so what is there is finished: the same command continues where it was stopped.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

from cyclorama.geometry.kernel import num_cores
from cyclorama.media.atomic import check_folder
from cyclorama.media.conversion import Conversion, Converted, convert_picture
from cyclorama.media.encoding import VIDEO_FORMATS
from cyclorama.media.formats import WRITTEN
from cyclorama.media.outputs import FORMATS
from cyclorama.media.video_conversion import Progress, convert_video

PICTURES = {*FORMATS, ".gif", ".bmp", ".ppm", ".jp2", ".qoi", ".psd", ".tga", ".hdr"}
VIDEOS = {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mpg", ".mpeg", ".wmv", ".flv"}


@dataclass(frozen=True)
class FolderReport:
    """What was converted, the outputs that were there already, and the fault of each file that was not converted."""

    converted: list[Converted] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def convert_folder(
    folder: str | Path,
    output: str | Path,
    conversion: Conversion,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
    on_fault: Callable[[str], None] | None = None,
) -> FolderReport:
    """Converts the pictures and videos below `folder` into the folder `output`, which may be new.

    Files that `output` has already are left alone unless `overwrite`. A file that cannot be converted is reported with
    one line to `on_fault`, and the others go on. `ValueError`: an output that is no other folder, nothing to convert.
    """
    folder, output = Path(folder), Path(output)
    jobs = _jobs(folder, output)
    report, stop = FolderReport(), Event()
    if not overwrite:
        report.skipped.extend(str(target) for _, target in jobs if target.exists())
        jobs = [(path, target) for path, target in jobs if not target.exists()]
    with ThreadPoolExecutor(num_cores()) as pool:
        running = {pool.submit(_convert, path, target, conversion, stop): path for path, target in jobs}
        try:
            for number, done in enumerate(as_completed(running)):
                _note(done, running[done], report, on_fault)
                if progress is not None:
                    progress(running[done].name, number + 1, len(jobs))
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
    return report


def _convert(path: Path, target: Path, conversion: Conversion, stop: Event) -> Converted:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix.lower() in VIDEO_FORMATS:
        return convert_video(path, target, conversion, stop=stop)
    return convert_picture(path, target, _fitting(conversion, target))


def _note(done: "Future[Converted]", path: Path, report: FolderReport, on_fault: Callable[[str], None] | None) -> None:
    try:
        report.converted.append(done.result())
    except (ValueError, OSError, MemoryError) as fault:
        line = " ".join(str(fault).split()) or type(fault).__name__
        report.failed[str(path)] = line if str(path) in line else f"{path}: {line}"
        if on_fault is not None:
            on_fault(report.failed[str(path)])


def _jobs(folder: Path, output: Path) -> list[tuple[Path, Path]]:
    """(file, its output), sorted. `ValueError` where there are none, or nothing can be written."""
    if not output.is_dir() and (output.exists() or output.suffix.lower() in VIDEO_FORMATS):
        raise ValueError(f"cannot write {output}: it is a file's name; a folder of pictures goes into a folder")
    if output.exists() and output.samefile(folder):
        raise ValueError(f"got the folder {folder} as input and output; give another output")
    check_folder(output / "file" if output.exists() else output)
    jobs = [(path, _target(output / path.relative_to(folder))) for path in _files(folder, output)]
    if not jobs:
        raise ValueError(f"{folder} holds no pictures and no videos")
    return jobs


def _files(folder: Path, output: Path) -> Iterator[Path]:
    """Pictures and videos by their extension; nothing hidden, nothing of the output."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name[0] != "." and Path(place, name).resolve() != output.resolve()
        )
        paths = (Path(place, name) for name in sorted(names) if name[0] != ".")
        yield from (path for path in paths if path.suffix.lower() in PICTURES | VIDEOS)


def _target(path: Path) -> Path:
    """The same name; where such files are not written, with a further extension."""
    suffix = path.suffix.lower()
    if suffix in FORMATS or suffix in VIDEO_FORMATS:
        return path
    return path.with_name(path.name + (".mp4" if suffix in VIDEOS else ".tif" if suffix == ".hdr" else ".png"))


def _fitting(conversion: Conversion, target: Path) -> Conversion:
    """A quality is for the formats that have one."""
    lossy = WRITTEN[FORMATS[target.suffix.lower()]].lossy
    return conversion if lossy else replace(conversion, quality=None)
