"""One evaluation of a FLUX transformer on a plain latent grid: packing, position ids, exact times and the wrap modes.

A token is a 2x2 block of latents, "b c (h ph) (w pw) -> b (h w) (c ph pw)", with position ids (0, row, column). Serves
sampling and training: differentiable, nothing is kept between calls, the transformer is left as it was.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from cyclorama.models.seams import Wrap, column_positions, integer_positions, wrapped_columns

PATCH = 2


def flux_velocity(
    transformer: nn.Module,
    latents: Float[Tensor, "batch channels height width"],
    t: Float[Tensor, " batch"],
    *,
    text: Float[Tensor, "batch length text_dim"],
    pooled: Float[Tensor, "batch pooled_dim"],
    guidance: Float[Tensor, " batch"] | None = None,
    wrap: Wrap = "none",
    columns: int | None = None,
) -> Float[Tensor, "batch channels height width"]:
    """The velocity noise - data, in the dtype of `latents`.

    `guidance` only for guidance-distilled transformers (`guidance_embeds`). `columns` is the number of wrapped
    neighbour columns of wrap="adjacent" (default: `default_columns`).
    """
    dtype = next(transformer.parameters()).dtype
    grid = rearrange(latents.to(dtype), "b c (h ph) (w pw) -> b (c ph pw) h w", ph=PATCH, pw=PATCH)
    height, width = grid.shape[-2:]
    margin = _margin(wrap, width, columns)
    padded = wrapped_columns(grid, margin, margin)
    positions = column_positions(width, margin, continued=wrap == "adjacent")
    with _periodic(transformer, wrap, width), exact_times(transformer, t, guidance):
        tokens = transformer(
            hidden_states=rearrange(padded, "b c h w -> b (h w) c"),
            encoder_hidden_states=text.to(dtype),
            pooled_projections=pooled.to(dtype),
            timestep=t.to(dtype),
            guidance=None if guidance is None else guidance.to(dtype),
            img_ids=position_ids(height, positions).to(latents.device),
            txt_ids=torch.zeros(text.shape[1], 3, device=latents.device),
            return_dict=False,
        )[0]
    predicted = rearrange(tokens, "b (h w) c -> b c h w", h=height)[..., margin : margin + width]
    return rearrange(predicted, "b (c ph pw) h w -> b c (h ph) (w pw)", ph=PATCH, pw=PATCH).to(latents.dtype)


def default_columns(width: int) -> int:
    """Wrapped neighbour columns per side of wrap="adjacent": a sixteenth of the panorama, at least two."""
    return min(width, max(2, width // 16))


def position_ids(height: int, columns: Float[Tensor, " width"]) -> Float[Tensor, "tokens 3"]:
    """(0, row, column) of every token, row by row."""
    rows = torch.arange(height, dtype=torch.float32)
    row, column = torch.meshgrid(rows, columns, indexing="ij")
    return torch.stack([torch.zeros_like(row), row, column], dim=-1).reshape(-1, 3)


def _margin(wrap: Wrap, width: int, columns: int | None) -> int:
    if wrap == "published":
        return 1
    return (columns or default_columns(width)) if wrap == "adjacent" else 0


def _periodic(transformer: nn.Module, wrap: Wrap, width: int):
    return integer_positions(transformer, width) if wrap == "integer" else nullcontext()


@contextmanager
def exact_times(
    transformer: nn.Module, t: Float[Tensor, " batch"], guidance: Float[Tensor, " batch"] | None = None
) -> Iterator[None]:
    """Within the context the time embedding sees 1000 t in float32.

    FluxTransformer2DModel casts t to the hidden dtype BEFORE it multiplies by 1000: in bfloat16, and under autocast,
    times near 1 would be off by up to 2 of 1000.
    """
    exact = (1000 * t.float(),) if guidance is None else (1000 * t.float(), 1000 * guidance.float())

    def replace_times(_module: nn.Module, args: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return exact + args[len(exact) :]

    handle = _time_embedding(transformer).register_forward_pre_hook(replace_times)
    try:
        yield
    finally:
        handle.remove()


def _time_embedding(transformer: nn.Module) -> nn.Module:
    for part in transformer.modules():
        embedding = part._modules.get("time_text_embed")
        if embedding is not None:
            return embedding
    raise ValueError(f"got a {type(transformer).__name__}; wanted a FluxTransformer2DModel")
