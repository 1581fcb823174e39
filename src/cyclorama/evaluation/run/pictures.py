"""A panorama that was read, one beside its reference, and the facts about it that are kept."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.evaluation.run.extraction import Item
from cyclorama.evaluation.run.feature_cache import Entry, extractor_key
from cyclorama.evaluation.run.samples import PictureFacts, Sample, read_panorama


@dataclass(frozen=True)
class Panorama:
    """Values in [0, 1], on 8 bit levels."""

    name: str
    image: Float[Tensor, "3 height width"]
    facts: PictureFacts


@dataclass(frozen=True)
class Pair:
    """A panorama and the one that it should equal."""

    name: str
    image: Float[Tensor, "3 height width"]
    reference: Float[Tensor, "3 reference_height reference_width"]


class FactsExtractor:
    """`PictureFacts` as JSON in bytes."""

    by_name = False

    def __init__(self) -> None:
        self.key = extractor_key("facts", ("cyclorama.evaluation.run.samples",))

    def extract(self, content: Panorama) -> Entry:
        text = json.dumps(content.facts.to_dict(), sort_keys=True).encode()
        return {"json": torch.frombuffer(bytearray(text), dtype=torch.uint8)}


def to_facts(entry: Entry) -> PictureFacts:
    """The inverse of `FactsExtractor.extract`."""
    return PictureFacts(**json.loads(bytes(entry["json"].tolist())))


def panorama_item(sample: Sample) -> Item:
    return Item(sample.name, sample.digest, partial(_open_panorama, sample))


def pair_item(sample: Sample, reference: Sample) -> Item:
    return Item(sample.name, partial(_digest_of_both, sample, reference), partial(_open_pair, sample, reference))


def _open_panorama(sample: Sample, missing: Sequence[Any]) -> Panorama:
    image, facts = read_panorama(sample.path)
    return Panorama(sample.name, image, facts)


def _open_pair(sample: Sample, reference: Sample, missing: Sequence[Any]) -> Pair:
    return Pair(sample.name, read_panorama(sample.path)[0], read_panorama(reference.path)[0])


def _digest_of_both(sample: Sample, reference: Sample) -> str:
    return hashlib.sha256(f"{sample.digest()} {reference.digest()}".encode()).hexdigest()
