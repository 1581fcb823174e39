"""Recipes: names, overrides as typed on a command line, JSON there and back, faults in one line."""

import json
from dataclasses import asdict

import pytest

from cyclorama.training.recipes import load_recipe


def test_the_default_is_the_published_training():
    recipe = load_recipe("panorama-lora")
    assert (recipe.lora.rank, recipe.lora.alpha, recipe.lora.dropout, recipe.loop.lr) == (64, 64, 0.05, 5e-5)
    settings = recipe.loop_for(400)
    assert (settings.num_steps, settings.warmup) == (2500, 125)


def test_overrides_reach_parts_by_full_or_unambiguous_name():
    recipe = load_recipe(
        "panorama-lora",
        {"lr": "1e-3", "loop.seed": "7", "wrap": "integer", "targets": "attn.to_q,attn.to_k", "ema_decay": "0.99",
         "flips": "false", "betas": "[0.8, 0.9]", "images": "2024", "kind": "logit_normal"},
    )  # fmt: skip
    assert (recipe.loop.lr, recipe.loop.seed, recipe.wrap, recipe.loop.ema_decay) == (1e-3, 7, "integer", 0.99)
    assert recipe.lora.targets == ("attn.to_q", "attn.to_k")
    assert (recipe.flips, recipe.loop.betas, recipe.images) == (False, (0.8, 0.9), "2024")
    assert recipe.times.kind == "logit_normal"


def test_json_is_the_inverse_of_writing_it(tmp_path):
    recipe = load_recipe("panorama-lora", {"lr": 1e-3, "rank": 8})
    path = tmp_path / "recipe.json"
    path.write_text(json.dumps(asdict(recipe)))
    assert load_recipe(path) == recipe
    path.write_text('{"name": "panorama-lora", "loop": {"seed": 3}}')
    assert load_recipe(path, {"seed": "4"}).loop.seed == 4


@pytest.mark.parametrize(
    ("overrides", "fault"),
    [
        ({"learning_rate": "1"}, "has no field 'learning_rate'; it has name, images"),
        ({"lr": "fast"}, "loop.lr is 'fast'"),
        ({"wrap": "round"}, "wrap is 'round'"),
        ({"batch_size": "0"}, "at least 1"),
        ({"betas": "0.9"}, "betas"),
    ],
)
def test_a_bad_override_is_one_line(overrides, fault):
    with pytest.raises(ValueError, match=fault) as caught:
        load_recipe("panorama-lora", overrides)
    assert "\n" not in str(caught.value)


def test_an_unknown_recipe_lists_the_known_ones(tmp_path):
    with pytest.raises(ValueError, match="no recipe 'x'; give one of panorama-lora"):
        load_recipe("x")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(ValueError, match="cannot read the recipe"):
        load_recipe(tmp_path / "bad.json")


def test_no_images_says_what_to_give(tmp_path):
    with pytest.raises(ValueError, match="images=FOLDER"):
        load_recipe("panorama-lora").prepare(tmp_path)
