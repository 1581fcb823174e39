from pathlib import Path

import pytest
import torch
from diffusers.models.transformers.transformer_flux import FluxAttention
from torch import nn

from cyclorama.methods.masked_sampling import repaint
from cyclorama.methods.published_repaint import GUIDED_ABOVE, kept_tokens, source_features
from cyclorama.models.registry import load_model
from cyclorama.models.seams import WRAPS

PROMPT = "a snowy mountain valley"
ROWS, COLUMNS = 4, 8


@pytest.fixture(scope="module")
def model(tiny_flux_folder: Path):
    return load_model(tiny_flux_folder, device="cpu")


def some_tokens() -> torch.Tensor:
    return torch.rand(ROWS, COLUMNS, generator=torch.Generator().manual_seed(0)) < 0.5


def velocity(model, latents, *, guidance_scale=1.0) -> torch.Tensor:
    condition = model.encode_text([PROMPT] * len(latents))
    with torch.no_grad():
        return model.predict(latents, torch.full((len(latents),), 0.7), condition, guidance_scale=guidance_scale)


def pair(seed: int = 0) -> torch.Tensor:
    return torch.randn(2, 16, 2 * ROWS, 2 * COLUMNS, generator=torch.Generator().manual_seed(seed))


def attention_inputs(model, latents) -> list[torch.Tensor]:
    """What the keys of every attention layer are computed from."""
    seen, layers = [], [part for part in model.network.modules() if isinstance(part, FluxAttention)]
    hooks = [layer.to_k.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0])) for layer in layers]
    velocity(model, latents)
    for hook in hooks:
        hook.remove()
    return seen


def test_every_attention_layer_sees_the_source_at_kept_tokens_only(model, monkeypatch):
    monkeypatch.setattr(model, "wrap", "none")
    kept = some_tokens()
    with source_features(model.network, kept):
        layers = attention_inputs(model, pair())
    assert len(layers) == 2
    for features in layers:
        same = (features[0] == features[1]).all(-1)
        assert torch.equal(same[-ROWS * COLUMNS :], kept.flatten())
    text = layers[1].shape[1] - ROWS * COLUMNS
    assert text > 0
    assert not (layers[1][0, :text] == layers[1][1, :text]).all(-1).any()


def test_the_source_is_not_changed_by_lending(model):
    latents = pair()
    with source_features(model.network, some_tokens()):
        lent = velocity(model, latents)
    torch.testing.assert_close(lent[0], velocity(model, latents)[0])
    assert not torch.allclose(lent[1], velocity(model, latents)[1])


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("guidance_scale", [1.0, 2.0])
def test_lending_to_an_equal_picture_changes_nothing(model, monkeypatch, wrap, guidance_scale):
    if wrap not in model.capabilities.wraps:
        pytest.skip(f"FLUX cannot wrap by {wrap}")
    monkeypatch.setattr(model, "wrap", wrap)
    twins = pair()[:1].repeat(2, 1, 1, 1)
    with source_features(model.network, some_tokens()):
        lent = velocity(model, twins, guidance_scale=guidance_scale)
    torch.testing.assert_close(lent, velocity(model, twins, guidance_scale=guidance_scale))


def test_the_network_is_left_as_it_was_even_after_a_fault(model):
    latents = pair()
    before = velocity(model, latents)
    with pytest.raises(RuntimeError, match="stop"), source_features(model.network, some_tokens()):
        raise RuntimeError("stop")
    assert torch.equal(velocity(model, latents), before)


def test_a_token_is_kept_if_all_of_its_latents_are():
    masked = torch.zeros(1, 1, 4, 8)
    masked[0, 0, 1, 2] = 0.1
    kept = kept_tokens(masked, 2)
    assert kept.shape == (2, 4)
    assert kept.logical_not().nonzero().tolist() == [[0, 1]]


def test_the_source_branch_runs_only_while_it_lends(model, monkeypatch):
    sizes, predict = [], model.predict

    def count(latents, *arguments, **options):
        sizes.append(len(latents))
        return predict(latents, *arguments, **options)

    monkeypatch.setattr(model, "predict", count)
    mask = torch.zeros(32, 64)
    mask[:16] = 1
    repaint(model, torch.rand(3, 32, 64), mask, PROMPT, seed=1, num_steps=6, method="published")
    assert sizes == [2 if t > GUIDED_ABOVE else 1 for t in model.sigmas(6, 32, 64)[:-1]]
    assert set(sizes) == {1, 2}


def test_a_network_that_is_not_flux_is_refused():
    with pytest.raises(ValueError, match="wants a FLUX model"), source_features(nn.Linear(1, 1), some_tokens()):
        pass
