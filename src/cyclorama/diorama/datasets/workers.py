"""Scenes rendered by one process or several, each with one thread, so that the bytes are the same."""

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch

from cyclorama.diorama.datasets.kinds import Kind, Row
from cyclorama.diorama.scene import Scene


@dataclass(frozen=True)
class Job:
    """A scene that is rendered into a folder of its own."""

    scene: Scene
    kind: Kind
    folder: Path


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
            yield from zip(jobs, pool.map(_render, jobs), strict=True)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _begin() -> None:
    """One thread a process; Ctrl-C is the parent's to answer."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _render(job: Job) -> list[Row]:
    job.folder.mkdir(parents=True)
    return job.kind.write(job.scene, job.folder)
