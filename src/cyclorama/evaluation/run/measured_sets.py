"""A folder of samples while it is measured: what became of each, and what the cache holds of them."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cyclorama.evaluation.run.extraction import Extractor, Item, Outcome
from cyclorama.evaluation.run.feature_cache import Entry, FeatureCache
from cyclorama.evaluation.run.metadata import Described
from cyclorama.evaluation.run.pictures import FactsExtractor, panorama_item, to_facts
from cyclorama.evaluation.run.results import FileNote, InputSet, SetName
from cyclorama.evaluation.run.samples import PictureFacts, Sample, SampleKind
from cyclorama.evaluation.run.scenes import scene_item
from cyclorama.evaluation.run.videos import video_item

_ITEMS: dict[str, Callable[[Sample], Item]] = {"panorama": panorama_item, "video": video_item, "scene": scene_item}


@dataclass
class MeasuredSet:
    """`outcomes` and `facts` fill while samples are computed; `texts` are those of the folder's own metadata."""

    of: SetName
    folder: Path
    kind: SampleKind
    samples: Sequence[Sample]
    cache: FeatureCache
    texts: Mapping[str, Described] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    facts: dict[str, PictureFacts] = field(default_factory=dict)

    def items(self) -> list[Item]:
        return [_ITEMS[self.kind](sample) for sample in self.samples]

    def take(self, outcomes: Mapping[str, Outcome]) -> None:
        """What became of the samples; of panoramas their facts are looked up."""
        self.outcomes = dict(outcomes)
        if self.kind == "panorama":
            self.facts = {name: to_facts(entry) for name, entry in self.entries(FactsExtractor()).items()}

    def entries(self, extractor: Extractor, outcomes: Mapping[str, Outcome] | None = None) -> dict[str, Entry]:
        """By file name what an extractor found of this set's outcomes, or of others, where it did not fail."""
        found = {}
        for name, outcome in (self.outcomes if outcomes is None else outcomes).items():
            if outcome.fault or extractor.key in outcome.failures:
                continue
            entry = self.cache.read(outcome.entry_digest(extractor), extractor.key)
            if entry is not None:
                found[name] = entry
        return found

    def text_of(self, name: str) -> str:
        """The sample's text: its metadata's, else what the picture says that it was generated from."""
        described = self.texts.get(name)
        if described is not None and described.text:
            return described.text
        return self.facts[name].prompt if name in self.facts else ""

    def notes(self) -> list[FileNote]:
        """What to say of single files, in their order."""
        found = []
        for name, outcome in self.outcomes.items():
            if outcome.fault:
                found.append(
                    FileNote(self.of, name, "error", outcome.fault.replace(str(self.folder), self.folder.name))
                )
            elif name in self.facts:
                found += [FileNote(self.of, name, "note", text) for text in self.facts[name].notes()]
        return found

    def warnings(self) -> list[str]:
        """Of pictures that differ among themselves in ways that figures depend on."""
        sizes = Counter(f"{facts.height}x{facts.width}" for facts in self.facts.values())
        if len(sizes) < 2:
            return []
        told = ", ".join(f"{num} of {size}" for size, num in sizes.most_common(4))
        return [f"{self.of}: pictures of several sizes ({told}); figures depend on the size"]

    def to_input(self) -> InputSet:
        read = [outcome for outcome in self.outcomes.values() if not outcome.fault]
        contents, names = _digest(one.digest for one in read), _digest(one.name for one in read)
        return InputSet(self.folder.resolve().name, len(read), contents, names)


def copies(fake: MeasuredSet, real: MeasuredSet) -> dict[str, str]:
    """The fakes that show the same as a real one, with its name."""
    originals = {_contents(real, name): name for name, outcome in real.outcomes.items() if not outcome.fault}
    named = {name: _contents(fake, name) for name, outcome in fake.outcomes.items() if not outcome.fault}
    return {name: originals[contents] for name, contents in named.items() if contents in originals}


def warnings_between(fake: MeasuredSet, real: MeasuredSet) -> list[str]:
    """Of two sets that differ, or agree, in ways that their comparison depends on."""
    same = list(copies(fake, real).items())
    told = ", ".join(f"{name} is real {original}" for name, original in same[:3]) + (" ..." if len(same) > 3 else "")
    found = [f"{len(same)} of the fakes are the same as real ones, and count: {told}"] if same else []
    return [*_different_files(fake, real), *found]


def _different_files(fake: MeasuredSet, real: MeasuredSet) -> list[str]:
    told = []
    for what, word in (("size", "sizes"), ("format", "formats")):
        ours, theirs = ({_trait(facts, what) for facts in one.facts.values()} for one in (fake, real))
        if ours and theirs and ours != theirs:
            told.append(
                f"fake and real have other {word} ({', '.join(sorted(ours))} and {', '.join(sorted(theirs))}): part of "
                "every distance may be that"
            )
    if len(fake.samples) != len(real.samples):
        told.append(f"{len(fake.samples)} fake and {len(real.samples)} real: compare reports of equal numbers only")
    return told


def _trait(facts: PictureFacts, what: str) -> str:
    return facts.format if what == "format" else f"{facts.height}x{facts.width}"


def _contents(one: MeasuredSet, name: str) -> str:
    return one.facts[name].pixels_digest if name in one.facts else one.outcomes[name].digest


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("".join(f"{part}\n" for part in parts).encode()).hexdigest()
