"""Protocols: what is measured, by a name, a version and a hash, so that only like figures are compared.

A protocol is a JSON file, packaged here or the user's own. Its hash covers all that a figure depends on: the samples,
the measures with their networks, views, resizes and options, and the versions of the view sets; not the title, the
notes, or the order of anything.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any, get_args

from cyclorama.evaluation.measures import Measure, SampleKind, check_measure
from cyclorama.evaluation.views import find_view_set

DEFAULT_PROTOCOL = "miniature"
SUFFIX = ".json"
_FOLDER = resources.files("cyclorama.evaluation") / "protocols"
_PROTOCOL_KEYS = {"name": str, "version": str, "title": str, "samples": str, "notes": list, "measures": list}
_MEASURE_KEYS = {"name": str, "metric": str, "network": str, "views": str, "resize": str, "options": dict}


@dataclass(frozen=True)
class Protocol:
    """`notes` say what a published protocol leaves open and what was chosen for it."""

    name: str
    version: str
    title: str
    samples: SampleKind
    measures: tuple[Measure, ...]
    notes: tuple[str, ...] = ()

    @property
    def hash(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the canonical JSON."""
        return hashlib.sha256(canonical_json(self).encode()).hexdigest()[:16]


def packaged_protocols() -> tuple[str, ...]:
    """The names of the protocols that come with the package, the default first."""
    names = sorted(file.name.removesuffix(SUFFIX) for file in _FOLDER.iterdir() if file.name.endswith(SUFFIX))
    return tuple(sorted(names, key=lambda name: name != DEFAULT_PROTOCOL))


def load_protocol(name_or_path: str | Path) -> Protocol:
    """A packaged protocol by its name, or that of a JSON file.

    Raises ValueError, in one line, for an unknown name, and for a file that is none, with the place in it.
    """
    if name_or_path in packaged_protocols():
        return _parse((_FOLDER / f"{name_or_path}{SUFFIX}").read_text(encoding="utf-8"), str(name_or_path))
    path = Path(name_or_path)
    if path.suffix != SUFFIX:
        wanted = f"one of {', '.join(packaged_protocols())}, or a {SUFFIX} file"
        raise ValueError(f"got the protocol {str(name_or_path)!r}, wanted {wanted}")
    try:
        return _parse(path.read_text(encoding="utf-8"), path.name)
    except OSError as fault:
        raise ValueError(f"cannot read the protocol {path}: {fault.strerror or fault}") from fault
    except UnicodeDecodeError as fault:
        raise ValueError(f"cannot read the protocol {path}: it is not UTF-8; save it as text") from fault


def canonical_json(protocol: Protocol) -> str:
    """What the hash is taken of: keys and measures sorted, whole numbers without a point, defaults written out."""
    measures = [
        asdict(measure) | {"views_version": find_view_set(measure.views).version if measure.views else None}
        for measure in sorted(protocol.measures, key=lambda measure: measure.name)
    ]
    facts = {"name": protocol.name, "version": protocol.version, "samples": protocol.samples, "measures": measures}
    return json.dumps(_whole(facts), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _whole(one) for key, one in value.items()}
    return [_whole(one) for one in value] if isinstance(value, list) else value


def _parse(text: str, file: str) -> Protocol:
    try:
        found = json.loads(text, object_pairs_hook=_without_repetition, parse_constant=_refuse_constant)
    except json.JSONDecodeError as fault:
        raise ValueError(f"the protocol {file} is no JSON: line {fault.lineno}, {fault.msg}; mend it") from fault
    except ValueError as fault:
        raise ValueError(f"the protocol {file}: {fault}") from fault
    try:
        return _to_protocol(found)
    except ValueError as fault:
        raise ValueError(f"the protocol {file}: {fault}") from fault


def _to_protocol(found: Any) -> Protocol:
    row = _checked_row(found, _PROTOCOL_KEYS, needed=("name", "version", "samples", "measures"))
    if row["samples"] not in get_args(SampleKind):
        raise ValueError(f"got the samples {row['samples']!r}, wanted one of {', '.join(get_args(SampleKind))}")
    if not all(isinstance(note, str) for note in row.get("notes", [])):
        raise ValueError("got notes that are no texts, wanted a list of texts")
    measures = tuple(_to_measure(one, number, row["samples"]) for number, one in enumerate(row["measures"], 1))
    names = [measure.name for measure in measures]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"got two measures named {repeated[0]!r}, wanted each name once")
    rest = {"title": row.get("title", ""), "notes": tuple(row.get("notes", ()))}
    return Protocol(row["name"], row["version"], samples=row["samples"], measures=measures, **rest)


def _to_measure(found: Any, number: int, samples: SampleKind) -> Measure:
    name = found.get("name") if isinstance(found, dict) else None
    try:
        row = _checked_row(found, _MEASURE_KEYS, needed=("name", "metric"))
        measure = Measure(**row)
        check_measure(measure, samples)
    except ValueError as fault:
        raise ValueError(f"measure {number}{f' ({name})' if isinstance(name, str) else ''}: {fault}") from fault
    return measure


def _checked_row(found: Any, keys: Mapping[str, type], *, needed: tuple[str, ...]) -> dict[str, Any]:
    """A JSON object with no other keys than these, each of its type or, unless it is needed, null."""
    if not isinstance(found, dict):
        raise ValueError(f"got {type(found).__name__}, wanted an object with {', '.join(keys)}")
    for key in found:
        if key not in keys:
            raise ValueError(f"got the key {key!r}, wanted {', '.join(keys)}")
    for key in needed:
        if not found.get(key):
            raise ValueError(f"got no {key}, wanted one")
    for key, value in found.items():
        if not isinstance(value, keys[key]) and (value is not None or key in needed):
            raise ValueError(f"got {key} = {value!r}, wanted {_JSON_NAMES[keys[key]]}")
    return {key: value for key, value in found.items() if value is not None}


_JSON_NAMES = {str: "a text", list: "a list", dict: "an object"}


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"got the key {next(name for name in names if names.count(name) > 1)!r} twice, wanted it once")
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"got {name}, wanted a finite number")
