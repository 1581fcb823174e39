"""Prompt embeddings, made once and kept on disk."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch

from cyclorama.data.encoding import Sharing
from cyclorama.data.latents import TensorCache
from cyclorama.diffusion.fingerprints import hash_parts
from cyclorama.models.protocol import Condition, Model


@dataclass(frozen=True)
class CachedPrompts:
    """Prompt embeddings on disk, each encoded alone."""

    cache: TensorCache
    keys: dict[str, str]

    def condition(self, prompts: Sequence[str]) -> Condition:
        """The embeddings of a batch of prompts; `KeyError` for one that was not encoded."""
        rows = [self.cache.read(self.keys[prompt]) for prompt in prompts]
        return Condition({name: torch.stack([row[name] for row in rows]) for name in rows[0]})


def encode_prompts(
    model: Model,
    prompts: Iterable[str],
    cache: TensorCache,
    *,
    sharing: Sharing | None = None,
    track: Callable[[Iterable[str]], Iterable[str]] = iter,
) -> CachedPrompts:
    """Embed every prompt that the cache lacks, the model's prefix included. `track` may show progress.

    Of several processes each embeds its share.
    """
    encoder, sharing = model.text_key(), sharing or Sharing()
    keys = {prompt: hash_parts(encoder, prompt) for prompt in sorted(set(prompts))}
    for prompt in track([prompt for prompt, key in keys.items() if key not in cache and sharing.owns(key)]):
        condition = model.encode_text([prompt])
        cache.write(keys[prompt], {name: tensor[0] for name, tensor in condition.tensors.items()})
    sharing.wait()
    return CachedPrompts(cache, keys)
