"""Scenes rendered by one process or several, each with one thread, so that the bytes are the same."""

import multiprocessing
import shutil
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from cyclorama.diorama.datasets.kinds import Kind, Row
from cyclorama.diorama.scene import Scene


@dataclass(frozen=True)
class Job:
    """A scene that is rendered into a folder of its own, on a device of torch."""

    scene: Scene
    kind: Kind
    folder: Path
    device: str = "cpu"


def rendered_scenes(jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, list[Row]]]:
    """The jobs, in their order, with the rows of what they wrote. What a job raises ends all."""
    workers = min(workers, len(jobs))
    yield from _here(jobs) if workers <= 1 else _elsewhere(jobs, workers)


def _here(jobs: Sequence[Job]) -> Iterator[tuple[Job, list[Row]]]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for job in jobs:
            yield job, _render(job)
    finally:
        torch.set_num_threads(threads)


def _elsewhere(jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, list[Row]]]:
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=fresh, initializer=_begin) as pool:
        try:
            with _without_interrupts():
                results = pool.map(_render, jobs)
            yield from zip(jobs, results, strict=True)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ctrl-C waits, and for ever in processes that are begun meanwhile: it is their parent's to answer."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """One thread a process, and no Ctrl-C where it could not be blocked."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _render(job: Job) -> list[Row]:
    shutil.rmtree(job.folder, ignore_errors=True)  # of a run that was killed
    job.folder.mkdir(parents=True)
    return job.kind.write(job.scene, job.folder, job.device)
