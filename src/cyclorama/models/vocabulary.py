"""The words that a model with a closed vocabulary has never seen."""

from transformers import PreTrainedTokenizerBase


def unknown_words(tokenizer: PreTrainedTokenizerBase, prompt: str) -> list[str]:
    """The words of `prompt` that a word-level tokenizer maps to its unknown token, once each, in order.

    Sub-word tokenizers (CLIP's and T5's own) know every word: [].
    """
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None or type(backend.model).__name__ != "WordLevel":
        return []
    text = backend.normalizer.normalize_str(prompt) if backend.normalizer else prompt
    pieces = backend.pre_tokenizer.pre_tokenize_str(text) if backend.pre_tokenizer else [(w, ()) for w in text.split()]
    words = dict.fromkeys(word for word, _ in pieces)
    return [word for word in words if backend.token_to_id(word) is None and any(map(str.isalnum, word))]
