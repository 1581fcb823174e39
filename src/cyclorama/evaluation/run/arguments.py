"""What a command line says as text, as the values that `evaluate` takes."""

from collections.abc import Sequence
from pathlib import Path


def to_weights(pairs: Sequence[str]) -> dict[str, Path]:
    """NAME=PATH, each. `ValueError` for anything else."""
    found = {}
    for pair in pairs:
        name, equals, path = pair.partition("=")
        if not (name.strip() and equals and path.strip()):
            raise ValueError(f"got --weights {pair!r}, wanted NAME=PATH, such as inception=weights.pth")
        found[name.strip()] = Path(path.strip())
    return found


def to_part(text: str) -> tuple[int, int]:
    """K/N as (k, n). `ValueError` unless 1 <= K <= N."""
    first, _, second = text.partition("/")
    if not (first.isdecimal() and second.isdecimal() and 1 <= int(first) <= int(second)):
        raise ValueError(f"got --part {text!r}, wanted K/N with K from 1 to N, such as 1/2")
    return int(first), int(second)


def check_reference(real: Path | None, *, no_reference: bool) -> None:
    """`ValueError` unless either a real set is named or it is said that there is none."""
    if real is None and not no_reference:
        raise ValueError("got no --real FOLDER; name one, or say --no-reference to measure only what needs none")
    if real is not None and no_reference:
        raise ValueError(f"got --real {real} and --no-reference; give one of them")
