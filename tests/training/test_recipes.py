"""Recipes: names, overrides as typed on a command line, JSON there and back, faults in one line."""

import json
from dataclasses import asdict

import pytest

from cyclorama.training.recipes import load_recipe


def test_the_published_training_is_a_recipe():
    recipe = load_recipe("dit360")
    assert (recipe.lora.rank, recipe.lora.alpha, recipe.lora.dropout, recipe.loop.lr) == (64, 64, 0.05, 5e-5)
    assert (recipe.objectives.yaw_weight, recipe.objectives.cube_weight, recipe.objectives.perspective_weight) == (
        0.5, 0.5, 0.5,
    )  # fmt: skip
    assert (recipe.objectives.geometry_from_epoch, recipe.curriculum.photos_from_epoch) == (2, 2)
    settings = recipe.loop_of(25 * 400)
    assert (settings.num_steps, settings.warmup) == (2500, 125)


def test_every_way_of_ours_is_a_field_of_the_published_recipe():
    ours, published = asdict(load_recipe("panorama-lora")), asdict(load_recipe("dit360"))
    differing = {key for key in ours if ours[key] != published[key]}
    assert differing == {"name", "times", "objectives", "wrap", "wrap_vae", "pixel_turns", "caption_dropout"}
    changed = {key: value for key, value in ours.items() if key in differing - {"name"}}
    for part in ("times", "objectives"):
        changed |= {f"{part}.{key}": value for key, value in changed.pop(part).items()}
    assert asdict(load_recipe("dit360", changed)) | {"name": "panorama-lora"} == ours


def test_the_two_trainings_of_the_miniature_have_one_budget():
    ours, published = load_recipe("miniature-hybrid"), load_recipe("miniature-dit360")
    assert (ours.loop, ours.lora, ours.times) == (published.loop, published.lora, published.times)


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
        ({"optimizer": "sgd"}, "loop.optimizer is 'sgd'"),
        ({"on_bad_row": "ask"}, "on_bad_row is 'ask'"),
        ({"photos_decay": "0"}, "a share above 0"),
        ({"cube_weight": "-1"}, "from 0 upwards"),
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
