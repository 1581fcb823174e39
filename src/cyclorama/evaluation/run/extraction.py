"""What is computed for one sample at a time, ahead of every statistic: each extractor's tensors, into the cache.

Every thread takes a sample, hashes it, looks it up, reads it and computes what is missing. A sample that cannot be
read, or an extractor that fails on it, is reported and the others go on. What a sample's entry holds depends on
nothing but the sample.
"""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from cyclorama.evaluation.run.feature_cache import Entry, FeatureCache

Update = Callable[[str, int, int], None]
"""Is told what is done, how many, and of how many."""


@runtime_checkable
class Extractor(Protocol):
    """`key` names the extractor with all that its tensors depend on, the sample aside; `by_name`: on its name too."""

    @property
    def key(self) -> str: ...

    @property
    def by_name(self) -> bool: ...

    def extract(self, content: Any) -> Entry:
        """The tensors of a sample's content: a `Panorama`, `Pair`, `Video` or `Scene`."""
        ...


@dataclass(frozen=True)
class Item:
    """One sample to extract from; `open` gives its content for the extractors that lack it.

    Both raise ValueError or OSError where it cannot be read.
    """

    name: str
    digest: Callable[[], str]
    open: Callable[[Sequence[Extractor]], Any]


@dataclass
class Outcome:
    """What became of a sample: its digest, or why it was not read, and why which extractor failed on it.

    `computed`: the cache did not have all of it. What failed is tried again the next time.
    """

    name: str
    digest: str = ""
    fault: str = ""
    failures: dict[str, str] = field(default_factory=dict)
    computed: bool = False

    def entry_digest(self, extractor: Extractor) -> str:
        """Under which digest the extractor's tensors of this sample lie."""
        if not extractor.by_name:
            return self.digest
        return hashlib.sha256(f"{self.digest}\n{self.name}".encode()).hexdigest()


def extract_all(
    items: Sequence[Item],
    extractors: Sequence[Extractor],
    cache: FeatureCache,
    *,
    num_workers: int = 1,
    label: str = "",
    update: Update | None = None,
) -> dict[str, Outcome]:
    """By name what became of every item; the tensors are in the cache."""
    outcomes = {}
    pool = ThreadPoolExecutor(num_workers, "evaluate")
    try:
        for number, outcome in enumerate(pool.map(lambda item: _extract(item, extractors, cache), items), 1):
            outcomes[outcome.name] = outcome
            if update is not None:
                update(f"{label} {outcome.name}".strip(), number, len(items))
    finally:
        pool.shutdown(cancel_futures=True)
    return outcomes


def one_line(fault: BaseException) -> str:
    return " ".join(str(fault).split())[:300] or type(fault).__name__


def _extract(item: Item, extractors: Sequence[Extractor], cache: FeatureCache) -> Outcome:
    outcome = Outcome(item.name)
    try:
        outcome.digest = item.digest()
        missing = [one for one in extractors if cache.read(outcome.entry_digest(one), one.key) is None]
        content = item.open(missing) if missing else None
    except (ValueError, OSError, MemoryError) as fault:
        outcome.fault = one_line(fault)
        return outcome
    for extractor in missing:
        try:
            entry = extractor.extract(content)
        except Exception as fault:  # whatever a figure raises concerns this figure of this sample
            outcome.failures[extractor.key] = one_line(fault)
        else:
            cache.write(outcome.entry_digest(extractor), extractor.key, entry)
            outcome.computed = True
    return outcome
