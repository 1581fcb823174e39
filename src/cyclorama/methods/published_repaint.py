"""In- and outpainting as DiT360 (CVPR 2026) publishes it, for FLUX, without its wasted evaluations.

Two branches run side by side: the source, which with the released settings is exactly (1 - t) x0 + t noise, and the
edit. While t is above 1/2, every attention layer of the edit sees the source's features at kept tokens, and kept
latents are put back after the step; below, the edit runs alone. The release also inverts the picture first, which
returns fresh noise: drawn here instead.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import torch
from diffusers.models.transformers.transformer_flux import FluxAttention
from einops import rearrange
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.functional import max_pool2d

from cyclorama.diffusion.noise import draw_noise, seeded_generators
from cyclorama.diffusion.sampling import noised
from cyclorama.models.protocol import Condition
from cyclorama.models.seams import wrapped_columns

if TYPE_CHECKING:
    from cyclorama.methods.masked_sampling import Task

GUIDED_ABOVE = 0.5  # the release's tau and t_l

Progress = Callable[[int, int], None]


def sample_published(
    task: "Task", sigmas: Float[Tensor, " steps_and_end"], progress: Progress | None
) -> Float[Tensor, "1 channels latent_height latent_width"]:
    """The latents at time 0; kept ones are free below t = 1/2, as in the release.

    Raises:
        ValueError: for a model that is not FLUX.
    """
    tokens = task.model.capabilities.token_multiple // task.model.capabilities.spatial_compression
    kept = kept_tokens(task.masked, tokens)
    put_back = kept.repeat_interleave(tokens, -1).repeat_interleave(tokens, -2)
    generators = seeded_generators([task.seed])
    noise, latents = (draw_noise(generators, task.known.shape[1:], device=task.known.device) for _ in range(2))
    both = Condition.cat([task.condition] * 2)
    for done, (t, lower) in enumerate(pairwise(sigmas), start=1):
        guided = bool(t > GUIDED_ABOVE)
        if guided:
            pair = torch.cat([noised(task.known, noise, t[None]), latents])
            with source_features(task.model.network, kept):
                velocity = task.velocity(pair, t, both)[1:]
        else:
            velocity = task.velocity(latents, t)
        latents = latents + (lower - t) * velocity
        if guided:
            latents = torch.where(put_back, noised(task.known, noise, lower[None]), latents)
        if progress:
            progress(done, len(sigmas) - 1)
    return latents


def kept_tokens(
    masked: Float[Tensor, "1 1 latent_height latent_width"], size: int
) -> Bool[Tensor, "token_rows token_columns"]:
    """The tokens of `size` x `size` latents that keep all of them."""
    return max_pool2d(masked, size)[0, 0] == 0


@contextmanager
def source_features(network: nn.Module, kept: Bool[Tensor, "token_rows token_columns"]) -> Iterator[None]:
    """Within the context samples 0, 2, ... of a batch lend samples 1, 3, ... what attention sees at kept tokens.

    Columns that a wrap adds on both sides of the panorama are kept where the columns they continue are. The network is
    left as it was.

    Raises:
        ValueError: for a network that is not FLUX's.
    """
    layers = [part for part in network.modules() if isinstance(part, FluxAttention)]
    if not layers:
        raise ValueError(
            f"got a {type(network).__name__}; method 'published' wants a FLUX model: use method 'masked' for this one"
        )
    lend = _Lender(kept)
    with ExitStack() as hooks:
        for layer in layers:
            hooks.callback(layer.register_forward_pre_hook(lend, with_kwargs=True).remove)
        yield


class _Lender:
    """A hook before attention. Blocks of two streams come first and tell how many tokens a picture has, wrap included;
    those of one stream have the text's tokens before it."""

    def __init__(self, kept: Bool[Tensor, "token_rows token_columns"]) -> None:
        self.kept = kept
        self.where = kept.flatten()

    def __call__(self, _layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        features: Tensor = kwargs["hidden_states"]
        if kwargs.get("encoder_hidden_states") is not None:
            self.where = self._padded(features.shape[1])
        text = features.shape[1] - len(self.where)
        where = torch.cat([self.where.new_zeros(text), self.where])
        source, edit = features[0::2], features[1::2]
        pairs = torch.stack([source, torch.where(where[:, None], source, edit)], dim=1)
        return args, kwargs | {"hidden_states": rearrange(pairs, "pairs two tokens dim -> (pairs two) tokens dim")}

    def _padded(self, num_tokens: int) -> Bool[Tensor, " tokens"]:
        rows, columns = self.kept.shape
        margin = (num_tokens // rows - columns) // 2
        return wrapped_columns(self.kept[None, None].float(), margin, margin).flatten() > 0
