"""Closing the seam of an equirectangular panorama inside the networks that make it.

Columns wrap; a row beyond a pole is the mirrored row half a turn away (y -> -y, x -> x + W/2). A latent diffusion model
breaks this twice: in the padding of the auto-encoder's convolutions (`wrap_convolutions`) and in the positions of the
transformer's tokens (`WRAPS`):

- `none`       nothing is done.
- `published`  DiT360 (CVPR 2026): one token column of each edge is copied to the other side, position included;
               the same as a bias of ln 2 on the keys of the first and last column.
- `adjacent`   k neighbour columns of each edge with CONTINUED positions (-k..-1, W..W+k-1), re-read each evaluation.
- `integer`    every horizontal rotary frequency is rounded to a whole number of turns per panorama width
               (`integer_positions`), so attention between image tokens commutes with a roll exactly.
- `convolutions`  for networks whose only sense of place are convolutions (UNets, SANA): they pad like a panorama, and
               the whole network commutes with a roll exactly.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any, Literal, cast

import torch
from diffusers.models.downsampling import Downsample2D
from diffusers.models.transformers.transformer_flux import FluxPosEmbed
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

Wrap = Literal["none", "published", "adjacent", "integer", "convolutions"]
WRAPS: tuple[Wrap, ...] = ("none", "published", "adjacent", "integer", "convolutions")


def to_wrap(name: str) -> Wrap:
    """The wrap mode of this name.

    Raises:
        ValueError: for another name.
    """
    if name not in WRAPS:
        raise ValueError(f"got wrap {name!r}; wanted one of {', '.join(WRAPS)}")
    return name


def pad_features(
    features: Float[Tensor, "batch channels height width"], *, left: int, right: int, top: int, bottom: int
) -> Float[Tensor, "batch channels padded_height padded_width"]:
    """`geometry.equirect.pad_sphere` for margins smaller than the map, in whole copies: no gather, a cheap gradient."""
    width = features.shape[-1]
    if (top or bottom) and width % 2:
        raise ValueError(f"got a feature map {width} columns wide; crossing a pole wants an even width: use a 2:1 size")
    above = features[..., :top, :].flip(-2).roll(width // 2, -1)
    below = features[..., features.shape[-2] - bottom :, :].flip(-2).roll(width // 2, -1)
    return wrapped_columns(torch.cat([above, features, below], dim=-2), left, right)


def wrapped_columns(
    grid: Float[Tensor, "batch channels height width"], left: int, right: int
) -> Float[Tensor, "batch channels height extended"]:
    """The grid with its last `left` columns copied before it and its first `right` columns after it."""
    return torch.cat([grid[..., grid.shape[-1] - left :], grid, grid[..., :right]], dim=-1)


@contextmanager
def wrap_convolutions(module: nn.Module, panorama: bool = True) -> Iterator[None]:
    """Within the context every Conv2d inside `module` pads like a panorama; the module itself is left as it was.

    With it encode and decode of an AutoencoderKL commute with `torch.roll` in x (by multiples of its compression).
    Differentiable, with diffusers' gradient checkpointing too: what `backward` computes again is wrapped again,
    wherever it runs. Nothing is stored between calls. `panorama=False` does nothing, for perspective images on the same
    code path.

    Raises:
        ValueError: for transposed convolutions whose kernel is larger than their stride (they cannot be wrapped).
    """
    with ExitStack() as patches:
        for conv, appended in _padded_convolutions(module) if panorama else []:
            patches.enter_context(_instance_attribute(conv, "_conv_forward", _wrapped_forward(conv, appended)))
        for part in module.modules() if panorama else []:
            if getattr(part, "gradient_checkpointing", False):
                patches.enter_context(_instance_attribute(part, "_gradient_checkpointing_func", _checkpoint_wrapped))
        yield


def _checkpoint_wrapped(block: Callable[..., Any], *args: Any) -> Any:
    """diffusers' gradient checkpointing of one block, computed again with wrapped convolutions."""

    def contexts() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
        return nullcontext(), wrap_convolutions(block) if isinstance(block, nn.Module) else nullcontext()

    return checkpoint(block.__call__, *args, use_reentrant=False, context_fn=contexts)


def _padded_convolutions(module: nn.Module) -> Iterator[tuple[nn.Conv2d, bool]]:
    """Every convolution that pads, and whether its caller has already appended one zero row and column to its input."""
    asymmetric = {
        id(block.conv)
        for block in module.modules()
        if isinstance(block, Downsample2D) and block.use_conv and block.padding == 0
    }
    for part in module.modules():
        if isinstance(part, nn.ConvTranspose2d) and part.kernel_size != part.stride:
            raise ValueError(f"got {part}; seam-free wrapping wants Conv2d, or a transposed kernel equal to its stride")
        if isinstance(part, nn.Conv2d) and (id(part) in asymmetric or any(_conv_padding(part))):
            yield part, id(part) in asymmetric


def _conv_padding(conv: nn.Conv2d) -> tuple[int, ...]:
    """left, right, top, bottom of a convolution's own padding, the "same" mode included."""
    return tuple(conv._reversed_padding_repeated_twice)


def _wrapped_forward(conv: nn.Conv2d, appended: bool) -> Callable[[Tensor, Tensor, Tensor | None], Tensor]:
    """diffusers' Downsample2D appends a zero row and column to the input: drop them, append the true neighbours."""
    left, right, top, bottom = (0, 1, 0, 1) if appended else _conv_padding(conv)

    def forward(features: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        inside = features[..., :-1, :-1] if appended else features
        padded = pad_features(inside, left=left, right=right, top=top, bottom=bottom)
        return functional.conv2d(padded, weight, bias, conv.stride, 0, conv.dilation, conv.groups)

    return forward


@contextmanager
def _instance_attribute(target: object, name: str, value: object) -> Iterator[None]:
    """Shadow an attribute on one instance and put back whatever the instance held before."""
    held, before = name in vars(target), vars(target).get(name)
    object.__setattr__(target, name, value)
    try:
        yield
    finally:
        if held:
            object.__setattr__(target, name, before)
        else:
            object.__delattr__(target, name)


class IntegerPositions(nn.Module):
    """Rotary positions like `FluxPosEmbed`, horizontally whole turns per `width_tokens` columns.

    Frequencies of one axis of d channels: omega_i = theta^(-2 i / d) (RoFormer, eq. 15). Vertically unchanged;
    horizontally turns_i = round(omega_i W / 2 pi), so that column x and column x + W share one position.
    """

    def __init__(self, stock: FluxPosEmbed, width_tokens: int) -> None:
        super().__init__()
        self.stock = stock
        self.width_tokens = width_tokens

    def forward(
        self, ids: Float[Tensor, "tokens 3"]
    ) -> tuple[Float[Tensor, "tokens dim"], Float[Tensor, "tokens dim"]]:
        cos, sin = self.stock(ids)
        angles = self._column_angles(ids[:, -1]).repeat_interleave(2, dim=-1)
        others = cos.shape[-1] - angles.shape[-1]
        return (
            torch.cat([cos[:, :others], angles.cos().to(cos)], dim=-1),
            torch.cat([sin[:, :others], angles.sin().to(sin)], dim=-1),
        )

    def _column_angles(self, columns: Float[Tensor, " tokens"]) -> Float[Tensor, "tokens half"]:
        turns = integer_turns(self.stock.axes_dim[-1], self.width_tokens, theta=float(self.stock.theta)).to(
            columns.device
        )
        wrapped = (columns.to(turns.dtype)[:, None] * turns).remainder(self.width_tokens)
        return wrapped * (2 * torch.pi / self.width_tokens)


def integer_turns(dim: int, width_tokens: int, *, theta: float = 10000.0) -> Float[Tensor, " half"]:
    """Whole turns per panorama width of each of the dim/2 rotary frequencies, nearest to the pretrained ones."""
    frequencies = theta ** (-torch.arange(0, dim, 2, dtype=torch.float64) / dim)
    return (frequencies * width_tokens / (2 * torch.pi)).round()


@contextmanager
def integer_positions(transformer: nn.Module, width_tokens: int) -> Iterator[None]:
    """Within the context the Flux transformer's horizontal positions are periodic in `width_tokens` columns.

    Works on a plain transformer and on one wrapped by PEFT or accelerate, for training as well as for sampling
    (positions are computed once per forward, so gradient checkpointing needs nothing special).

    Raises:
        ValueError: if the module has no FLUX rotary positions.
    """
    owner = _position_owner(transformer)
    stock = owner.pos_embed
    source = stock.stock if isinstance(stock, IntegerPositions) else cast(FluxPosEmbed, stock)
    owner.pos_embed = IntegerPositions(source, width_tokens)
    try:
        yield
    finally:
        owner.pos_embed = stock


def _position_owner(transformer: nn.Module) -> nn.Module:
    for part in transformer.modules():
        if isinstance(part._modules.get("pos_embed"), FluxPosEmbed | IntegerPositions):
            return part
    raise ValueError(f"got a {type(transformer).__name__} without rotary positions; wrap='integer' wants a FLUX model")


def column_positions(width: int, columns: int, *, continued: bool) -> Float[Tensor, " extended"]:
    """Horizontal positions of `wrapped_columns`: continued (-k..W+k-1), or copied along with the columns (DiT360)."""
    positions = torch.arange(-columns, width + columns, dtype=torch.float32)
    return positions if continued else positions.remainder(width)
