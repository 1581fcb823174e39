"""Prompts for models with a closed vocabulary: words that they never saw give way to the nearest that they know."""

import re
from typing import Any

from cyclorama.models.nearest_words import nearest_known


def unknown_words(tokenizer: Any, prompt: str) -> dict[str, str | None]:
    """The words of `prompt` that a word-level tokenizer does not know, in order, each with its nearest known one.

    None stands for a word that nothing known is near to. Sub-word tokenizers (CLIP's and T5's own) know every word: {}.
    """
    if not _is_closed(tokenizer):
        return {}
    known = frozenset(tokenizer.get_vocab()) - frozenset(tokenizer.all_special_tokens)
    words = dict.fromkeys(piece for piece, _ in _pieces(tokenizer, prompt)[1])
    return {word: nearest_known(word, known) for word in words if word not in known and any(map(str.isalnum, word))}


def in_known_words(tokenizer: Any, prompt: str) -> str:
    """The prompt with the nearest known words in place of unknown ones, and without those that have none."""
    nearest = unknown_words(tokenizer, prompt)
    if not nearest:
        return prompt
    text, pieces = _pieces(tokenizer, prompt)
    for word, (start, end) in reversed(pieces):
        if word in nearest:
            text = text[:start] + (nearest[word] or "") + text[end:]
    return " ".join(text.split())


def _is_closed(tokenizer: Any) -> bool:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    return backend is not None and type(backend.model).__name__ == "WordLevel"


def _pieces(tokenizer: Any, prompt: str) -> tuple[str, list[tuple[str, tuple[int, int]]]]:
    """The text as the tokenizer normalises it, and its pieces with their places in it."""
    backend = tokenizer.backend_tokenizer
    text = backend.normalizer.normalize_str(prompt) if backend.normalizer else prompt
    if backend.pre_tokenizer:
        return text, backend.pre_tokenizer.pre_tokenize_str(text)
    return text, [(match.group(), match.span()) for match in re.finditer(r"\S+", text)]
