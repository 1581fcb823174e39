from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
import torch.nn.functional
from diffusers.models.transformers import transformer_flux
from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel
from torch import Tensor

from cyclorama.models.flux import FluxModel
from cyclorama.models.flux_velocity import exact_times, flux_velocity, position_ids
from cyclorama.models.seams import IntegerPositions, integer_positions

TEXT, HEIGHT, WIDTH = 5, 4, 8


def build_transformer(dtype: torch.dtype = torch.float64) -> Any:
    torch.manual_seed(0)
    transformer: Any = FluxTransformer2DModel(
        in_channels=16,
        num_layers=2,
        num_single_layers=2,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=12,
        pooled_projection_dim=10,
        axes_dims_rope=(4, 6, 6),
    )
    return transformer.to(dtype=dtype).eval()


def draw_inputs(text_tokens: int = TEXT, dtype: torch.dtype = torch.float64) -> dict[str, Any]:
    torch.manual_seed(1)
    return {
        "latents": torch.randn(2, 4, 2 * HEIGHT, 2 * WIDTH, dtype=dtype),
        "t": torch.tensor([0.3, 0.9], dtype=dtype),
        "text": torch.randn(2, text_tokens, 12, dtype=dtype),
        "pooled": torch.randn(2, 10, dtype=dtype),
    }


@contextmanager
def key_bias(monkeypatch: pytest.MonkeyPatch, bias: Tensor) -> Iterator[None]:
    """Attention with a bias on its key logits."""

    def attend(query: Tensor, key: Tensor, value: Tensor, **_options) -> Tensor:
        query, key, value = (part.transpose(1, 2) for part in (query, key, value))
        mask = bias.expand(query.shape[-2], -1)
        return torch.nn.functional.scaled_dot_product_attention(query, key, value, mask).transpose(1, 2)

    with monkeypatch.context() as patch:
        patch.setattr(transformer_flux, "dispatch_attention_fn", attend)
        yield


@torch.no_grad()
def test_published_padding_is_a_bias_of_ln_2_on_the_edge_columns(monkeypatch: pytest.MonkeyPatch):
    transformer, inputs = build_transformer(), draw_inputs()
    columns = torch.zeros(HEIGHT, WIDTH, dtype=torch.float64)
    columns[:, [0, -1]] = torch.log(torch.tensor(2.0, dtype=torch.float64))
    with key_bias(monkeypatch, torch.cat([torch.zeros(TEXT, dtype=torch.float64), columns.flatten()])):
        biased = flux_velocity(transformer, **inputs, wrap="none")
    published = flux_velocity(transformer, **inputs, wrap="published")
    torch.testing.assert_close(published, biased, rtol=0, atol=1e-10)
    assert (published - flux_velocity(transformer, **inputs, wrap="none")).abs().max() > 1e-4


@torch.no_grad()
@pytest.mark.parametrize("turn", [1, 3, 4])
def test_integer_positions_make_image_attention_commute_with_roll(turn: int):
    transformer, inputs = build_transformer(), draw_inputs(text_tokens=0)
    rolled = dict(inputs, latents=inputs["latents"].roll(2 * turn, -1))
    errors = {}
    for wrap in FluxModel.wraps:
        plain = flux_velocity(transformer, **inputs, wrap=wrap).roll(2 * turn, -1)
        errors[wrap] = float((flux_velocity(transformer, **rolled, wrap=wrap) - plain).abs().max())
    assert errors["integer"] < 1e-6
    assert min(errors["none"], errors["published"]) > 1e-4


@torch.no_grad()
def test_adjacent_is_the_plain_model_on_the_continued_panorama():
    """Without text only differences of positions count, so continued positions are those of a wider picture."""
    transformer, inputs = build_transformer(), draw_inputs(text_tokens=0)
    latents = inputs["latents"]
    wider = dict(inputs, latents=torch.cat([latents[..., -4:], latents, latents[..., :4]], dim=-1))
    continued = flux_velocity(transformer, **wider, wrap="none")[..., 4:-4]
    adjacent = flux_velocity(transformer, **inputs, wrap="adjacent", columns=2)
    torch.testing.assert_close(adjacent, continued, rtol=0, atol=1e-6)


@torch.no_grad()
def test_adjacent_columns_carry_continued_positions():
    transformer, inputs = build_transformer(), draw_inputs()
    seen = []
    handle = transformer.pos_embed.register_forward_pre_hook(lambda _module, args: seen.append(args[0]))
    flux_velocity(transformer, **inputs, wrap="adjacent", columns=2)
    handle.remove()
    assert seen[0][TEXT:, 2].reshape(HEIGHT, -1)[0].tolist() == [-2, -1, *range(WIDTH), WIDTH, WIDTH + 1]


@torch.no_grad()
def test_exact_times_survive_bfloat16():
    transformer = build_transformer(torch.bfloat16)
    seen = []
    handle = transformer.time_text_embed.time_proj.register_forward_pre_hook(lambda _m, args: seen.append(args[0]))
    inputs = dict(draw_inputs(dtype=torch.bfloat16), t=torch.tensor([0.9171, 0.3333]))
    flux_velocity(transformer, **inputs)
    handle.remove()
    torch.testing.assert_close(seen[0], torch.tensor([917.1, 333.3]))


@torch.no_grad()
def test_nothing_is_left_behind():
    transformer, inputs = build_transformer(), draw_inputs()
    before = flux_velocity(transformer, **inputs)
    for wrap in FluxModel.wraps:
        flux_velocity(transformer, **inputs, wrap=wrap)
    assert torch.equal(flux_velocity(transformer, **inputs), before)
    assert not transformer.time_text_embed._forward_pre_hooks


@pytest.mark.parametrize("wrap", FluxModel.wraps)
def test_gradients_reach_latents_and_weights(wrap):
    transformer, inputs = build_transformer(), draw_inputs()
    transformer.enable_gradient_checkpointing()
    transformer.train()
    latents = inputs["latents"].requires_grad_()
    flux_velocity(transformer, **inputs, wrap=wrap).square().mean().backward()
    assert latents.grad is not None
    assert transformer.x_embedder.weight.grad is not None


def test_integer_positions_pass_through_peft_and_nest():
    from peft import LoraConfig, get_peft_model

    transformer = build_transformer()
    stock = transformer.pos_embed
    adapted = get_peft_model(transformer, LoraConfig(r=2, target_modules=["to_q"]))
    with integer_positions(adapted, 8), integer_positions(adapted, 16):
        inner = transformer.pos_embed
        assert isinstance(inner, IntegerPositions)
        assert inner.stock is stock
        assert inner.width_tokens == 16
    assert transformer.pos_embed is stock


def test_position_ids_run_row_by_row():
    assert position_ids(2, torch.tensor([-1.0, 0.0])).tolist() == [[0, 0, -1], [0, 0, 0], [0, 1, -1], [0, 1, 0]]


def test_exact_times_wants_a_flux_transformer():
    with pytest.raises(ValueError, match="FluxTransformer2DModel"), exact_times(torch.nn.Linear(1, 1), torch.ones(1)):
        pass
