"""Work ahead: an iterable runs in a thread of its own, a few items before they are wanted.

Decoding, look-ups and encoding release the interpreter's lock, so a chain of prefetched stages fills the cores.
"""

import threading
from collections.abc import Generator, Iterable
from queue import Full, Queue
from typing import Any, TypeVar

Item = TypeVar("Item")

_END = object()
_POLL_S = 0.1


def prefetched(items: Iterable[Item], *, depth: int = 3) -> Generator[Item]:
    """The same items in the same order, at most `depth` of them waiting; faults appear where the items do.

    Leaving early (`close`, or an exception in the loop) ends the thread and closes `items`.
    """
    queue: Queue[tuple[Any, BaseException | None]] = Queue(depth)
    stop = threading.Event()
    thread = threading.Thread(target=_fill, args=(items, queue, stop), name="prefetched", daemon=True)
    thread.start()
    try:
        while True:
            item, fault = queue.get()
            if fault is not None:
                raise fault
            if item is _END:
                return
            yield item
            del item
    finally:
        stop.set()
        thread.join()


def _fill(items: Iterable[Any], queue: Queue[Any], stop: threading.Event) -> None:
    iterator = iter(())
    try:
        iterator = iter(items)
        for item in iterator:
            if not _put(queue, (item, None), stop):
                return
        _put(queue, (_END, None), stop)
    except BaseException as fault:
        _put(queue, (None, fault), stop)
    finally:
        if isinstance(iterator, Generator):
            iterator.close()


def _put(queue: Queue[Any], entry: tuple[Any, BaseException | None], stop: threading.Event) -> bool:
    """False where nobody wants the entry any more."""
    while not stop.is_set():
        try:
            queue.put(entry, timeout=_POLL_S)
            return True
        except Full:
            continue
    return False
