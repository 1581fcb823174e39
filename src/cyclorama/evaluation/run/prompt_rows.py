"""Measures of pictures against their texts: CLIP's score, and whether the eyes see what was asked for."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from cyclorama.evaluation.agreement import agrees, asked_in
from cyclorama.evaluation.measures import Measure
from cyclorama.evaluation.networks.clip import CLIP_SCALES, clip_score
from cyclorama.evaluation.networks.eyes import SEVERAL
from cyclorama.evaluation.run.feature_cache import Entry, FeatureCache, extractor_key
from cyclorama.evaluation.run.measured_sets import MeasuredSet
from cyclorama.evaluation.run.picture_extractors import HEAD
from cyclorama.evaluation.run.sample_rows import Values
from cyclorama.evaluation.run.weights_in_use import Networks


def clip_values(
    entries: Mapping[str, Entry], measure: Measure, of: MeasuredSet, networks: Networks
) -> tuple[Values, list[str]]:
    """The mean score over each picture's views, where it has a text; and how many texts CLIP does not read whole."""
    texts = {name: text for name in entries if (text := of.text_of(name))}
    if not texts:
        return Values(), []
    scale = str(measure.options.get("scale", "percent"))
    prompts = {text: CLIP_SCALES[scale].prefix + text for text in texts.values()}
    known = _text_features(sorted(set(prompts.values())), str(measure.network), networks, of.cache)
    by_file = {}
    for name, text in texts.items():
        views = entries[name]["features"]
        scores = clip_score(views, known[prompts[text]].expand(len(views), -1), scale=scale)
        by_file[name] = scores.mean().item()
    return Values(by_file), _truncated(list(prompts.values()), str(measure.network), networks)


def _truncated(prompts: Sequence[str], network: str, networks: Networks) -> list[str]:
    num = int(networks.load(network).is_truncated(sorted(set(prompts))).sum())
    return [f"{num} prompts are longer than {network} reads; their ends do not count"] if num else []


def _text_features(prompts: Sequence[str], network: str, networks: Networks, cache: FeatureCache) -> dict[str, Tensor]:
    """Embeddings of texts, each by itself, from the cache where it has them."""
    key = extractor_key(f"{network}-text", ("cyclorama.evaluation.networks.clip",), **networks.traits(network))
    found = {}
    for prompt in prompts:
        digest = hashlib.sha256(prompt.encode()).hexdigest()
        entry = cache.read(digest, key)
        if entry is None:
            entry = {"features": networks.load(network).text_features([prompt]).float().cpu()}
            cache.write(digest, key, entry)
        found[prompt] = entry["features"]
    return found


def agreement_values(entries: Mapping[str, Entry], measure: Measure, of: MeasuredSet, networks: Networks) -> Values:
    """1 where a picture shows what was asked for, 0 where not; pictures of which nothing was asked are absent."""
    head = str(measure.options["head"])
    names = networks.load(str(measure.network)).labels[head]
    answers = {
        name: agrees(entry[HEAD + head].double().mean(0), asked_of(of, name, head, names), head, names)
        for name, entry in entries.items()
    }
    return Values({name: answer for name, answer in answers.items() if answer == answer})


def asked_of(of: MeasuredSet, name: str, head: str, known: Sequence[str]) -> tuple[str, ...]:
    """What was asked of a picture: its metadata's label, else what its text says; of objects, first the text."""
    described, text = of.texts.get(name), of.text_of(name)
    labelled = _known(described.labels.get(head) if described else None, known)
    said = _known(asked_in(text).get(head), known) if text else ()
    return said or (() if text else labelled) if head in SEVERAL else labelled or said


def _known(value: Any, known: Sequence[str]) -> tuple[str, ...]:
    values = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list | tuple) else ()
    return tuple(one for one in values if one in known)
