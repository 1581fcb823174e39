"""The two sets, the networks and the measures of one evaluation, put together and computed sample by sample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from cyclorama.evaluation.protocols import Protocol, load_protocol
from cyclorama.evaluation.run.arithmetic import reproducible
from cyclorama.evaluation.run.extraction import Extractor, Item, Outcome, Update, extract_all
from cyclorama.evaluation.run.feature_cache import FeatureCache, default_cache
from cyclorama.evaluation.run.measured_sets import MeasuredSet
from cyclorama.evaluation.run.metadata import Described, read_metadata, read_prompts
from cyclorama.evaluation.run.metrics import metric_named
from cyclorama.evaluation.run.pictures import FactsExtractor, pair_item
from cyclorama.evaluation.run.planning import Pairs, Planned, pair_up, plan_measures
from cyclorama.evaluation.run.results import SetName
from cyclorama.evaluation.run.samples import list_samples
from cyclorama.evaluation.run.weights_in_use import Networks, best_device

Part = tuple[int, int]
"""(k, n): the k-th of n parts, from 1; every n-th sample is of it."""


@dataclass(frozen=True)
class Tally:
    """For how many files something was computed, and of how many the cache had everything."""

    computed: int = 0
    from_cache: int = 0


@dataclass
class Study:
    """What is measured. `pairs` is there where a measure compares with the reference of the same name."""

    protocol: Protocol
    networks: Networks
    planned: Sequence[Planned]
    fake: MeasuredSet
    real: MeasuredSet | None = None
    pairs: Pairs | None = None
    pair_outcomes: dict[str, Outcome] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    tally: Tally = Tally()

    def compute(self, *, part: Part | None = None, update: Update | None = None) -> None:
        """What is missing in the cache, of all samples or of a part of them."""
        count = _Counter()
        for one in (self.fake, self.real):
            if one is not None:
                one.take(count(_run(one.items(), self._extractors(one), one.cache, part, one.of, update)))
        if self.pairs is not None:
            run = partial(_run, self._pair_items(), self._extractors(None), self.fake.cache)
            self.pair_outcomes = count(run(part, "pair", update))
        self.tally = count.tally

    def _extractors(self, of: MeasuredSet | None) -> list[Extractor]:
        """Each once: of a set's samples, or of the pairs."""
        own: list[Extractor] = [FactsExtractor()] if of is not None and of.kind == "panorama" else []
        wanted = [one.extractor for one in self.planned if (one.metric.kind == "pair") == (of is None)]
        return list({one.key: one for one in (*own, *wanted) if one is not None}.values())

    def _pair_items(self) -> list[Item]:
        assert self.pairs is not None
        references = self.pairs.references
        return [pair_item(one, references[one.name]) for one in self.fake.samples if one.name in references]


def open_study(
    fake: str | Path,
    *,
    real: str | Path | None = None,
    prompts: str | Path | None = None,
    protocol: str | Path,
    weights: Mapping[str, str | Path] | None = None,
    cache: str | Path | None = None,
    device: str | None = None,
) -> Study:
    """Looks at everything that can be refused before the first sample is read.

    Raises:
        ValueError: no such folder or nothing to measure in it, an unknown protocol, network or device, prompts that
            cannot be read, a cache that cannot be written, or a protocol that says nothing without a real set.
    """
    found = load_protocol(protocol)
    networks = Networks(weights or {}, best_device(device))
    store = FeatureCache(default_cache() if cache is None else cache)
    warnings: list[str] = []
    ours = _open_set("fake", Path(fake), found, store, warnings)
    theirs = None if real is None else _open_set("real", Path(real), found, store, warnings)
    if prompts is not None:
        ours.texts = _with_texts(ours, read_prompts(Path(prompts), [sample.name for sample in ours.samples]))
    planned = plan_measures(found, networks, has_real=theirs is not None)
    if not planned:
        raise ValueError(f"nothing of the protocol {found.name} can be measured without a real set; give --real")
    warnings += _unused(found, networks, prompts)
    paired = theirs is not None and any(one.metric.kind == "pair" for one in planned)
    pairs = pair_up(ours.samples, theirs.samples) if paired and theirs is not None else None
    return Study(found, networks, planned, ours, theirs, pairs, warnings=warnings)


def _open_set(of: SetName, folder: Path, protocol: Protocol, cache: FeatureCache, warnings: list[str]) -> MeasuredSet:
    samples = list_samples(folder, protocol.samples)
    return MeasuredSet(of, folder, protocol.samples, samples, cache, _texts(of, folder, warnings))


def _unused(protocol: Protocol, networks: Networks, prompts: str | Path | None) -> list[str]:
    """What was named and changes nothing."""
    spare = sorted(networks.weights.keys() - {measure.network for measure in protocol.measures})
    told = [f"weights of {name} were named, but no measure of the protocol {protocol.name} uses it" for name in spare]
    if prompts is not None and not any(metric_named(one.metric).kind == "prompt" for one in protocol.measures):
        told.append(f"prompts were named, but no measure of the protocol {protocol.name} uses them")
    return told


def _texts(of: SetName, folder: Path, warnings: list[str]) -> dict[str, Described]:
    try:
        return read_metadata(folder)
    except (ValueError, OSError) as fault:
        line = " ".join(str(fault).split()).replace(str(folder), folder.name)
        warnings.append(f"{of}: texts and labels of the metadata are not used: {line}")
        return {}


def _with_texts(of: MeasuredSet, prompts: Mapping[str, Described]) -> dict[str, Described]:
    """The prompts go before the metadata's texts, and their labels before its labels."""
    joined = dict(of.texts)
    for name, described in prompts.items():
        before = joined.get(name, Described())
        joined[name] = Described(described.text or before.text, {**before.labels, **described.labels})
    return joined


def _run(
    items: Sequence[Item],
    extractors: Sequence[Extractor],
    cache: FeatureCache,
    part: Part | None,
    label: str,
    update: Update | None,
) -> dict[str, Outcome]:
    first, step = (0, 1) if part is None else (part[0] - 1, part[1])
    with reproducible() as num_workers:
        return extract_all(items[first::step], extractors, cache, num_workers=num_workers, label=label, update=update)


class _Counter:
    def __init__(self) -> None:
        self.tally = Tally()

    def __call__(self, outcomes: dict[str, Outcome]) -> dict[str, Outcome]:
        computed = sum(one.computed for one in outcomes.values())
        cached = sum(not one.computed and not one.fault for one in outcomes.values())
        self.tally = Tally(self.tally.computed + computed, self.tally.from_cache + cached)
        return outcomes
