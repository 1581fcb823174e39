"""Stages that run ahead."""

import threading
import time

from cyclorama.media.prefetching import prefetched


def test_prefetching_keeps_order_and_bounds_what_waits():
    made = []

    def items():
        for number in range(20):
            made.append(number)
            yield number

    for number in prefetched(items(), depth=2):
        time.sleep(0.002)
        assert len(made) <= number + 5
    assert made == list(range(20))


def test_prefetching_stops_when_nobody_listens():
    closed = threading.Event()

    def items():
        try:
            while True:
                yield 1
        finally:
            closed.set()

    stream = prefetched(items())
    next(stream)
    stream.close()
    assert closed.is_set()
