import json

import pytest
import torch

from cyclorama.evaluation.networks.clip import load_clip
from cyclorama.evaluation.views import cut_views
from cyclorama.media.images import read_image
from tests.conftest import build_tokenizer
from tests.evaluation.run.small_sets import rows_of, write_folder

SCORE = {
    "name": "score",
    "metric": "clip_score",
    "network": "clip",
    "views": "sides",
    "resize": "clean",
    "options": {"view_size": 16, "scale": "percent"},
}
CMMD = {name: value for name, value in SCORE.items() if name != "options"}
CMMD |= {"name": "CMMD", "metric": "cmmd", "options": {"view_size": 16}}


@pytest.fixture(scope="module")
def tiny_clip(tmp_path_factory):
    """A folder of a random CLIP of transformers' own classes."""
    from transformers import CLIPConfig, CLIPModel

    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    tokenizer = build_tokenizer(8)
    text = {**sizes, "vocab_size": len(tokenizer), "max_position_embeddings": 8}
    text |= {"bos_token_id": 2, "eos_token_id": 3, "pad_token_id": 0}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        vision = {**sizes, "image_size": 16, "patch_size": 8}
        model = CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=8))
    folder = tmp_path_factory.mktemp("clip")
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps({"image_mean": [0.5] * 3, "image_std": [0.5] * 3}))
    return folder


def test_the_score_is_the_mean_cosine_of_the_views_and_the_pictures_own_prompt(run, tmp_path, tiny_clip):
    fake = write_folder(tmp_path / "told", range(20, 23), prompt="snowy mountain at night")
    done = run(SCORE, CMMD, fake=fake, weights={"clip": tiny_clip})
    network = load_clip(tiny_clip)
    text = network.text_features(["snowy mountain at night"])
    for name, value in done.table.column("score").items():
        seen = network.features(cut_views(read_image(fake / name), "sides", size=16))
        assert value == pytest.approx(100 * (seen @ text.T).clamp(min=0).mean().item(), rel=1e-4, abs=1e-4)
    rows = rows_of(done)
    assert rows["score"].num == 3
    assert rows["score"].real_value is None  # nothing says what the real ones should show
    assert list(rows["CMMD"].per_view) == ["front", "right", "back", "left"]
    assert run(SCORE, CMMD, fake=fake, weights={"clip": tiny_clip}).report == done.report


def test_prompts_that_are_not_read_to_their_end_are_counted(run, tmp_path, tiny_clip):
    long = " ".join(["snowy mountain valley"] * 9)
    fake = write_folder(tmp_path / "told", range(20, 23), prompt=long)
    warnings = rows_of(run(SCORE, fake=fake, weights={"clip": tiny_clip}))["score"].warnings
    assert warnings == ["1 prompts are longer than clip reads; their ends do not count"]
