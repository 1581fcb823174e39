"""What is computed for one sample at a time, ahead of every statistic: each extractor's tensors, into the cache.

Samples are hashed, looked up and read in a thread of their own. A sample that cannot be read, or an extractor that
fails on it, is reported and the others go on. What a sample's entry holds depends on nothing but the sample.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from cyclorama.evaluation.run.feature_cache import Entry, FeatureCache
from cyclorama.media.prefetching import prefetched

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


@dataclass(frozen=True)
class _Opened:
    outcome: Outcome
    missing: Sequence[Extractor]
    content: Any


def extract_all(
    items: Sequence[Item],
    extractors: Sequence[Extractor],
    cache: FeatureCache,
    *,
    label: str = "",
    update: Update | None = None,
) -> dict[str, Outcome]:
    """By name what became of every item; the tensors are in the cache."""
    outcomes = {}
    with closing(prefetched(_opened(items, extractors, cache), depth=1)) as stream:
        for number, opened in enumerate(stream, 1):
            for extractor in opened.missing:
                _extract(opened, extractor, cache)
            outcomes[opened.outcome.name] = opened.outcome
            if update is not None:
                update(f"{label} {opened.outcome.name}".strip(), number, len(items))
    return outcomes


def one_line(fault: BaseException) -> str:
    return " ".join(str(fault).split())[:300] or type(fault).__name__


def _opened(items: Sequence[Item], extractors: Sequence[Extractor], cache: FeatureCache) -> Iterator[_Opened]:
    return (_open(item, extractors, cache) for item in items)


def _open(item: Item, extractors: Sequence[Extractor], cache: FeatureCache) -> _Opened:
    outcome = Outcome(item.name)
    try:
        outcome.digest = item.digest()
        missing = [one for one in extractors if cache.read(outcome.entry_digest(one), one.key) is None]
        content = item.open(missing) if missing else None
    except (ValueError, OSError, MemoryError) as fault:
        outcome.fault = one_line(fault)
        return _Opened(outcome, (), None)
    return _Opened(outcome, missing, content)


def _extract(opened: _Opened, extractor: Extractor, cache: FeatureCache) -> None:
    try:
        entry = extractor.extract(opened.content)
    except Exception as fault:  # whatever a figure raises concerns this figure of this sample
        opened.outcome.failures[extractor.key] = one_line(fault)
    else:
        cache.write(opened.outcome.entry_digest(extractor), extractor.key, entry)
        opened.outcome.computed = True
